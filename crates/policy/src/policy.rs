//! Compiled policies.

use std::sync::Arc;

use crate::Document;

/// A compiled policy: immutable, shared, cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: Arc<str>,
    document: Document,
}

impl Policy {
    /// Compiles a document. `name` is how decisions and explanations refer to it, usually a file name.
    pub fn compile(name: &str, document: &Document) -> Policy {
        Policy { inner: Arc::new(Inner { name: name.into(), document: document.clone() }) }
    }

    /// The name given at compilation.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The document it was compiled from.
    pub fn document(&self) -> &Document {
        &self.inner.document
    }
}
