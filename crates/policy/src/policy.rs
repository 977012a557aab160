//! Compiled policies.

use std::sync::Arc;

use crate::compile::{Program, Rule, Verdict};
use crate::subject::Subject;
use crate::{Document, StatementRef};

/// A compiled policy: immutable, shared, cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: Arc<str>,
    document: Document,
    program: Program,
}

impl Policy {
    /// Compiles a document. `name` is how decisions and explanations refer to it, usually a file name.
    pub fn compile(name: &str, document: &Document) -> Policy {
        let program = Program::compile(document);
        Policy { inner: Arc::new(Inner { name: name.into(), document: document.clone(), program }) }
    }

    /// The name given at compilation.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The document it was compiled from.
    pub fn document(&self) -> &Document {
        &self.inner.document
    }

    pub(crate) fn evaluate(&self, subject: &Subject<'_>) -> Verdict<'_> {
        self.inner.program.evaluate(subject)
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        self.inner.program.rules()
    }

    pub(crate) fn reference(&self, rule: &Rule) -> StatementRef {
        StatementRef { policy: self.inner.name.clone(), index: rule.index as usize, sid: rule.sid.clone() }
    }
}
