//! STS operations that are signed: whose session signed, and whether it still stands.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::authorize::{self, living, made_for, unauthenticated};
use crate::policies::Rights;
use crate::{Access, Answered, Authority, Caller, Reason, Refusal, context, message, origin};
use jiff::Timestamp;
use stagedoor_audit::{Kind, Resource};
use stagedoor_policy::{Context, Outcome, Principal, Request};
use stagedoor_session::{
    Authenticated, Expected, HttpRequest, Payload, Scheme, Session, SessionKind, SessionRefusal,
};
use std::sync::Arc;

/// The door that these operations come through.
const DOOR: &str = "sts";

impl Authority {
    /// Finds the session that signed a call of STS, whose `body` must be the hash of the body that came. Records
    /// nothing.
    ///
    /// # Errors
    /// Why the request proves no session, or leaves its body out of the signature.
    pub fn authenticate_whole(&self, request: &HttpRequest<'_>) -> Result<Authenticated, SessionRefusal> {
        let expected = Expected { region: None, services: &["sts"], s3: false };
        self.authenticate(request, &expected).and_then(signed_whole)
    }

    /// The session that signed `request`, whose `body` must be the hash of the body that came.
    pub(crate) async fn signed<'a>(
        &self,
        mut attempt: Attempt<'a>,
        request: &HttpRequest<'_>,
    ) -> Result<(Attempt<'a>, Session, Timestamp), Refusal> {
        attempt.record.stagedoor.gate = Some(DOOR.to_owned());
        let session = match self.authenticate_whole(request) {
            Ok(authenticated) => authenticated.session,
            Err(refusal) => return Err(unauthenticated(attempt, &refusal).await),
        };
        origin::session(&mut attempt, &session);
        match stands(&mut attempt, &session) {
            Ok(now) => Ok((attempt, session, now)),
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }

    /// Carries out an operation that needs a permission on every resource and gives out no credentials.
    pub(crate) async fn permitted<T>(
        &self,
        action: &'static str,
        request: &HttpRequest<'_>,
        caller: &Caller,
        carry_out: impl FnOnce(&mut Attempt<'_>, Timestamp) -> Result<T, No>,
    ) -> Result<Answered<T>, Refusal> {
        let attempt = Attempt::of(self, Kind::Use, action, caller);
        let (mut attempt, session, now) = self.signed(attempt, request).await?;
        attempt.record.stagedoor.resource = Some("*".to_owned());
        attempt.record.resources.push(Resource { arn: "*".to_owned(), ..Resource::default() });
        let access = access(action, "*", Context::new());
        let done = authorize::allowed(&mut attempt, &session, &access, caller)
            .and_then(|()| carry_out(&mut attempt, now));
        match done {
            Ok(value) => {
                let decision_id = attempt.id().to_owned();
                let recorded = attempt.allow(value).await?;
                let receipt = recorded.receipt().index;
                Ok(Answered { value: recorded.into_value(), decision_id, receipt })
            }
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }
}

/// The time, if the session and those who act for its holder are good at this door.
fn stands(attempt: &mut Attempt<'_>, session: &Session) -> Result<Timestamp, No> {
    for actor in session.actors() {
        made_for(actor, DOOR)?;
        living(attempt, actor)?;
    }
    made_for(session, DOOR)?;
    living(attempt, session)
}

/// The operation's name stands in the body, so a signature that leaves the body out proves too little.
fn signed_whole(authenticated: Authenticated) -> Result<Authenticated, SessionRefusal> {
    match (authenticated.scheme, &authenticated.payload) {
        (Scheme::Bearer, _) | (_, Payload::Hash(_)) => Ok(authenticated),
        _ => Err(SessionRefusal::PayloadUnsupported("UNSIGNED-PAYLOAD".to_owned())),
    }
}

/// What an operation of STS asks of policies.
pub(crate) fn access(action: &str, resource: &str, context: Context) -> Access {
    Access { gate: DOOR.to_owned(), action: action.to_owned(), resource: resource.to_owned(), context }
}

/// Who a session is in policies.
pub(crate) fn principal(session: &Session) -> Principal {
    match session.kind {
        SessionKind::FederatedUser => Principal::FederatedUser { arn: session.arn(), user_arn: None },
        SessionKind::AssumedRole | SessionKind::SessionToken => {
            Principal::AssumedRole { role_arn: session.role_arn.clone(), session_arn: session.arn() }
        }
    }
}

/// The condition keys of a call by a session, laid over `context`.
pub(crate) fn context_of(
    mut context: Context,
    attempt: &Attempt<'_>,
    session: &Session,
    caller: &Caller,
    now: Timestamp,
) -> Result<Context, No> {
    let snapshot = Arc::clone(&attempt.snapshot);
    let role = snapshot.roles.by_arn(&session.role_arn).ok_or_else(role_gone)?;
    context::of_request(&mut context, caller, now, &snapshot.settings.region);
    context::of_session(&mut context, session, &role.tags);
    Ok(context)
}

/// Whether the session's own policies allow an action under a context that is complete.
pub(crate) fn allowed(
    attempt: &mut Attempt<'_>,
    session: &Session,
    action: &str,
    resource: &str,
    context: Context,
) -> Result<(), No> {
    let snapshot = Arc::clone(&attempt.snapshot);
    let role = snapshot.roles.by_arn(&session.role_arn).ok_or_else(role_gone)?;
    let denied = |reason, detail| {
        let public = message::denied(&session.arn(), action, resource);
        No::new(reason, public, detail)
    };
    let request = Request {
        principal: principal(session),
        action: action.to_owned(),
        resource: Some(resource.to_owned()),
        resource_account: Some(snapshot.settings.account.clone()),
        context,
    };
    let rights = Rights::of(&snapshot, role, session)
        .map_err(|detail| denied(Reason::PermissionNotGranted, detail))?;
    let (decision, why) = rights.judge(&request);
    attempt.decided_by(&decision);
    let reason = match decision.outcome {
        Outcome::Allow => return Ok(()),
        Outcome::ImplicitDeny => Reason::PermissionNotGranted,
        Outcome::ExplicitDeny => Reason::PermissionDenied,
    };
    Err(denied(reason, why.unwrap_or_default()))
}

pub(crate) fn role_gone() -> No {
    No::new(Reason::RoleRemoved, message::SESSION_INVALID, "the session's role is gone")
}
