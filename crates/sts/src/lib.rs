//! The doors: protocols through which a token comes in. A door translates and never decides.

mod arrival;
mod aws;
mod google;
mod issuer;
mod json;
mod oauth;

use axum::Router;
use stagedoor_authority::Authority;
use std::sync::Arc;

/// What a door needs to know of the house it belongs to.
#[derive(Clone)]
pub struct Door {
    /// The authority that every request is put before.
    pub authority: Arc<Authority>,
    /// Whether the listener in front of this door speaks TLS (`aws:SecureTransport`).
    pub secure_transport: bool,
}

/// Every door. Requests must carry axum's `ConnectInfo<SocketAddr>`; without the peer's address they fail.
pub fn doors(door: Door) -> Router {
    aws_sts(door.clone()).merge(own_issuer(door.clone())).merge(oauth(door.clone())).merge(google(door))
}

/// Our own OpenID Connect issuer: its discovery document and its keys, below `/.well-known/`.
pub fn own_issuer(door: Door) -> Router {
    issuer::router(door)
}

/// OAuth 2.0 token exchange (RFC 8693) at `/oauth/token`, with its metadata (RFC 8414).
pub fn oauth(door: Door) -> Router {
    oauth::router(door)
}

/// Google's token exchange at `/v1/token`, and `generateAccessToken` of service accounts that stand for roles.
pub fn google(door: Door) -> Router {
    google::router(door)
}

/// AWS STS in the Query protocol, at `/`: `AssumeRoleWithWebIdentity`, `AssumeRole`, `GetCallerIdentity`,
/// `GetSessionToken`, `GetFederationToken`, `GetWebIdentityToken`, `GetAccessKeyInfo` and
/// `DecodeAuthorizationMessage`.
///
/// Requests must carry axum's `ConnectInfo<SocketAddr>`; without the peer's address they fail.
pub fn aws_sts(door: Door) -> Router {
    aws::router(door)
}
