//! Findings for people and for machines. One type of finding goes in, whatever found it.

mod annotations;
mod json;
mod quality;
mod sarif;
mod text;

pub use annotations::github;
pub use json::json;
pub use quality::gitlab;
pub use sarif::sarif;
pub use text::text;

use stagedoor_policy::Severity;

use crate::finding::Finding;

/// Whether a finding only says that all is well; annotations leave these out.
fn is_praise(finding: &Finding) -> bool {
    finding.properties.get("verdict").is_some_and(|verdict| verdict == "granted")
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
