//! AWS STS, spoken in the Query protocol: `POST /` with a form, or `GET /?Action=…`.

mod access_key_info;
mod answer;
mod assume_role;
mod assume_web_identity;
mod authorization_message;
mod caller_identity;
mod constraint;
mod credentials;
mod error;
mod federation_token;
mod form;
mod session_token;
mod web_identity_token;
mod xml;

use crate::Door;
use crate::arrival::{FORM, MOST_BYTES, caller, is_of_type, read};
use answer::Answer;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use error::AwsError;
use form::Form;
use http::{HeaderValue, Method, header};
use stagedoor_session::{Body, HttpRequest};
use uuid::Uuid;

/// The one version of the protocol.
const VERSION: &str = "2011-06-15";

/// The router for `/`. Requests must carry `ConnectInfo<SocketAddr>`.
pub(crate) fn router(door: Door) -> Router {
    Router::new().route("/", any(handle)).with_state(door)
}

async fn handle(State(door): State<Door>, request: Request) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let outcome = serve(&door, request, &request_id).await;
    answer::respond(outcome, &request_id, door.authority.now())
}

async fn serve(door: &Door, request: Request, request_id: &str) -> Result<Answer, AwsError> {
    let (mut parts, body) = request.into_parts();
    // HTTP/2 names the host in `:authority`; signatures cover it as `host`.
    if !parts.headers.contains_key(header::HOST)
        && let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok())
    {
        parts.headers.insert(header::HOST, host);
    }
    let caller = caller(door, &parts, request_id)?;
    let query = parts.uri.query().unwrap_or_default();
    if query.len() > MOST_BYTES {
        return Err(AwsError::too_large(MOST_BYTES));
    }
    let (body, form) = match parts.method {
        Method::POST => {
            if !is_of_type(&parts, FORM) {
                return Err(AwsError::content_type());
            }
            let body = read(body).await?;
            let form = Form::parse(&body)?;
            (body, form)
        }
        Method::GET => (read(body).await?, Form::parse(query.as_bytes())?),
        _ => return Err(AwsError::method_not_allowed()),
    };
    let action = form.get("Action").ok_or_else(AwsError::missing_action)?;
    let version = form.get("Version");
    if version != Some(VERSION) {
        return Err(AwsError::invalid_action(action, version));
    }
    let authority = &door.authority;
    if action == "AssumeRoleWithWebIdentity" {
        return assume_web_identity::answer(authority, &form, &caller).await;
    }
    let request = HttpRequest {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query,
        headers: &parts.headers,
        body: Body::of(&body),
    };
    match action {
        "GetCallerIdentity" => caller_identity::answer(authority, &request, &caller).await,
        "AssumeRole" => assume_role::answer(authority, &form, &request, &caller).await,
        "GetSessionToken" => session_token::answer(authority, &form, &request, &caller).await,
        "GetFederationToken" => federation_token::answer(authority, &form, &request, &caller).await,
        "GetWebIdentityToken" => web_identity_token::answer(authority, &form, &request, &caller).await,
        "GetAccessKeyInfo" => access_key_info::answer(authority, &form, &request, &caller).await,
        "DecodeAuthorizationMessage" => {
            authorization_message::answer(authority, &form, &request, &caller).await
        }
        _ => Err(AwsError::invalid_action(action, version)),
    }
}
