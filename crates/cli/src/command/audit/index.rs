//! `stagedoor audit index`.

use clap::{Args, Subcommand};

use super::{Place, failure};
use crate::configuration::number;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Make the search index anew, out of the log
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Throw the search index away and make it anew; also while a server runs
    Rebuild(Place),
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Command::Rebuild(place) = &arguments.command;
    let directory = place.directory()?;
    let made = stagedoor_audit::rebuild_index(&directory).map_err(|error| failure(&error))?;
    let made = usize::try_from(made).unwrap_or(usize::MAX);
    output::print(&format!("made {} of 4096 records; searches read the rest\n", number(made, "block")))?;
    Ok(Exit::Fine)
}
