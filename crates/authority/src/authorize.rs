//! What a session may do at a gate.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::{Authority, Caller, Reason, Refusal, message, origin, signed};
use jiff::Timestamp;
use stagedoor_audit::{Kind, Resource};
use stagedoor_policy::Context;
use stagedoor_session::{AccessTokens, Authenticated, Expected, HttpRequest, Session, SessionRefusal};

/// What a gate is asked to let through.
#[derive(Debug, Clone)]
pub struct Access {
    /// The gate's name.
    pub gate: String,
    /// The action in AWS's words, such as `execute-api:Invoke`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// The condition keys that only the gate knows. Keys that the authority knows win over them.
    pub context: Context,
}

/// The proof that an access was allowed and recorded. Only [`Authority::authorize`] makes one.
#[derive(Debug)]
pub struct Permitted {
    session: Session,
    receipt: u64,
    decision_id: String,
}

impl Permitted {
    /// Who was let through.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The record's index in the log.
    pub fn receipt(&self) -> u64 {
        self.receipt
    }

    /// The record's id.
    pub fn decision_id(&self) -> &str {
        &self.decision_id
    }
}

impl Authority {
    /// Finds the session behind a request. Records nothing: a failure goes to
    /// [`refuse_unauthenticated`](Authority::refuse_unauthenticated), a success to
    /// [`authorize`](Authority::authorize).
    ///
    /// # Errors
    /// Why the request proves no session.
    pub fn authenticate(
        &self,
        request: &HttpRequest<'_>,
        expected: &Expected<'_>,
    ) -> Result<Authenticated, SessionRefusal> {
        let (snapshot, signing) = (self.snapshot(), self.signing.load());
        let access_tokens = AccessTokens { keys: &signing, issuer: &snapshot.settings.public_url };
        self.keyring.load().authenticate_with(request, expected, Some(&access_tokens), self.now())
    }

    /// Finds the session behind a bearer token that did not come in a header: a session token or an access token.
    /// Records nothing.
    ///
    /// # Errors
    /// Why the token proves no session.
    pub fn authenticate_bearer(&self, token: &str) -> Result<Authenticated, SessionRefusal> {
        let (snapshot, signing) = (self.snapshot(), self.signing.load());
        let access_tokens = AccessTokens { keys: &signing, issuer: &snapshot.settings.public_url };
        self.keyring.load().authenticate_bearer(token, Some(&access_tokens), self.now())
    }

    /// Decides whether a session may do something, by the present snapshot: the role's policies, its boundary and
    /// the session's own policies together. The record is on disk before this returns.
    ///
    /// # Errors
    /// A recorded refusal.
    pub async fn authorize(
        &self,
        authenticated: &Authenticated,
        access: Access,
        caller: &Caller,
    ) -> Result<Permitted, Refusal> {
        let session = &authenticated.session;
        let mut attempt = Attempt::of(self, Kind::Use, &access.action, caller);
        sought(&mut attempt, &access);
        origin::session(&mut attempt, session);
        match allowed(&mut attempt, session, &access, caller) {
            Ok(()) => {
                let decision_id = attempt.id().to_owned();
                let recorded = attempt.allow(session.clone()).await?;
                let receipt = recorded.receipt().index;
                Ok(Permitted { session: recorded.into_value(), receipt, decision_id })
            }
            Err(no) => Err(attempt.refuse_for(no).await),
        }
    }

    /// Records that a request at a gate proved no session.
    pub async fn refuse_unauthenticated(
        &self,
        access: &Access,
        refusal: &SessionRefusal,
        caller: &Caller,
    ) -> Refusal {
        let mut attempt = Attempt::of(self, Kind::Use, &access.action, caller);
        sought(&mut attempt, access);
        unauthenticated(attempt, refusal).await
    }
}

impl Authority {
    /// Records that a request at `gate` could not be understood, so that nobody could say what it asks for.
    /// `detail` is shown to the caller as well: it may speak of nothing but the request.
    pub async fn refuse_malformed(&self, gate: &str, action: &str, detail: &str, caller: &Caller) -> Refusal {
        let mut attempt = Attempt::of(self, Kind::Use, action, caller);
        attempt.record.stagedoor.gate = Some(gate.to_owned());
        attempt.refuse(Reason::RequestInvalid, detail, detail).await
    }
}

/// Ends an attempt whose caller proved no session.
pub(crate) async fn unauthenticated(mut attempt: Attempt<'_>, refusal: &SessionRefusal) -> Refusal {
    attempt.record.stagedoor.session = refusal.session_id().map(str::to_owned);
    let reason = Reason::from_code(refusal.code()).unwrap_or(Reason::CredentialsRefused);
    attempt.refuse(reason, message::session(refusal), refusal.to_string()).await
}

/// The time to judge a session by, and its role, if both still stand.
pub(crate) fn living(attempt: &mut Attempt<'_>, session: &Session) -> Result<Timestamp, No> {
    let now = attempt.now().map_err(|trouble| No::new(Reason::ClockUnusable, message::NO_CLOCK, trouble))?;
    if session.expires_at <= now {
        let detail = format!("the session ended at {}", session.expires_at);
        return Err(No::new(Reason::SessionExpired, message::SESSION_EXPIRED, detail));
    }
    attempt.revoked(session)?;
    if attempt.snapshot.roles.by_arn(&session.role_arn).is_none() {
        let detail = format!("no role has the ARN `{}` any more", session.role_arn);
        return Err(No::new(Reason::RoleRemoved, message::SESSION_INVALID, detail));
    }
    Ok(now)
}

fn sought(attempt: &mut Attempt<'_>, access: &Access) {
    attempt.record.stagedoor.gate = Some(access.gate.clone());
    attempt.record.stagedoor.resource = Some(access.resource.clone());
    attempt.record.resources.push(Resource { arn: access.resource.clone(), ..Resource::default() });
}

/// Whether a session may do something: it, and everybody who acts for its holder.
pub(crate) fn allowed(
    attempt: &mut Attempt<'_>,
    session: &Session,
    access: &Access,
    caller: &Caller,
) -> Result<(), No> {
    made_for(session, &access.gate)?;
    for actor in session.actors() {
        made_for(actor, &access.gate)?;
        let mut context = access.context.clone();
        context.insert("stagedoor:OnBehalfOfArn", session.role_arn.as_str());
        may(attempt, actor, context, access, caller).map_err(|no| of_actor(actor, no))?;
    }
    let mut context = access.context.clone();
    if let Some(actor) = &session.actor {
        context.insert("stagedoor:ActorArn", actor.role_arn.as_str());
    }
    may(attempt, session, context, access, caller)
}

/// Whether the session is good at this gate or door at all.
pub(crate) fn made_for(session: &Session, gate: &str) -> Result<(), No> {
    if session.gates.is_empty() || session.gates.iter().any(|name| name == gate) {
        return Ok(());
    }
    let public = "The credential was made for another service.";
    let detail = format!("the session is good at `{}` only, not at `{gate}`", session.gates.join("`, `"));
    Err(No::new(Reason::GateNotInSession, public, detail))
}

fn of_actor(actor: &Session, no: No) -> No {
    No { detail: format!("the actor {} may not: {}", actor.arn(), no.detail), ..no }
}

/// Whether one session alone may do something.
fn may(
    attempt: &mut Attempt<'_>,
    session: &Session,
    context: Context,
    access: &Access,
    caller: &Caller,
) -> Result<(), No> {
    let now = living(attempt, session)?;
    let context = signed::context_of(context, attempt, session, caller, now)?;
    signed::allowed(attempt, session, &access.action, &access.resource, context)
}
