//! Where time comes from, and when it is not to be believed.

use jiff::{SignedDuration, Span, Timestamp};
use std::sync::Arc;
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

/// How far the clock may step back before it is no longer believed: a correction, not a reset.
const STEP_BACK: SignedDuration = SignedDuration::from_mins(5);

/// The earliest plausible moment: 2020-01-01T00:00:00Z.
const EARLIEST: i64 = 1_577_836_800;

/// Why the clock is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClockTrouble {
    /// The clock was never set.
    #[error("the clock says {now}, which is before 2020: set it")]
    NeverSet { now: Timestamp },
    /// The clock jumped back, so that what has expired would be good again.
    #[error("the clock says {now} and said {latest} before: set it right and restart")]
    SteppedBack { now: Timestamp, latest: Timestamp },
}

/// A clock that is watched: time must not run backwards.
pub(crate) struct WatchedClock {
    clock: Arc<dyn Clock>,
    /// The latest moment seen, in milliseconds.
    latest: AtomicI64,
}

impl WatchedClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, latest: AtomicI64::new(i64::MIN) }
    }

    /// The time as the clock tells it, believed or not.
    pub(crate) fn unchecked(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time to decide by.
    pub(crate) fn now(&self) -> Result<Timestamp, ClockTrouble> {
        let now = self.clock.now();
        if now.as_second() < EARLIEST {
            return Err(ClockTrouble::NeverSet { now });
        }
        let latest = self.latest.fetch_max(now.as_millisecond(), Ordering::Relaxed);
        match Timestamp::from_millisecond(latest) {
            Ok(latest) if latest.duration_since(now) > STEP_BACK => {
                Err(ClockTrouble::SteppedBack { now, latest })
            }
            _ => Ok(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    fn clock(at: &str) -> (Arc<SettableClock>, WatchedClock) {
        let clock = Arc::new(SettableClock::new(at.parse().unwrap()));
        (Arc::clone(&clock), WatchedClock::new(clock))
    }

    #[test]
    fn a_small_correction_is_believed_and_a_jump_back_is_not() {
        let (clock, watched) = clock("2026-11-20T10:00:00Z");
        assert!(watched.now().is_ok());
        clock.advance(-5.minutes()).unwrap();
        assert!(watched.now().is_ok());
        clock.advance(-1.seconds()).unwrap();
        assert!(matches!(watched.now(), Err(ClockTrouble::SteppedBack { .. })));
        clock.advance(1.seconds()).unwrap();
        assert!(watched.now().is_ok());
    }

    #[test]
    fn a_clock_that_was_never_set_is_not_believed() {
        let (_, watched) = clock("1970-01-01T00:00:10Z");
        assert!(matches!(watched.now(), Err(ClockTrouble::NeverSet { .. })));
    }
}
