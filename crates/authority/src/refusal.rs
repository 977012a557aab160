//! A refusal, with the caller's text and the operator's kept apart.

use crate::{Class, Reason};

/// A request that was refused, after its record was written (or could not be).
///
/// [`public`](Refusal::public) is all that may leave the house. `Display` is the operator's text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Refusal {
    /// The stable reason.
    pub reason: Reason,
    /// The audit event's id. The caller quotes it, the operator finds the record by it.
    pub decision_id: String,
    /// The record's index in the log; absent when the record could not be written.
    pub receipt: Option<u64>,
    /// What the caller is told: AWS's own message where AWS has one.
    pub public: String,
    /// What the operator is told: statement, condition, values, nearest change.
    pub detail: String,
    /// The denial, sealed: the caller may hand it to somebody who may read it (`DecodeAuthorizationMessage`).
    pub sealed: Option<String>,
    /// Whether the same request may succeed later without any change.
    pub retry: bool,
    /// In how many seconds, where that is known.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// What a caller can do about it.
    pub fn class(&self) -> Class {
        self.reason.class()
    }
}
