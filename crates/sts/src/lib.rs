//! The doors: protocols through which a token comes in. A door translates and never decides.

mod aws;

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

/// AWS STS in the Query protocol, at `/`: `AssumeRoleWithWebIdentity` and `GetCallerIdentity`.
///
/// Requests must carry axum's `ConnectInfo<SocketAddr>`; without the peer's address they fail.
pub fn aws_sts(door: Door) -> Router {
    aws::router(door)
}
