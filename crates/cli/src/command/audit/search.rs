//! `stagedoor audit search`.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use stagedoor_audit::Entry;

use super::filter::Filter;
use super::{Place, csv, failure, follow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::trail::{Times, trail};

/// Find records; every condition given must fit
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    filter: Filter,

    /// At most so many, the newest
    #[arg(long, default_value_t = 50)]
    limit: usize,

    /// Go on with what is recorded from now on, until interrupted
    #[arg(long, short)]
    follow: bool,

    /// A table; each record as one line of JSON, the newest first; or CSV
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How records are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[value(alias = "text")]
    Table,
    Json,
    Csv,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let mut query = arguments.filter.query(Timestamp::now())?;
    query.limit = Some(arguments.limit);
    if arguments.follow {
        follow::run(&directory, query, arguments.format).await?;
        return Ok(Exit::Fine);
    }
    let found = stagedoor_audit::search(&directory, &query).map_err(|error| failure(&error))?;
    if arguments.format == Format::Json {
        for entry in found {
            let entry = entry.map_err(|error| failure(&error))?;
            if !output::offer(&format!("{}\n", entry.json()))? {
                break;
            }
        }
        return Ok(Exit::Fine);
    }
    let mut entries: Vec<Entry> = found.collect::<Result<_, _>>().map_err(|error| failure(&error))?;
    // Tables read downwards in time; the query took the newest.
    entries.reverse();
    match arguments.format {
        Format::Csv => output::print(&(csv::heading() + &entries.iter().map(csv::row).collect::<String>()))?,
        _ if entries.is_empty() => output::note("no record fits\n"),
        _ => output::print(&trail(&entries, Times::Shown))?,
    }
    if !entries.is_empty() && entries.len() == arguments.limit {
        output::note(&format!("these are the newest {}; --limit shows more\n", entries.len()));
    }
    Ok(Exit::Fine)
}
