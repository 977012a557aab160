//! `stagedoor audit`.

mod change;
mod checkpoint;
mod csv;
mod erase;
mod filter;
mod follow;
mod index;
mod key;
mod prove;
mod prune;
mod search;
mod show;
mod trace;
pub(crate) mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use stagedoor_audit::AuditError;

use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Search, trace, prove and verify what was recorded
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
    Trace(trace::Arguments),
    Verify(verify::Arguments),
    Prove(prove::Arguments),
    Checkpoint(checkpoint::Arguments),
    Key(key::Arguments),
    Index(index::Arguments),
    Erase(Box<erase::Arguments>),
    Prune(prune::Arguments),
}

/// Does what was asked.
///
/// # Errors
/// When the log cannot be read or the input is faulty.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Search(arguments) => search::run(arguments).await,
        Command::Show(arguments) => show::run(arguments),
        Command::Trace(arguments) => trace::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Prove(arguments) => prove::run(arguments),
        Command::Checkpoint(arguments) => checkpoint::run(arguments),
        Command::Key(arguments) => key::run(arguments),
        Command::Index(arguments) => index::run(arguments),
        Command::Erase(arguments) => erase::run(arguments).await,
        Command::Prune(arguments) => prune::run(arguments).await,
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
        AuditError::Locked { .. } => Failure::internal(error.to_string())
            .help("stop the server that has it open, and start it again afterwards"),
        _ => Failure::internal(error.to_string()),
    }
}
