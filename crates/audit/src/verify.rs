//! Verifying a log offline.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::{AuditError, Receipt};

/// What to verify a log against.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Verifier key (`<name>+<key id>+<base64>`), from somewhere other than
    /// the log's directory. Without it the key beside the log is used, and the
    /// log could have been written anew under another key.
    pub key: Option<String>,
    /// An older checkpoint of the log (a signed note), kept elsewhere.
    pub checkpoint: Option<String>,
    /// Receipts of records, kept elsewhere.
    pub receipts: Vec<Receipt>,
}

/// Class of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A record's content differs from what was logged.
    Edited,
    /// A record is missing from between others.
    Deleted,
    /// Records changed places.
    Reordered,
    /// Records at the end are missing that a checkpoint or a receipt covers.
    CutTail,
    /// The whole log, checkpoint included, is an older state of itself.
    RolledBack,
    /// The log contradicts a checkpoint that its own key signed.
    Forked,
    /// The checkpoint is not signed by the expected key.
    WrongKey,
    /// A write was interrupted; opening the log for writing repairs it.
    Torn,
    /// A hash tile differs from the records, which are intact.
    Tile,
}

impl FaultKind {
    /// Stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Edited => "log_edited",
            Self::Deleted => "log_deleted",
            Self::Reordered => "log_reordered",
            Self::CutTail => "log_cut_tail",
            Self::RolledBack => "log_rolled_back",
            Self::Forked => "log_forked",
            Self::WrongKey => "log_wrong_key",
            Self::Torn => "log_torn",
            Self::Tile => "log_tile_damaged",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Class.
    pub kind: FaultKind,
    /// First record concerned, from 0.
    pub index: Option<u64>,
    /// File concerned, relative to the log's directory.
    pub file: Option<PathBuf>,
    /// What was expected and what was found.
    pub detail: String,
}

/// Result of a verification.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Origin line of the checkpoint.
    pub origin: String,
    /// Records that the checkpoint covers.
    pub size: u64,
    /// Root hash of the checkpoint.
    pub root: [u8; 32],
    /// Records after the checkpoint: on disk, but not yet signed for, so that
    /// only their receipts prove them.
    pub unsigned: u64,
    /// Faults found, most telling first; empty if the log is intact.
    pub faults: Vec<Fault>,
}

impl Verification {
    /// Whether the log is intact.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Verifies the log at `directory`, reading each record once.
///
/// `progress` is called from time to time with the records read and the
/// records there are.
///
/// # Errors
/// [`AuditError::Io`], and [`AuditError::Malformed`] for a malformed key or
/// checkpoint in `options`. What is wrong with the log is in the result.
pub fn verify(
    _directory: &Path,
    _options: &VerifyOptions,
    _progress: &mut dyn FnMut(u64, u64),
) -> Result<Verification, AuditError> {
    Err(AuditError::Closed)
}
