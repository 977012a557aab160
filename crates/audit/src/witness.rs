//! A witness: it remembers how far it saw other logs grow, and signs for no
//! other history (C2SP tlog-witness).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::checkpoint::Checkpoint;
use crate::cosigner::{Cosigner, CosignerKey};
use crate::disk::{Disk, Durability, KEY, PUBLIC_KEY};
use crate::note::{Note, Signed, VerifierKey};
use crate::tree::{empty_root, sha256, verify_consistency};
use crate::{AuditError, ConsistencyProof};

/// Why a witness does not cosign. Shown, it is the body of the answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// The request is malformed.
    #[error("{0}")]
    Malformed(String),
    /// The witness does not look after this log.
    #[error("log `{0}` is not one that this witness looks after")]
    UnknownLog(String),
    /// No known key of the log signed the checkpoint.
    #[error("the checkpoint is not signed by the log's key")]
    Unsigned,
    /// The witness knows the log at this size.
    #[error("{0}")]
    Size(u64),
    /// The checkpoint has the size of the known one and another root: the log
    /// signed two histories.
    #[error("the log signed another root for {0} records")]
    Root(u64),
    /// The proof does not hold: the log may have signed two histories.
    #[error("the log of {new} records is no continuation of that of {old}")]
    Inconsistent {
        /// Size that the witness knows.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// The witness cannot keep its state, so it does not sign.
    #[error("the witness cannot keep its state")]
    State(#[source] AuditError),
}

impl WitnessRefusal {
    /// HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Unsigned => 403,
            Self::UnknownLog(_) => 404,
            Self::Size(_) | Self::Root(_) => 409,
            Self::Inconsistent { .. } => 422,
            Self::State(_) => 500,
        }
    }

    /// Content type of the answer.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Size(_) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// Whether this is evidence that a log signed two histories.
    #[must_use]
    pub const fn is_evidence(&self) -> bool {
        matches!(self, Self::Root(_) | Self::Inconsistent { .. })
    }
}

/// A witness and its state: for each log the newest checkpoint that it signed.
pub struct Witness {
    /// Held as long as the witness is open.
    _lock: File,
    disk: Disk,
    cosigner: Cosigner,
    logs: BTreeMap<String, Vec<VerifierKey>>,
    /// Held from looking at the known checkpoint until the new one is on disk.
    turn: Mutex<()>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("logs", &self.logs).finish_non_exhaustive()
    }
}

impl Witness {
    /// Opens the witness in `directory` for `logs`, or makes a new one called
    /// `name` with new keys. A log may have several keys, of one name.
    ///
    /// # Errors
    /// [`AuditError::Locked`] if another process has it open,
    /// [`AuditError::Malformed`] if its name is another or its key file is
    /// broken, [`AuditError::Io`].
    pub fn open(directory: &Path, name: &str, logs: Vec<VerifierKey>) -> Result<Self, AuditError> {
        let disk = Disk::new(directory);
        fs::create_dir_all(directory).map_err(AuditError::io("make", directory))?;
        let lock = disk.lock()?;
        let cosigner = match disk.read_text(KEY)? {
            Some(text) => Cosigner::parse(&zeroize::Zeroizing::new(text))?,
            None => {
                let (cosigner, text) = Cosigner::generate(name)?;
                disk.replace_secret(KEY, text.as_bytes())?;
                disk.sync_names(&disk.path(KEY))?;
                cosigner
            }
        };
        if let Some(other) = cosigner.keys().find(|key| key.name() != name) {
            let reason = format!("the witness in this directory is `{}`, `{name}` is wanted", other.name());
            return Err(AuditError::Malformed { what: "witness name", reason });
        }
        let public: String = cosigner.keys().map(|key| format!("{key}\n")).collect();
        if disk.read_text(PUBLIC_KEY)?.as_deref() != Some(&public) {
            disk.replace(PUBLIC_KEY, public.as_bytes(), Durability::Synced)?;
        }
        let mut by_origin: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
        for key in logs {
            by_origin.entry(key.name().to_owned()).or_default().push(key);
        }
        Ok(Self { _lock: lock, disk, cosigner, logs: by_origin, turn: Mutex::new(()) })
    }

    /// Public keys of the witness, Ed25519 first.
    pub fn keys(&self) -> impl Iterator<Item = &CosignerKey> {
        self.cosigner.keys()
    }

    /// Answers an `add-checkpoint` request: the signature lines. The new state
    /// is on disk when this returns.
    ///
    /// # Errors
    /// Why the witness does not sign; its state is as before.
    pub fn add_checkpoint(&self, body: &str, now: Timestamp) -> Result<String, WitnessRefusal> {
        let malformed = |error: AuditError| WitnessRefusal::Malformed(error.to_string());
        let request = ConsistencyProof::parse(body).map_err(malformed)?;
        let note = Note::parse(&request.checkpoint).map_err(malformed)?;
        let new = Checkpoint::parse(note.text()).map_err(malformed)?;
        let keys =
            self.logs.get(&new.origin).ok_or_else(|| WitnessRefusal::UnknownLog(new.origin.clone()))?;
        if !keys.iter().any(|key| note.signed_by(key) == Signed::Valid) {
            return Err(WitnessRefusal::Unsigned);
        }
        if request.old > new.size {
            return Err(WitnessRefusal::Malformed(format!("old {} is more than {}", request.old, new.size)));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.known(&new.origin).map_err(WitnessRefusal::State)?;
        let (size, root) = known.map_or((0, empty_root()), |known| (known.size, known.root));
        if request.old != size {
            return Err(WitnessRefusal::Size(size));
        }
        if new.size == size && new.root != root {
            return Err(WitnessRefusal::Root(size));
        }
        if !verify_consistency(size, new.size, &root, &new.root, &request.hashes) {
            return Err(WitnessRefusal::Inconsistent { old: size, new: new.size });
        }
        let lines = self.cosigner.cosign(note.text(), &new, now).map_err(malformed)?;
        self.keep(&note, &new.origin, &lines).map_err(WitnessRefusal::State)?;
        Ok(lines)
    }

    /// The newest checkpoint of a log that this witness signed, with its
    /// cosignatures.
    ///
    /// # Errors
    /// [`AuditError::Io`].
    pub fn latest(&self, origin: &str) -> Result<Option<String>, AuditError> {
        self.disk.read_text(&file_of(origin))
    }

    fn known(&self, origin: &str) -> Result<Option<Checkpoint>, AuditError> {
        let Some(note) = self.latest(origin)? else { return Ok(None) };
        Checkpoint::parse(Note::parse(&note)?.text()).map(Some)
    }

    /// Keeps a checkpoint with the signatures of its log and ours; what else
    /// was on it is not kept.
    fn keep(&self, note: &Note<'_>, origin: &str, lines: &str) -> Result<(), AuditError> {
        let keys = self.logs.get(origin).into_iter().flatten();
        let own: String = keys.filter_map(|key| note.line_of(key)).collect();
        let file = file_of(origin);
        let kept = format!("{}\n{own}{lines}", note.text());
        self.disk.replace(&file, kept.as_bytes(), Durability::Synced)?;
        self.disk.sync_names(&self.disk.path(&file))
    }
}

/// File of what is known about a log.
fn file_of(origin: &str) -> String {
    format!("logs/{}", hex::encode(sha256(origin.as_bytes())))
}
