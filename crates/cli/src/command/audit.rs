//! `stagedoor audit`.

mod search;
mod show;
pub(crate) mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use stagedoor_audit::AuditError;

use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Search, show and verify what was recorded
#[derive(Debug, Args)]
#[command(after_help = after_help!())]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Search(Box<search::Arguments>),
    Show(show::Arguments),
    Verify(verify::Arguments),
}

/// Does what was asked.
///
/// # Errors
/// When the log cannot be read or the input is faulty.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Search(arguments) => search::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
    }
}

/// Which log is read.
#[derive(Debug, Args)]
struct Place {
    /// The configuration directory, which says where the log is
    #[arg(long, value_name = "DIR", default_value = ".")]
    config: PathBuf,

    /// The log's directory itself; no configuration is read then
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
}

impl Place {
    fn directory(&self) -> Result<PathBuf, Failure> {
        match &self.log {
            Some(directory) => Ok(directory.clone()),
            None => Ok(crate::configuration::load(&self.config)?.settings.audit_directory.clone()),
        }
    }
}

fn failure(error: &AuditError) -> Failure {
    match error {
        AuditError::NoSuchRecord { .. } | AuditError::Malformed { .. } => Failure::input(error.to_string()),
        AuditError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Failure::input(error.to_string())
                .help("name the log with `--log DIR`, or the configuration with `--config DIR`")
        }
        AuditError::Damaged { .. } => Failure::denied(error.to_string()),
        _ => Failure::internal(error.to_string()),
    }
}
