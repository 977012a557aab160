//! Refusals in the words of OAuth (RFC 6749 §5.2, RFC 8693 §2.2.2).

use crate::arrival::{Fault, MOST_BYTES};
use crate::json::{NO_STORE, answer, with_record};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use stagedoor_authority::{Class, Reason, Refusal};

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// An error answer. Only what is in it reaches the caller.
#[derive(Debug)]
pub(crate) struct OAuthError {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) description: String,
    /// The record's id and index, when the authority decided.
    pub(crate) decision: Option<(String, Option<u64>)>,
}

impl OAuthError {
    pub(crate) fn new(code: &'static str, status: StatusCode, description: impl Into<String>) -> Self {
        Self { code, status, description: description.into(), decision: None }
    }

    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", StatusCode::BAD_REQUEST, description)
    }

    pub(crate) fn invalid_target(description: impl Into<String>) -> Self {
        Self::new("invalid_target", StatusCode::BAD_REQUEST, description)
    }

    pub(crate) fn invalid_client(description: impl Into<String>) -> Self {
        Self::new("invalid_client", StatusCode::UNAUTHORIZED, description)
    }

    /// The authority's refusal.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let (code, status) = code(refusal.reason);
        let reason = refusal.reason.public_code();
        Self {
            code,
            status,
            description: format!("{} (reason: {reason}, decision: {})", refusal.public, refusal.decision_id),
            decision: Some((refusal.decision_id, refusal.receipt)),
        }
    }

    pub(crate) fn response(self) -> Response {
        let body = json!({ "error": self.code, "error_description": printable(&self.description) });
        let mut response = answer(self.status, &body, NO_STORE);
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            _ => {}
        }
        match self.decision {
            Some((decision, receipt)) => with_record(response, &decision, receipt),
            None => response,
        }
    }
}

impl From<Fault> for OAuthError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge => Self::new(
                "invalid_request",
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The request is larger than {MOST_BYTES} bytes."),
            ),
            Fault::Incomplete => Self::invalid_request("The request ended before its body was complete."),
            Fault::Timeout => Self::new(
                "invalid_request",
                StatusCode::REQUEST_TIMEOUT,
                "The request did not arrive in time.",
            ),
            Fault::NoPeer => {
                Self::new("server_error", StatusCode::INTERNAL_SERVER_ERROR, "A fault on the server's side.")
            }
        }
    }
}

/// RFC 8693 §2.2.2 wants `invalid_request` for a token that is not acceptable and `invalid_target` for a target that
/// there is no token for. Which role exists is told to nobody, so an unknown role and a trust policy that does not
/// allow are both the target's fault.
fn code(reason: Reason) -> (&'static str, StatusCode) {
    match reason.class() {
        Class::Unavailable => ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Class::Denied => ("invalid_target", StatusCode::BAD_REQUEST),
        Class::Invalid if reason == Reason::TargetUnknown => ("invalid_target", StatusCode::BAD_REQUEST),
        Class::Invalid | Class::Unauthenticated => ("invalid_request", StatusCode::BAD_REQUEST),
    }
}

/// The characters that RFC 6749 §5.2 allows in a description.
fn printable(text: &str) -> String {
    let fits = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    text.chars().map(|c| if fits(c) { c } else { '\'' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_class() {
        for reason in Reason::ALL {
            let (code, status) = code(*reason);
            let unavailable = reason.class() == Class::Unavailable;
            assert_eq!(
                (code == "temporarily_unavailable", status.is_server_error()),
                (unavailable, unavailable)
            );
        }
    }

    #[test]
    fn an_unknown_role_and_a_denied_trust_look_alike() {
        for reason in [Reason::RoleUnknown, Reason::TrustNotGranted, Reason::TrustDenied] {
            assert_eq!(code(reason), ("invalid_target", StatusCode::BAD_REQUEST), "{reason}");
        }
    }

    #[test]
    fn a_description_has_only_allowed_characters() {
        assert_eq!(printable("a \"b\" \\ ä\n"), "a 'b' ' ''");
    }
}
