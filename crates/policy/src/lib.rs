//! The IAM policy language: parse, compile, decide, explain. Pure: no I/O, no clock.
//!
//! ```
//! use stagedoor_policy::{Context, Document, Kind, Policy, PolicySet, Principal, Request, render};
//!
//! let source = r#"{
//!   "Version": "2012-10-17",
//!   "Statement": {
//!     "Effect": "Allow",
//!     "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
//!     "Action": "sts:AssumeRoleWithWebIdentity",
//!     "Condition": {
//!       "StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"}
//!     }
//!   }
//! }"#;
//!
//! // 1. Parse. All errors of a document come at once, with their places.
//! let document = Document::parse(Kind::Trust, source)
//!     .map_err(|errors| render("trust.json", source, &errors, false))
//!     .unwrap();
//!
//! // 2. Compile, once.
//! let role = PolicySet::new().trust(Policy::compile("trust.json", &document));
//!
//! // 3. Decide, often: nothing is allocated.
//! let mut context = Context::new();
//! context.insert("token.actions.githubusercontent.com:sub", "repo:acme/shop:environment:prod");
//! let request = Request {
//!     principal: Principal::Federated {
//!         provider: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com".into(),
//!     },
//!     action: "sts:AssumeRoleWithWebIdentity".into(),
//!     resource: None,
//!     resource_account: None,
//!     context,
//! };
//! assert!(!role.decide(&request).is_allow());
//!
//! // 4. Explain, when somebody asks why.
//! let explanation = role.explain(&request);
//! let change = explanation.nearest_change().unwrap();
//! assert!(change.ends_with("the part after `acme/shop:` is `environment`, not `ref`"));
//! println!("{}", explanation.render(false));
//! ```
//!
//! [`Document::parse`] checks a document against the rules and limits of its [`Kind`]. [`Policy::compile`] turns it
//! into an immutable program: patterns parsed, values typed, statements indexed by principal, action and resource.
//! [`PolicySet`] says which policies apply together, and decides as AWS does. [`Explanation`] is made by the same
//! compiled statements, so that it cannot disagree with the decision.
//!
//! What no input can do: make a decision slow (patterns match in time linear in the subject), open a resource through
//! a tag value (substituted variables are literal text), or make the crate panic.

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
pub mod space;
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
pub use principal::{NotAPrincipal, Principal};
pub use render::render;
pub use request::Request;
pub use span::{Span, Spanned};
