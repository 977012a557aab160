//! `[identity_token]` of a role: what tokens of our own issuer say for its sessions.

use stagedoor_policy::Diagnostic;

use crate::table::{Section, invalid};
use crate::value;

/// A token with more would not fit into AWS's limit.
const MAX_ROLES: usize = 20;
/// IAM's limit on an ARN, in characters.
const MAX_ARN: usize = 2048;

/// `roles`: the AWS roles that the tokens are good for.
pub(crate) fn roles(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Vec<String> {
    let Some(mut section) = root.section("identity_token", "`[identity_token]`", faults) else {
        return Vec::new();
    };
    let roles = section.texts("roles", faults).unwrap_or_default();
    if roles.len() > MAX_ROLES {
        let wanted = format!("at most {MAX_ROLES} role ARNs");
        faults.push(invalid("roles", &wanted, section.place("roles")));
    }
    for role in roles.iter().filter(|role| !is_role_arn(role.value)) {
        faults.push(invalid("roles", "ARNs such as `arn:aws:iam::123456789012:role/deploy`", role.span));
    }
    section.finish(faults);
    roles.iter().map(|role| role.value.to_owned()).collect()
}

/// `arn:<partition>:iam::<12 digits>:role/<path and name>`.
fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws")
            && value::account(account).is_some()
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty() && text.len() <= MAX_ARN))
}
