//! Policy documents: what was written, with a place for every part.

mod ast;

use std::fmt;
use std::sync::Arc;

pub use ast::{Actions, Condition, Effect, Names, PrincipalType, Principals, Resources, Statement, Version};
use serde::Serialize;

use crate::{Diagnostic, Span, Spanned};

/// What a document is attached to; each kind has rules and limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A role's trust policy: who may assume it.
    Trust,
    /// A permission policy attached to a user, group or role.
    Identity,
    /// A permissions boundary.
    Boundary,
    /// A session policy, passed when a session is made.
    Session,
    /// A policy attached to a resource.
    Resource,
    /// A service control policy of an organization.
    ServiceControl,
    /// A resource control policy of an organization.
    ResourceControl,
}

/// A parsed policy document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Document {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    source: Box<str>,
    version: Option<Spanned<Version>>,
    id: Option<Spanned<Box<str>>>,
    statements: Vec<Statement>,
    warnings: Vec<Diagnostic>,
}

impl Document {
    /// Parses a document and checks it against the rules and limits of its kind.
    ///
    /// # Errors
    /// All errors of the document at once, in the order of the source.
    pub fn parse(kind: Kind, source: &str) -> Result<Document, Vec<Diagnostic>> {
        if let Err(error) = serde_json::from_str::<serde_json::Value>(source) {
            let span = Span::new(0, source.len());
            return Err(vec![Diagnostic::error("json_syntax", span, error.to_string())]);
        }
        Ok(Document {
            inner: Arc::new(Inner {
                kind,
                source: source.into(),
                version: None,
                id: None,
                statements: Vec::new(),
                warnings: Vec::new(),
            }),
        })
    }

    /// The kind it was parsed as.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The text that all spans point into: the source, after URL decoding when it was URL-encoded.
    pub fn source(&self) -> &str {
        &self.inner.source
    }

    /// The language version; 2008-10-17 when the document names none.
    pub fn version(&self) -> Version {
        self.inner.version.as_ref().map_or(Version::V2008, |version| version.value)
    }

    /// The document's `Id`.
    pub fn id(&self) -> Option<&Spanned<Box<str>>> {
        self.inner.id.as_ref()
    }

    /// The statements in the order of the source.
    pub fn statements(&self) -> &[Statement] {
        &self.inner.statements
    }

    /// What is allowed but doubtful.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}
