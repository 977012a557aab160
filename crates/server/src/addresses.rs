//! Where a running server listens.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The addresses actually bound: where the configuration says port 0, the port that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The doors.
    pub api: SocketAddr,
    /// Metrics and health, when the configuration asks for them.
    pub metrics: Option<SocketAddr>,
    /// The gates by name.
    pub gates: BTreeMap<String, SocketAddr>,
}
