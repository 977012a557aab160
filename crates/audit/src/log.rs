//! The log's handle.

use std::path::PathBuf;
use std::time::Duration;

use crate::{AuditError, Receipt, Record, Recorded};

/// How to open a log.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// Directory of the log; made if missing.
    pub directory: PathBuf,
    /// Origin line of the checkpoints and name of the key: a URL without its
    /// scheme, without spaces and `+`, such as `stagedoor.acme.example/audit`.
    /// Fixed when the log is first opened.
    pub origin: String,
    /// Longest time from a record to the checkpoint that covers it.
    pub checkpoint_interval: Duration,
    /// Bytes in one journal segment; the reserve for a full disk is one more.
    pub segment_bytes: u64,
}

impl LogOptions {
    /// Options with the defaults: a checkpoint each second, segments of 16 MiB.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, origin: impl Into<String>) -> Self {
        Self {
            directory: directory.into(),
            origin: origin.into(),
            checkpoint_interval: Duration::from_secs(1),
            segment_bytes: 16 << 20,
        }
    }
}

/// An open log. Clones write to the same log.
#[derive(Clone, Debug)]
pub struct Log {}

impl Log {
    /// Opens the log, or makes a new one with a new key.
    ///
    /// # Errors
    /// [`AuditError::Locked`] if another process has it open,
    /// [`AuditError::Damaged`] if its files contradict each other, and
    /// [`AuditError::Io`].
    pub fn open(_options: LogOptions) -> Result<Self, AuditError> {
        Err(AuditError::Closed)
    }

    /// Appends a record and returns once it is on disk (`fdatasync`).
    ///
    /// # Errors
    /// Nothing was acknowledged: [`AuditError::Full`],
    /// [`AuditError::Unpublished`], [`AuditError::Failed`],
    /// [`AuditError::Closed`], [`AuditError::Encode`].
    pub async fn append(&self, _record: Record) -> Result<Receipt, AuditError> {
        Err(AuditError::Closed)
    }

    /// Records `value`: gives it back, with the proof, once its record is on
    /// disk.
    ///
    /// # Errors
    /// As [`Log::append`]; the value is dropped.
    pub async fn record<T>(&self, value: T, record: Record) -> Result<Recorded<T>, AuditError> {
        let receipt = self.append(record).await?;
        Ok(Recorded::new(value, receipt))
    }

    /// Number of records on disk.
    #[must_use]
    pub fn size(&self) -> u64 {
        0
    }

    /// Whether the log takes every kind of record; the error is what an
    /// allowing record would get now. Readiness depends on it.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn healthy(&self) -> Result<(), AuditError> {
        Err(AuditError::Closed)
    }

    /// Writes what is queued, publishes a last checkpoint and lets go of the
    /// directory. Later appends fail with [`AuditError::Closed`].
    ///
    /// # Errors
    /// As [`Log::append`].
    pub async fn close(self) -> Result<(), AuditError> {
        Err(AuditError::Closed)
    }
}
