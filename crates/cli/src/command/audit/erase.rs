//! `stagedoor audit erase`.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use stagedoor_audit::Query;

use super::filter::Filter;
use super::{Place, change, failure};
use crate::configuration::number;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;

/// Erase what can name a person in records; every proof stays valid
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Addresses, user agents, subjects, actors and claims such as `email` are erased;
the record, its hash and its place stay. That it was done is recorded first.
No server may have the log open meanwhile."
))]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// Records, by index
    index: Vec<u64>,

    #[command(flatten)]
    filter: Filter,

    /// Do it; without this, only say which records it would be
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let query = Query { exhaustive: true, ..arguments.filter.query(Timestamp::now())? };
    let mut indexes = arguments.index.clone();
    for index in &indexes {
        stagedoor_audit::show(&directory, *index).map_err(|error| failure(&error))?;
    }
    if indexes.is_empty() {
        if arguments.filter.is_empty() {
            return Err(Failure::input("nothing says which records are meant").help(
                "name them by index, or by `--actor NAME` and the other conditions of `audit search`",
            ));
        }
        let found = stagedoor_audit::search(&directory, &query).map_err(|error| failure(&error))?;
        for entry in found {
            indexes.push(entry.map_err(|error| failure(&error))?.index);
        }
    } else if !arguments.filter.is_empty() {
        return Err(Failure::input("records are meant by index or by conditions, not by both"));
    }
    indexes.sort_unstable();
    indexes.dedup();
    let count = number(indexes.len(), "record");
    if indexes.is_empty() {
        output::note("no record fits\n");
        return Ok(Exit::Fine);
    }
    if !arguments.yes {
        let listed: Vec<String> = indexes.iter().take(20).map(u64::to_string).collect();
        let more = if indexes.len() > 20 { " …" } else { "" };
        output::print(&format!("{count} would lose what can name a person: {}{more}\n", listed.join(" ")))?;
        output::note("nothing was changed; --yes does it\n");
        return Ok(Exit::Fine);
    }
    // The record names places, never what was erased there.
    for part in indexes.chunks(64) {
        change::record(&directory, "EraseAuditMembers", [("records", json!(part))])
            .await
            .map_err(|error| failure(&error))?;
    }
    for index in &indexes {
        stagedoor_audit::erase(&directory, *index).map_err(|error| failure(&error))?;
    }
    output::print(&format!("erased what can name a person in {count}\n"))?;
    Ok(Exit::Fine)
}
