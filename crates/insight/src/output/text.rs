//! For people: as a compiler prints.

use stagedoor_policy::{Diagnostic, Severity, render};

use super::level;
use crate::finding::{Finding, Mark};

/// The findings as text, each with its lines underlined in all files that it is about. `color` adds ANSI escapes.
#[must_use]
pub fn text(findings: &[Finding], color: bool) -> String {
    findings.iter().map(|finding| one(finding, color)).collect::<Vec<_>>().join("\n")
}

fn one(finding: &Finding, color: bool) -> String {
    let Some(primary) = &finding.primary else {
        let mut text = format!("{}[{}]: {}\n", level(finding.severity), finding.id, finding.message);
        for help in &finding.help {
            text += &format!("  = help: {help}\n");
        }
        return text;
    };
    let source = &primary.place.source;
    let mut diagnostic = Diagnostic::new(finding.id, finding.severity, primary.place.span, &finding.message)
        .label(&primary.label);
    let here = |mark: &&Mark| mark.place.source.path == source.path && mark.place.source.text == source.text;
    for mark in finding.related.iter().filter(here) {
        diagnostic = diagnostic.also(mark.place.span, &mark.label);
    }
    for help in &finding.help {
        diagnostic = diagnostic.help(help);
    }
    let mut text = render(&source.path, &source.text, &[diagnostic], color);
    for mark in finding.related.iter().filter(|mark| !here(mark)) {
        let there = &mark.place.source;
        let label = if mark.label.is_empty() { "see also" } else { &mark.label };
        let note = Diagnostic::new("see", Severity::Note, mark.place.span, label);
        text += &render(&there.path, &there.text, &[note], color);
    }
    text
}
