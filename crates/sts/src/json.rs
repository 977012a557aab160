//! Answers in JSON.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

pub(crate) const DECISION: HeaderName = HeaderName::from_static("x-stagedoor-decision");
pub(crate) const RECEIPT: HeaderName = HeaderName::from_static("x-stagedoor-receipt");

/// A JSON answer that nobody may keep, unless `cache` says for how long.
pub(crate) fn answer(status: StatusCode, body: &Value, cache: &'static str) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// For answers that hold a credential or a decision (RFC 6749 §5.1).
pub(crate) const NO_STORE: &str = "no-store";

/// Names the record of a decision in the answer's headers.
pub(crate) fn with_record(mut response: Response, decision: &str, receipt: Option<u64>) -> Response {
    let values = [(DECISION, Some(decision.to_owned())), (RECEIPT, receipt.map(|index| index.to_string()))];
    for (name, value) in values {
        if let Some(value) = value.and_then(|text| HeaderValue::try_from(text).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
