//! One configuration for a decision and for the route that it is about.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Shared by all gates of a server and whoever exchanges their configuration.
///
/// The authority's snapshot and the gates' routes change one after the other. Without this a request could be
/// decided by the new policies and forwarded to the old upstream.
#[derive(Debug, Default)]
pub struct Turn(RwLock<()>);

impl Turn {
    /// Held by a gate while it reads its route and has the request decided.
    pub(crate) async fn decide(&self) -> RwLockReadGuard<'_, ()> {
        self.0.read().await
    }

    /// Held while snapshot and routes are exchanged: waits for decisions under way, and those to come wait for it.
    pub async fn exchange(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.write().await
    }
}
