//! As a code quality report of GitLab.

use serde_json::{Value, json};
use stagedoor_policy::Severity;

use super::is_praise;
use crate::finding::Finding;

/// The findings that need attention, as GitLab wants them. A finding keeps its fingerprint while its text and its file
/// stay the same, wherever it moves.
#[must_use]
pub fn gitlab(findings: &[Finding]) -> Value {
    let mut seen = std::collections::HashMap::new();
    findings
        .iter()
        .filter(|finding| !is_praise(finding))
        .map(|finding| {
            let (path, line) = finding.primary.as_ref().map_or(("", 1), |mark| {
                let source = &mark.place.source;
                (source.path.as_str(), source.position(mark.place.span.start).line)
            });
            let text = format!("{}\0{path}\0{}", finding.id, finding.message);
            let number: &mut u32 = seen.entry(text.clone()).or_default();
            *number += 1;
            json!({
                "description": finding.message,
                "check_name": finding.id,
                "fingerprint": fingerprint(&format!("{text}\0{number}")),
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Note => "info",
                },
                "location": { "path": path, "lines": { "begin": line } },
            })
        })
        .collect()
}

/// FNV-1a of 128 bits: stable from release to release.
fn fingerprint(text: &str) -> String {
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fingerprints_follow_the_published_vectors() {
        assert_eq!(fingerprint(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(fingerprint("a"), "d228cb696f1a8caf78912b704e4a8964");
    }
}
