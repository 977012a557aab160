//! The summary at the end of a command that has several steps.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::Failure;

/// What each step came to, in order.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<(String, bool, Duration)>,
}

impl Report {
    /// Runs a command with its output shown, and notes how it ended. The next
    /// steps run all the same: one run shows all there is to mend.
    pub(crate) fn step(&mut self, command: &mut Command) {
        let name = shown(command);
        println!("\n── {name}");
        let started = Instant::now();
        let well = match command.status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("error: cannot start `{name}`: {error}");
                false
            }
        };
        self.steps.push((name, well, started.elapsed()));
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// Names the steps that failed.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        println!("\n── summary");
        for (name, well, took) in &self.steps {
            let word = if *well { "ok" } else { "FAILED" };
            println!("  {word:<7}{:>7.1} s  {name}", took.as_secs_f32());
        }
        let failed: Vec<&str> =
            self.steps.iter().filter(|(_, well, _)| !well).map(|(name, ..)| name.as_str()).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join("; "))) }
    }
}

fn shown(command: &Command) -> String {
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once("cargo".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_whole_and_is_named() {
        let mut report = Report::default();
        report.step(&mut Command::new("true"));
        report.step(Command::new("false").arg("clippy"));
        report.step(Command::new("/no/such/program").arg("test"));
        assert_eq!(report.steps.len(), 3);
        assert_eq!(report.finish(), Err("failed: cargo clippy; cargo test".to_owned()));
    }
}
