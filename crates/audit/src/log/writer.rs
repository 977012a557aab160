//! The thread that writes.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::background::Work;
use super::state::{State, Trouble};
use crate::disk::{Disk, RESERVE, is_full};
use crate::journal::{FRAME_HEADER, Segment, encode_frame};
use crate::record::Encoded;
use crate::{AuditError, Receipt};

/// Time between attempts to set room aside.
const RETRY: Duration = Duration::from_millis(500);

/// Most records in a group.
const MAX_GROUP: usize = 256;

/// A record on its way.
pub(super) struct Pending {
    pub(super) encoded: Encoded,
    pub(super) essential: bool,
    pub(super) done: oneshot::Sender<Result<Receipt, AuditError>>,
    /// Its place in the queue.
    pub(super) _place: OwnedSemaphorePermit,
}

/// What the writer is asked.
pub(super) enum Message {
    Append(Pending),
    Checkpoint(oneshot::Sender<Result<String, AuditError>>),
    Close(oneshot::Sender<Result<(), AuditError>>),
}

pub(super) struct Writer {
    /// Held as long as the log is open.
    pub(super) lock: File,
    pub(super) disk: Disk,
    pub(super) segment: Segment,
    pub(super) segment_bytes: u64,
    pub(super) size: u64,
    pub(super) state: Arc<State>,
    pub(super) publisher: SyncSender<Work>,
    /// Room for the last denials, or when it was last asked for.
    pub(super) reserve: Option<Reserve>,
}

/// Room for the last denials.
pub(super) enum Reserve {
    /// It is there.
    Ready,
    /// It was not to be had then.
    Missing(Instant),
}

impl Writer {
    /// Writes what comes until the log is closed or its last handle is gone.
    pub(super) fn run(mut self, queue: &Receiver<Message>, publishing: JoinHandle<Result<(), AuditError>>) {
        let mut held = None;
        let closing = loop {
            let message = match held.take() {
                Some(message) => Ok(message),
                None => queue.recv_timeout(Duration::from_secs(1)),
            };
            match message {
                Ok(Message::Append(first)) => held = self.take_group(first, queue),
                Ok(Message::Checkpoint(done)) => {
                    if let Err(unsent) = self.publisher.send(Work::Checkpoint(done)) {
                        self.state.fail(format!("its publisher is gone: {unsent}"));
                    }
                }
                Ok(Message::Close(done)) => break Some(done),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            self.keep_reserve();
        };
        self.state.close();
        drop(self.publisher);
        let gone = || AuditError::Malformed { what: "log", reason: "its publisher broke down".to_owned() };
        let result = publishing.join().unwrap_or_else(|_| Err(gone()));
        drop(self.lock);
        if let Some(done) = closing {
            let _ = done.send(result);
        }
    }

    /// Takes what else is waiting and commits it with `first`. Gives back a
    /// message that is no record.
    fn take_group(&mut self, first: Pending, queue: &Receiver<Message>) -> Option<Message> {
        let most = usize::try_from(self.segment_bytes / 4).unwrap_or(usize::MAX).min(1 << 20);
        let mut bytes = cost(&first);
        let mut group = vec![first];
        let mut other = None;
        while group.len() < MAX_GROUP && bytes < most {
            match queue.try_recv() {
                Ok(Message::Append(next)) => {
                    bytes = bytes.saturating_add(cost(&next));
                    group.push(next);
                }
                Ok(message) => {
                    other = Some(message);
                    break;
                }
                Err(_) => break,
            }
        }
        self.commit(group);
        other
    }

    /// Writes a group, waits until it is on disk, and acknowledges it.
    fn commit(&mut self, group: Vec<Pending>) {
        let mut taken = Vec::with_capacity(group.len());
        for pending in group {
            match self.state.check(pending.essential) {
                Ok(()) => taken.push(pending),
                Err(error) => drop(pending.done.send(Err(error))),
            }
        }
        if taken.is_empty() {
            return;
        }
        let frame = encode_frame(self.size, taken.iter().map(|pending| &pending.encoded));
        if let Err(refusal) = self.write(&frame) {
            for pending in taken {
                let _ = pending.done.send(Err(refusal()));
            }
            return;
        }
        let mut records = Vec::with_capacity(taken.len());
        let mut acknowledged = Vec::with_capacity(taken.len());
        for (index, pending) in (self.size..).zip(taken) {
            acknowledged.push((pending.done, Receipt { index, leaf_hash: pending.encoded.leaf }));
            records.push(pending.encoded);
        }
        self.size = self.size.saturating_add(records.len() as u64);
        self.state.set_size(self.size);
        for (done, receipt) in acknowledged {
            let _ = done.send(Ok(receipt));
        }
        if self.publisher.send(Work::Records(records)).is_err() {
            self.state.fail("its publisher is gone".to_owned());
        }
    }

    /// Writes a frame, in the next segment if this one is full.
    fn write(&mut self, frame: &[u8]) -> Result<(), impl Fn() -> AuditError + use<>> {
        let state = Arc::clone(&self.state);
        let refusal = move || state.check(false).err().unwrap_or_else(|| state.exhausted());
        if !self.segment.fits(frame.len()) && self.rotate().is_err() {
            return Err(refusal);
        }
        match self.segment.append(frame) {
            Ok(()) => Ok(()),
            // On a file system that cannot set room aside.
            Err(error) if is_full(&error) => {
                self.state.set_reserve(Some(Trouble::Full));
                Err(refusal)
            }
            Err(error) => {
                self.state.fail(format!("{}: {error}", self.segment.path().display()));
                Err(refusal)
            }
        }
    }

    /// Goes on in a new segment, which is the reserve.
    fn rotate(&mut self) -> Result<(), AuditError> {
        let next = Segment::start(&self.disk, self.size, self.segment_bytes);
        match next {
            Ok(segment) => {
                self.segment = segment;
                self.reserve = None;
                self.keep_reserve();
                Ok(())
            }
            Err(error) => {
                self.state.set_reserve(Some(Trouble::from(&error)));
                Err(error)
            }
        }
    }

    /// Sets room aside for the last denials if there is none. While nothing
    /// can be published there will be none, so that the backlog has an end.
    pub(super) fn keep_reserve(&mut self) {
        match self.reserve {
            Some(Reserve::Ready) => return,
            Some(Reserve::Missing(since)) if since.elapsed() < RETRY => return,
            _ if !self.state.is_published() => return,
            _ => {}
        }
        let made = match self.disk.path(RESERVE).try_exists() {
            Ok(true) => Ok(()),
            _ => self
                .disk
                .allocate(RESERVE, self.segment_bytes)
                .and_then(|_| self.disk.sync_names(&self.disk.path(RESERVE))),
        };
        self.state.set_reserve(made.as_ref().err().map(Trouble::from));
        self.reserve = Some(made.map_or_else(|_| Reserve::Missing(Instant::now()), |()| Reserve::Ready));
    }
}

fn cost(pending: &Pending) -> usize {
    FRAME_HEADER.saturating_add(pending.encoded.entry.len()).saturating_add(pending.encoded.personal.len())
}
