//! A request as it arrives at any door: who sent it, and its body within bounds.

use crate::Door;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header;
use http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use stagedoor_authority::Caller;
use std::net::SocketAddr;
use std::time::Duration;

/// The most bytes of a form or a query: a token and three policies of the greatest length fit.
pub(crate) const MOST_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Why a request did not arrive whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has more than [`MOST_BYTES`].
    TooLarge,
    /// It ended too early.
    Incomplete,
    /// It did not arrive in time.
    Timeout,
    /// The server does not tell who sent it.
    NoPeer,
}

/// Who sent a request.
pub(crate) fn caller(door: &Door, parts: &Parts, request_id: &str) -> Result<Caller, Fault> {
    let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
        tracing::error!("the server does not tell the door the peer's address");
        return Err(Fault::NoPeer);
    };
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Caller {
        source_ip: peer.ip().to_canonical(),
        user_agent: user_agent.unwrap_or_default().to_owned(),
        request_id: request_id.to_owned(),
        secure_transport: door.secure_transport,
    })
}

/// Whether the body is said to be of this media type, whatever its parameters.
pub(crate) fn is_of_type(parts: &Parts, wanted: &str) -> bool {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

/// The media type of forms.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Reads a body of at most [`MOST_BYTES`].
pub(crate) async fn read(body: Body) -> Result<Bytes, Fault> {
    match tokio::time::timeout(BODY_TIME, Limited::new(body, MOST_BYTES).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Fault::TooLarge),
        Ok(Err(_)) => Err(Fault::Incomplete),
        Err(_) => Err(Fault::Timeout),
    }
}
