//! `AssumeRole`: from one session to another.

use crate::assume::{No, check_name, session};
use crate::attempt::Attempt;
use crate::context::{self, Wishes};
use crate::grant::Grant;
use crate::policies::{Asked, Rights, narrowing};
use crate::{
    AssumeRole, Authority, Caller, Issued, Reason, Refusal, lifetime, message, origin, signed, tags,
};
use jiff::Timestamp;
use serde_json::json;
use stagedoor_audit::Kind;
use stagedoor_config::Role;
use stagedoor_policy::{Context, Kind as PolicyKind, Outcome, Request};
use stagedoor_session::{HttpRequest, Lineage, MAX_ANCESTORS, Session, SessionKind};
use std::sync::Arc;

const ACTION: &str = "sts:AssumeRole";

impl Authority {
    /// Gives the session that signed `request` a session of another role (role chaining). The role's trust policy must
    /// allow it and, where that names the account only, the caller's own policies as well.
    ///
    /// # Errors
    /// A recorded refusal. An unknown role and one that may not be assumed look the same to the caller.
    pub async fn assume_role(
        &self,
        asked: AssumeRole,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<Issued, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, ACTION, caller);
        requested(&mut attempt, &asked);
        let (mut attempt, session, now) = self.signed(attempt, request).await?;
        origin::target(&mut attempt, &asked.role_arn);
        match judge(&mut attempt, &asked, &session, caller, now) {
            Ok(grant) => self.issue(attempt, grant).await,
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }
}

/// Notes what was asked for.
fn requested(attempt: &mut Attempt<'_>, asked: &AssumeRole) {
    attempt.parameter("roleArn", asked.role_arn.as_str());
    attempt.parameter("roleSessionName", asked.session_name.as_str());
    if let Some(duration) = asked.duration {
        attempt.parameter("durationSeconds", duration.as_secs());
    }
    if let Some(policy) = &asked.policy {
        attempt.parameter("policy", policy.as_str());
    }
    if !asked.policy_arns.is_empty() {
        attempt.parameter("policyArns", asked.policy_arns.clone());
    }
    if let Some(external_id) = &asked.external_id {
        attempt.parameter("externalId", external_id.as_str());
    }
    if !asked.tags.is_empty() {
        let tags: Vec<_> =
            asked.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        attempt.parameter("tags", tags);
    }
    if !asked.transitive_tag_keys.is_empty() {
        attempt.parameter("transitiveTagKeys", asked.transitive_tag_keys.clone());
    }
    if let Some(source_identity) = &asked.source_identity {
        attempt.parameter("sourceIdentity", source_identity.as_str());
    }
    origin::target(attempt, &asked.role_arn);
}

fn judge(
    attempt: &mut Attempt<'_>,
    asked: &AssumeRole,
    from: &Session,
    caller: &Caller,
    now: Timestamp,
) -> Result<Grant, No> {
    let denied = || message::denied(&from.arn(), ACTION, &asked.role_arn);
    if from.kind == SessionKind::FederatedUser {
        let detail = "a federated user may call no operation of STS but GetCallerIdentity";
        return Err(No::new(Reason::SessionCannotCall, denied(), detail));
    }
    if from.actor.is_some() {
        let detail =
            "the calling session has an actor, whose rights a session of another role would leave behind";
        return Err(No::new(Reason::SessionCannotCall, denied(), detail));
    }
    if asked.device_code {
        let public = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        let detail = "the request names a device (`SerialNumber`, `TokenCode`), and no session has one";
        return Err(No::new(Reason::DeviceUnknown, public, detail));
    }
    check_name(&asked.session_name, 64)?;
    let wishes = wishes(asked, from)?;

    let snapshot = Arc::clone(&attempt.snapshot);
    let Some(role) = snapshot.roles.by_arn(&asked.role_arn) else {
        let detail = format!("no role has the ARN `{}`", asked.role_arn);
        return Err(No::new(Reason::RoleUnknown, denied(), detail));
    };
    attempt.record.stagedoor.role = Some(role.name.clone());
    let mut context = signed::context_of(Context::new(), attempt, from, caller, now)?;
    context::of_wishes(&mut context, &asked.session_name, &wishes);
    if let Some(external_id) = &asked.external_id {
        context.insert("sts:ExternalId", external_id.as_str());
    }
    for (key, value) in &role.tags {
        context.insert(format!("aws:ResourceTag/{key}"), value.as_str());
        context.insert(format!("iam:ResourceTag/{key}"), value.as_str());
    }
    trusted(attempt, role, from, context, &wishes)?;

    let lifetime = lifetime::of_chained(now, asked.duration, role.max_session)?;
    let policies = Asked { policy: asked.policy.as_deref(), arns: &asked.policy_arns };
    let narrowing = narrowing(&snapshot, &policies, &wishes.tags)?;
    let account = &snapshot.settings.account;
    let mut next = session(account, lifetime, role, asked.session_name.clone(), wishes, narrowing.policies)?;
    next.lineage = lineage(from)?;
    next.provenance.clone_from(&from.provenance);
    Ok(Grant { session: next, packed_policy_size: narrowing.packed_size })
}

/// The lineage of a session that `from` asks for.
pub(crate) fn lineage(from: &Session) -> Result<Lineage, No> {
    Lineage::of(from).ok_or_else(|| {
        let public = format!("A session can come from at most {MAX_ANCESTORS} others.");
        let detail = format!("the session `{}` comes from {MAX_ANCESTORS} others already", from.id);
        No::new(Reason::ChainTooLong, public, detail)
    })
}

/// What is to go into the new session: what is asked for, and what the caller's session hands down.
fn wishes(asked: &AssumeRole, from: &Session) -> Result<Wishes, No> {
    let tags = tags::asked(&asked.tags, &asked.transitive_tag_keys, from)?;
    let source_identity = match (&asked.source_identity, &from.source_identity) {
        (Some(wanted), Some(known)) if wanted != known => {
            let public = "The source identity of the calling session cannot be changed.";
            let detail = format!("the calling session's source identity is `{known}`, asked for `{wanted}`");
            return Err(No::new(Reason::SourceIdentityFixed, public, detail));
        }
        (Some(wanted), _) => {
            check_name(wanted, 64)?;
            Some(wanted.clone())
        }
        (None, known) => known.clone(),
    };
    Ok(Wishes { tags, source_identity, pinned: false })
}

/// Whether the role's trust policy and the caller's own policies allow all that the new session brings along.
fn trusted(
    attempt: &mut Attempt<'_>,
    role: &Role,
    from: &Session,
    context: Context,
    wishes: &Wishes,
) -> Result<(), No> {
    let snapshot = Arc::clone(&attempt.snapshot);
    let callers = snapshot.roles.by_arn(&from.role_arn).ok_or_else(signed::role_gone)?;
    let rights = Rights::of(&snapshot, callers, from)
        .map_err(|detail| {
            No::new(Reason::AssumeNotGranted, message::denied(&from.arn(), ACTION, &role.arn), detail)
        })?
        .trusted_by(role);
    let mut request = Request {
        principal: signed::principal(from),
        action: String::new(),
        resource: Some(role.arn.clone()),
        resource_account: Some(snapshot.settings.account.clone()),
        context,
    };
    let steps = [
        (true, ACTION, None),
        (!wishes.tags.tags.is_empty(), "sts:TagSession", Some(Reason::TagSessionNotGranted)),
        (wishes.source_identity.is_some(), "sts:SetSourceIdentity", Some(Reason::SourceIdentityNotGranted)),
    ];
    for (_, action, reason) in steps.into_iter().filter(|(wanted, ..)| *wanted) {
        request.action = action.to_owned();
        let (decision, why) = rights.judge(&request);
        if reason.is_none() || !decision.is_allow() {
            attempt.decided_by(&decision);
        }
        if decision.is_allow() {
            continue;
        }
        let by_trust = decision.kind == Some(PolicyKind::Trust);
        let reason = reason.unwrap_or(match (by_trust, decision.outcome) {
            (true, Outcome::ExplicitDeny) => Reason::TrustDenied,
            (true, _) => Reason::TrustNotGranted,
            (false, Outcome::ExplicitDeny) => Reason::AssumeDenied,
            (false, _) => Reason::AssumeNotGranted,
        });
        let public = message::denied(&from.arn(), action, &role.arn);
        return Err(No::new(reason, public, why.unwrap_or_default()));
    }
    Ok(())
}
