//! Token exchange (RFC 8693): a token of a configured issuer, or one of our own, against one of our own.
//!
//! `audience` names the role by its ARN; `resource` the gates that the new token is to be good at. Neither is copied
//! into a token before the authority has found what it names, or a policy has allowed it.

use super::error::OAuthError;
use super::success::Success;
use super::{DOOR, Form};
use crate::Door;
use axum::response::Response;
use secrecy::ExposeSecret as _;
use stagedoor_authority::{AssumeWithWebIdentity, Caller, Delegation, Exchanged, IdentityTokenRequest};
use stagedoor_session::{Authenticated, SessionRefusal, SigningAlgorithm};

pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The session's name where the client sends none in `session_name`.
const SESSION_NAME: &str = "token-exchange";

/// What a token is said to be, or wanted as (RFC 8693 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// Ours: opaque, good as a bearer. As a subject token also a JWT of another issuer.
    AccessToken,
    /// Ours: an access token in the JWT profile (RFC 9068). As a subject token any JWT.
    Jwt,
    /// An OpenID Connect ID token.
    IdToken,
}

impl TokenType {
    const ALL: [Self; 3] = [Self::AccessToken, Self::Jwt, Self::IdToken];

    pub(crate) const fn urn(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
        }
    }

    pub(crate) fn read(name: &'static str, value: &str) -> Result<Self, OAuthError> {
        Self::ALL.into_iter().find(|kind| kind.urn() == value).ok_or_else(|| {
            let urns = Self::ALL.map(Self::urn).join(", ");
            OAuthError::invalid_request(format!("The parameter {name} must be one of {urns}."))
        })
    }
}

/// The parameters of an exchange, read and not yet judged.
struct Asked<'a> {
    subject: &'a str,
    wanted: TokenType,
    role: Option<&'a str>,
    /// The audiences of an identity token.
    audiences: Vec<String>,
    delegation: Delegation,
    session_name: &'a str,
}

pub(crate) async fn answer(door: &Door, form: &Form, caller: &Caller) -> Result<Response, OAuthError> {
    let asked = read(door, form)?;
    let authority = &door.authority;
    if authority.is_ours(asked.subject) {
        if asked.role.is_some() {
            let text = "One of our own access tokens has its role already: audience must not name another.";
            return Err(OAuthError::invalid_target(text));
        }
        let proof = authority.authenticate_bearer(asked.subject);
        if asked.wanted == TokenType::IdToken && asked.delegation.is_empty() {
            return identity(door, proof, asked.audiences, caller).await;
        }
        let resources = asked.delegation.resources.clone();
        let derived = authority.derive(proof, asked.delegation, DOOR, caller).await;
        return issue(
            door,
            derived.map_err(OAuthError::refused)?,
            asked.wanted,
            asked.audiences,
            &resources,
            form,
            caller,
        )
        .await;
    }
    let role_arn = asked
        .role
        .ok_or_else(|| OAuthError::invalid_request("The parameter audience must hold the ARN of a role."))?;
    let request = AssumeWithWebIdentity {
        role_arn: role_arn.to_owned(),
        session_name: asked.session_name.to_owned(),
        token: asked.subject.into(),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
        provider_id: None,
    };
    let resources = asked.delegation.resources.clone();
    let exchanged = authority.exchange(request, asked.delegation, DOOR, caller).await;
    issue(
        door,
        exchanged.map_err(OAuthError::refused)?,
        asked.wanted,
        asked.audiences,
        &resources,
        form,
        caller,
    )
    .await
}

/// The token that was wanted, for credentials that the authority has issued.
async fn issue(
    door: &Door,
    exchanged: Exchanged,
    wanted: TokenType,
    audiences: Vec<String>,
    resources: &[String],
    form: &Form,
    caller: &Caller,
) -> Result<Response, OAuthError> {
    let now = exchanged.session.issued_at;
    let token = match wanted {
        TokenType::IdToken => {
            let token = exchanged.credentials.session_token.expose_secret();
            return identity(door, door.authority.authenticate_bearer(token), audiences, caller).await;
        }
        TokenType::Jwt => {
            let client = form.get("client_id").unwrap_or_default();
            let token = door.authority.access_token(&exchanged, resources, client, caller).await;
            token.map_err(OAuthError::refused)?
        }
        TokenType::AccessToken => exchanged.credentials.session_token,
    };
    Ok(Success {
        token,
        kind: wanted,
        expires_at: exchanged.session.expires_at,
        decision: exchanged.decision_id,
        receipt: exchanged.receipt,
    }
    .response(now))
}

fn read<'a>(door: &Door, form: &'a Form) -> Result<Asked<'a>, OAuthError> {
    if form.get("scope").is_some() {
        return Err(OAuthError::new(
            "invalid_scope",
            http::StatusCode::BAD_REQUEST,
            "There are no scopes here: the role in audience and the gates in resource say what the token is for.",
        ));
    }
    let subject = form.token("subject_token")?;
    TokenType::read("subject_token_type", form.required("subject_token_type")?)?;
    let wanted = match form.get("requested_token_type") {
        Some(value) => TokenType::read("requested_token_type", value)?,
        None => TokenType::AccessToken,
    };
    let (roles, audiences): (Vec<&str>, Vec<&str>) = form
        .all("audience")
        .partition(|audience| audience.starts_with("arn:") && audience.contains(":role/"));
    let role = match roles.as_slice() {
        [] => None,
        [only] => Some(*only),
        _ => return Err(OAuthError::invalid_target("Only one audience may be a role.")),
    };
    match (wanted, audiences.as_slice()) {
        (TokenType::IdToken, []) => {
            return Err(OAuthError::invalid_target("An id_token needs an audience to be shown to."));
        }
        (TokenType::IdToken, _) | (_, []) => {}
        _ => {
            return Err(OAuthError::invalid_target(
                "The audience of an access token must be the ARN of a role. Other audiences are for an id_token.",
            ));
        }
    }
    Ok(Asked {
        subject,
        wanted,
        role,
        audiences: audiences.into_iter().map(str::to_owned).collect(),
        delegation: Delegation {
            actor: actor(door, form)?,
            resources: form.all("resource").map(str::to_owned).collect(),
        },
        session_name: form.get("session_name").unwrap_or(SESSION_NAME),
    })
}

/// The actor's token must be one of our own access tokens: what the actor may do is then known.
fn actor(door: &Door, form: &Form) -> Result<Option<Result<Authenticated, SessionRefusal>>, OAuthError> {
    match (form.get("actor_token"), form.get("actor_token_type")) {
        (None, None) => Ok(None),
        (None, Some(_)) => {
            Err(OAuthError::invalid_request("There is an actor_token_type and no actor_token."))
        }
        (Some(_), None) => {
            Err(OAuthError::invalid_request("There is an actor_token and no actor_token_type."))
        }
        (Some(token), Some(kind)) => {
            TokenType::read("actor_token_type", kind)?;
            let token = token.trim_end_matches(['\r', '\n']);
            if !door.authority.is_ours(token) {
                return Err(OAuthError::invalid_request(
                    "The actor_token must be an access token of this server: exchange the actor's own token first.",
                ));
            }
            Ok(Some(door.authority.authenticate_bearer(token)))
        }
    }
}

async fn identity(
    door: &Door,
    proof: Result<Authenticated, SessionRefusal>,
    audiences: Vec<String>,
    caller: &Caller,
) -> Result<Response, OAuthError> {
    let request = IdentityTokenRequest {
        audiences,
        duration: None,
        algorithm: SigningAlgorithm::RS256,
        tags: Default::default(),
    };
    let token =
        door.authority.identity_token(proof, request, DOOR, caller).await.map_err(OAuthError::refused)?;
    Ok(Success {
        token: token.token,
        kind: TokenType::IdToken,
        expires_at: token.expires_at,
        decision: token.decision_id,
        receipt: token.receipt,
    }
    .response(token.issued_at))
}
