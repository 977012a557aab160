//! The search index beside the log.
//!
//! One file for each 4,096 records, made in the background from published
//! bundles. It can be deleted and made again at any time. It is never trusted:
//! a hit is read from the log and tested again, a block that does not belong
//! to the log's tiles is passed over, and [`Query::exhaustive`] does without.

mod block;
mod build;
mod terms;

use std::path::Path;

use jiff::Timestamp;

use crate::disk::Disk;
use crate::query::Query;
use crate::tiles::Tiles;
use crate::tree::{Hash, HashSource as _, sha256};
use crate::{AuditError, index::block::Block};

pub(crate) use block::BLOCK_BUNDLES;
use block::BLOCK_LEVEL;

/// Directory of the index.
const DIRECTORY: &str = "index";

/// File of the key under which terms are hashed, so that the index tells
/// nothing about erased members.
const KEY: &str = "index/key";

/// Records of a block that may fit a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Any of them.
    All,
    /// Those whose bundle's bit is set and, if listed, these positions.
    Some {
        /// Bundles of the block.
        bundles: u16,
        /// Positions in the block, ascending.
        positions: Option<Vec<u16>>,
    },
}

impl Selection {
    /// Whether the record at `position` may fit.
    pub(crate) fn has(&self, position: u16) -> bool {
        match self {
            Self::All => true,
            Self::Some { bundles, positions } => {
                bundles >> (position / 256) & 1 == 1
                    && positions.as_ref().is_none_or(|positions| positions.binary_search(&position).is_ok())
            }
        }
    }

    /// Whether any record of the block's bundle `number` may fit.
    pub(crate) fn has_bundle(&self, number: u16) -> bool {
        match self {
            Self::All => true,
            Self::Some { bundles, positions } => {
                bundles >> number & 1 == 1
                    && positions.as_ref().is_none_or(|positions| {
                        let from = positions.partition_point(|position| position / 256 < number);
                        positions.get(from).is_some_and(|position| position / 256 == number)
                    })
            }
        }
    }
}

/// The index as a search uses it.
#[derive(Debug)]
pub(crate) struct Index {
    tiles: Tiles,
    disk: Disk,
    key: [u8; 32],
    terms: Vec<u64>,
    trigrams: Vec<u16>,
    since: Option<i64>,
    until: Option<i64>,
}

impl Index {
    /// Opens the index for `query` on a log of `size` published records;
    /// `None` if there is none or it would not help.
    pub(crate) fn open(disk: &Disk, size: u64, query: &Query) -> Option<Self> {
        if query.exhaustive {
            return None;
        }
        let key: [u8; 32] = disk.read(KEY).ok().flatten()?.try_into().ok()?;
        let terms = terms::of_query(query).map(|(field, value)| terms::hash(&key, field, value)).collect();
        let trigrams = query.text.as_deref().map(terms::trigrams_of_text).unwrap_or_default();
        Some(Self {
            tiles: Tiles::new(disk, size),
            disk: disk.clone(),
            key,
            terms,
            trigrams,
            since: query.since.map(Timestamp::as_millisecond),
            until: query.until.map(Timestamp::as_millisecond),
        })
    }

    /// Records of block `number` that may fit.
    pub(crate) fn select(&mut self, number: u64) -> Selection {
        self.try_select(number).ok().flatten().unwrap_or(Selection::All)
    }

    fn try_select(&mut self, number: u64) -> Result<Option<Selection>, AuditError> {
        let root = self.tiles.subtree(BLOCK_LEVEL, number)?;
        let Some(block) = Block::open(&self.disk, number, &identity(&self.key, &root)) else {
            return Ok(None);
        };
        // Event times are cut to milliseconds here, the query's as well.
        let before = self.until.is_some_and(|until| block.earliest() > until);
        let after = self.since.is_some_and(|since| block.latest() < since);
        if before || after {
            return Ok(Some(Selection::Some { bundles: 0, positions: None }));
        }
        let mut bundles = u16::MAX;
        for trigram in &self.trigrams {
            let Some(mask) = block.bundles_with(*trigram) else { return Ok(None) };
            bundles &= mask;
            if bundles == 0 {
                break;
            }
        }
        let mut positions: Option<Vec<u16>> = None;
        for term in &self.terms {
            let Some(found) = block.positions_of(*term) else { return Ok(None) };
            positions = Some(match positions {
                None => found,
                Some(before) => before.into_iter().filter(|at| found.binary_search(at).is_ok()).collect(),
            });
        }
        Ok(Some(Selection::Some { bundles, positions }))
    }
}

/// What a block must name as its own: the index's key and its records.
fn identity(key: &[u8; 32], root: &Hash) -> Hash {
    sha256(&[key.as_slice(), root].concat())
}

/// Makes the missing blocks of the search index of the log at `directory`,
/// as far as its records are published. Gives back how many it made.
///
/// # Errors
/// [`AuditError::Io`], [`AuditError::Damaged`] if the log cannot be read.
pub fn reindex(directory: &Path) -> Result<u64, AuditError> {
    build::build_missing(&Disk::new(directory), &mut || false)
}

/// Throws the search index of the log at `directory` away and makes it anew.
/// Gives back how many blocks it made. Searches go on meanwhile, and read more.
///
/// # Errors
/// As [`reindex`].
pub fn rebuild_index(directory: &Path) -> Result<u64, AuditError> {
    let path = Disk::new(directory).path(DIRECTORY);
    match std::fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(AuditError::io("remove", &path)(error));
        }
        _ => {}
    }
    reindex(directory)
}

/// Makes missing blocks until `stop` says so.
pub(crate) fn refresh(disk: &Disk, stop: &mut dyn FnMut() -> bool) {
    if let Err(error) = build::build_missing(disk, stop) {
        tracing::warn!(%error, "the search index of the audit log is behind; searches read more");
    }
}

/// Removes the blocks about bundle `number`, to be made again.
pub(crate) fn forget(disk: &Disk, bundle: u64) -> Result<(), AuditError> {
    let path = disk.path(block::path(bundle / BLOCK_BUNDLES));
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(AuditError::io("remove", &path)(error))
        }
        _ => Ok(()),
    }
}
