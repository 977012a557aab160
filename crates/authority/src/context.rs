//! The condition keys of a request, beside those that come from the token.

use crate::Caller;
use jiff::Timestamp;
use stagedoor_identity::SessionTags;
use stagedoor_policy::Context;
use stagedoor_session::{Session, SessionKind};
use std::collections::BTreeMap;

/// Keys that every request has.
pub(crate) fn of_request(context: &mut Context, caller: &Caller, now: Timestamp, region: &str) {
    context.insert("aws:SourceIp", caller.source_ip.to_string());
    if !caller.user_agent.is_empty() {
        context.insert("aws:UserAgent", caller.user_agent.as_str());
    }
    context.insert("aws:CurrentTime", date(now));
    context.insert("aws:EpochTime", now.as_second().to_string());
    context.insert("aws:SecureTransport", caller.secure_transport);
    context.insert("aws:RequestedRegion", region);
    context.insert("aws:ViaAWSService", false);
}

/// What a caller or a token asks to have put into a session.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) tags: SessionTags,
    pub(crate) source_identity: Option<String>,
    /// Whether the token names the roles that it is good for.
    pub(crate) pinned: bool,
}

/// Keys of an `AssumeRoleWithWebIdentity` call only.
pub(crate) fn of_federation(context: &mut Context, provider: &str, wishes: &Wishes) {
    context.insert("aws:FederatedProvider", provider);
    context.insert("sts:RoleAuthorizedByIdp", wishes.pinned);
}

/// Keys of every call that makes a session.
pub(crate) fn of_wishes(context: &mut Context, session_name: &str, wishes: &Wishes) {
    context.insert("sts:RoleSessionName", session_name);
    if let Some(source_identity) = &wishes.source_identity {
        context.insert("sts:SourceIdentity", source_identity.as_str());
    }
    if !wishes.tags.tags.is_empty() {
        for (key, value) in &wishes.tags.tags {
            context.insert(format!("aws:RequestTag/{key}"), value.as_str());
        }
        context.insert("aws:TagKeys", wishes.tags.tags.keys().cloned().collect::<Vec<_>>());
    }
    if !wishes.tags.transitive.is_empty() {
        context.insert("sts:TransitiveTagKeys", wishes.tags.transitive.clone());
    }
}

/// Keys of a session. Session tags win over the role's tags, whatever the case of their keys.
pub(crate) fn of_session(context: &mut Context, session: &Session, role_tags: &BTreeMap<String, String>) {
    for (key, value) in role_tags.iter().chain(&session.tags) {
        context.insert(format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    let user = session.kind == SessionKind::FederatedUser;
    context.insert("aws:PrincipalArn", if user { session.arn() } else { session.role_arn.clone() });
    context.insert("aws:PrincipalAccount", session.account.as_str());
    context.insert("aws:PrincipalType", if user { "FederatedUser" } else { "AssumedRole" });
    context.insert("aws:PrincipalIsAWSService", false);
    context.insert("aws:ResourceAccount", session.account.as_str());
    context.insert("aws:userid", session.user_id());
    context.insert("aws:TokenIssueTime", date(session.issued_at));
    context.insert("aws:MultiFactorAuthPresent", false);
    if let Some(source_identity) = &session.source_identity {
        context.insert("aws:SourceIdentity", source_identity.as_str());
    }
    if let Some(federation) = &session.federation {
        context.insert("aws:FederatedProvider", federation.provider_arn.as_str());
        let prefix = federation.issuer.split_once("://").map_or(federation.issuer.as_str(), |(_, rest)| rest);
        context.insert(format!("{prefix}:sub"), federation.subject.as_str());
        context.insert(format!("{prefix}:aud"), federation.audience.as_str());
    }
}

/// ISO 8601 to the second, as policies write it.
fn date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
