//! The IAM policy language: parse, compile, decide, explain. Pure: no I/O, no clock.

mod arn;
mod combine;
mod compile;
mod condition;
mod context;
mod decide;
mod diagnostic;
mod document;
mod explain;
mod glob;
mod hash;
mod json;
mod near;
mod policy;
mod principal;
mod render;
mod request;
mod span;
mod subject;
mod variable;

pub use arn::{Arn, NotAnArn};
pub use combine::PolicySet;
pub use condition::{Comparison, Operator, Relation, SetOperator};
pub use context::{Context, Value};
pub use decide::{Decision, Outcome, StatementRef};
pub use diagnostic::{Diagnostic, Label, Severity};
pub use document::{
    Actions, Condition, Document, Effect, Kind, Limits, Names, PrincipalType, Principals, Resources,
    Statement, Version,
};
pub use explain::{Element, Explanation, Failure, Hints, StatementReport};
pub use policy::Policy;
pub use principal::Principal;
pub use render::render;
pub use request::Request;
pub use span::{Span, Spanned};
