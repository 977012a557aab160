//! What applies together.

use crate::{Decision, Explanation, Outcome, Policy, Request};

/// The policies that apply to a request together. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    trust: Vec<Policy>,
    identity: Vec<Policy>,
    boundary: Vec<Policy>,
    session: Vec<Policy>,
    resource: Vec<Policy>,
    scp: Vec<Policy>,
    rcp: Vec<Policy>,
}

macro_rules! add {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, policy: Policy) -> Self {
            self.$name.push(policy);
            self
        }
    )*};
}

impl PolicySet {
    /// A set without policies, which allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    add! {
        /// Adds a role's trust policy.
        trust
        /// Adds a policy attached to the principal.
        identity
        /// Adds a permissions boundary of the principal.
        boundary
        /// Adds a session policy.
        session
        /// Adds a policy attached to the resource.
        resource
        /// Adds a service control policy of the principal's organization.
        scp
        /// Adds a resource control policy of the resource's organization.
        rcp
    }

    /// Decides a request.
    pub fn decide(&self, _request: &Request) -> Decision {
        Decision { outcome: Outcome::ImplicitDeny, decided_by: None }
    }

    /// Decides a request and says why.
    pub fn explain(&self, request: &Request) -> Explanation {
        Explanation { decision: self.decide(request) }
    }
}
