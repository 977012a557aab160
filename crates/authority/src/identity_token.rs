//! `GetWebIdentityToken`: a token of our own issuer, by which a session proves to others who it is.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::authorize::{allowed, unauthenticated};
use crate::{Access, Authority, Caller, Reason, Refusal, message, origin};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use stagedoor_audit::{Kind, Recorded};
use stagedoor_policy::Context;
use stagedoor_session::{Authenticated, Session, SessionRefusal, SigningAlgorithm, SigningKeyError};
use std::collections::BTreeMap;
use std::time::Duration;

const ACTION: &str = "sts:GetWebIdentityToken";
const TAG_ACTION: &str = "sts:TagGetWebIdentityToken";

/// The shortest, usual and longest life of a token, in seconds.
const LIFE: (u64, u64, u64) = (60, 300, 3600);

/// The most audiences of a token, and the longest, in characters.
const AUDIENCES: (usize, usize) = (10, 1000);

/// The parameters of `GetWebIdentityToken`.
#[derive(Debug, Clone)]
pub struct IdentityTokenRequest {
    /// Whom the token is to be shown to: 1 to 10 texts of 1 to 1,000 characters.
    pub audiences: Vec<String>,
    /// How long it is to be good: 1 to 60 minutes, 5 if absent; never longer than the session.
    pub duration: Option<Duration>,
    /// How it is to be signed.
    pub algorithm: SigningAlgorithm,
    /// Tags that the caller adds, told apart from those of the session.
    pub tags: BTreeMap<String, String>,
}

/// The answer of `GetWebIdentityToken`.
#[derive(Debug)]
pub struct IdentityToken {
    /// The token, a compact JWS.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From when it is good.
    pub issued_at: Timestamp,
    /// The id of the record, which is also the token's `jti`.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}

/// A decision to sign: what is to be signed.
struct Statement {
    claims: Map<String, Value>,
    algorithm: SigningAlgorithm,
    issued_at: Timestamp,
    expires_at: Timestamp,
    decision_id: String,
}

impl Authority {
    /// Signs a token of our own issuer for the session that a caller has proven to hold, if its role's policies allow
    /// `sts:GetWebIdentityToken` for these audiences. `proof` is what came of
    /// [`authenticate`](Authority::authenticate), `door` the name of the door that asks.
    ///
    /// The decision's record is on disk before the token exists.
    ///
    /// # Errors
    /// A recorded refusal.
    pub async fn identity_token(
        &self,
        proof: Result<Authenticated, SessionRefusal>,
        request: IdentityTokenRequest,
        door: &str,
        caller: &Caller,
    ) -> Result<IdentityToken, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, ACTION, caller);
        attempt.record.stagedoor.gate = Some(door.to_owned());
        let session = match proof {
            Ok(authenticated) => authenticated.session,
            Err(refusal) => return Err(unauthenticated(attempt, &refusal).await),
        };
        origin::session(&mut attempt, &session);
        asked(&mut attempt, &request);
        let statement = match judge(&mut attempt, &session, &request, door, caller) {
            Ok(statement) => statement,
            Err(no) => return Err(attempt.refuse_for(no).await),
        };
        let failed = attempt.again();
        let recorded = attempt.allow(statement).await?;
        match sign(self, recorded) {
            Ok(token) => Ok(token),
            Err(error) => {
                Err(failed.refuse(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()).await)
            }
        }
    }
}

/// Signs what a recorded decision says. There is no other way.
fn sign(authority: &Authority, recorded: Recorded<Statement>) -> Result<IdentityToken, SigningKeyError> {
    let receipt = recorded.receipt().index;
    let Statement { claims, algorithm, issued_at, expires_at, decision_id } = recorded.into_value();
    let token = authority.signing.load().sign(algorithm, "JWT", &claims, issued_at)?;
    Ok(IdentityToken { token: token.into(), expires_at, issued_at, decision_id, receipt })
}

fn asked(attempt: &mut Attempt<'_>, request: &IdentityTokenRequest) {
    attempt.parameter("audience", request.audiences.clone());
    attempt.parameter("signingAlgorithm", request.algorithm.name());
    if let Some(duration) = request.duration {
        attempt.parameter("durationSeconds", duration.as_secs());
    }
    if !request.tags.is_empty() {
        attempt.parameter("tags", json!(request.tags));
    }
}

fn judge(
    attempt: &mut Attempt<'_>,
    session: &Session,
    request: &IdentityTokenRequest,
    door: &str,
    caller: &Caller,
) -> Result<Statement, No> {
    let now = attempt.now().map_err(|trouble| No::new(Reason::ClockUnusable, message::NO_CLOCK, trouble))?;
    let seconds = checked(request)?;
    let mut context = Context::new();
    context.insert("sts:IdentityTokenAudience", request.audiences.clone());
    context.insert("sts:SigningAlgorithm", request.algorithm.name());
    context.insert("sts:DurationSeconds", seconds.to_string());
    for (key, value) in &request.tags {
        context.insert(format!("aws:RequestTag/{key}"), value.as_str());
    }
    let further = if request.tags.is_empty() {
        None
    } else {
        context.insert("aws:TagKeys", request.tags.keys().cloned().collect::<Vec<_>>());
        Some(TAG_ACTION)
    };
    let access = |action: &str| Access {
        gate: door.to_owned(),
        action: action.to_owned(),
        resource: "*".to_owned(),
        context: context.clone(),
    };
    if let Some(action) = further {
        allowed(attempt, session, &access(action), caller)?;
    }
    allowed(attempt, session, &access(ACTION), caller)?;

    let asked = i64::try_from(seconds).map_err(|_| too_long())?;
    let ends = now.as_second().saturating_add(asked).min(session.expires_at.as_second());
    let expires_at = Timestamp::from_second(ends).map_err(|_| too_long())?;
    let decision_id = attempt.id().to_owned();
    let claims = claims(attempt, session, request, (now, expires_at), &decision_id);
    let mut elements = Map::new();
    for name in ["iss", "sub", "exp", "jti"] {
        elements.extend(claims.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    attempt.record.response_elements.insert("webIdentityToken".to_owned(), Value::Object(elements));
    Ok(Statement { claims, algorithm: request.algorithm, issued_at: now, expires_at, decision_id })
}

/// What a door has checked already, and what no door may forget. Answers the life asked for, in seconds.
fn checked(request: &IdentityTokenRequest) -> Result<u64, No> {
    let (most, longest) = AUDIENCES;
    let count = request.audiences.len();
    let fits = |audience: &String| (1..=longest).contains(&audience.chars().count());
    if !(1..=most).contains(&count) || !request.audiences.iter().all(fits) {
        let public = format!("1 to {most} audiences of 1 to {longest} characters are needed.");
        return Err(No::new(Reason::RequestInvalid, public.clone(), public));
    }
    let (least, usual, most) = LIFE;
    let seconds = request.duration.map_or(usual, |duration| duration.as_secs());
    if (least..=most).contains(&seconds) { Ok(seconds) } else { Err(too_long()) }
}

fn too_long() -> No {
    let (least, _, most) = LIFE;
    let public = format!("The token can be good for {least} to {most} seconds.");
    No::new(Reason::RequestInvalid, public.clone(), public)
}

/// The claims: OpenID Connect's own, those that AWS STS obeys, and where the session came from.
fn claims(
    attempt: &Attempt<'_>,
    session: &Session,
    request: &IdentityTokenRequest,
    (issued_at, expires_at): (Timestamp, Timestamp),
    id: &str,
) -> Map<String, Value> {
    let snapshot = &attempt.snapshot;
    let audience = match request.audiences.as_slice() {
        [only] => json!(only),
        several => json!(several),
    };
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(snapshot.settings.public_url));
    put("sub", json!(session.subject()));
    put("aud", audience);
    put("iat", json!(issued_at.as_second()));
    put("nbf", json!(issued_at.as_second()));
    put("exp", json!(expires_at.as_second()));
    put("jti", json!(id));
    put("account", json!(session.account));
    put("role", json!(session.role));
    put("session_name", json!(session.session_name));
    for name in
        ["provider", "repository", "ref", "commit", "run", "job", "environment", "pull_request", "actor"]
    {
        if let Some(value) = session.provenance.get(name) {
            put(name, json!(value));
        }
    }
    if let Some(act) = session.act() {
        put("act", act);
    }
    if let Some(source_identity) = &session.source_identity {
        put("https://aws.amazon.com/source_identity", json!(source_identity));
    }
    if !session.tags.is_empty() {
        let tags: BTreeMap<_, _> = session.tags.iter().map(|(key, value)| (key, [value])).collect();
        let tags = json!({ "principal_tags": tags, "transitive_tag_keys": session.transitive_tags });
        put("https://aws.amazon.com/tags", tags);
    }
    let roles = snapshot.roles.by_arn(&session.role_arn).map(|role| &role.identity_token_roles);
    if let Some(roles) = roles.filter(|roles| !roles.is_empty()) {
        put("https://aws.amazon.com/roles", json!(roles));
    }
    if !request.tags.is_empty() {
        put("request_tags", json!(request.tags));
    }
    claims
}
