//! `stagedoor audit show`.

use clap::Args;
use stagedoor_audit::Printable;

use super::{Place, failure};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Show one record in full, as JSON
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// The record's index: `#` in `audit search`, the number before `:` in a receipt
    index: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let entry = stagedoor_audit::show(&directory, arguments.index).map_err(|error| failure(&error))?;
    // Outsiders chose some of the text: what could drive a terminal is escaped.
    let shown: String =
        format!("{:#}", entry.json()).lines().map(|line| format!("{}\n", Printable(line))).collect();
    output::print(&shown)?;
    Ok(Exit::Fine)
}
