//! Which policies apply together, and how their answers become one.

use crate::compile::{Named, Rule};
use crate::subject::Subject;
use crate::{Decision, Explanation, Hints, Kind, Outcome, Policy, Principal, Request};

/// The policies that apply to a request together. Cheap to clone: policies are shared.
///
/// The policies are combined as AWS does it (IAM User Guide, "Policy evaluation logic"):
///
/// - A matching `Deny` in any of them denies.
/// - Service control policies, when there are some, must allow at each level; they bind principals of accounts.
///   Resource control policies only deny.
/// - Within an account, identity policies and resource policies grant together. A boundary limits what identity
///   policies grant, a session policy what the session has. A resource policy that names the very session or user, or
///   everybody, is not limited by them; one that names the role is; one that names the account only delegates to the
///   account's identity policies. The session of a federated user has nothing without a session policy but what a
///   resource policy grants it by name.
/// - Across accounts, both the resource policy and the identity policies must allow.
/// - With a trust policy, `sts:` actions are decided by it: it must allow in any case. A web identity or a service needs
///   nothing else; for principals of accounts it counts like a resource policy.
/// - `sts:GetCallerIdentity` is always allowed to a known caller, whatever policies say.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    trust: Vec<Policy>,
    identity: Vec<Policy>,
    boundary: Vec<Policy>,
    session: Vec<Policy>,
    resource: Vec<Policy>,
    /// One list for each level of the organization.
    scp: Vec<Vec<Policy>>,
    rcp: Vec<Policy>,
}

/// The policies of a set by what they do.
pub(crate) struct Parts<'p> {
    pub(crate) trust: &'p [Policy],
    pub(crate) identity: &'p [Policy],
    pub(crate) boundary: &'p [Policy],
    pub(crate) session: &'p [Policy],
    pub(crate) resource: &'p [Policy],
    /// One list for each level of the organization.
    pub(crate) scp: &'p [Vec<Policy>],
    pub(crate) rcp: &'p [Policy],
}

/// A matching statement with its policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit<'p> {
    pub(crate) kind: Kind,
    pub(crate) policy: &'p Policy,
    pub(crate) rule: &'p Rule,
    named: Named,
}

/// Why there is access: a statement, perhaps together with one of another policy.
pub(crate) struct Grant<'p> {
    by: Option<Hit<'p>>,
    with: Option<Hit<'p>>,
}

/// Why there is no access.
pub(crate) enum Denial<'p> {
    /// This statement denies.
    Explicit(Hit<'p>),
    /// No policy of this kind allows.
    Implicit(Kind),
}

impl PolicySet {
    /// A set without policies, which allows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a role's trust policy.
    #[must_use]
    pub fn trust(mut self, policy: Policy) -> Self {
        self.trust.push(policy);
        self
    }

    /// Adds a policy attached to the principal. Several grant together.
    #[must_use]
    pub fn identity(mut self, policy: Policy) -> Self {
        self.identity.push(policy);
        self
    }

    /// Adds a permissions boundary of the principal. Each boundary must allow.
    #[must_use]
    pub fn boundary(mut self, policy: Policy) -> Self {
        self.boundary.push(policy);
        self
    }

    /// Adds a session policy. Those passed when a session is made count together, as one.
    #[must_use]
    pub fn session(mut self, policy: Policy) -> Self {
        self.session.push(policy);
        self
    }

    /// Adds a policy attached to the resource.
    #[must_use]
    pub fn resource(mut self, policy: Policy) -> Self {
        self.resource.push(policy);
        self
    }

    /// Adds a service control policy at the current level of the organization: the root at first. Those of one level
    /// allow together.
    #[must_use]
    pub fn scp(mut self, policy: Policy) -> Self {
        match self.scp.last_mut() {
            Some(level) => level.push(policy),
            None => self.scp.push(vec![policy]),
        }
        self
    }

    /// Goes down one level in the organization: service control policies added from here on must allow as well as
    /// those above.
    #[must_use]
    pub fn next_scp_level(mut self) -> Self {
        self.scp.push(Vec::new());
        self
    }

    /// Adds a resource control policy of the resource's organization.
    #[must_use]
    pub fn rcp(mut self, policy: Policy) -> Self {
        self.rcp.push(policy);
        self
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts {
            trust: &self.trust,
            identity: &self.identity,
            boundary: &self.boundary,
            session: &self.session,
            resource: &self.resource,
            scp: &self.scp,
            rcp: &self.rcp,
        }
    }

    /// All policies with their kinds, in the order in which AWS evaluates them.
    pub fn policies(&self) -> impl Iterator<Item = (Kind, &Policy)> {
        fn of(kind: Kind, policies: &[Policy]) -> impl Iterator<Item = (Kind, &Policy)> {
            policies.iter().map(move |policy| (kind, policy))
        }
        let scps = self.scp.iter().flat_map(|level| of(Kind::ServiceControl, level));
        of(Kind::ResourceControl, &self.rcp)
            .chain(scps)
            .chain(of(Kind::Trust, &self.trust))
            .chain(of(Kind::Resource, &self.resource))
            .chain(of(Kind::Identity, &self.identity))
            .chain(of(Kind::Boundary, &self.boundary))
            .chain(of(Kind::Session, &self.session))
    }

    /// Decides a request. Allocates nothing for requests of usual size.
    pub fn decide(&self, request: &Request) -> Decision {
        Self::decision(self.judge(request, &self.subject(request)))
    }

    /// Decides a request and says why. The decision is always the one that [`PolicySet::decide`] makes.
    pub fn explain(&self, request: &Request) -> Explanation {
        self.explain_with(request, &())
    }

    /// As [`PolicySet::explain`], with knowledge of the caller about condition keys.
    pub fn explain_with(&self, request: &Request, hints: &dyn Hints) -> Explanation {
        let subject = self.subject(request);
        let decision = Self::decision(self.judge(request, &subject));
        crate::explain::explain(self, request, &subject, decision, hints)
    }

    fn subject<'r>(&self, request: &'r Request) -> Subject<'r> {
        Subject::new(request, request.principal.is_of_account() && !self.boundary.is_empty())
    }

    fn decision(judgement: Result<Grant<'_>, Denial<'_>>) -> Decision {
        let reference = |hit: Hit<'_>| hit.policy.reference(hit.rule);
        match judgement {
            Ok(Grant { by, with }) => Decision {
                outcome: Outcome::Allow,
                decided_by: by.map(reference),
                together_with: with.map(reference),
                kind: by.map(|hit| hit.kind),
            },
            Err(Denial::Explicit(hit)) => Decision {
                outcome: Outcome::ExplicitDeny,
                decided_by: Some(reference(hit)),
                together_with: None,
                kind: Some(hit.kind),
            },
            Err(Denial::Implicit(kind)) => Decision {
                outcome: Outcome::ImplicitDeny,
                decided_by: None,
                together_with: None,
                kind: Some(kind),
            },
        }
    }

    /// Whether the trust policy decides, rather than the policies of an ordinary resource.
    pub(crate) fn about_trust(&self, subject: &Subject<'_>) -> bool {
        !self.trust.is_empty() && subject.action().starts_with(b"sts:")
    }

    fn judge<'p>(&'p self, request: &Request, subject: &Subject<'_>) -> Result<Grant<'p>, Denial<'p>> {
        let principal = subject.principal();
        if subject.action() == b"sts:getcalleridentity" && *principal != Principal::Anonymous {
            return Ok(Grant { by: None, with: None });
        }
        let of_account = principal.is_of_account();
        allow_in(Kind::ResourceControl, &self.rcp, subject)?;
        let mut within_scps = true;
        if of_account {
            for level in self.scp.iter().filter(|level| !level.is_empty()) {
                within_scps &= allow_in(Kind::ServiceControl, level, subject)?.is_some();
            }
        }
        let trust = self.about_trust(subject);
        let (resource_kind, resource_policies) =
            if trust { (Kind::Trust, &self.trust) } else { (Kind::Resource, &self.resource) };
        let resource = allow_in(resource_kind, resource_policies, subject)?;
        if !of_account {
            return match resource {
                Some(hit) => Ok(Grant { by: Some(hit), with: None }),
                None => Err(Denial::Implicit(resource_kind)),
            };
        }
        let identity = allow_in(Kind::Identity, &self.identity, subject)?;
        let mut within_boundary = true;
        for boundary in &self.boundary {
            within_boundary &= allow_in(Kind::Boundary, std::slice::from_ref(boundary), subject)?.is_some();
        }
        let session = allow_in(Kind::Session, &self.session, subject)?;
        let needs_session_policy =
            !self.session.is_empty() || matches!(principal, Principal::FederatedUser { .. });
        let within_session = session.is_some() || !needs_session_policy;
        if !within_scps {
            return Err(Denial::Implicit(Kind::ServiceControl));
        }
        let limits = || match (within_boundary, within_session) {
            (false, _) => Err(Denial::Implicit(Kind::Boundary)),
            (_, false) => Err(Denial::Implicit(Kind::Session)),
            _ => Ok(()),
        };
        let same_account = same_account(request);
        if resource.is_none() && (trust || !same_account) {
            return Err(Denial::Implicit(resource_kind));
        }
        if same_account && let Some(hit) = resource {
            match hit.named {
                Named::Directly => return Ok(Grant { by: resource, with: None }),
                Named::ByIdentity if identity.is_none() || (within_boundary && within_session) => {
                    return limits().map(|()| Grant { by: resource, with: None });
                }
                _ => {}
            }
        }
        if identity.is_none() && !root_of_resource(request) {
            return Err(Denial::Implicit(Kind::Identity));
        }
        limits()?;
        let needed = resource.filter(|_| trust || !same_account);
        Ok(Grant { by: identity.or(resource), with: needed.filter(|_| identity.is_some()) })
    }
}

/// The strongest allowing statement among policies of one kind; an error when one of them denies.
#[inline]
fn allow_in<'p>(
    kind: Kind,
    policies: &'p [Policy],
    subject: &Subject<'_>,
) -> Result<Option<Hit<'p>>, Denial<'p>> {
    let mut best: Option<Hit<'p>> = None;
    let mut deny = None;
    for policy in policies {
        let verdict = policy.evaluate(subject);
        if let Some(rule) = verdict.deny {
            deny = deny.or(Some(Hit { kind, policy, rule, named: Named::Directly }));
        }
        if let Some((named, rule)) = verdict.allow
            && best.is_none_or(|best| named > best.named)
        {
            best = Some(Hit { kind, policy, rule, named });
        }
    }
    match deny {
        Some(hit) => Err(Denial::Explicit(hit)),
        None => Ok(best),
    }
}

/// Whether principal and resource belong to one account. The resource's account is the one given, else the one in its
/// ARN, else the principal's own.
fn same_account(request: &Request) -> bool {
    match request.resource_owner() {
        Some(owner) => request.principal.account() == Some(owner),
        None => true,
    }
}

/// The root user has full access in its own account, without any policy; only where the account of the resource is
/// known beyond doubt.
fn root_of_resource(request: &Request) -> bool {
    matches!(&request.principal, Principal::Account { account } if request.resource_owner() == Some(account))
}
