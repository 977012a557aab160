//! Being asked to stop.

use crate::failure::Failure;

/// Waits for SIGTERM and Ctrl-C. Make it before what it is to stop, so that no signal is lost.
pub(crate) struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    /// Takes over the signals.
    ///
    /// # Errors
    /// When the system does not let it.
    pub(crate) fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let trouble = |error| Failure::internal(format!("cannot wait for signals: {error}"));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(trouble)?,
            interrupt: signal(SignalKind::interrupt()).map_err(trouble)?,
        })
    }

    /// Returns when a signal asks to stop.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
