//! What the parts of a running server share.

use crate::gates::Gates;
use crate::metrics::Metrics;
use stagedoor_audit::Log;
use stagedoor_authority::Authority;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

pub(crate) struct Core {
    pub(crate) directory: PathBuf,
    pub(crate) authority: Arc<Authority>,
    pub(crate) log: Log,
    pub(crate) metrics: Arc<Metrics>,
    /// Held through a reload, so that they come one after the other.
    pub(crate) gates: Mutex<Gates>,
    /// Listeners that a reload has ended and that still finish requests.
    pub(crate) ending: TaskTracker,
    pub(crate) drain: Duration,
    pub(crate) stopping: AtomicBool,
}

impl Core {
    /// Whether requests can be served safely just now, or why not.
    pub(crate) fn ready(&self) -> Result<(), String> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err("the server is stopping".to_owned());
        }
        self.authority.ready()
    }

    /// All metrics as text.
    pub(crate) fn metrics(&self) -> String {
        self.metrics.render(&self.authority, &self.log, self.authority.keys(), self.ready().is_ok())
    }
}
