//! Sets of requests, exactly: is there any request that …, and if so, which?
//!
//! A [`Space`] is the set of requests that some policies allow or deny, or what sets leave over of one another. A
//! [`Search`] says whether it is empty, and gives a natural request of it if not. The answer is exact: strings, ARNs and
//! numbers are regular languages, dates and addresses are intervals, lists of values are told from single ones. What
//! cannot be decided (see [`Cause`]) is said and never taken for empty. Each request found is decided again by
//! [`PolicySet::decide`] before it is returned.
//!
//! How: each statement is a conjunction of elementary conditions, each of which looks at the action, the resource, or
//! one condition key (`problem`); a set is a formula over them (`formula`). Models are searched by cases
//! (`solve`), and conditions on one key together are decided by the key's theory (`key`, `text`, `points`). The
//! claims of a token that share parts are decided together (`template`, `product`).

mod answer;
mod callers;
mod choice;
mod compare;
mod facts;
mod formula;
mod key;
mod language;
mod machine;
mod nfa;
mod number;
mod points;
mod problem;
mod product;
mod search;
mod solve;
mod template;
mod text;

use std::sync::Arc;

pub use answer::{Answer, Cause, Witness};
pub use compare::{Comparison, Verdict};
pub use facts::{Arity, Facts, Form, KeyFact, Presence, ResourceFact, Segment, Span, Template, Values};
pub use language::{Language, NotALanguage};
pub use search::{Owner, Search};

use crate::subject::Subject;
use crate::{Document, Effect, Kind, Limits, Outcome, Policy, PolicySet, Request};

/// A set of requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Space {
    node: Arc<Node>,
}

#[derive(Debug)]
enum Node {
    /// What the policies decide so.
    Decided(PolicySet, Effect),
    /// What a statement of the policy covers, whatever its effect and principals.
    Covered(Policy),
    All(Vec<Space>),
    Any(Vec<Space>),
    Not(Space),
    /// What the second request is.
    Second(Space),
}

impl Space {
    fn new(node: Node) -> Self {
        Self { node: Arc::new(node) }
    }

    /// What these policies allow, but for `sts:GetCallerIdentity`, which nothing forbids.
    pub fn allowed(policies: PolicySet) -> Self {
        Self::new(Node::Decided(policies, Effect::Allow))
    }

    /// What a statement of these policies denies.
    pub fn denied(policies: PolicySet) -> Self {
        Self::new(Node::Decided(policies, Effect::Deny))
    }

    /// What the statements of a policy speak of: their actions, resources and conditions, whatever their effect and
    /// principals.
    pub fn covered(policy: Policy) -> Self {
        Self::new(Node::Covered(policy))
    }

    /// What one policy document grants, taken by itself.
    ///
    /// A trust or resource policy counts as granting where the policies of the caller's own account would still have
    /// to agree. For a document of another kind, the caller and the resource are of one account.
    pub fn granted(policy: Policy) -> Self {
        let policies = match policy.document().kind() {
            Kind::Trust => with_everything(PolicySet::new().trust(policy)),
            Kind::Resource | Kind::ResourceControl => with_everything(PolicySet::new().resource(policy)),
            Kind::Identity | Kind::Boundary | Kind::Session | Kind::ServiceControl => {
                PolicySet::new().identity(policy)
            }
        };
        Self::allowed(policies)
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Space) -> Self {
        Self::new(Node::All(vec![self.clone(), other.clone()]))
    }

    /// What is in either.
    #[must_use]
    pub fn or(&self, other: &Space) -> Self {
        Self::new(Node::Any(vec![self.clone(), other.clone()]))
    }

    /// What is in any of them.
    pub fn union(spaces: impl IntoIterator<Item = Space>) -> Self {
        Self::new(Node::Any(spaces.into_iter().collect()))
    }

    /// What is in this but not in the other.
    #[must_use]
    pub fn minus(&self, other: &Space) -> Self {
        Self::new(Node::All(vec![self.clone(), other.complement()]))
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::new(Node::Not(self.clone()))
    }

    /// The pairs of requests of one caller whose second one is in this set. The two agree on the keys that come from
    /// the caller's proof of identity (see [`Facts::share`]).
    #[must_use]
    pub fn second(&self) -> Self {
        Self::new(Node::Second(self.clone()))
    }

    /// Whether a request (and for sets of pairs, the second one) is in the set, as the engine decides.
    pub fn contains(&self, request: &Request, second: Option<&Request>) -> bool {
        match &*self.node {
            Node::Decided(policies, effect) => {
                let wanted = match effect {
                    Effect::Allow => Outcome::Allow,
                    Effect::Deny => Outcome::ExplicitDeny,
                };
                policies.decide(request).outcome == wanted
            }
            Node::Covered(policy) => {
                let subject = Subject::new(request, false);
                policy.rules().iter().any(|rule| {
                    rule.covers_action(&subject)
                        && rule.covers_resource(&subject)
                        && rule.tests.iter().all(|test| test.holds(&request.context))
                })
            }
            Node::All(spaces) => spaces.iter().all(|space| space.contains(request, second)),
            Node::Any(spaces) => spaces.iter().any(|space| space.contains(request, second)),
            Node::Not(space) => !space.contains(request, second),
            Node::Second(space) => second.is_some_and(|second| space.contains(second, None)),
        }
    }

    /// The policies that the set is made of.
    fn policies(&self) -> Vec<&Policy> {
        match &*self.node {
            Node::Decided(policies, _) => policies.policies().map(|(_, policy)| policy).collect(),
            Node::Covered(policy) => vec![policy],
            Node::All(spaces) | Node::Any(spaces) => spaces.iter().flat_map(Space::policies).collect(),
            Node::Not(space) | Node::Second(space) => space.policies(),
        }
    }
}

/// Adds an identity policy that allows everything, so that only the resource's side decides.
fn with_everything(policies: PolicySet) -> PolicySet {
    let source = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    match Document::parse_within(Kind::Identity, source, Limits::bytes(source.len())) {
        Ok(document) => policies.identity(Policy::compile("everything", &document)),
        Err(_) => policies,
    }
}
