//! Findings about a source text, independent of how they are shown.

use serde::Serialize;

use crate::Span;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The source cannot be used.
    Error,
    /// The source can be used, but probably does not mean what its author wanted.
    Warning,
    /// Worth knowing.
    Note,
}

/// A span with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What about it; may be empty, then the span is only underlined.
    pub text: String,
}

impl Label {
    /// A label with a text.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// One finding about one source text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable identifier in `snake_case`; never reused for another meaning.
    pub id: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// One lower-case sentence without a final period; user input stands in backticks.
    pub message: String,
    /// The place it is about.
    pub primary: Label,
    /// Other places that matter, such as the first of two duplicates.
    pub secondary: Vec<Label>,
    /// Facts too long for a label, one a line.
    pub notes: Vec<String>,
    /// What to do next, one sentence each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding with `severity` about `span`, without labels or help.
    pub fn new(id: &'static str, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            message: message.into(),
            primary: Label::new(span, ""),
            secondary: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// An error about `span`.
    pub fn error(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, Severity::Error, span, message)
    }

    /// A warning about `span`.
    pub fn warning(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, Severity::Warning, span, message)
    }

    /// Sets the words at the primary span.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label::new(span, text));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}
