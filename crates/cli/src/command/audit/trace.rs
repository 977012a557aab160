//! `stagedoor audit trace`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stagedoor_audit::{Link, Printable, Subject};

use super::{Place, failure};
use crate::chain::chain;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;

/// Tell the whole chain: token, decision, credential, each use
#[derive(Debug, Args)]
#[command(after_help = after_help!())]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// A run, a commit (seven characters or more), a session (ASIA…), or a
    /// record's index
    #[arg(value_name = "RUN|COMMIT|SESSION|INDEX")]
    subject: String,

    /// At most so many records
    #[arg(long, default_value_t = 1000)]
    limit: usize,

    /// For people, or as JSON: each record with what followed from it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let subject = Subject::Any(arguments.subject.clone());
    let (links, cut) =
        stagedoor_audit::trace(&directory, &subject, arguments.limit).map_err(|error| failure(&error))?;
    if arguments.format == Format::Json {
        let links: Vec<Value> = links.iter().map(json).collect();
        output::print(&format!("{:#}\n", json!({ "chains": links, "cut": cut })))?;
    } else if links.is_empty() {
        output::note(&format!(
            "nothing is recorded of `{}` as a run, commit, session or index\n",
            Printable(&arguments.subject)
        ));
    } else {
        output::print(&links.iter().map(chain).collect::<Vec<_>>().join("\n"))?;
    }
    if cut {
        output::note(&format!("cut after {} records; --limit shows more\n", arguments.limit));
    }
    Ok(if links.is_empty() { Exit::Findings } else { Exit::Fine })
}

fn json(link: &Link) -> Value {
    let followed: Vec<Value> = link.followed_by.iter().map(json).collect();
    json!({ "index": link.entry.index, "record": link.entry.json(), "followed_by": followed })
}
