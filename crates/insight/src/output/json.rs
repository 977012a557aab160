//! As one JSON object; its schema is `docs/schema/findings.json`.

use serde_json::{Value, json};
use stagedoor_policy::Severity;

use super::level;
use crate::finding::{Finding, Mark};
use crate::source::Place;

/// The findings as an object with counts. Lines and columns count from 1, columns in characters; offsets are bytes.
#[must_use]
pub fn json(findings: &[Finding]) -> Value {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    json!({
        "schema": "stagedoor/findings/1",
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "notes": count(Severity::Note),
        "findings": findings.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "severity": level(finding.severity),
        "message": finding.message,
        "place": finding.primary.as_ref().map(mark),
        "related": finding.related.iter().map(mark).collect::<Vec<_>>(),
        "help": finding.help,
        "properties": finding.properties,
    })
}

fn mark(mark: &Mark) -> Value {
    let Place { source, span } = &mark.place;
    let position = |offset: u32| {
        let position = source.position(offset);
        json!({ "line": position.line, "column": position.column, "offset": offset })
    };
    json!({ "file": source.path, "label": mark.label, "start": position(span.start), "end": position(span.end) })
}
