//! Proofs about the log, for those who have only its public key.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::disk::{CHECKPOINT, Disk};
use crate::note::VerifierKey;
use crate::reader::Reader;
use crate::tiles::Tiles;
use crate::tree::{consistency_proof, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion};
use crate::{AuditError, Entry};

/// Proof that a record is in the log.
///
/// Shown as a C2SP tlog-proof, to be kept in a file `*.tlog-proof` beside the
/// record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index of the record.
    pub index: u64,
    /// Sibling hashes from the leaf up (RFC 6962 §2.1.1).
    pub hashes: Vec<[u8; 32]>,
    /// Signed checkpoint that covers the record.
    pub checkpoint: String,
}

impl InclusionProof {
    /// Checks that `entry`, the record as logged ([`Entry::raw`]), is in the
    /// log whose public key is `key`. Gives back the checkpoint.
    ///
    /// # Errors
    /// [`AuditError::Malformed`] if the checkpoint is not signed by `key`, or
    /// the proof does not hold.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, AuditError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let leaf = leaf_hash(entry);
        if verify_inclusion(self.index, checkpoint.size, &leaf, &checkpoint.root, &self.hashes) {
            return Ok(checkpoint);
        }
        let reason = format!("the entry is not record {} of the {} signed for", self.index, checkpoint.size);
        Err(AuditError::Malformed { what: "inclusion proof", reason })
    }

    /// Reads a C2SP tlog-proof.
    ///
    /// # Errors
    /// [`AuditError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, AuditError> {
        let read = || {
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut lines = head.strip_prefix("c2sp.org/tlog-proof@v1\n")?.lines().peekable();
            lines.next_if(|line| line.starts_with("extra "));
            let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
            let hashes =
                lines.map(hash_line).collect::<Option<Vec<_>>>().filter(|hashes| hashes.len() < 64)?;
            Some(Self { index, hashes, checkpoint: checkpoint.to_owned() })
        };
        let reason = "wanted a C2SP tlog-proof, which begins with `c2sp.org/tlog-proof@v1`".to_owned();
        read().ok_or(AuditError::Malformed { what: "inclusion proof", reason })
    }
}

impl fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "c2sp.org/tlog-proof@v1\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Proof that the log only grew since an older checkpoint.
///
/// Shown as the body of a C2SP tlog-witness `add-checkpoint` request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the older checkpoint.
    pub old: u64,
    /// Hashes (RFC 6962 §2.1.2); empty if the older checkpoint is of size 0.
    pub hashes: Vec<[u8; 32]>,
    /// Newer signed checkpoint.
    pub checkpoint: String,
}

impl ConsistencyProof {
    /// Checks that the log whose public key is `key` only grew since the
    /// signed checkpoint `old`. Gives back the newer checkpoint.
    ///
    /// # Errors
    /// [`AuditError::Malformed`] if a checkpoint is not signed by `key`, or
    /// the proof does not hold.
    pub fn verify(&self, old: &str, key: &VerifierKey) -> Result<Checkpoint, AuditError> {
        let old = Checkpoint::open(old, key)?;
        let new = Checkpoint::open(&self.checkpoint, key)?;
        if old.size == self.old && verify_consistency(old.size, new.size, &old.root, &new.root, &self.hashes)
        {
            return Ok(new);
        }
        let reason = format!("the log of {} records is no continuation of that of {}", new.size, old.size);
        Err(AuditError::Malformed { what: "consistency proof", reason })
    }

    /// Reads the body of a C2SP tlog-witness `add-checkpoint` request.
    ///
    /// # Errors
    /// [`AuditError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, AuditError> {
        let read = || {
            let (head, checkpoint) = text.split_once("\n\n")?;
            let mut lines = head.lines();
            let old = lines.next()?.strip_prefix("old ")?;
            let canonical = old.bytes().all(|b| b.is_ascii_digit()) && (old == "0" || !old.starts_with('0'));
            let old = old.parse().ok().filter(|_| canonical)?;
            let hashes =
                lines.map(hash_line).collect::<Option<Vec<_>>>().filter(|hashes| hashes.len() < 64)?;
            Some(Self { old, hashes, checkpoint: checkpoint.to_owned() })
        };
        let reason = "wanted `old <size>`, at most 63 hashes, an empty line and a checkpoint".to_owned();
        read().ok_or(AuditError::Malformed { what: "consistency proof", reason })
    }
}

impl fmt::Display for ConsistencyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn hash_line(line: &str) -> Option<[u8; 32]> {
    STANDARD.decode(line).ok()?.try_into().ok()
}

/// Proves that record `index` is in the log at `directory`; gives the record
/// as well. The proof is checked before it is given out.
///
/// # Errors
/// [`AuditError::NoSuchRecord`] if the checkpoint does not cover the record,
/// [`AuditError::Damaged`] if the log's tiles do not bear the proof out,
/// [`AuditError::Io`].
pub fn prove(directory: &Path, index: u64) -> Result<(Entry, InclusionProof), AuditError> {
    let disk = Disk::new(directory);
    let (note, key, checkpoint) = checkpoint_of(&disk)?;
    if index >= checkpoint.size {
        return Err(AuditError::NoSuchRecord { index, size: checkpoint.size });
    }
    let entry = Reader::open(&disk)?.entry(index)?;
    let hashes = inclusion_proof(&mut Tiles::new(&disk, checkpoint.size), index, checkpoint.size)?;
    let proof = InclusionProof { index, hashes, checkpoint: note };
    proof.verify(&entry.raw, &key).map_err(|error| AuditError::damaged(directory, error.to_string()))?;
    Ok((entry, proof))
}

/// Proves that the log at `directory` only grew since the signed checkpoint
/// `old`. The proof is checked before it is given out.
///
/// # Errors
/// [`AuditError::Malformed`] if `old` is no checkpoint of this log's key or is
/// newer than the log, [`AuditError::Damaged`] if the log is no continuation
/// of it, [`AuditError::Io`].
pub fn prove_consistency(directory: &Path, old: &str) -> Result<ConsistencyProof, AuditError> {
    let disk = Disk::new(directory);
    let (note, key, new) = checkpoint_of(&disk)?;
    let from = Checkpoint::open(old, &key)?;
    if from.size > new.size {
        let reason = format!("it covers {} records, the log's newest {}", from.size, new.size);
        return Err(AuditError::Malformed { what: "older checkpoint", reason });
    }
    let proof =
        ConsistencyProof { old: from.size, hashes: growth(&disk, from.size, new.size)?, checkpoint: note };
    proof.verify(old, &key).map_err(|error| AuditError::damaged(directory, error.to_string()))?;
    Ok(proof)
}

/// Proves to a witness, who knows the first `old` records of the log at
/// `directory`, that the log only grew since. Only the witness can check it.
///
/// # Errors
/// [`AuditError::NoSuchRecord`] if the log's newest checkpoint covers fewer
/// records than `old`, [`AuditError::Damaged`], [`AuditError::Io`].
pub fn prove_growth(directory: &Path, old: u64) -> Result<ConsistencyProof, AuditError> {
    let disk = Disk::new(directory);
    let (note, _, new) = checkpoint_of(&disk)?;
    if old > new.size {
        return Err(AuditError::NoSuchRecord { index: old, size: new.size });
    }
    Ok(ConsistencyProof { old, hashes: growth(&disk, old, new.size)?, checkpoint: note })
}

fn growth(disk: &Disk, old: u64, new: u64) -> Result<Vec<[u8; 32]>, AuditError> {
    match old {
        0 => Ok(Vec::new()),
        _ => consistency_proof(&mut Tiles::new(disk, new), old, new),
    }
}

/// The newest checkpoint of the log at `directory`: the signed note, and what
/// it says. The key beside the log must have signed it.
///
/// # Errors
/// [`AuditError::Io`] if there is no log, [`AuditError::Damaged`] if it has no
/// checkpoint, [`AuditError::Malformed`] if that is not signed.
pub fn checkpoint(directory: &Path) -> Result<(String, Checkpoint), AuditError> {
    let (note, _, checkpoint) = checkpoint_of(&Disk::new(directory))?;
    Ok((note, checkpoint))
}

/// The log's newest checkpoint: its note, the key beside it, its content.
fn checkpoint_of(disk: &Disk) -> Result<(String, VerifierKey, Checkpoint), AuditError> {
    let key = crate::key(disk.root())?;
    let missing = || AuditError::damaged(&disk.path(CHECKPOINT), "it is missing");
    let note = disk.read_text(CHECKPOINT)?.ok_or_else(missing)?;
    let checkpoint = Checkpoint::open(&note, &key)?;
    Ok((note, key, checkpoint))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_proof_survives_its_text(index in any::<u64>(), hashes in prop::collection::vec(any::<[u8; 32]>(), 0..63), checkpoint in "[a-z]{1,9}\n1\n[a-zA-Z]{9}\n\n. [a-z]{1,9} [a-zA-Z]{9}\n") {
            let proof = InclusionProof { index, hashes, checkpoint };
            prop_assert_eq!(InclusionProof::parse(&proof.to_string()).unwrap(), proof);
        }

        #[test]
        fn a_proof_of_growth_survives_its_text(old in any::<u64>(), hashes in prop::collection::vec(any::<[u8; 32]>(), 0..63), checkpoint in "[a-z]{1,9}\n1\n[a-zA-Z]{9}\n\n. [a-z]{1,9} [a-zA-Z]{9}\n") {
            let proof = ConsistencyProof { old, hashes, checkpoint };
            prop_assert_eq!(ConsistencyProof::parse(&proof.to_string()).unwrap(), proof);
        }

        #[test]
        fn reading_never_panics(text in "(?s).{0,200}") {
            let _ = ConsistencyProof::parse(&format!("old {text}"));
            let _ = InclusionProof::parse(&format!("c2sp.org/tlog-proof@v1\n{text}"));
        }
    }
}
