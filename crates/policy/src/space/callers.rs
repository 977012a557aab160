//! The callers that policies tell apart.

use std::collections::BTreeSet;

use crate::compile::Rule;
use crate::document::PrincipalType;
use crate::{Principal, arn};

/// An account that no policy speaks of, hopefully; see [`unused`].
const STRANGERS: [&str; 4] = ["999999999999", "888888888888", "777777777777", "666666666666"];

/// An account number that is not among these.
pub(super) fn unused(accounts: &BTreeSet<String>) -> String {
    let known = STRANGERS.iter().map(|account| (*account).to_owned());
    let counted = (0..).map(|number: u64| format!("{number:012}"));
    known.chain(counted).find(|account| !accounts.contains(account)).unwrap_or_default()
}

/// At least one caller of each sort that the statements can tell apart: whoever is named, a stranger in each named
/// account, and complete strangers; the most usual first.
pub(super) fn candidates<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<Principal> {
    let mut named: BTreeSet<(PrincipalType, String)> = BTreeSet::new();
    for rule in rules {
        if let Some(principals) = &rule.principals {
            named.extend(principals.listed().map(|(kind, name)| (kind, name.to_owned())));
        }
    }
    let mut accounts: BTreeSet<String> = named
        .iter()
        .filter(|(kind, _)| *kind == PrincipalType::Aws)
        .map(|(_, name)| if name.starts_with("arn:") { arn::account(name).to_owned() } else { name.clone() })
        .filter(|account| !account.is_empty())
        .collect();
    let stranger = unused(&accounts);
    accounts.insert(stranger);

    let of =
        |kind: PrincipalType| named.iter().filter(move |(own, _)| *own == kind).map(|(_, name)| name.clone());
    let mut all: Vec<Principal> =
        of(PrincipalType::Federated).map(|provider| Principal::Federated { provider }).collect();
    let aws: Vec<String> = of(PrincipalType::Aws).collect();
    let (mut roles, mut users, mut sessions, mut federated) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for name in &aws {
        match arn::split(name).map(|[.., resource]| resource) {
            Some(resource) if resource.starts_with("role/") => roles.push(name.clone()),
            Some(resource) if resource.starts_with("user/") => users.push(name.clone()),
            Some(resource) if resource.starts_with("assumed-role/") => sessions.push(name.clone()),
            Some(resource) if resource.starts_with("federated-user/") => federated.push(name.clone()),
            _ => {}
        }
    }
    for account in &accounts {
        roles.push(format!("arn:aws:iam::{account}:role/{}", spare("example", &aws)));
        users.push(format!("arn:aws:iam::{account}:user/{}", spare("example", &aws)));
        federated.push(format!("arn:aws:sts::{account}:federated-user/{}", spare("example", &aws)));
    }
    for session in &sessions {
        let role = role_of(session);
        if !roles.iter().any(|known| belongs(session, known)) {
            roles.push(role);
        }
    }
    let mut plain_roles = Vec::new();
    for role in roles {
        for session_arn in sessions.iter().filter(|session| belongs(session, &role)) {
            all.push(Principal::AssumedRole { role_arn: role.clone(), session_arn: session_arn.clone() });
        }
        let name = role.rsplit('/').next().unwrap_or_default();
        let session_arn =
            format!("arn:aws:sts::{}:assumed-role/{name}/{}", arn::account(&role), spare("session", &aws));
        all.push(Principal::AssumedRole { role_arn: role.clone(), session_arn });
        plain_roles.push(Principal::Role { arn: role });
    }
    all.extend(users.iter().map(|arn| Principal::User { arn: arn.clone() }));
    all.extend(accounts.iter().map(|account| Principal::Account { account: account.clone() }));
    all.extend(of(PrincipalType::Service).map(|name| Principal::Service { name }));
    all.push(Principal::Service { name: "example.amazonaws.com".to_owned() });
    let stranger = accounts.iter().next_back().cloned().unwrap_or_default();
    all.push(Principal::Federated {
        provider: format!("arn:aws:iam::{stranger}:oidc-provider/issuer.example.com"),
    });
    for arn in federated {
        let makers = users.iter().filter(|user| arn::account(user) == arn::account(&arn));
        all.extend(
            makers.map(|user| Principal::FederatedUser { arn: arn.clone(), user_arn: Some(user.clone()) }),
        );
        all.push(Principal::FederatedUser { arn, user_arn: None });
    }
    all.extend(plain_roles);
    all.push(Principal::Anonymous);
    all
}

/// A name that none of the ARNs ends with.
fn spare(name: &str, arns: &[String]) -> String {
    let mut spare = name.to_owned();
    while arns.iter().any(|arn| arn.ends_with(&format!("/{spare}"))) {
        spare.push('x');
    }
    spare
}

/// The role of a session's ARN, without a path.
fn role_of(session: &str) -> String {
    let [_, partition, _, _, account, resource] = arn::split(session).unwrap_or([""; 6]);
    let name = resource.split('/').nth(1).unwrap_or_default();
    format!("arn:{partition}:iam::{account}:role/{name}")
}

/// Whether a session is one of a role, whatever the role's path.
fn belongs(session: &str, role: &str) -> bool {
    let [_, partition, _, _, account, resource] = arn::split(role).unwrap_or([""; 6]);
    let name = resource.rsplit('/').next().unwrap_or_default();
    role_of(session) == format!("arn:{partition}:iam::{account}:role/{name}")
}
