//! What the threads of a log know of its condition.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::AuditError;
use crate::disk::is_full;

/// Why only denials are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No room.
    Full,
    /// Something else.
    Other(String),
}

impl From<&AuditError> for Trouble {
    fn from(error: &AuditError) -> Self {
        match error {
            AuditError::Full { .. } => Self::Full,
            AuditError::Io { source, .. } if is_full(source) => Self::Full,
            other => Self::Other(other.to_string()),
        }
    }
}

/// Condition of a log, shared by its threads and handles.
#[derive(Debug)]
pub(super) struct State {
    directory: PathBuf,
    size: AtomicU64,
    published: AtomicU64,
    condition: Mutex<Condition>,
}

#[derive(Debug, Default)]
struct Condition {
    /// There is no reserve.
    reserve: Option<Trouble>,
    /// The checkpoint cannot be published.
    publication: Option<Trouble>,
    /// A sync failed: what is on disk is unknown.
    failed: Option<String>,
    closed: bool,
}

impl State {
    pub(super) fn new(directory: &Path, size: u64, published: u64) -> Self {
        Self {
            directory: directory.to_owned(),
            size: AtomicU64::new(size),
            published: AtomicU64::new(published),
            condition: Mutex::default(),
        }
    }

    /// Records on disk.
    pub(super) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    pub(super) fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Release);
    }

    /// Records that the checkpoint covers.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::Acquire)
    }

    pub(super) fn set_published(&self, size: u64) {
        self.published.store(size, Ordering::Release);
    }

    pub(super) fn set_reserve(&self, trouble: Option<Trouble>) {
        self.change(|condition| condition.reserve = trouble);
    }

    pub(super) fn set_publication(&self, trouble: Option<Trouble>) {
        self.change(|condition| condition.publication = trouble);
    }

    pub(super) fn is_published(&self) -> bool {
        self.look(|condition| condition.publication.is_none())
    }

    pub(super) fn fail(&self, reason: String) {
        tracing::error!(directory = %self.directory.display(), reason, "the audit log failed");
        self.change(|condition| condition.failed = Some(reason));
    }

    pub(super) fn close(&self) {
        self.change(|condition| condition.closed = true);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.look(|condition| condition.closed)
    }

    /// What stands against a record; `essential` ones may use the reserve.
    pub(super) fn check(&self, essential: bool) -> Result<(), AuditError> {
        let directory = || self.directory.clone();
        self.look(|condition| {
            if let Some(reason) = &condition.failed {
                return Err(AuditError::Failed { directory: directory(), reason: reason.clone() });
            }
            if condition.closed {
                return Err(AuditError::Closed);
            }
            match condition.reserve.as_ref().or(condition.publication.as_ref()) {
                Some(trouble) if !essential => Err(self.refusal(trouble)),
                _ => Ok(()),
            }
        })
    }

    /// What a record is refused with when not even the reserve is left.
    pub(super) fn exhausted(&self) -> AuditError {
        let trouble =
            self.look(|condition| condition.reserve.clone().or_else(|| condition.publication.clone()));
        self.refusal(&trouble.unwrap_or(Trouble::Full))
    }

    fn refusal(&self, trouble: &Trouble) -> AuditError {
        let directory = self.directory.clone();
        match trouble {
            Trouble::Full => AuditError::Full { directory },
            Trouble::Other(reason) => AuditError::Unpublished { directory, reason: reason.clone() },
        }
    }

    fn look<T>(&self, look: impl FnOnce(&Condition) -> T) -> T {
        look(&self.condition.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Condition)) {
        let mut condition = self.condition.lock().unwrap_or_else(PoisonError::into_inner);
        let before = condition.reserve.is_some() || condition.publication.is_some();
        change(&mut condition);
        let after = condition.reserve.is_some() || condition.publication.is_some();
        if before != after {
            let directory = self.directory.display();
            if after {
                tracing::error!(%directory, ?condition, "the audit log takes denials only");
            } else {
                tracing::info!(%directory, "the audit log takes every record again");
            }
        }
    }
}
