//! Refusals in the words and statuses of AWS STS.

use super::xml::{Element, document};
use crate::arrival::{Fault, MOST_BYTES};
use http::StatusCode;
use stagedoor_authority::Refusal;
use std::io;

/// An error answer. Only what is in it reaches the caller.
#[derive(Debug)]
pub(crate) struct AwsError {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The record's id and index, when the authority decided.
    pub(crate) decision: Option<String>,
    pub(crate) receipt: Option<u64>,
    /// In how many seconds to come again.
    pub(crate) retry_after: Option<u64>,
    /// The denial, for somebody who may read it.
    pub(crate) sealed: Option<Box<str>>,
}

impl AwsError {
    fn new(code: &'static str, status: StatusCode, message: impl Into<String>) -> Self {
        AwsError {
            code,
            status,
            message: message.into(),
            decision: None,
            receipt: None,
            retry_after: None,
            sealed: None,
        }
    }

    /// A refusal with its sealed denial in the message, as AWS's services do for signed requests.
    pub(crate) fn with_message(refusal: Refusal) -> Self {
        let mut error = Self::from(refusal);
        if let Some(sealed) = &error.sealed {
            error.message.push_str(" Encoded authorization failure message: ");
            error.message.push_str(sealed);
        }
        error
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn missing_action() -> Self {
        Self::new("MissingAction", StatusCode::BAD_REQUEST, "The request has no Action parameter.")
    }

    /// The version is as AWS names it when absent: `NO_VERSION_SPECIFIED`.
    pub(crate) fn invalid_action(action: &str, version: Option<&str>) -> Self {
        let short = |text: &str| text.chars().take(128).collect::<String>();
        let version = version.map_or_else(|| "NO_VERSION_SPECIFIED".to_owned(), short);
        let message = format!("Could not find operation {} for version {version}", short(action));
        Self::new("InvalidAction", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            "InvalidRequest",
            StatusCode::METHOD_NOT_ALLOWED,
            "Use POST with a form, or GET with a query.",
        )
    }

    pub(crate) fn content_type() -> Self {
        let message = "The Content-Type must be application/x-www-form-urlencoded.";
        Self::new("InvalidRequest", StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("The request is larger than {limit} bytes.");
        Self::new("RequestEntityTooLarge", StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    fn timeout() -> Self {
        Self::new("RequestTimeout", StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time.")
    }

    fn incomplete() -> Self {
        Self::new(
            "IncompleteBody",
            StatusCode::BAD_REQUEST,
            "The request ended before its body was complete.",
        )
    }

    fn internal() -> Self {
        let message = "The request could not be carried out because of a fault on the server's side.";
        Self::new("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The answer's body. `Type` says whose fault it is.
    ///
    /// # Errors
    /// None in practice: the body is written to memory.
    pub(crate) fn body(&self, request_id: &str) -> io::Result<Vec<u8>> {
        let fault = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        document(
            "ErrorResponse",
            &[
                Element::group(
                    "Error",
                    vec![
                        Element::text("Type", fault),
                        Element::text("Code", self.code),
                        Element::text("Message", self.message.as_str()),
                    ],
                ),
                Element::text("RequestId", request_id),
            ],
        )
    }
}

impl From<Fault> for AwsError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge => Self::too_large(MOST_BYTES),
            Fault::Incomplete => Self::incomplete(),
            Fault::Timeout => Self::timeout(),
            Fault::NoPeer => Self::internal(),
        }
    }
}

impl From<Refusal> for AwsError {
    /// AWS's own message, then what is safe to tell and the id by which the operator finds the record.
    fn from(refusal: Refusal) -> Self {
        let code = refusal.reason.aws_code();
        let reason = refusal.reason.public_code();
        AwsError {
            code,
            status: status(code),
            message: format!("{} (reason: {reason}, decision: {})", refusal.public, refusal.decision_id),
            receipt: refusal.receipt,
            retry_after: refusal.retry_after,
            sealed: refusal.sealed.map(String::into_boxed_str),
            decision: Some(refusal.decision_id),
        }
    }
}

/// The status that goes with AWS's code.
fn status(code: &str) -> StatusCode {
    match code {
        "AccessDenied"
        | "ExpiredToken"
        | "InvalidClientTokenId"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch" => StatusCode::FORBIDDEN,
        "InternalFailure" => StatusCode::INTERNAL_SERVER_ERROR,
        "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagedoor_authority::{Class, Reason};

    #[test]
    fn every_reason_has_a_status_of_its_class() {
        for reason in Reason::ALL {
            let status = status(reason.aws_code());
            match reason.class() {
                Class::Unavailable if [Reason::IssuerUnreachable, Reason::Throttled].contains(reason) => {
                    assert_eq!(status, StatusCode::BAD_REQUEST);
                }
                Class::Unavailable => assert!(status.is_server_error(), "{reason}"),
                Class::Denied => assert_eq!(status, StatusCode::FORBIDDEN, "{reason}"),
                Class::Invalid => assert_eq!(status, StatusCode::BAD_REQUEST, "{reason}"),
                Class::Unauthenticated => assert!(status.is_client_error(), "{reason}"),
            }
        }
    }
}
