//! Why a request was decided as it was.

use serde::Serialize;

use crate::Decision;

/// A decision with its reasons.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    pub(crate) decision: Decision,
}

impl Explanation {
    /// What was decided.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The smallest change that would have allowed the request, when one stands out.
    pub fn nearest_change(&self) -> Option<&str> {
        None
    }

    /// The explanation for people, with the policies' own lines underlined.
    pub fn render(&self, _color: bool) -> String {
        self.summary()
    }

    /// The explanation in one line, for a record.
    pub fn summary(&self) -> String {
        match &self.decision.decided_by {
            Some(statement) => format!("decided by {statement}"),
            None => "no statement allows the request".to_owned(),
        }
    }
}
