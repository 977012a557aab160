//! What was decided.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::Kind;

/// The three possible answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Granted.
    Allow,
    /// Nothing granted it.
    ImplicitDeny,
    /// A `Deny` statement matched.
    ExplicitDeny,
}

/// A statement of a named policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct StatementRef {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The statement's position, from 0.
    pub index: usize,
    /// The statement's `Sid`.
    pub sid: Option<Arc<str>>,
}

impl fmt::Display for StatementRef {
    /// `trust.json statement 1 (Sid)`, counted from 1 as people do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} statement {}", self.policy, self.index + 1)?;
        match &self.sid {
            Some(sid) => write!(f, " ({sid})"),
            None => Ok(()),
        }
    }
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// The statement that granted or denied. `None` for an implicit denial, and where no statement is needed: for
    /// `sts:GetCallerIdentity`, and the root user in its own account.
    pub decided_by: Option<StatementRef>,
    /// The statement of another policy that was needed as well: across accounts, the resource policy's.
    pub together_with: Option<StatementRef>,
    /// The kind of policy that granted or denied; for an implicit denial, the kind that would have had to allow.
    /// `None` where no policy was asked.
    pub kind: Option<Kind>,
}

impl Decision {
    /// Whether the request may go on. Only [`Outcome::Allow`] may.
    pub fn is_allow(&self) -> bool {
        self.outcome == Outcome::Allow
    }
}
