//! Policy documents: what was written, with a place for every part.

mod ast;
mod conditions;
mod elements;
mod print;
mod read;
mod rules;
mod shape;
mod url;

use std::sync::Arc;

pub use ast::{Actions, Condition, Effect, Names, PrincipalType, Principals, Resources, Statement, Version};
pub use rules::Limits;
use serde::Serialize;

use self::read::Reader;
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
    /// Parses a document and checks it against the rules of its kind and AWS's limits for it.
    ///
    /// A URL-encoded document, as the IAM API returns it, is decoded first.
    ///
    /// # Errors
    /// All errors of the document at once, in the order of the source, with spans into `source` as given. Their ids:
    /// `document_too_large`, `url_encoding`, `invalid_character`, `json_syntax`, `json_too_deep`, `document_not_object`,
    /// `policy_too_large`, `missing_statement`, `missing_version`, `invalid_version`, `unknown_element`,
    /// `element_not_supported`, `duplicate_key`, `duplicate_sid`, `wrong_type`, `empty_list`, `missing_effect`,
    /// `missing_principal`, `missing_action`, `missing_resource`, `conflicting_elements`, `invalid_sid`,
    /// `invalid_effect`, `invalid_principal`, `principal_wildcard`, `invalid_action`, `invalid_resource`,
    /// `invalid_variable`, `variable_not_allowed`, `invalid_operator`, `invalid_condition_key`,
    /// `invalid_condition_value`.
    pub fn parse(kind: Kind, source: &str) -> Result<Document, Vec<Diagnostic>> {
        Self::parse_within(kind, source, Limits::aws(kind))
    }

    /// Parses a document within other limits than AWS's, for documents that AWS never sees.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(kind: Kind, source: &str, limits: Limits) -> Result<Document, Vec<Diagnostic>> {
        if source.len() > limits.bytes {
            let message = format!(
                "the {} has {} bytes; at most {} are read",
                kind.describe(),
                source.len(),
                limits.bytes
            );
            return Err(vec![Diagnostic::error("document_too_large", Span::new(0, 0), message)]);
        }
        match url::decode(source) {
            None => Self::parse_text(kind, source, limits),
            Some(Err(error)) => Err(vec![*error]),
            Some(Ok(decoded)) => Self::parse_text(kind, &decoded.text, limits).map_err(|mut errors| {
                for error in &mut errors {
                    for label in std::iter::once(&mut error.primary).chain(&mut error.secondary) {
                        label.span = decoded.span_in_source(label.span);
                    }
                }
                errors
            }),
        }
    }

    fn parse_text(kind: Kind, source: &str, limits: Limits) -> Result<Document, Vec<Diagnostic>> {
        let mut reader = Reader::new(kind, source);
        reader.characters();
        let (node, syntax_errors) = crate::json::parse(source);
        reader.errors.extend(syntax_errors);
        let parsed = node.as_ref().map(|node| reader.document(node));
        reader.size(limits);
        let Reader { mut errors, mut warnings, .. } = reader;
        match parsed {
            Some(parsed) if errors.is_empty() => {
                warnings.sort_by_key(|warning| warning.primary.span);
                let (version, id, statements) = (parsed.version, parsed.id, parsed.statements);
                let inner = Inner { kind, source: source.into(), version, id, statements, warnings };
                Ok(Document { inner: Arc::new(inner) })
            }
            _ => {
                errors.sort_by_key(|error| error.primary.span);
                Err(errors)
            }
        }
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

    /// What is allowed but doubtful. Their ids: `policy_large`, `missing_version`, `variable_not_supported`,
    /// `empty_condition`, `condition_never_matches`, `principal_never_matches`, `allow_with_not_principal`.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }
}
