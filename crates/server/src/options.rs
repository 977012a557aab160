//! How a server is run, apart from what its configuration says.

use stagedoor_authority::{Clock, SystemClock};
use std::sync::Arc;
use std::time::Duration;

/// What the caller of [`Server::start`](crate::Server::start) chooses. `Options::default()` is what `serve` uses.
#[derive(Clone)]
pub struct Options {
    /// The one source of time.
    pub clock: Arc<dyn Clock>,
    /// Whether a change of the configuration directory reloads it.
    pub watch: bool,
    /// How long the directory must be quiet before it is read again.
    pub quiet: Duration,
    /// How long [`Running::stop`](crate::Running::stop) waits for requests in flight before it cuts them.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            watch: true,
            quiet: Duration::from_millis(300),
            drain: Duration::from_secs(30),
        }
    }
}
