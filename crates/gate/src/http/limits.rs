//! How much and how long.

use std::time::Duration;

/// What an HTTP gate allows a caller and an upstream. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The request line and headers together.
    pub head: usize,
    /// The number of header lines.
    pub headers: usize,
    /// A request body that is passed on while it arrives.
    pub body: u64,
    /// A request body that must be whole before its signature can be checked, because the request does not declare
    /// its hash.
    pub buffered_body: usize,
    /// All such bodies of one gate at one time.
    pub buffered_total: usize,
    /// Connections of one gate at one time; further ones wait.
    pub connections: usize,
    /// For a caller to send a request's head.
    pub head_time: Duration,
    /// Between two pieces of a request body.
    pub upload_idle: Duration,
    /// To connect to the upstream, TLS included.
    pub connect: Duration,
    /// For the upstream to begin its answer once the request is sent, or between two steps of sending it.
    pub answer: Duration,
    /// Between two pieces of an answer's body.
    pub download_idle: Duration,
    /// The value of a header that tells the upstream who calls, once encoded. A longer one is left out.
    pub told_value: usize,
}

impl Limits {
    /// What a gate's file says, the rest by default.
    pub fn of(configured: &stagedoor_config::Limits) -> Self {
        Self {
            body: configured.max_body.unwrap_or(u64::MAX),
            connect: configured.connect_timeout,
            answer: configured.response_timeout,
            upload_idle: configured.idle_timeout,
            download_idle: configured.idle_timeout,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 32 * 1024,
            headers: 100,
            body: u64::MAX,
            buffered_body: 10 * 1024 * 1024,
            buffered_total: 128 * 1024 * 1024,
            connections: 4096,
            head_time: Duration::from_secs(15),
            upload_idle: Duration::from_secs(300),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            download_idle: Duration::from_secs(300),
            told_value: 1024,
        }
    }
}
