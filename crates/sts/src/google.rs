//! Google's Security Token Service and IAM Credentials, as google-auth's external accounts speak them.
//!
//! `audience` names a role by its ARN. A service account is `<role>@<account>.…`: impersonating it is role chaining.

use crate::Door;
use crate::arrival::{FORM, caller, is_of_type, read};
use crate::json::{NO_STORE, answer, with_record};
use crate::oauth::{Form, OAuthError, TokenType, seconds_left};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;
use http::request::Parts;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use stagedoor_authority::{AssumeRole, AssumeWithWebIdentity, Caller, Class, Delegation, Refusal};
use stagedoor_session::{Body, HttpRequest};
use std::time::Duration;
use uuid::Uuid;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DOOR: &str = "google";
const SESSION_NAME: &str = "google-auth";

pub(crate) fn router(door: Door) -> Router {
    Router::new()
        .route("/v1/token", post(token))
        .route("/v1/projects/-/serviceAccounts/{call}", post(generate))
        .with_state(door)
}

async fn token(State(door): State<Door>, request: Request) -> Response {
    exchanged(&door, request).await.unwrap_or_else(OAuthError::response)
}

async fn exchanged(door: &Door, request: Request) -> Result<Response, OAuthError> {
    let (parts, body) = request.into_parts();
    let caller = caller(door, &parts, &Uuid::new_v4().to_string())?;
    let body = read(body).await?;
    let form = parameters(&parts, &body)?;
    if form.required("grant_type")? != GRANT {
        let text = format!("The grant_type must be {GRANT}.");
        return Err(OAuthError::new("unsupported_grant_type", StatusCode::BAD_REQUEST, text));
    }
    if let Some(wanted) = form.get("requested_token_type")
        && TokenType::read("requested_token_type", wanted)? != TokenType::AccessToken
    {
        return Err(OAuthError::invalid_request("The requested_token_type must be an access_token."));
    }
    TokenType::read("subject_token_type", form.required("subject_token_type")?)?;
    let audience = form.required("audience")?;
    if !audience.starts_with("arn:") {
        return Err(OAuthError::invalid_target("The audience must be the ARN of a role."));
    }
    let request = AssumeWithWebIdentity {
        role_arn: audience.to_owned(),
        session_name: SESSION_NAME.to_owned(),
        token: form.token("subject_token")?.into(),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
        provider_id: None,
    };
    let exchanged = door.authority.exchange(request, Delegation::default(), DOOR, &caller).await;
    let exchanged = exchanged.map_err(|refusal| {
        let code = match refusal.class() {
            Class::Unauthenticated => "invalid_grant",
            Class::Denied => "unauthorized_client",
            Class::Invalid => "invalid_request",
            Class::Unavailable => "temporarily_unavailable",
        };
        OAuthError { code, ..OAuthError::refused(refusal) }
    })?;
    let body = json!({
        "access_token": exchanged.credentials.session_token.expose_secret(),
        "issued_token_type": TokenType::AccessToken.urn(),
        "token_type": "Bearer",
        "expires_in": seconds_left(&exchanged.session),
    });
    Ok(with_record(answer(StatusCode::OK, &body, NO_STORE), &exchanged.decision_id, Some(exchanged.receipt)))
}

/// A form, or JSON whose names are in camel case.
fn parameters(parts: &Parts, body: &[u8]) -> Result<Form, OAuthError> {
    if is_of_type(parts, FORM) {
        return Form::parse(body);
    }
    if !is_of_type(parts, "application/json") {
        let text = format!("The Content-Type must be {FORM} or application/json.");
        return Err(OAuthError::new("invalid_request", StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let not_json = || OAuthError::invalid_request("The body must be a JSON object of texts.");
    let members: Map<String, Value> = serde_json::from_slice(body).map_err(|_| not_json())?;
    let pairs = members.into_iter().map(|(name, value)| match value {
        Value::String(text) => Some((snake_case(&name), text)),
        _ => None,
    });
    Form::of(pairs.collect::<Option<Vec<_>>>().ok_or_else(not_json)?.into_iter())
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// An error of Google's APIs.
struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    decision: Option<(String, Option<u64>)>,
}

impl ApiError {
    fn invalid(message: impl Into<String>) -> Self {
        let (status, code) = (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT");
        Self { status, code, message: message.into(), decision: None }
    }

    fn response(self) -> Response {
        let body = json!({
            "error": { "code": self.status.as_u16(), "message": self.message, "status": self.code }
        });
        let response = answer(self.status, &body, NO_STORE);
        match self.decision {
            Some((decision, receipt)) => with_record(response, &decision, receipt),
            None => response,
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal.class() {
            Class::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            Class::Denied => (StatusCode::FORBIDDEN, "PERMISSION_DENIED"),
            Class::Invalid => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT"),
            Class::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        };
        let reason = refusal.reason.public_code();
        let message = format!("{} (reason: {reason}, decision: {})", refusal.public, refusal.decision_id);
        Self { status, code, message, decision: Some((refusal.decision_id, refusal.receipt)) }
    }
}

async fn generate(State(door): State<Door>, Path(call): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let arrived = match caller(&door, &parts, &Uuid::new_v4().to_string()) {
        Ok(caller) => read(body).await.map(|body| (caller, body)),
        Err(fault) => Err(fault),
    };
    match arrived {
        Ok((caller, body)) => {
            generated(&door, &call, &parts, &body, &caller).await.unwrap_or_else(ApiError::response)
        }
        Err(fault) => OAuthError::from(fault).response(),
    }
}

/// `generateAccessToken` of IAM Credentials v1.
async fn generated(
    door: &Door,
    call: &str,
    parts: &Parts,
    body: &[u8],
    caller: &Caller,
) -> Result<Response, ApiError> {
    let email = call.strip_suffix(":generateAccessToken").ok_or_else(|| {
        ApiError::invalid("The only method of a service account here is generateAccessToken.")
    })?;
    let account = door.authority.snapshot().settings.account.clone();
    let role = email
        .split_once('@')
        .filter(|(_, domain)| domain.split('.').next() == Some(&account))
        .map(|(role, _)| role)
        .ok_or_else(|| ApiError::invalid("A service account is <role>@<account>.<any domain>."))?;
    let wanted: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| ApiError::invalid("The body must be a JSON object."))?;
    let delegates = wanted.get("delegates").and_then(Value::as_array);
    if delegates.is_some_and(|delegates| !delegates.is_empty()) {
        return Err(ApiError::invalid("Delegates are not supported: chain the roles one by one."));
    }
    let asked = AssumeRole {
        role_arn: format!("arn:aws:iam::{account}:role/{role}"),
        session_name: SESSION_NAME.to_owned(),
        duration: wanted.get("lifetime").map(lifetime).transpose()?,
        ..AssumeRole::default()
    };
    let request = HttpRequest {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: Body::of(body),
    };
    let issued = door.authority.assume_role(asked, &request, caller).await?;
    let body = json!({
        "accessToken": issued.credentials.session_token.expose_secret(),
        // Clients read no fractions of a second.
        "expireTime": issued.session.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    });
    Ok(with_record(answer(StatusCode::OK, &body, NO_STORE), &issued.decision_id, Some(issued.receipt)))
}

/// A duration as protocol buffers write it: `3600s`.
fn lifetime(value: &Value) -> Result<Duration, ApiError> {
    let seconds = value.as_str().and_then(|text| text.strip_suffix('s')).and_then(|text| text.parse().ok());
    seconds.map(Duration::from_secs).ok_or_else(|| ApiError::invalid("The lifetime must be like 3600s."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_is_read() {
        assert_eq!(snake_case("subjectTokenType"), "subject_token_type");
        assert_eq!(snake_case("audience"), "audience");
    }

    #[test]
    fn lifetimes_are_whole_seconds() {
        assert_eq!(lifetime(&json!("3600s")).ok(), Some(Duration::from_secs(3600)));
        for bad in [json!("3600"), json!(3600), json!("s"), json!("-1s"), json!("1.5s"), json!(null)] {
            assert!(lifetime(&bad).is_err(), "{bad}");
        }
    }
}
