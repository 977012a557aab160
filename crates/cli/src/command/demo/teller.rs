//! How the demo tells what happens.

use crate::failure::Failure;
use crate::output::{self, Style};

/// Prints the steps and keeps count of those that did not go as told.
#[derive(Default)]
pub(super) struct Teller {
    number: usize,
    astray: Vec<usize>,
}

impl Teller {
    /// A heading over several steps.
    ///
    /// # Errors
    /// When standard output cannot be written; so with all that follow.
    pub(super) fn chapter(&self, title: &str) -> Result<(), Failure> {
        let rule = "─".repeat(76usize.saturating_sub(title.chars().count()));
        output::print(&format!(
            "\n{} {}\n",
            Style::STRONG.paint(format!("── {title}")),
            Style::DIM.paint(rule)
        ))
    }

    /// The next step.
    pub(super) fn step(&mut self, title: &str) -> Result<(), Failure> {
        self.number += 1;
        output::print(&format!(
            "\n{} {}\n",
            Style::STRONG.paint(format!("{:>2}.", self.number)),
            Style::STRONG.paint(title)
        ))
    }

    /// The command that a person would type; each part after the first on a line of its own.
    pub(super) fn command(&self, parts: &[&str]) -> Result<(), Failure> {
        let text = parts.join(" \\\n        ");
        output::print(&format!("    {} {}\n", Style::DIM.paint("$"), Style::COMMAND.paint(text)))
    }

    /// What came back, as told.
    pub(super) fn good(&self, text: &str) -> Result<(), Failure> {
        output::print(&indented(&format!("{} {text}", Style::GOOD.paint("✓")), "    ", "      "))
    }

    /// What did not go as told.
    pub(super) fn astray(&mut self, wanted: &str, found: &str) -> Result<(), Failure> {
        if self.astray.last() != Some(&self.number) {
            self.astray.push(self.number);
        }
        let mark = Style::BAD.paint("✗ not as told");
        output::print(&indented(&format!("{mark}: wanted {wanted}, found {found}"), "    ", "      "))
    }

    /// Further text that belongs to the step.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        output::print(&indented(text.trim_end(), "      ", "      "))
    }

    /// The verdict over all steps.
    ///
    /// # Errors
    /// When a step did not go as told.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        if self.astray.is_empty() {
            return output::print(&format!(
                "\n{} all {} steps went as told\n",
                Style::GOOD.paint("✓"),
                self.number
            ));
        }
        let numbers: Vec<String> = self.astray.iter().map(usize::to_string).collect();
        Err(Failure::denied(format!(
            "{} of {} steps did not go as told: {}",
            self.astray.len(),
            self.number,
            numbers.join(", ")
        )))
    }
}

fn indented(text: &str, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    for (index, line) in text.lines().enumerate() {
        let indent = if line.is_empty() {
            ""
        } else if index == 0 {
            first
        } else {
            rest
        };
        lines += &format!("{indent}{line}\n");
    }
    lines
}
