//! Finding records.

use std::path::Path;

use serde_json::Value;

use crate::disk::Disk;
use crate::index::{BLOCK_BUNDLES, Index, Selection};
use crate::query::{Filter, Order};
use crate::reader::Reader;
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

/// A walk through the bundles, past those that the index rules out.
pub(crate) struct Hits {
    /// Answers still to be given.
    left: usize,
    reader: Reader,
    query: Query,
    filter: Filter,
    /// Bundles not looked at yet.
    ahead: std::ops::Range<u64>,
    index: Option<Index>,
    /// The block looked at, and what the index says about it.
    block: Option<(u64, Selection)>,
    /// Hits of the current bundle.
    found: std::vec::IntoIter<Result<Entry, AuditError>>,
}

impl Hits {
    pub(crate) fn new(reader: Reader, query: &Query) -> Self {
        Self {
            left: query.limit.unwrap_or(usize::MAX),
            ahead: reader.minimum().max(query.from.unwrap_or(0)) / 256..reader.bundles(),
            filter: query.filter(),
            query: query.clone(),
            index: Index::open(reader.disk(), reader.published(), query),
            block: None,
            found: Vec::new().into_iter(),
            reader,
        }
    }

    /// What the index says about the block of bundle `number`.
    fn selection(&mut self, number: u64) -> Selection {
        let block = number / BLOCK_BUNDLES;
        if let Some((_, selection)) = self.block.as_ref().filter(|(at, _)| *at == block) {
            return selection.clone();
        }
        let in_index =
            (block.saturating_add(1)).saturating_mul(BLOCK_BUNDLES * 256) <= self.reader.published();
        let index = self.index.as_mut().filter(|_| in_index);
        let selection = index.map_or(Selection::All, |index| index.select(block));
        self.block = Some((block, selection.clone()));
        selection
    }

    fn look(&self, number: u64, selection: &Selection) -> Result<Vec<Result<Entry, AuditError>>, AuditError> {
        let bundle = self.reader.bundle(number)?;
        let hits = bundle.records().filter_map(|(index, raw, personal)| {
            let position = u16::try_from(index % (BLOCK_BUNDLES * 256)).unwrap_or(0);
            let passed = self.query.from.is_some_and(|from| index < from);
            if passed || !selection.has(position) || !self.filter.may_match(raw, personal) {
                return None;
            }
            match self.reader.to_entry(index, raw, personal) {
                Ok(entry) => self.query.matches(&entry.record).then_some(Ok(entry)),
                Err(error) => Some(Err(error)),
            }
        });
        Ok(match self.query.order {
            Order::NewestFirst => hits.rev().take(self.left).collect(),
            Order::OldestFirst => hits.take(self.left).collect(),
        })
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
            let selection = self.selection(number);
            if !selection.has_bundle(u16::try_from(number % BLOCK_BUNDLES).unwrap_or(0)) {
                continue;
            }
            match self.look(number, &selection) {
                Ok(found) => self.found = found.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
