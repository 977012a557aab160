//! OAuth 2.0: token exchange (RFC 8693) and its metadata (RFC 8414).

mod error;
mod exchange;
mod form;
mod metadata;
mod success;

use crate::Door;
use crate::arrival::{FORM, caller, is_of_type, read};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
pub(crate) use error::OAuthError;
pub(crate) use exchange::TokenType;
pub(crate) use form::Form;
use http::request::Parts;
use http::{StatusCode, header};
use stagedoor_authority::Caller;
use stagedoor_session::Session;
use uuid::Uuid;

/// The name of this door in records and in sessions that are good at some gates only.
pub(crate) const DOOR: &str = "oauth";

/// The path below the issuer's URL.
pub(crate) const TOKEN: &str = "/oauth/token";

pub(crate) fn router(door: Door) -> Router {
    Router::new()
        .route(TOKEN, post(token))
        .route("/.well-known/oauth-authorization-server", get(metadata::serve))
        .with_state(door)
}

async fn token(State(door): State<Door>, request: Request) -> Response {
    match granted(&door, request).await {
        Ok(response) => response,
        Err(error) => error.response(),
    }
}

async fn granted(door: &Door, request: Request) -> Result<Response, OAuthError> {
    let Arrived { parts, form, caller } = arrive(door, request).await?;
    if parts.headers.contains_key(header::AUTHORIZATION) || form.get("client_secret").is_some() {
        return Err(OAuthError::invalid_client(
            "There are no client secrets here: the subject_token is the proof.",
        ));
    }
    match form.required("grant_type")? {
        exchange::GRANT => exchange::answer(door, &form, &caller).await,
        _ => Err(OAuthError::new(
            "unsupported_grant_type",
            StatusCode::BAD_REQUEST,
            format!("The grant_type must be {}.", exchange::GRANT),
        )),
    }
}

/// A form that has arrived.
struct Arrived {
    parts: Parts,
    form: Form,
    caller: Caller,
}

async fn arrive(door: &Door, request: Request) -> Result<Arrived, OAuthError> {
    let (parts, body) = request.into_parts();
    let caller = caller(door, &parts, &Uuid::new_v4().to_string())?;
    if !is_of_type(&parts, FORM) {
        return Err(OAuthError::new(
            "invalid_request",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("The Content-Type must be {FORM}."),
        ));
    }
    let form = Form::parse(&read(body).await?)?;
    Ok(Arrived { parts, form, caller })
}

/// How long a session that has just been made lasts, in seconds.
pub(crate) fn seconds_left(session: &Session) -> i64 {
    session.expires_at.as_second().saturating_sub(session.issued_at.as_second())
}
