//! Records as they come.

use std::path::Path;
use std::time::Duration;

use stagedoor_audit::{Entry, Order, Query};

use super::search::Format;
use super::{csv, failure};
use crate::failure::Failure;
use crate::output;
use crate::trail::Steady;

/// Time between two looks at the log.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows the newest records that fit `query`, then each that is recorded, the oldest first, until
/// nobody reads on.
pub(super) async fn run(directory: &Path, query: Query, format: Format) -> Result<(), Failure> {
    let mut next = stagedoor_audit::size(directory).map_err(|error| failure(&error))?;
    let mut entries = find(directory, &query)?;
    entries.retain(|entry| entry.index < next);
    entries.reverse();
    let heading = match format {
        Format::Table => Steady::heading(),
        Format::Json => String::new(),
        Format::Csv => csv::heading(),
    };
    if !output::offer(&heading)? {
        return Ok(());
    }
    loop {
        for entry in &entries {
            let line = match format {
                Format::Table => Steady::row(entry),
                Format::Json => format!("{}\n", entry.json()),
                Format::Csv => csv::row(entry),
            };
            if !output::offer(&line)? {
                return Ok(());
            }
        }
        tokio::time::sleep(PAUSE).await;
        let size = stagedoor_audit::size(directory).map_err(|error| failure(&error))?;
        if size == next {
            entries.clear();
            continue;
        }
        let new = Query { from: Some(next), limit: None, order: Order::OldestFirst, ..query.clone() };
        entries = find(directory, &new)?;
        // One that came during the search is left to the next.
        entries.retain(|entry| entry.index < size);
        next = size;
    }
}

fn find(directory: &Path, query: &Query) -> Result<Vec<Entry>, Failure> {
    let found = stagedoor_audit::search(directory, query).map_err(|error| failure(&error))?;
    found.collect::<Result<_, _>>().map_err(|error| failure(&error))
}
