//! Documents: what is accepted, what is refused and how, and what is printed.

mod characters;
mod forms;
mod kinds;
mod principals;
mod reports;
mod sizes;
mod structure;

use stagedoor_policy::{Document, Kind};

use crate::support::Table;

pub(crate) fn all() {
    characters::all();
    forms::all();
    kinds::all();
    principals::all();
    reports::all();
    sizes::all();
    structure::all();
}

const STATEMENT: &str = r#""Effect":"Allow","Action":"s3:Get*","Resource":"*""#;

/// The ids of the errors of a document, or of its warnings with a `~` when there is no error.
fn findings(kind: Kind, source: &str) -> String {
    match Document::parse(kind, source) {
        Ok(document) => {
            document.warnings().iter().map(|w| format!("~{}", w.id)).collect::<Vec<_>>().join(" ")
        }
        Err(errors) => errors.iter().map(|error| error.id).collect::<Vec<_>>().join(" "),
    }
}

/// A document of one statement with the current version.
fn one(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}}}}}"#)
}

/// A document with a statement that has a further element.
fn with(element: &str) -> String {
    one(&format!("{STATEMENT},{element}"))
}

/// A document with a condition.
fn when(condition: &str) -> String {
    with(&format!(r#""Condition":{condition}"#))
}

/// Cases of documents of one kind: note, source, what is found.
fn run(rule: &'static str, kind: Kind, cases: &[(&str, String, &str)]) {
    let mut table = Table::of(rule);
    for (note, source, wanted) in cases {
        table.row(note, format!("{kind:?}: {source}"), findings(kind, source).as_str(), *wanted);
    }
}
