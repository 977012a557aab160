//! Answers as HTTP responses, with the headers that SDKs look for.

use super::error::AwsError;
use super::xml::{Element, document};
use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const DECISION: HeaderName = HeaderName::from_static("x-stagedoor-decision");
const SEALED: HeaderName = HeaderName::from_static("x-stagedoor-authorization-message");
const RECEIPT: HeaderName = HeaderName::from_static("x-stagedoor-receipt");

/// The names of the elements around an operation's result.
pub(crate) struct Operation {
    pub(crate) response: &'static str,
    pub(crate) result: &'static str,
}

/// A successful answer.
pub(crate) struct Answer {
    pub(crate) operation: &'static Operation,
    pub(crate) result: Vec<Element<'static>>,
    /// The record's id and index.
    pub(crate) decision: String,
    pub(crate) receipt: u64,
}

/// The response to a request. The request id stands in the header (JavaScript, Rust) and in the body (Python);
/// SDKs correct their clocks by `Date`.
pub(crate) fn respond(outcome: Result<Answer, AwsError>, request_id: &str, now: Timestamp) -> Response {
    let (status, body, decision, receipt, sealed, retry_after) = match outcome {
        Ok(answer) => {
            let body = document(
                answer.operation.response,
                &[
                    Element::group(answer.operation.result, answer.result),
                    Element::group("ResponseMetadata", vec![Element::text("RequestId", request_id)]),
                ],
            );
            (StatusCode::OK, body, Some(answer.decision), Some(answer.receipt), None, None)
        }
        Err(error) => (
            error.status,
            error.body(request_id),
            error.decision,
            error.receipt,
            error.sealed,
            error.retry_after,
        ),
    };
    let (status, body) = match body {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok();
    let values = [
        (header::DATE, date),
        (REQUEST_ID, Some(request_id.to_owned())),
        (DECISION, decision),
        (SEALED, sealed.map(String::from)),
        (header::RETRY_AFTER, retry_after.map(|seconds| seconds.to_string())),
        (RECEIPT, receipt.map(|index| index.to_string())),
    ];
    for (name, value) in values {
        if let Some(value) = value.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(name, value);
        }
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    }
    response
}
