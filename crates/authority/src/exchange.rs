//! Token exchange (RFC 8693): a role assumed with a token, or a session of ours, narrowed to gates and to what an actor
//! may do as well.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::authorize::{living, unauthenticated};
use crate::{AssumeWithWebIdentity, Authority, Caller, Reason, Refusal, message, origin};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use stagedoor_audit::Kind;
use stagedoor_config::Snapshot;
use stagedoor_identity::Claims;
use stagedoor_session::{
    AccessTokens, Authenticated, Credentials, Lineage, MAX_ACTORS, Session, SessionKind, SessionRefusal,
    random_access_key_id,
};

const ACTION: &str = "stagedoor:ExchangeToken";

/// What a session is to be narrowed to.
#[derive(Debug, Default)]
pub struct Delegation {
    /// What came of authenticating who acts for the subject, if anybody does.
    pub actor: Option<Result<Authenticated, SessionRefusal>>,
    /// The gates that the session is to be good at, each as `urn:stagedoor:gate:<name>`, as its
    /// `arn:aws:execute-api:<region>:<account>:<name>` or as the URL that it listens on; all if empty.
    pub resources: Vec<String>,
}

impl Delegation {
    /// Whether nothing is narrowed.
    pub fn is_empty(&self) -> bool {
        self.actor.is_none() && self.resources.is_empty()
    }
}

/// Credentials that came of an exchange.
#[derive(Debug)]
pub struct Exchanged {
    /// What to sign with, or to show as a bearer.
    pub credentials: Credentials,
    /// What the credentials stand for.
    pub session: Session,
    /// The id of the record.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}

impl Authority {
    /// Whether a token is one of our own access tokens, opaque or JWT, by its look: nothing is verified.
    pub fn is_ours(&self, token: &str) -> bool {
        if !token.contains('.') {
            return true;
        }
        let snapshot = self.snapshot();
        Claims::decode_unverified(token).is_ok_and(|(header, claims)| {
            claims.issuer() == Some(&snapshot.settings.public_url)
                && header.media_type().is_ok_and(|typ| typ == Some("at+jwt"))
        })
    }

    /// Assumes a role with a token and narrows the session, by a record of its own, if `delegation` asks for it. A
    /// token that names who may act for it (`may_act`, RFC 8693 §4.4) can be narrowed to no other actor.
    ///
    /// # Errors
    /// A recorded refusal.
    pub async fn exchange(
        &self,
        request: AssumeWithWebIdentity,
        delegation: Delegation,
        door: &str,
        caller: &Caller,
    ) -> Result<Exchanged, Refusal> {
        let token = request.token.clone();
        let assumed = self.assume_role_with_web_identity(request, caller).await?;
        if delegation.is_empty() {
            let (credentials, session) = (assumed.credentials, assumed.session);
            let (decision_id, receipt) = (assumed.decision_id, assumed.receipt);
            return Ok(Exchanged { credentials, session, decision_id, receipt });
        }
        // Its signature was verified for the role just assumed.
        let claims = Claims::decode_unverified(token.expose_secret()).ok();
        let may_act = claims.and_then(|(_, claims)| claims.get("may_act").cloned());
        self.narrow(assumed.session, may_act, delegation, door, caller).await
    }

    /// Narrows the session behind one of our own access tokens. Its end stays.
    ///
    /// # Errors
    /// A recorded refusal.
    pub async fn derive(
        &self,
        proof: Result<Authenticated, SessionRefusal>,
        delegation: Delegation,
        door: &str,
        caller: &Caller,
    ) -> Result<Exchanged, Refusal> {
        match proof {
            Ok(authenticated) => self.narrow(authenticated.session, None, delegation, door, caller).await,
            Err(refusal) => {
                Err(unauthenticated(Attempt::of(self, Kind::Assume, ACTION, caller), &refusal).await)
            }
        }
    }

    async fn narrow(
        &self,
        subject: Session,
        may_act: Option<Value>,
        delegation: Delegation,
        door: &str,
        caller: &Caller,
    ) -> Result<Exchanged, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, ACTION, caller);
        origin::session(&mut attempt, &subject);
        attempt.record.stagedoor.gate = Some(door.to_owned());
        if !delegation.resources.is_empty() {
            attempt.parameter("resource", delegation.resources.clone());
        }
        let Delegation { actor, resources } = delegation;
        let actor = match actor.transpose() {
            Ok(actor) => actor.map(|authenticated| authenticated.session),
            Err(refusal) => return Err(unauthenticated(attempt, &refusal).await),
        };
        if let Some(actor) = &actor {
            attempt.parameter("actor", json!({ "accessKeyId": actor.id, "arn": actor.arn() }));
        }
        let session = match judge(&mut attempt, subject, may_act, actor, &resources) {
            Ok(session) => session,
            Err(no) => return Err(attempt.refuse_for(no).await),
        };
        attempt.record.stagedoor.session = Some(session.id.clone());
        attempt.record.stagedoor.parent = session.parent().map(str::to_owned);
        let mut elements = Map::new();
        elements.insert("accessKeyId".to_owned(), json!(session.id));
        elements.insert("expiration".to_owned(), json!(session.expires_at.as_second()));
        attempt.record.response_elements.insert("credentials".to_owned(), Value::Object(elements));
        let (failed, decision_id) = (attempt.again(), attempt.id().to_owned());
        let recorded = attempt.allow(session).await?;
        let receipt = recorded.receipt().index;
        let mut session = recorded.into_value();
        session.receipt = Some(receipt);
        match self.keyring.load().seal(&session) {
            Ok(credentials) => Ok(Exchanged { credentials, session, decision_id, receipt }),
            Err(error) => {
                Err(failed.refuse(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()).await)
            }
        }
    }

    /// The credentials of an exchange as an access token in the JWT profile (RFC 9068), for the gates named by
    /// `resources`, or all. `client` is whoever asked.
    ///
    /// # Errors
    /// A recorded refusal when it cannot be signed or would not fit into a request.
    pub async fn access_token(
        &self,
        exchanged: &Exchanged,
        resources: &[String],
        client: &str,
        caller: &Caller,
    ) -> Result<SecretString, Refusal> {
        let (snapshot, signing) = (self.snapshot(), self.signing.load_full());
        let access_tokens = AccessTokens { keys: &signing, issuer: &snapshot.settings.public_url };
        let audience = match resources {
            [] => std::slice::from_ref(&snapshot.settings.public_url),
            named => named,
        };
        let Exchanged { session, credentials, .. } = exchanged;
        match access_tokens.issue(session, credentials, audience, client, self.now()) {
            Ok(token) => Ok(token),
            Err(error) => {
                let mut attempt = Attempt::of(self, Kind::Assume, ACTION, caller);
                origin::session(&mut attempt, session);
                Err(attempt.refuse(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()).await)
            }
        }
    }
}

/// The narrowed session: never more, never longer than the subject's and the actor's.
fn judge(
    attempt: &mut Attempt<'_>,
    subject: Session,
    may_act: Option<Value>,
    actor: Option<Session>,
    resources: &[String],
) -> Result<Session, No> {
    let now = living(attempt, &subject)?;
    let mut gates = resources
        .iter()
        .map(|resource| gate(&attempt.snapshot, resource))
        .collect::<Result<Vec<String>, No>>()?;
    if gates.is_empty() {
        gates.clone_from(&subject.gates);
    } else if !subject.gates.is_empty()
        && let Some(other) = gates.iter().find(|name| !subject.gates.contains(name))
    {
        let public = "The credential was made for another service.";
        let detail =
            format!("the session is good at `{}` only, not at `{other}`", subject.gates.join("`, `"));
        return Err(No::new(Reason::GateNotInSession, public, detail));
    }
    let mut expires_at = subject.expires_at;
    let mut acting = subject.actor.clone();
    if let Some(actor) = actor {
        living(attempt, &actor)?;
        may_act_for(&subject, may_act.as_ref(), &actor, &attempt.snapshot.settings.public_url)?;
        expires_at = expires_at.min(actor.expires_at);
        acting = Some(Box::new(in_front(actor, acting)));
    }
    let lineage = Lineage::of(&subject)
        .ok_or_else(|| {
            let public = "The session was made from too many others.";
            No::new(Reason::RequestInvalid, public, public)
        })
        .map(|lineage| Lineage { policies: subject.lineage.policies.clone(), ..lineage })?;
    let id = random_access_key_id()
        .map_err(|error| No::new(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()))?;
    let kind = match subject.kind {
        SessionKind::AssumedRole => SessionKind::SessionToken,
        kind => kind,
    };
    let session = Session {
        id,
        kind,
        issued_at: now,
        expires_at,
        lineage,
        actor: acting,
        gates,
        receipt: None,
        ..subject
    };
    let actors = session.actors().take(MAX_ACTORS + 1).count();
    if actors > MAX_ACTORS {
        let public = format!("At most {MAX_ACTORS} may act for each other.");
        return Err(No::new(Reason::RequestInvalid, public.clone(), public));
    }
    Ok(session)
}

/// Puts an actor in front of those who acted before it (RFC 8693 §4.1): all of them go on limiting the session.
fn in_front(mut actor: Session, before: Option<Box<Session>>) -> Session {
    actor.actor = match actor.actor.take() {
        Some(further) => Some(Box::new(in_front(*further, before))),
        None => before,
    };
    actor
}

/// The gate that a resource names.
fn gate(snapshot: &Snapshot, resource: &str) -> Result<String, No> {
    let settings = &snapshot.settings;
    let arn = format!("arn:aws:execute-api:{}:{}:", settings.region, settings.account);
    let named = |name: &str, listen: std::net::SocketAddr| {
        resource.strip_prefix("urn:stagedoor:gate:") == Some(name)
            || resource.strip_prefix(arn.as_str()) == Some(name)
            || ["http", "https"]
                .iter()
                .any(|scheme| resource.trim_end_matches('/') == format!("{scheme}://{listen}"))
    };
    let found = snapshot.gates.iter().find(|gate| named(&gate.name, gate.listen));
    found.map(|gate| gate.name.clone()).ok_or_else(|| {
        let detail = format!("`{resource}` names no gate; write `urn:stagedoor:gate:<name>`");
        No::new(Reason::TargetUnknown, "The resource is not known here.", detail)
    })
}

/// Whether the subject's token lets this actor act for it. Without `may_act` it lets anybody, who then has no more than
/// both.
fn may_act_for(subject: &Session, may_act: Option<&Value>, actor: &Session, our_url: &str) -> Result<(), No> {
    let Some(named) = may_act else { return Ok(()) };
    let refused = |detail: String| {
        Err(No::new(Reason::ActorNotNamed, "The subject's token does not let this actor act for it.", detail))
    };
    let Some(members) =
        named.as_object().filter(|object| object.keys().all(|key| key == "iss" || key == "sub"))
    else {
        return refused(
            "`may_act` has members other than `iss` and `sub`, which cannot be judged".to_owned(),
        );
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let issuer = if members.contains_key("iss") {
        text("iss")
    } else {
        subject.root().map(|federation| federation.issuer.as_str())
    };
    let (Some(issuer), Some(sub)) = (issuer, text("sub")) else {
        return refused("`may_act` does not name a subject and its issuer".to_owned());
    };
    let own = actor.subject();
    let theirs = actor.root().map(|root| (root.issuer.as_str(), root.subject.as_str()));
    if theirs == Some((issuer, sub)) || (our_url, own.as_str()) == (issuer, sub) {
        return Ok(());
    }
    refused(format!("`may_act` names `{sub}` of `{issuer}`, the actor is {}", actor.arn()))
}
