//! Authorization server metadata (RFC 8414).

use super::{TOKEN, exchange};
use crate::Door;
use crate::issuer::JWKS_PATH;
use crate::json::answer;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

/// As long as the discovery document.
const CACHE: &str = "public, max-age=300";

pub(super) async fn serve(State(door): State<Door>) -> Response {
    let snapshot = door.authority.snapshot();
    let issuer = &snapshot.settings.public_url;
    let at = |path: &str| format!("{issuer}{path}");
    let document = json!({
        "issuer": issuer,
        "token_endpoint": at(TOKEN),
        "jwks_uri": at(JWKS_PATH),
        "response_types_supported": [],
        "grant_types_supported": [exchange::GRANT],
        "token_endpoint_auth_methods_supported": ["none"],
    });
    answer(StatusCode::OK, &document, CACHE)
}
