//! What a session of a role may do, as a gate would decide it.

use jiff::Timestamp;
use serde_json::Value;
use stagedoor_config::{Role, Snapshot};
use stagedoor_policy::{Context, Explanation, Principal, Request};

use super::Assumption;

/// Asks the role's permissions for a session that `assumption` began, or for any session without one.
pub(crate) fn permitted(
    (snapshot, role): (&Snapshot, &Role),
    assumption: Option<&Assumption<'_>>,
    action: &str,
    resource: Option<&str>,
    extra: &Context,
    now: Timestamp,
) -> Explanation {
    let account = snapshot.settings.account.as_str();
    let session_name = assumption.map_or("session", |assumption| assumption.session_name);
    let mut context = Context::new();
    for (key, value) in &role.tags {
        context.insert(format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    if let Some(assumption) = assumption {
        keys_of_token(&mut context, role, assumption);
    }
    context.insert("aws:PrincipalArn", role.arn.as_str());
    context.insert("aws:PrincipalAccount", account);
    context.insert("aws:PrincipalType", "AssumedRole");
    context.insert("aws:PrincipalIsAWSService", false);
    context.insert("aws:ResourceAccount", account);
    context.insert("aws:MultiFactorAuthPresent", false);
    context.insert("aws:ViaAWSService", false);
    context.insert("aws:RequestedRegion", snapshot.settings.region.as_str());
    context.insert("aws:CurrentTime", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    context.insert("aws:EpochTime", now.as_second().to_string());
    context.merge(extra);
    role.permissions.explain(&Request {
        principal: Principal::AssumedRole {
            role_arn: role.arn.clone(),
            session_arn: format!("arn:aws:sts::{account}:assumed-role/{}/{session_name}", role.name),
        },
        action: action.to_owned(),
        resource: resource.map(str::to_owned),
        resource_account: Some(account.to_owned()),
        context,
    })
}

/// What a session keeps of the token that it began with.
fn keys_of_token(context: &mut Context, role: &Role, assumption: &Assumption<'_>) {
    let claims = assumption.claims;
    if let Ok(Some(tags)) = claims.session_tags() {
        for (key, value) in &tags.tags {
            context.insert(format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }
    for (tag, claim) in &role.tag_claims {
        let value = match claims.at(claim) {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => continue,
        };
        context.insert(format!("aws:PrincipalTag/{tag}"), value);
    }
    if let Ok(Some(source_identity)) = claims.source_identity() {
        context.insert("aws:SourceIdentity", source_identity);
    }
    let url = assumption.issuer();
    context.insert("aws:FederatedProvider", assumption.subject.provider(url));
    let prefix = url.split_once("://").map_or(url, |(_, prefix)| prefix);
    if let Ok(request) = assumption.request() {
        for key in ["sub", "aud"].map(|claim| format!("{prefix}:{claim}")) {
            if let Some(value) = request.context.get(&key) {
                context.insert(key, value.clone());
            }
        }
    }
}
