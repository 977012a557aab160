//! Finding records.

use std::path::Path;

use crate::{AuditError, Query, Record};

/// A record and its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Index of the record, from 0.
    pub index: u64,
    /// The record, as far as this version knows its members.
    pub record: Record,
    /// The record's bytes as logged (JSON), with members that this version
    /// does not know.
    pub json: Vec<u8>,
}

/// Finds the records in the log at `directory` that fit `query`.
///
/// # Errors
/// [`AuditError::Io`] if the directory cannot be read; an entry that cannot be
/// read is an error in its place.
pub fn search(
    _directory: &Path,
    _query: &Query,
) -> Result<impl Iterator<Item = Result<Entry, AuditError>> + use<>, AuditError> {
    Ok(std::iter::empty())
}

/// Reads one record.
///
/// # Errors
/// [`AuditError::NoSuchRecord`], [`AuditError::Io`].
pub fn show(_directory: &Path, index: u64) -> Result<Entry, AuditError> {
    Err(AuditError::NoSuchRecord { index, size: 0 })
}
