//! Where time comes from, and when it is not to be believed.

use jiff::{Span, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// The one source of time. Everything below this crate takes `now` as an argument.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The operating system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is set: for tests and rehearsals.
#[derive(Debug)]
pub struct SettableClock(AtomicI64);

impl SettableClock {
    /// A clock standing at `now`, to the millisecond.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_millisecond()))
    }

    /// Sets the clock to `now`.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millisecond(), Ordering::SeqCst);
    }

    /// Moves the clock by `span`, which may be negative and holds hours at most.
    ///
    /// # Errors
    /// When the result lies outside what a timestamp can hold.
    pub fn advance(&self, span: Span) -> Result<(), jiff::Error> {
        self.set(self.now().checked_add(span)?);
        Ok(())
    }
}

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
