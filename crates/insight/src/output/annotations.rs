//! As workflow commands of GitHub Actions, which become annotations.

use stagedoor_policy::Severity;

use super::is_praise;
use crate::finding::Finding;

/// One command a line for each finding that needs attention.
#[must_use]
pub fn github(findings: &[Finding]) -> String {
    findings.iter().filter(|finding| !is_praise(finding)).map(command).collect()
}

fn command(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut parameters = Vec::new();
    if let Some(mark) = &finding.primary {
        let source = &mark.place.source;
        let (start, end) = (source.position(mark.place.span.start), source.position(mark.place.span.end));
        parameters.push(format!("file={}", parameter(&source.path)));
        parameters.push(format!("line={}", start.line));
        parameters.push(format!("endLine={}", end.line));
        // Columns are for findings in one line only.
        if start.line == end.line {
            parameters.push(format!("col={}", start.column));
            parameters.push(format!("endColumn={}", end.column));
        }
    }
    parameters.push(format!("title={}", parameter(finding.id)));
    let mut text = finding.message.clone();
    for help in &finding.help {
        text += &format!("\n{help}");
    }
    format!("::{level} {}::{}\n", parameters.join(","), data(&text))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn parameter(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
