//! The commands: one thin file each.

pub(crate) mod assume;
pub(crate) mod exec;

use clap::{Parser, Subcommand};

use crate::exit::{EXIT_CODES, Exit};
use crate::failure::Failure;

/// The keeper at the stage door: an OIDC token comes in, an IAM trust policy
/// decides, a short-lived credential goes out, a gate honours it, a record proves it.
#[derive(Debug, Parser)]
#[command(
    name = "stagedoor",
    version,
    max_term_width = 80,
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Assume(assume::Arguments),
    Exec(exec::Arguments),
}

impl CommandLine {
    /// Does what was asked.
    ///
    /// # Errors
    /// With the exit code and the next steps.
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        match self.command {
            Command::Assume(arguments) => assume::run(&arguments).await,
            Command::Exec(arguments) => exec::run(&arguments).await,
        }
    }
}
