//! As SARIF 2.1.0 (OASIS), for code scanning.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use stagedoor_policy::Severity;

use super::is_praise;
use crate::finding::{Finding, Mark};

/// The findings as a SARIF log with one run.
#[must_use]
pub fn sarif(findings: &[Finding], version: &str) -> Value {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.id).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "stagedoor",
                "version": version,
                "rules": rules.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(|finding| result(finding, &rules)).collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &Finding, rules: &[&str]) -> Value {
    let mut text = finding.message.clone();
    for help in &finding.help {
        text += &format!("\n{help}");
    }
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.id));
    result.insert("ruleIndex".to_owned(), json!(rules.iter().position(|id| *id == finding.id)));
    let (kind, level) = match finding.severity {
        _ if is_praise(finding) => ("pass", "none"),
        Severity::Error => ("fail", "error"),
        Severity::Warning => ("fail", "warning"),
        Severity::Note => ("fail", "note"),
    };
    result.insert("kind".to_owned(), json!(kind));
    result.insert("level".to_owned(), json!(level));
    result.insert("message".to_owned(), json!({ "text": text }));
    let places = |marks: &mut dyn Iterator<Item = &Mark>| -> Vec<Value> { marks.map(location).collect() };
    result.insert("locations".to_owned(), json!(places(&mut finding.primary.iter())));
    if !finding.related.is_empty() {
        result.insert("relatedLocations".to_owned(), json!(places(&mut finding.related.iter())));
    }
    result.insert("properties".to_owned(), json!(finding.properties));
    Value::Object(result)
}

fn location(mark: &Mark) -> Value {
    let source = &mark.place.source;
    let (start, end) = (source.position(mark.place.span.start), source.position(mark.place.span.end));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&source.path) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if let (false, Some(object)) = (mark.label.is_empty(), location.as_object_mut()) {
        object.insert("message".to_owned(), json!({ "text": mark.label }));
    }
    location
}

/// A relative path as a URI reference (RFC 3986 §4.2).
fn uri(path: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    path.bytes()
        .map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
