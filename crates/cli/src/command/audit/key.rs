//! `stagedoor audit key`.

use super::{Place, failure};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Print the log's verifier key, to be kept elsewhere and given to `verify`
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let key = stagedoor_audit::key(&arguments.place.directory()?).map_err(|error| failure(&error))?;
    output::print(&format!("{key}\n"))?;
    Ok(Exit::Fine)
}
