//! Is the new policy wider?

use serde::Serialize;

use super::{Answer, Search, Space};

/// How two sets of requests compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They are the same.
    Equal,
    /// The new one is part of the old one.
    Narrower,
    /// The old one is part of the new one.
    Wider,
    /// Each has what the other has not.
    Incomparable,
    /// It was not decided.
    NotDecided,
}

/// What changed from an old set to a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The verdict.
    pub verdict: Verdict,
    /// What the new set has and the old one has not.
    pub gained: Answer,
    /// What the old set has and the new one has not.
    pub lost: Answer,
}

impl Comparison {
    /// Compares two sets.
    pub fn of(old: &Space, new: &Space, search: &Search<'_>) -> Self {
        let gained = search.find(&new.minus(old));
        let lost = search.find(&old.minus(new));
        let verdict = match (&gained, &lost) {
            (Answer::NotDecided { .. }, _) | (_, Answer::NotDecided { .. }) => Verdict::NotDecided,
            (Answer::Empty, Answer::Empty) => Verdict::Equal,
            (Answer::Empty, Answer::Witness(_)) => Verdict::Narrower,
            (Answer::Witness(_), Answer::Empty) => Verdict::Wider,
            (Answer::Witness(_), Answer::Witness(_)) => Verdict::Incomparable,
        };
        Self { verdict, gained, lost }
    }

    /// Whether the new set has, or might have, something that the old one has not.
    pub fn new_access(&self) -> bool {
        !self.gained.is_empty()
    }
}
