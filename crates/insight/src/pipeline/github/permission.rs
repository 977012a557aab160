//! Whether a job may ask for a token: `permissions`.

use crate::source::Place;
use crate::yaml::Node;

/// What a job, or the jobs that call it, may do with `id-token`.
#[derive(Debug, Clone)]
pub(super) enum Permission {
    /// It may ask.
    Write(Place),
    /// It may not.
    None {
        /// Where that is said.
        place: Place,
        /// What is missing.
        missing: String,
    },
    /// Nobody says; then it may not, unless a calling job passes it on.
    Unset,
}

impl Permission {
    /// The effective permission: the job's own block replaces the workflow's.
    pub(super) fn of(root: &Node, job: &Node, key: &Node) -> Self {
        let own = job.entry("permissions").map(|(name, block)| (name, block, "the job"));
        let whole = root.entry("permissions").map(|(name, block)| (name, block, "the workflow"));
        let Some((name, block, owner)) = own.or(whole) else { return Self::Unset };
        let missing = |what: &str| Self::None { place: name.place().clone(), missing: what.to_owned() };
        match block.text() {
            Some("write-all") => return Self::Write(block.place().clone()),
            Some("read-all") => return missing("`id-token: write` (`read-all` does not hold it)"),
            _ => {}
        }
        match block.entry("id-token") {
            Some((_, level)) if level.text() == Some("write") => Self::Write(level.place().clone()),
            Some((_, level)) => Self::None {
                place: level.place().clone(),
                missing: "`write` (no other level gives a token)".to_owned(),
            },
            None if owner == "the workflow" => Self::None {
                place: key.place().clone(),
                missing: "`permissions: { id-token: write }`".to_owned(),
            },
            None => missing("`id-token: write`"),
        }
    }

    /// What is left of it in a workflow that is called with `granted`.
    pub(super) fn within(self, granted: &Permission) -> Self {
        match (granted, self) {
            (Self::Unset, own) => own,
            (none @ Self::None { .. }, _) => none.clone(),
            (Self::Write(place), Self::Unset) => Self::Write(place.clone()),
            (Self::Write(_), own) => own,
        }
    }
}
