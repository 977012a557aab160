//! Tokens as answers (RFC 6749 §5.1, RFC 8693 §2.2.1).

use super::exchange::TokenType;
use crate::json::{NO_STORE, answer, with_record};
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

/// A token that was issued, and the record of the decision to issue it.
pub(crate) struct Success {
    pub(crate) token: SecretString,
    pub(crate) kind: TokenType,
    pub(crate) expires_at: Timestamp,
    pub(crate) decision: String,
    pub(crate) receipt: u64,
}

impl Success {
    pub(crate) fn response(self, now: Timestamp) -> Response {
        let body = json!({
            "access_token": self.token.expose_secret(),
            "issued_token_type": self.kind.urn(),
            "token_type": if self.kind == TokenType::IdToken { "N_A" } else { "Bearer" },
            "expires_in": self.expires_at.as_second().saturating_sub(now.as_second()),
        });
        let response = answer(StatusCode::OK, &body, NO_STORE);
        with_record(response, &self.decision, Some(self.receipt))
    }
}
