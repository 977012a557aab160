//! The parts of a policy document.

use serde::Serialize;

use crate::{Operator, Span, Spanned};

/// A version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Version {
    /// `2008-10-17`: no policy variables. The default.
    #[serde(rename = "2008-10-17")]
    V2008,
    /// `2012-10-17`.
    #[serde(rename = "2012-10-17")]
    V2012,
}

impl Version {
    /// As documents write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        }
    }
}

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Effect {
    /// Grants, unless something denies.
    Allow,
    /// Denies, whatever else grants.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, Serialize)]
pub struct Statement {
    /// The whole object.
    pub span: Span,
    /// `Sid`.
    pub sid: Option<Spanned<Box<str>>>,
    /// `Effect`.
    pub effect: Spanned<Effect>,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// `Resource` or `NotResource`; trust policies have none.
    pub resources: Option<Resources>,
    /// `Condition`, one entry for each operator and key.
    pub conditions: Vec<Condition>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, Serialize)]
pub struct Principals {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// The element with its name.
    pub span: Span,
    /// The principals; `"*"` is one entry of [`PrincipalType::Any`].
    pub names: Vec<(PrincipalType, Spanned<Box<str>>)>,
}

/// The key under which a principal is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum PrincipalType {
    /// The bare `"*"`, outside of any map.
    #[serde(rename = "*")]
    Any,
    /// `AWS`: accounts, users, roles, sessions, or `*`.
    #[serde(rename = "AWS")]
    Aws,
    /// `Federated`: identity providers.
    Federated,
    /// `Service`: service principals.
    Service,
    /// `CanonicalUser`: Amazon S3 canonical user ids.
    CanonicalUser,
}

impl PrincipalType {
    /// As documents write it.
    pub fn as_str(self) -> &'static str {
        match self {
            PrincipalType::Any => "*",
            PrincipalType::Aws => "AWS",
            PrincipalType::Federated => "Federated",
            PrincipalType::Service => "Service",
            PrincipalType::CanonicalUser => "CanonicalUser",
        }
    }
}

/// A list of names or patterns under an element, positive or negated.
#[derive(Debug, Clone, Serialize)]
pub struct Names {
    /// Whether the element is the `Not…` form.
    pub negated: bool,
    /// The element with its name.
    pub span: Span,
    /// The entries, at least one.
    pub names: Vec<Spanned<Box<str>>>,
}

/// `Action` or `NotAction`.
pub type Actions = Names;

/// `Resource` or `NotResource`.
pub type Resources = Names;

/// One line of a `Condition` block: an operator, a key and its values.
#[derive(Debug, Clone, Serialize)]
pub struct Condition {
    /// The operator as written, such as `ForAnyValue:StringLike`.
    pub operator: Spanned<Box<str>>,
    /// The operator, parsed.
    #[serde(skip)]
    pub parsed: Operator,
    /// The condition key as written.
    pub key: Spanned<Box<str>>,
    /// The values, numbers and booleans as text.
    pub values: Vec<Spanned<Box<str>>>,
    /// The key with its values.
    pub span: Span,
}
