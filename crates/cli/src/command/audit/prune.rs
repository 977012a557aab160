//! `stagedoor audit prune`.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use stagedoor_audit::{Order, Query};

use super::filter::moment;
use super::{Place, change, failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;

/// Remove old records, whole bundles of 256; their hashes stay
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "The log still verifies, and proofs about later records can still be made.
That it was done is recorded first. No server may have the log open meanwhile."
))]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// Records before this time: RFC 3339, a day, or `400d` ago
    #[arg(long, value_name = "TIME", required_unless_present = "index")]
    before: Option<String>,

    /// Records before this one
    #[arg(long, value_name = "INDEX", conflicts_with = "before")]
    index: Option<u64>,

    /// Do it; without this, only say what it would be
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let wanted = match (&arguments.before, arguments.index) {
        (Some(time), _) => {
            let since = moment(time, Timestamp::now())?;
            // The first record that is kept, and with it all that follow, whatever their clock said.
            let kept =
                Query { since: Some(since), order: Order::OldestFirst, limit: Some(1), ..Query::default() };
            let mut found = stagedoor_audit::search(&directory, &kept).map_err(|error| failure(&error))?;
            match found.next() {
                Some(entry) => entry.map_err(|error| failure(&error))?.index,
                None => stagedoor_audit::size(&directory).map_err(|error| failure(&error))?,
            }
        }
        (None, index) => index.unwrap_or(0),
    };
    if !arguments.yes {
        output::print(&format!("records before {} would be removed\n", wanted / 256 * 256))?;
        output::note("nothing was changed; --yes does it\n");
        return Ok(Exit::Fine);
    }
    let size = stagedoor_audit::size(&directory).map_err(|error| failure(&error))?;
    if wanted > size {
        return Err(Failure::input(format!("no record {wanted}: the log has {size}")));
    }
    change::record(&directory, "PruneAuditLog", [("before", json!(wanted))])
        .await
        .map_err(|error| failure(&error))?;
    let left = stagedoor_audit::prune(&directory, wanted).map_err(|error| failure(&error))?;
    output::print(&format!("the first record left is {left}\n"))?;
    Ok(Exit::Fine)
}
