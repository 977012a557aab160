//! A bar for long work, on a terminal only.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use crate::output;

/// Least time between two drawings.
const PAUSE: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: u64 = 30;

/// A bar on standard error that is redrawn in its line.
pub(crate) struct Progress {
    unit: &'static str,
    started: Instant,
    drawn: Option<Instant>,
    terminal: bool,
}

impl Progress {
    /// Nothing is drawn for work that takes no time.
    pub(crate) fn new(unit: &'static str) -> Self {
        Self { unit, started: Instant::now(), drawn: None, terminal: io::stderr().is_terminal() }
    }

    /// Says how far the work is.
    pub(crate) fn show(&mut self, done: u64, all: u64) {
        let now = Instant::now();
        let last = self.drawn.unwrap_or(self.started);
        if self.terminal && now.duration_since(last) >= PAUSE {
            self.drawn = Some(now);
            output::note(&format!("\r{}", bar(done, all, self.unit, now.duration_since(self.started))));
        }
    }

    /// Removes the bar.
    pub(crate) fn end(&mut self) {
        if self.drawn.take().is_some() {
            output::note("\r\x1b[2K");
        }
    }
}

/// `[####      ]  40 %  4000 of 10000 records, 8000/s`.
fn bar(done: u64, all: u64, unit: &str, took: Duration) -> String {
    let all = all.max(done).max(1);
    let filled = usize::try_from(done * WIDTH / all).unwrap_or(0);
    let empty = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(filled);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    format!(
        "[{}{}] {:>3} %  {done} of {all} {unit}, {}/s ",
        "#".repeat(filled),
        " ".repeat(empty),
        done * 100 / all,
        done.saturating_mul(1000) / milliseconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_tells_part_count_and_rate() {
        let half = bar(5_000, 10_000, "records", Duration::from_millis(500));
        assert_eq!(half, "[###############               ]  50 %  5000 of 10000 records, 10000/s ");
        assert!(bar(0, 0, "records", Duration::ZERO).contains("  0 %"));
        assert!(bar(12, 10, "records", Duration::from_secs(1)).contains("100 %"));
    }
}
