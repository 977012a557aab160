//! Principals of a statement.

use crate::document::{self, Effect, PrincipalType};
use crate::{Principal, arn};

/// How a statement names the principal of a request; a stronger way is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// By its account: authority is delegated to that account, whose own policies must allow as well.
    ByAccount,
    /// By the role or user behind a session: what limits the role or user limits the grant.
    ByIdentity,
    /// By its own ARN, or by `*`.
    Directly,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(crate) struct Principals {
    negated: bool,
    everybody: bool,
    /// Account numbers, ARNs, providers and service names, by type; sorted.
    names: Box<[(PrincipalType, Box<str>)]>,
}

impl Principals {
    pub(super) fn compile(element: &document::Principals) -> Self {
        let everybody = element.names.iter().any(|(_, name)| &*name.value == "*");
        let mut names: Vec<(PrincipalType, Box<str>)> = element
            .names
            .iter()
            .filter(|(_, name)| &*name.value != "*")
            .map(|(kind, name)| (*kind, canonical(*kind, &name.value).into()))
            .collect();
        names.sort();
        names.dedup();
        Self { negated: element.negated, everybody, names: names.into() }
    }

    fn lists(&self, kind: PrincipalType, name: &str) -> bool {
        self.names.binary_search_by(|(k, n)| (*k, &**n).cmp(&(kind, name))).is_ok()
    }

    /// Whether and how the element names a principal.
    ///
    /// `NotPrincipal` denies unless every identity of the principal is listed (session, role and account) and there is no
    /// permissions boundary; it allows only when none is listed.
    pub(super) fn name(&self, principal: &Principal, bounded: bool, effect: Effect) -> Option<Named> {
        if self.negated {
            let (listed, all) = self.count(principal);
            let applies = match effect {
                Effect::Deny if bounded => true,
                _ if self.everybody => false,
                Effect::Deny => listed < all || all == 0,
                Effect::Allow => listed == 0,
            };
            return applies.then_some(Named::Directly);
        }
        if self.everybody {
            return Some(Named::Directly);
        }
        let mut strongest = None;
        each_identity(principal, |kind, name, named| {
            if strongest < Some(named) && self.lists(kind, name) {
                strongest = Some(named);
            }
        });
        strongest
    }

    /// How many of a principal's identities are listed, and how many there are.
    fn count(&self, principal: &Principal) -> (usize, usize) {
        let (mut listed, mut all) = (0, 0);
        each_identity(principal, |kind, name, _| {
            all += 1;
            listed += usize::from(self.lists(kind, name));
        });
        (listed, all)
    }

    /// Account numbers, ARNs, providers and service names, by type.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (PrincipalType, &str)> {
        self.names.iter().map(|(kind, name)| (*kind, &**name))
    }

    /// The keys under which an index may file the statement; `None` when it can concern anybody.
    pub(super) fn index_names(&self) -> Option<impl Iterator<Item = (PrincipalType, &str)>> {
        (!self.negated && !self.everybody).then(|| self.names.iter().map(|(kind, name)| (*kind, &**name)))
    }
}

/// One spelling for each principal: an account's root ARN is its number.
fn canonical(kind: PrincipalType, name: &str) -> &str {
    if kind == PrincipalType::Aws
        && let Some([_, _, "iam", "", account, "root"]) = arn::split(name)
    {
        return account;
    }
    name
}

/// Calls `visit` with every name that a principal answers to.
#[inline]
pub(super) fn each_identity(principal: &Principal, mut visit: impl FnMut(PrincipalType, &str, Named)) {
    use PrincipalType::{Aws, Federated, Service};
    match principal {
        Principal::Anonymous => {}
        Principal::Account { account } => visit(Aws, account, Named::Directly),
        Principal::User { arn } => {
            visit(Aws, arn, Named::Directly);
            visit(Aws, arn::account(arn), Named::ByAccount);
        }
        Principal::Role { arn } => {
            visit(Aws, arn, Named::ByIdentity);
            visit(Aws, arn::account(arn), Named::ByAccount);
        }
        Principal::AssumedRole { role_arn, session_arn } => {
            visit(Aws, session_arn, Named::Directly);
            visit(Aws, role_arn, Named::ByIdentity);
            visit(Aws, arn::account(role_arn), Named::ByAccount);
        }
        Principal::FederatedUser { arn, user_arn } => {
            visit(Aws, arn, Named::Directly);
            if let Some(user) = user_arn {
                visit(Aws, user, Named::ByIdentity);
            }
            visit(Aws, arn::account(arn), Named::ByAccount);
        }
        Principal::Federated { provider } => visit(Federated, provider, Named::Directly),
        Principal::Service { name } => visit(Service, name, Named::Directly),
    }
}
