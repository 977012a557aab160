//! Finding records.

use std::path::Path;

use serde_json::Value;

use crate::disk::Disk;
use crate::query::{Filter, Order};
use crate::reader::{Bundle, Reader};
use crate::{AuditError, Query, Record};

/// A record and its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Index of the record, from 0.
    pub index: u64,
    /// The record, as far as this version knows its members.
    pub record: Record,
    /// The entry as logged, without the personal members.
    pub raw: Vec<u8>,
}

impl Entry {
    /// The record as JSON, with members that this version does not know.
    #[must_use]
    pub fn json(&self) -> Value {
        let known = serde_json::to_value(&self.record).unwrap_or_default();
        let mut all = serde_json::from_slice(&self.raw).unwrap_or_default();
        overlay(&mut all, known);
        all
    }
}

/// Puts the members of `above` over those of `below`.
fn overlay(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                overlay(below.entry(name).or_insert(Value::Null), value);
            }
        }
        // A kind or event that a newer version wrote is kept as it was.
        (Value::String(below), Value::String(above)) if above == "other" && !below.is_empty() => {}
        (below, above) => *below = above,
    }
}

/// Finds the records in the log at `directory` that fit `query`, reading them
/// as they are asked for.
///
/// # Errors
/// [`AuditError::Io`] if there is no log or it cannot be read. A record that
/// cannot be read is an error in its place.
pub fn search(
    directory: &Path,
    query: &Query,
) -> Result<impl Iterator<Item = Result<Entry, AuditError>> + use<>, AuditError> {
    let reader = Reader::open(&Disk::new(directory))?;
    Ok(Hits::new(reader, query))
}

/// Reads one record.
///
/// # Errors
/// [`AuditError::NoSuchRecord`], [`AuditError::Damaged`], [`AuditError::Io`].
pub fn show(directory: &Path, index: u64) -> Result<Entry, AuditError> {
    Reader::open(&Disk::new(directory))?.entry(index)
}

/// Number of records in the log at `directory`.
///
/// # Errors
/// [`AuditError::Io`] if there is no log or it cannot be read.
pub fn size(directory: &Path) -> Result<u64, AuditError> {
    Ok(Reader::open(&Disk::new(directory))?.size())
}

/// A scan through the bundles.
pub(crate) struct Hits {
    /// Answers still to be given.
    left: usize,
    reader: Reader,
    query: Query,
    filter: Filter,
    /// Bundles not looked at yet.
    ahead: std::ops::Range<u64>,
    /// Hits of the current bundle.
    found: std::vec::IntoIter<Result<Entry, AuditError>>,
}

impl Hits {
    pub(crate) fn new(reader: Reader, query: &Query) -> Self {
        let first = reader.minimum() / 256;
        let ahead = first..reader.bundles();
        let left = query.limit.unwrap_or(usize::MAX);
        Self {
            left,
            reader,
            query: query.clone(),
            filter: query.filter(),
            ahead,
            found: Vec::new().into_iter(),
        }
    }

    fn look(&self, bundle: Bundle) -> Vec<Result<Entry, AuditError>> {
        let records = (bundle.first..).zip(bundle.records);
        let hits = records.filter_map(|(index, (raw, personal))| {
            if !self.filter.may_match(&raw, &personal) {
                return None;
            }
            match self.reader.to_entry(index, raw, &personal) {
                Ok(entry) => self.query.matches(&entry.record).then_some(Ok(entry)),
                Err(error) => Some(Err(error)),
            }
        });
        let mut hits: Vec<_> = hits.collect();
        if self.query.order == Order::NewestFirst {
            hits.reverse();
        }
        hits
    }
}

impl Iterator for Hits {
    type Item = Result<Entry, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.left == 0 {
                return None;
            }
            if let Some(hit) = self.found.next() {
                self.left = self.left.saturating_sub(1);
                return Some(hit);
            }
            let number = match self.query.order {
                Order::NewestFirst => self.ahead.next_back()?,
                Order::OldestFirst => self.ahead.next()?,
            };
            match self.reader.bundle(number) {
                Ok(bundle) => self.found = self.look(bundle).into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
