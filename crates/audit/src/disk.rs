//! The files of a log.
//!
//! ```text
//! checkpoint          the newest signed checkpoint
//! tile/<L>/…          hash tiles            (C2SP tlog-tiles)
//! tile/entries/…      entry bundles         (C2SP tlog-tiles)
//! personal/…          personal members of the entries, erasable
//! journal/<index>     what is acknowledged, until it is published
//! journal/reserve     room for the last denials when the disk is full
//! key, key.pub        signing key (0600), verifier key
//! index/…             search index, rebuildable
//! lock                held by the writer
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;

use crate::AuditError;

/// Checkpoint file.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// File of the signing key.
pub(crate) const KEY: &str = "key";
/// File of the verifier key.
pub(crate) const PUBLIC_KEY: &str = "key.pub";
/// Directory of the journal.
pub(crate) const JOURNAL: &str = "journal";
/// Room for the last denials.
pub(crate) const RESERVE: &str = "journal/reserve";
/// Index below which entries were pruned.
pub(crate) const MINIMUM: &str = "minimum";
const LOCK: &str = "lock";

/// Whether a write must survive a loss of power before it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It must.
    Synced,
    /// It can be made again from the journal.
    Rebuildable,
}

/// The directory of a log.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    #[cfg(test)]
    full: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Disk {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            #[cfg(test)]
            full: std::sync::Arc::default(),
        }
    }

    /// Directory of the log.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Path of a file.
    pub(crate) fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.root.join(file)
    }

    /// Makes the directory.
    pub(crate) fn make(&self) -> Result<(), AuditError> {
        let journal = self.path(JOURNAL);
        fs::create_dir_all(&journal).map_err(AuditError::io("make", &journal))
    }

    /// Locks the log for writing, as long as the file lives.
    pub(crate) fn lock(&self) -> Result<File, AuditError> {
        let path = self.path(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(AuditError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(AuditError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(AuditError::io("lock", &path)(source)),
        }
    }

    /// Whether a writer has the log open.
    pub(crate) fn is_locked(&self) -> bool {
        File::open(self.path(LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Reads a file; `None` if there is none.
    pub(crate) fn read(&self, file: impl AsRef<Path>) -> Result<Option<Vec<u8>>, AuditError> {
        let path = self.path(file);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(AuditError::io("read", &path)(error)),
        }
    }

    /// Reads a text of at most 128 KiB; `None` if there is none.
    pub(crate) fn read_text(&self, file: &str) -> Result<Option<String>, AuditError> {
        let Some(bytes) = self.read(file)? else { return Ok(None) };
        let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= crate::note::MAX_NOTE);
        let damaged = || AuditError::damaged(&self.path(file), "it is not a short text");
        text.map(Some).ok_or_else(damaged)
    }

    /// Puts `bytes` into a file, whole or not at all.
    pub(crate) fn replace(
        &self,
        file: impl AsRef<Path>,
        bytes: &[u8],
        durability: Durability,
    ) -> Result<(), AuditError> {
        let path = self.path(file);
        self.write_new(&path, bytes, durability, 0o644)
    }

    /// Puts a secret into a file that only its owner may read.
    pub(crate) fn replace_secret(&self, file: &str, bytes: &[u8]) -> Result<(), AuditError> {
        self.write_new(&self.path(file), bytes, Durability::Synced, 0o600)
    }

    fn write_new(
        &self,
        path: &Path,
        bytes: &[u8],
        durability: Durability,
        mode: u32,
    ) -> Result<(), AuditError> {
        let mut new = path.to_owned();
        new.as_mut_os_string().push(".new");
        let write = || {
            self.check_room()?;
            let mut file = create(&new, mode)?;
            file.write_all(bytes)?;
            if durability == Durability::Synced {
                file.sync_all()?;
            }
            fs::rename(&new, path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&new);
            AuditError::io("write", path)(error)
        })
    }

    /// Makes a file of `bytes` zeros whose room on the disk is its own.
    pub(crate) fn allocate(&self, file: impl AsRef<Path>, bytes: u64) -> Result<File, AuditError> {
        let path = self.path(file);
        let allocate = || {
            let file = create(&path, 0o644)?;
            self.extend(&file, 0, bytes)?;
            file.sync_all()?;
            Ok(file)
        };
        allocate().map_err(|error| {
            let _ = fs::remove_file(&path);
            AuditError::io("allocate", &path)(error)
        })
    }

    /// Makes `file` longer with zeros whose room on the disk is its own.
    pub(crate) fn extend(&self, file: &File, from: u64, to: u64) -> io::Result<()> {
        self.check_room()?;
        let bytes = to.saturating_sub(from);
        if bytes == 0 {
            return Ok(());
        }
        match rustix::fs::fallocate(file, FallocateFlags::empty(), from, bytes) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => write_zeros(file, from, bytes),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the names in the directory of `file`, and in those above it up to
    /// the log's own, survive a loss of power.
    pub(crate) fn sync_names(&self, file: &Path) -> Result<(), AuditError> {
        let above = file.ancestors().skip(1).filter(|path| path.starts_with(&self.root));
        above.into_iter().try_for_each(|path| {
            File::open(path).and_then(|directory| directory.sync_all()).map_err(AuditError::io("sync", path))
        })
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "tests fill the disk here")]
    fn check_room(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    fn check_room(&self) -> io::Result<()> {
        if self.full.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(rustix::io::Errno::NOSPC.into());
        }
        Ok(())
    }

    /// Makes the disk pretend to be full, or no longer.
    #[cfg(test)]
    pub(crate) fn pretend_full(&self, full: bool) {
        self.full.store(full, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Whether an error says that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Makes a file anew, and the directories above it.
fn create(path: &Path, mode: u32) -> io::Result<File> {
    let open = || OpenOptions::new().create(true).write(true).truncate(true).mode(mode).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            open()
        }
        other => other,
    }
}

fn write_zeros(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt as _;
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut written = 0_u64;
    while written < bytes {
        let rest = usize::try_from(bytes.saturating_sub(written)).unwrap_or(usize::MAX);
        let part = ZEROS.get(..rest.min(ZEROS.len())).unwrap_or(&ZEROS);
        file.write_all_at(part, from.saturating_add(written))?;
        written = written.saturating_add(part.len() as u64);
    }
    Ok(())
}
