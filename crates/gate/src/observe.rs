//! What is counted of a gate's work.

use std::time::Duration;

/// One answered request.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The gate's name.
    pub gate: &'a str,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The reason code, when the answer did not come from the upstream.
    pub reason: Option<&'a str>,
    /// From the request's head to the answer's head.
    pub elapsed: Duration,
}

/// Told of each answer, for metrics. Must not block.
pub trait Observer: Send + Sync {
    /// A request was answered.
    fn answered(&self, answered: &Answered<'_>);
}
