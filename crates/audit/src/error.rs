//! What can go wrong with the log.

use std::io;
use std::path::{Path, PathBuf};

/// Why the log could not do what it was asked.
///
/// Every variant means that nothing was acknowledged: an append that fails
/// gave no receipt, so no credential may go out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The disk is full. Denials are still written while the reserve lasts;
    /// this record was not.
    #[error(
        "no room for the audit log in `{}`: nothing is issued until there is; free space there, it recovers by itself",
        directory.display()
    )]
    Full {
        /// Directory of the log.
        directory: PathBuf,
    },
    /// Tiles or the checkpoint cannot be published, so only denials are
    /// written until they can.
    #[error(
        "the audit log in `{}` cannot publish its checkpoint ({reason}): nothing is issued until it can",
        directory.display()
    )]
    Unpublished {
        /// Directory of the log.
        directory: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A write or a sync of the journal failed. What is on disk is unknown
    /// until the log is opened anew.
    #[error(
        "the audit log in `{}` failed and is closed ({reason}): mend the disk and restart",
        directory.display()
    )]
    Failed {
        /// Directory of the log.
        directory: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The log was closed.
    #[error("the audit log is closed")]
    Closed,
    /// Another process has the log open.
    #[error("the audit log `{}` is in use by another process: one writer at a time", path.display())]
    Locked {
        /// Lock file.
        path: PathBuf,
    },
    /// The files contradict each other; opening would hide it.
    #[error(
        "the audit log is damaged at `{}`: {reason}; run `stagedoor audit verify`, and do not write to this directory",
        path.display()
    )]
    Damaged {
        /// File at fault.
        path: PathBuf,
        /// What contradicts what.
        reason: String,
    },
    /// A key, checkpoint or proof text is malformed.
    #[error("malformed {what}: {reason}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such record.
    #[error("no record {index}: the log has {size}")]
    NoSuchRecord {
        /// Index asked for.
        index: u64,
        /// Records in the log.
        size: u64,
    },
    /// The record cannot be encoded.
    #[error("the record cannot be encoded: {0}")]
    Encode(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// File concerned.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl AuditError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "audit_full",
            Self::Unpublished { .. } => "audit_unpublished",
            Self::Failed { .. } => "audit_failed",
            Self::Closed => "audit_closed",
            Self::Locked { .. } => "audit_locked",
            Self::Damaged { .. } => "audit_damaged",
            Self::Malformed { .. } => "audit_malformed",
            Self::NoSuchRecord { .. } => "audit_no_such_record",
            Self::Encode(_) => "audit_encode",
            Self::Io { .. } => "audit_io",
        }
    }

    /// Makes an I/O error out of its circumstances.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Says that `path` contradicts the rest of the log.
    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }
}
