//! Why a command could not do what was asked.

use std::fmt;

use crate::exit::Exit;
use crate::output::Style;

/// A failure: what was wanted and found, the next steps, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    above: String,
    message: String,
    help: Vec<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, above: String::new(), message: message.into(), help: Vec::new() }
    }

    /// The answer is no.
    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(Exit::Findings, message)
    }

    /// The command line or an input is faulty.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, message)
    }

    /// Something could not be reached.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, message)
    }

    /// A fault of this program or of the machine under it.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Exit::Internal, message)
    }

    /// Adds a next step.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Shows a report above the message.
    pub(crate) fn above(self, report: String) -> Self {
        Self { above: report, ..self }
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The text for standard error.
    pub(crate) fn render(&self) -> String {
        let (bad, dim) = (Style::BAD, Style::DIM);
        let mut text = self.above.clone();
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("{}: {}\n", bad.paint("error"), self.message);
        for help in &self.help {
            text += &format!("{} {help}\n", dim.paint("  help:"));
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// A failure about a file: `cannot read `path`: reason`.
pub(crate) fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let failure = Failure::input(format!("cannot {verb} `{}`: {error}", path.display()));
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => failure,
        _ => Failure { exit: Exit::Internal, ..failure },
    }
}
