//! What relying parties read of our own issuer: OpenID Connect Discovery 1.0 and its JSON Web Key Set.

use crate::Door;
use crate::json::answer;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};

/// Where the key set is, below the issuer's URL.
pub(crate) const JWKS_PATH: &str = "/.well-known/jwks.json";

/// Far shorter than a new key is published before it signs.
const CACHE: &str = "public, max-age=300";

/// There is no sign-in page: tokens come from programs. The member must be there and be a URI.
const NO_SIGN_IN: &str = "urn:stagedoor:no-authorization-endpoint";

pub(crate) fn router(door: Door) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route(JWKS_PATH, get(jwks))
        .with_state(door)
}

async fn jwks(State(door): State<Door>) -> Response {
    answer(StatusCode::OK, &door.authority.jwks(), CACHE)
}

async fn discovery(State(door): State<Door>) -> Response {
    let snapshot = door.authority.snapshot();
    let issuer = &snapshot.settings.public_url;
    let algorithms: Vec<&str> =
        door.authority.signing_algorithms().into_iter().map(|algorithm| algorithm.name()).collect();
    let document: Value = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}{JWKS_PATH}"),
        "authorization_endpoint": NO_SIGN_IN,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "scopes_supported": ["openid"],
        "claims_supported": [
            "iss", "sub", "aud", "iat", "nbf", "exp", "jti", "act", "account", "role", "session_name",
            "provider", "repository", "ref", "commit", "run", "job", "environment", "pull_request", "actor",
        ],
    });
    answer(StatusCode::OK, &document, CACHE)
}
