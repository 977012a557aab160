//! The threads behind the one that writes: one publishes, one indexes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::publisher::Publisher;
use super::state::{State, Trouble};
use crate::disk::Disk;
use crate::record::Encoded;
use crate::{AuditError, index};

/// What the publisher is asked.
pub(super) enum Work {
    Records(Vec<Encoded>),
    Checkpoint(oneshot::Sender<Result<String, AuditError>>),
}

/// The thread that keeps the search index up to date.
pub(super) struct Indexer {
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Indexer {
    pub(super) fn start(disk: &Disk, state: &Arc<State>) -> io::Result<Self> {
        let (bell, rung) = sync_channel(1);
        let (disk, state) = (disk.clone(), Arc::clone(state));
        let work = move || {
            while rung.recv().is_ok() {
                index::refresh(&disk, &mut || state.is_closed())
            }
        };
        let thread = thread::Builder::new().name("audit-indexer".into()).spawn(work)?;
        let indexer = Self { bell, thread };
        indexer.wake();
        Ok(indexer)
    }

    /// Says that records were published.
    fn wake(&self) {
        let _ = self.bell.try_send(());
    }

    fn stop(self) {
        drop(self.bell);
        let _ = self.thread.join();
    }
}

/// Publishes what comes, a checkpoint each `interval` at least, until the
/// writer is gone.
pub(super) fn publish(
    mut publisher: Publisher,
    queue: &Receiver<Work>,
    interval: Duration,
    state: &State,
    indexer: Indexer,
) -> Result<(), AuditError> {
    let mut due: Option<Instant> = None;
    loop {
        let wait = due.map_or(interval, |due| due.saturating_duration_since(Instant::now()));
        match queue.recv_timeout(wait) {
            Ok(Work::Records(records)) => {
                records.iter().for_each(|encoded| publisher.absorb(encoded));
                // A failure shows at the next checkpoint.
                let _ = publisher.write_finished();
            }
            Ok(Work::Checkpoint(done)) => {
                let _ = done.send(attempt(&mut publisher, state).map(str::to_owned));
                due = None;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                indexer.stop();
                return attempt(&mut publisher, state).map(drop);
            }
        }
        let is_due = publisher.is_behind() || !state.is_published();
        if !is_due {
            due = None;
        } else if due.is_none_or(|due| due > Instant::now()) {
            due = due.or_else(|| Instant::now().checked_add(interval));
        } else {
            let _ = attempt(&mut publisher, state);
            indexer.wake();
            due = None;
        }
    }
}

/// Publishes, and says so in the state.
fn attempt<'a>(publisher: &'a mut Publisher, state: &State) -> Result<&'a str, AuditError> {
    let size = publisher.size();
    let result = publisher.publish();
    state.set_publication(result.as_ref().err().map(Trouble::from));
    if result.is_ok() {
        state.set_published(size);
    }
    result
}
