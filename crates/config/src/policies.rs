//! The JSON files: trust policies, permissions, boundaries, invariants.

use std::sync::Arc;

use stagedoor_policy::{Diagnostic, Document, Effect, Kind, Policy};

use crate::{report::Report, source::Source, tree::Named};

/// `invariants/<name>.json`: what must never be possible.
///
/// A service control policy with only Deny statements that, were they added to every role, would
/// change nothing: whatever they deny must already be denied.
#[derive(Debug, Clone)]
pub struct Invariant {
    /// The file's stem.
    pub name: String,
    /// The file relative to the configuration directory.
    pub path: String,
    /// The Deny statements.
    pub document: Document,
}

/// Parses one policy document and reports its faults and warnings.
pub(crate) fn parse(kind: Kind, source: &Source, report: &mut Report) -> Option<Document> {
    match Document::parse(kind, &source.text) {
        Ok(document) => {
            let text: Arc<str> = Arc::from(document.source());
            report.add(&source.path, &text, document.warnings().to_vec());
            Some(document)
        }
        Err(faults) => {
            report.add(&source.path, &source.text, faults);
            None
        }
    }
}

/// Compiles a document under the name by which decisions refer to it.
pub(crate) fn compile(name: &str, document: &Document) -> Policy {
    Policy::compile(name, document)
}

pub(crate) fn invariant(file: &Named, report: &mut Report) -> Option<Invariant> {
    let source = file.source.as_ref()?;
    let document = parse(Kind::ServiceControl, source, report)?;
    let allows = document.statements().iter().filter(|s| s.effect.value == Effect::Allow);
    let faults: Vec<_> = allows
        .map(|statement| {
            let message = "an invariant says what must be denied, so it has only Deny statements";
            Diagnostic::error("allow_in_invariant", statement.effect.span, message)
                .help("state the opposite as a Deny, with NotAction, NotResource or a negated condition")
        })
        .collect();
    let sound = faults.is_empty();
    let text: Arc<str> = Arc::from(document.source());
    report.add(&source.path, &text, faults);
    sound.then(|| Invariant { name: file.name.clone(), path: source.path.clone(), document })
}
