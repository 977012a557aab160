//! `GetSessionToken` and `GetFederationToken`: credentials that are made from a session and never exceed it.
//!
//! AWS gives them to users with long-lived keys. There are none here: the session that a token was exchanged for
//! takes their place.

use crate::assume::{No, check_name};
use crate::assume_role::lineage;
use crate::attempt::Attempt;
use crate::context::Wishes;
use crate::grant::Grant;
use crate::policies::{Asked, narrowing};
use crate::{
    Authority, Caller, FederationToken, Issued, Reason, Refusal, authorize, context, lifetime, message,
    signed, tags,
};
use jiff::Timestamp;
use serde_json::json;
use stagedoor_audit::{Kind, Resource};
use stagedoor_policy::Context;
use stagedoor_session::{HttpRequest, Session, SessionKind, random_access_key_id};
use std::sync::Arc;
use std::time::Duration;

/// What a federated user may do for whom no policy was passed.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

impl Authority {
    /// Gives the session that signed `request` a second set of credentials for the same rights, which end no later. No
    /// permission is needed.
    ///
    /// # Errors
    /// A recorded refusal, also when the session was itself made by this operation or by `GetFederationToken`.
    pub async fn session_token(
        &self,
        duration: Option<Duration>,
        device_code: bool,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<Issued, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, "sts:GetSessionToken", caller);
        if let Some(duration) = duration {
            attempt.parameter("durationSeconds", duration.as_secs());
        }
        let (attempt, session, now) = self.signed(attempt, request).await?;
        match again(&session, duration, device_code, now) {
            Ok(grant) => self.issue(attempt, grant).await,
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }

    /// Gives the session that signed `request` credentials for a user it vouches for. The user may do what both the
    /// session and the policies passed along allow: nothing, when none are passed. The caller needs
    /// `sts:GetFederationToken` on the user's ARN.
    ///
    /// # Errors
    /// A recorded refusal, also when the session was itself made by this operation or by `GetSessionToken`.
    pub async fn federation_token(
        &self,
        asked: FederationToken,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<Issued, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, "sts:GetFederationToken", caller);
        requested(&mut attempt, &asked);
        let (mut attempt, session, now) = self.signed(attempt, request).await?;
        match vouched(&mut attempt, &asked, &session, caller, now) {
            Ok(grant) => self.issue(attempt, grant).await,
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }
}

fn requested(attempt: &mut Attempt<'_>, asked: &FederationToken) {
    attempt.parameter("name", asked.name.as_str());
    if let Some(duration) = asked.duration {
        attempt.parameter("durationSeconds", duration.as_secs());
    }
    if let Some(policy) = &asked.policy {
        attempt.parameter("policy", policy.as_str());
    }
    if !asked.policy_arns.is_empty() {
        attempt.parameter("policyArns", asked.policy_arns.clone());
    }
    if !asked.tags.is_empty() {
        let tags: Vec<_> =
            asked.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        attempt.parameter("tags", tags);
    }
}

/// Only a session that came from a role may be multiplied, or else it could be for ever.
fn check_kind(from: &Session, operation: &str) -> Result<(), No> {
    if from.kind == SessionKind::AssumedRole {
        return Ok(());
    }
    let public = format!("Cannot call {operation} with session credentials");
    let detail = "the calling session was itself made by GetSessionToken or GetFederationToken";
    Err(No::new(Reason::SessionCannotCall, public, detail))
}

fn again(from: &Session, duration: Option<Duration>, device_code: bool, now: Timestamp) -> Result<Grant, No> {
    check_kind(from, "GetSessionToken")?;
    if device_code {
        let public = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        let detail = "the request names a device (`SerialNumber`, `TokenCode`), and no session has one";
        return Err(No::new(Reason::DeviceUnknown, public, detail));
    }
    let session = derived(from, SessionKind::SessionToken, duration, now)?;
    Ok(Grant { session, packed_policy_size: None })
}

fn vouched(
    attempt: &mut Attempt<'_>,
    asked: &FederationToken,
    from: &Session,
    caller: &Caller,
    now: Timestamp,
) -> Result<Grant, No> {
    check_kind(from, "GetFederationToken")?;
    check_name(&asked.name, 32)?;
    let tags = tags::asked(&asked.tags, &[], from)?;
    let mut session = derived(from, SessionKind::FederatedUser, asked.duration, now)?;
    session.session_name.clone_from(&asked.name);
    let arn = session.arn();
    attempt.record.stagedoor.resource = Some(arn.clone());
    attempt.record.resources.push(Resource { arn: arn.clone(), ..Resource::default() });

    let wishes = Wishes { tags, ..Wishes::default() };
    let mut context = Context::new();
    context::of_wishes(&mut context, &asked.name, &wishes);
    let tagging = (!wishes.tags.tags.is_empty()).then_some("sts:TagSession");
    for action in ["sts:GetFederationToken"].into_iter().chain(tagging) {
        authorize::allowed(attempt, from, &signed::access(action, &arn, context.clone()), caller)?;
    }

    let snapshot = Arc::clone(&attempt.snapshot);
    let policies = Asked { policy: asked.policy.as_deref(), arns: &asked.policy_arns };
    let narrowing = narrowing(&snapshot, &policies, &wishes.tags)?;
    session.lineage.policies.clone_from(&from.policies);
    session.policies = narrowing.policies;
    if session.policies.is_empty() {
        session.policies.push(NOTHING.to_owned());
    }
    session.transitive_tags = wishes.tags.transitive;
    session.tags.extend(wishes.tags.tags);
    Ok(Grant { session, packed_policy_size: narrowing.packed_size })
}

/// A session with the rights of `from`, its own id, and an end that is no later.
fn derived(
    from: &Session,
    kind: SessionKind,
    duration: Option<Duration>,
    now: Timestamp,
) -> Result<Session, No> {
    let lifetime = lifetime::within(now, duration, from.expires_at)?;
    let id = random_access_key_id()
        .map_err(|error| No::new(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()))?;
    Ok(Session {
        id,
        kind,
        issued_at: lifetime.issued_at,
        expires_at: lifetime.expires_at,
        federation: None,
        lineage: lineage(from)?,
        receipt: None,
        ..from.clone()
    })
}
