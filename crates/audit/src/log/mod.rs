//! The log's handle.

mod background;
mod publisher;
mod recover;
mod state;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;
use std::{fmt, io};

use tokio::sync::{Semaphore, oneshot};

use crate::disk::{Disk, PUBLIC_KEY};
use crate::note::VerifierKey;
use crate::record::encode;
use crate::{AuditError, Receipt, Record, Recorded};
use background::Indexer;
use state::{State, Trouble};
use writer::{Message, Pending, Writer};

/// Smallest journal segment: two of the longest records fit.
const MIN_SEGMENT: u64 = 512 << 10;

/// Most records waiting to be written; more callers wait before the queue.
const MAX_WAITING: usize = 8192;

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
    /// Bytes in one journal segment, at least 512 KiB; the reserve for a full
    /// disk is one more.
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

    /// Options for the log that is in `directory` already, with its origin.
    ///
    /// # Errors
    /// [`AuditError::Io`] if there is no log, [`AuditError::Malformed`] if its
    /// public key is.
    pub fn existing(directory: impl Into<PathBuf>) -> Result<Self, AuditError> {
        let directory = directory.into();
        let origin = key(&directory)?.name().to_owned();
        Ok(Self::new(directory, origin))
    }
}

/// Public key of the log at `directory`, as it lies beside the log.
///
/// # Errors
/// [`AuditError::Io`] if there is no log, [`AuditError::Malformed`].
pub fn key(directory: &Path) -> Result<VerifierKey, AuditError> {
    let disk = Disk::new(directory);
    let Some(text) = disk.read_text(PUBLIC_KEY)? else {
        let reason =
            io::Error::new(io::ErrorKind::NotFound, "there is no audit log here, or its key is gone");
        return Err(AuditError::io("open", directory)(reason));
    };
    VerifierKey::parse(&text)
}

/// An open log. Clones write to the same log; when the last one is dropped, it
/// is closed in the background.
#[derive(Clone)]
pub struct Log {
    queue: Sender<Message>,
    places: Arc<Semaphore>,
    state: Arc<State>,
    key: Arc<VerifierKey>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("key", &self.key).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log, or makes a new one with a new key.
    ///
    /// A write that was interrupted is removed; it was never acknowledged.
    ///
    /// # Errors
    /// [`AuditError::Locked`] if another process has it open,
    /// [`AuditError::Damaged`] if its files contradict each other,
    /// [`AuditError::Malformed`] if the directory is another log's or the
    /// origin is no key name, and [`AuditError::Io`].
    pub fn open(options: LogOptions) -> Result<Self, AuditError> {
        Self::open_on(&Disk::new(&options.directory), options)
    }

    fn open_on(disk: &Disk, mut options: LogOptions) -> Result<Self, AuditError> {
        options.segment_bytes = options.segment_bytes.max(MIN_SEGMENT);
        disk.make()?;
        let lock = disk.lock()?;
        let key = recover::open_key(disk, &options)?;
        let verifier = Arc::new(key.verifier().clone());
        let (mut publisher, segment) = recover::recover(disk, key, &options)?;
        let size = publisher.size();
        let published = publisher.publish().map(drop);
        let state = Arc::new(State::new(disk.root(), size, if published.is_ok() { size } else { 0 }));
        state.set_publication(published.as_ref().err().map(Trouble::from));

        let (queue, messages) = channel();
        let (work, works) = sync_channel(256);
        let mut writer = Writer {
            lock,
            disk: disk.clone(),
            segment,
            segment_bytes: options.segment_bytes,
            size,
            state: Arc::clone(&state),
            publisher: work,
            reserve: None,
        };
        writer.keep_reserve();
        let failed = || AuditError::io("start a thread for", disk.root());
        let indexer = Indexer::start(disk, &state).map_err(failed())?;
        let shared = Arc::clone(&state);
        let publishing = thread::Builder::new()
            .name("audit-publisher".into())
            .spawn(move || {
                background::publish(publisher, &works, options.checkpoint_interval, &shared, indexer)
            })
            .map_err(failed())?;
        thread::Builder::new()
            .name("audit-writer".into())
            .spawn(move || writer.run(&messages, publishing))
            .map_err(failed())?;
        Ok(Self { queue, places: Arc::new(Semaphore::new(MAX_WAITING)), state, key: verifier })
    }

    /// Appends a record and returns once it is on disk (`fdatasync`).
    ///
    /// Dropping the future does not take the record back.
    ///
    /// # Errors
    /// Nothing was acknowledged: [`AuditError::Full`],
    /// [`AuditError::Unpublished`], [`AuditError::Failed`],
    /// [`AuditError::Closed`], [`AuditError::Encode`].
    pub async fn append(&self, record: Record) -> Result<Receipt, AuditError> {
        let essential = record.is_essential();
        self.state.check(essential)?;
        let encoded = encode(record)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| AuditError::Closed)?;
        let (done, answer) = oneshot::channel();
        self.ask(Message::Append(Pending { encoded, essential, done, _place: place }), answer).await
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
        self.state.size()
    }

    /// Number of records that the newest checkpoint covers.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.state.published()
    }

    /// Public key that verifies the log's checkpoints. Keep it elsewhere.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Signs a checkpoint now that covers every record acknowledged so far,
    /// and gives it back (a signed note).
    ///
    /// # Errors
    /// [`AuditError::Io`] if it cannot be published, [`AuditError::Closed`].
    pub async fn checkpoint(&self) -> Result<String, AuditError> {
        let (done, answer) = oneshot::channel();
        self.ask(Message::Checkpoint(done), answer).await
    }

    /// Whether the log takes every kind of record; the error is what an
    /// allowing record would get now. Readiness depends on it.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn healthy(&self) -> Result<(), AuditError> {
        self.state.check(false)
    }

    /// Writes what is queued, publishes a last checkpoint and lets go of the
    /// directory. Later appends fail with [`AuditError::Closed`].
    ///
    /// # Errors
    /// [`AuditError::Io`] if the checkpoint could not be published; the
    /// records are safe all the same. [`AuditError::Closed`] if it was closed.
    pub async fn close(self) -> Result<(), AuditError> {
        let (done, answer) = oneshot::channel();
        self.ask(Message::Close(done), answer).await
    }

    async fn ask<T>(
        &self,
        message: Message,
        answer: oneshot::Receiver<Result<T, AuditError>>,
    ) -> Result<T, AuditError> {
        self.queue.send(message).map_err(|_| AuditError::Closed)?;
        answer.await.map_err(|_| AuditError::Closed)?
    }
}
