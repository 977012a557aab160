//! What a caller gets that is not the upstream's answer.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use stagedoor_authority::{Class, Refusal};
use std::error::Error;

/// The body of any answer of an HTTP gate.
pub(crate) type AnswerBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// A body that is in memory.
pub(crate) fn full(bytes: impl Into<Bytes>) -> AnswerBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// An answer that says no.
#[derive(Debug, Clone)]
pub(crate) struct Denial {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The stable reason code.
    pub(crate) reason: &'static str,
    /// The decision's id, to be quoted to the operator.
    pub(crate) decision_id: String,
    /// What the caller is told.
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Shape<'a> {
    error: &'a str,
    reason: &'a str,
    decision_id: &'a str,
    message: &'a str,
}

impl Denial {
    /// The refusal of the authority, as HTTP. 400 for a malformed request, 401 without proof of who calls, 403 when
    /// a policy says no, 503 when no safe answer is possible.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self {
            status: match refusal.class() {
                Class::Invalid => StatusCode::BAD_REQUEST,
                Class::Unauthenticated => StatusCode::UNAUTHORIZED,
                Class::Denied => StatusCode::FORBIDDEN,
                Class::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            reason: refusal.reason.public_code(),
            decision_id: refusal.decision_id.clone(),
            message: refusal.public.clone(),
        }
    }

    /// Trouble that is not a decision: the request was allowed, or could not be looked at.
    pub(crate) fn local(
        status: StatusCode,
        reason: &'static str,
        decision_id: &str,
        message: String,
    ) -> Self {
        Self { status, reason, decision_id: decision_id.to_owned(), message }
    }

    /// The same refusal in other words.
    pub(crate) fn with_message(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The same refusal under a more telling status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// As an HTTP answer: JSON, never cached.
    pub(crate) fn into_response(self) -> Response<AnswerBody> {
        let shape = Shape {
            error: error(self.status),
            reason: self.reason,
            decision_id: &self.decision_id,
            message: &self.message,
        };
        // A struct of strings cannot fail to serialize; an empty body would still be a denial.
        let body = serde_json::to_vec(&shape).unwrap_or_default();
        let mut response = Response::new(full(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(&self.decision_id) {
            headers.insert(DECISION, id);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("AWS4-HMAC-SHA256 service=\"execute-api\""),
            );
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stagedoor\""));
        }
        response
    }
}

/// The header that carries the decision's id on every answer.
pub(crate) const DECISION: &str = "x-stagedoor-decision";

/// The kind of trouble, for programs that look at nothing else.
fn error(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
        StatusCode::REQUEST_TIMEOUT => "request_timeout",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        StatusCode::BAD_GATEWAY => "bad_gateway",
        StatusCode::GATEWAY_TIMEOUT => "gateway_timeout",
        _ => "bad_request",
    }
}
