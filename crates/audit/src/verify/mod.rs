//! Verifying a log offline.
//!
//! The signature covers the checkpoint, the checkpoint every record up to its
//! size. Records after it (at most a second's worth, unless publishing fails)
//! are counted as [`Verification::unsigned`]: the journal's checksums find an
//! accident there, but only a receipt finds an attacker who edits or cuts
//! them, which is why a receipt should leave the machine.

mod climb;
mod diff;
mod journal;
mod records;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::disk::{CHECKPOINT, Disk};
use crate::note::{Signed, VerifierKey};
use crate::tree::empty_root;
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
    /// Records were put in between others.
    Inserted,
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
            Self::Inserted => "log_inserted",
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
    /// Records whose entries were pruned, so that only their hashes are left.
    pub pruned: u64,
    /// Records whose personal members were erased.
    pub erased: u64,
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
/// [`AuditError::Io`], also if there is no log, and [`AuditError::Malformed`]
/// for a malformed key or checkpoint in `options`. What is wrong with the log
/// is in the result.
pub fn verify(
    directory: &Path,
    options: &VerifyOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verification, AuditError> {
    let disk = Disk::new(directory);
    let key = match &options.key {
        Some(key) => VerifierKey::parse(key)?,
        None => crate::key(directory)?,
    };
    let old = options.checkpoint.as_deref().map(|note| Checkpoint::read(note, &key)).transpose()?;
    let mut verification = Verification {
        origin: key.name().to_owned(),
        size: 0,
        root: empty_root(),
        unsigned: 0,
        pruned: 0,
        erased: 0,
        faults: Vec::new(),
    };
    let old = match old {
        Some((old, Signed::Valid)) => Some(old),
        Some(_) => {
            let detail = format!("the older checkpoint is not signed by `{key}`");
            verification.fault(FaultKind::WrongKey, None, None, detail);
            None
        }
        None => None,
    };
    let Some(checkpoint) = read_checkpoint(&disk, &key, &mut verification)? else { return Ok(verification) };
    verification.size = checkpoint.size;
    verification.root = checkpoint.root;
    records::verify(&disk, &checkpoint, old.as_ref(), &options.receipts, progress, &mut verification)?;
    Ok(verification)
}

impl Verification {
    fn fault(&mut self, kind: FaultKind, index: Option<u64>, file: Option<PathBuf>, detail: String) {
        self.faults.push(Fault { kind, index, file, detail });
    }
}

/// Reads the log's checkpoint; `None`, and a fault, if it is worth nothing.
fn read_checkpoint(
    disk: &Disk,
    key: &VerifierKey,
    verification: &mut Verification,
) -> Result<Option<Checkpoint>, AuditError> {
    let mut fault = |kind, detail| {
        verification.fault(kind, None, Some(PathBuf::from(CHECKPOINT)), detail);
        Ok(None)
    };
    let Some(note) = disk.read_text(CHECKPOINT)? else {
        return fault(FaultKind::Deleted, "the checkpoint is missing".to_owned());
    };
    match Checkpoint::read(&note, key) {
        Ok((checkpoint, Signed::Valid)) if checkpoint.origin == key.name() => Ok(Some(checkpoint)),
        Ok((checkpoint, Signed::Valid)) => {
            fault(FaultKind::WrongKey, format!("it is the checkpoint of `{}`", checkpoint.origin))
        }
        Ok((_, Signed::Invalid)) => {
            fault(FaultKind::Edited, "the signature does not hold: the checkpoint was edited".to_owned())
        }
        Ok((_, Signed::Absent)) => fault(FaultKind::WrongKey, format!("it is not signed by `{key}`")),
        Err(error) => fault(FaultKind::Edited, error.to_string()),
    }
}
