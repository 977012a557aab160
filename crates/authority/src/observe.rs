//! What can be counted of the authority's work.

use crate::Reason;
use stagedoor_audit::Kind;
use std::time::Duration;

/// One decision, after its record was written or could not be.
#[derive(Debug, Clone, Copy)]
pub struct Decided {
    /// What was decided on.
    pub kind: Kind,
    /// The reason of a refusal; none for an allowance.
    pub refused: Option<Reason>,
    /// From the request's arrival at the authority to the end of its record.
    pub elapsed: Duration,
}

/// Told of each decision, for metrics. Must not block.
pub trait Observer: Send + Sync {
    /// A decision was made.
    fn decided(&self, decided: &Decided);
}
