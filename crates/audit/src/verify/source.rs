//! The records as they lie there, in their order.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::{Fault, FaultKind};
use crate::AuditError;
use crate::disk::Disk;
use crate::record::{PersonalState, personal_state};
use crate::tiles::{Tiles, width_of};
use crate::tree::{Hash, Layer, TILE_WIDTH, Tile, entries_of, leaf_hash};

const WIDTH: u64 = TILE_WIDTH as u64;

/// What was found out about the personal members.
#[derive(Debug, Default)]
pub(super) struct Personal {
    pub(super) erased: u64,
    pub(super) faults: Vec<Fault>,
}

/// Reads bundles as they lie there.
pub(super) struct Source<'a> {
    disk: &'a Disk,
    signed: u64,
    minimum: u64,
}

/// A bundle as it lies there.
pub(super) struct Found {
    /// Leaf hashes of its entries.
    pub(super) leaves: Vec<Hash>,
    /// File that they came from.
    pub(super) file: PathBuf,
    /// Whether the entries were pruned and the leaf hashes are the tile's.
    pub(super) pruned: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(disk: &'a Disk, signed: u64, minimum: u64) -> Self {
        Self { disk, signed, minimum }
    }

    /// Reads bundle `number`, as far as it was signed for.
    pub(super) fn bundle(
        &self,
        number: u64,
        tiles: &Tiles,
        personal: &mut Personal,
    ) -> Result<Found, AuditError> {
        let width = width_of(0, number, self.signed);
        let full = Tile::full(Layer::Entries, number);
        let partial = Tile { width, ..full };
        let mut tile = full;
        let mut bytes = self.disk.read(full.path())?;
        if bytes.is_none() && width < TILE_WIDTH {
            tile = partial;
            bytes = self.disk.read(partial.path())?;
            // It was completed meanwhile.
            if bytes.is_none() {
                bytes = self.disk.read(full.path())?;
            }
        }
        let first = number.saturating_mul(WIDTH);
        let Some(bytes) = bytes else {
            let pruned = first.saturating_add(WIDTH) <= self.minimum;
            let leaves = if pruned { tiles.read(0, number)?.unwrap_or_default() } else { Vec::new() };
            return Ok(Found { leaves, file: tile.path(), pruned });
        };
        let entries = entries_of(&bytes).0;
        // A bundle that was full before the checkpoint was signed holds more.
        let surplus = tile == full && width < TILE_WIDTH;
        let wanted = if surplus { usize::from(width) } else { entries.len() };
        let leaves = entries.iter().take(wanted).map(|entry| leaf_hash(entry)).collect();
        if tile == full {
            self.personal(number, &entries, personal)?;
        }
        Ok(Found { leaves, file: tile.path(), pruned: false })
    }

    /// Compares the personal members beside a full bundle to their commitments.
    fn personal(&self, number: u64, entries: &[&[u8]], personal: &mut Personal) -> Result<(), AuditError> {
        let file = Tile::full(Layer::Personal, number).path();
        let bytes = self.disk.read(&file)?.unwrap_or_default();
        let mut blobs = entries_of(&bytes).0.into_iter();
        for (index, entry) in (number.saturating_mul(WIDTH)..).zip(entries) {
            match personal_state(entry, blobs.next().unwrap_or_default()) {
                PersonalState::None | PersonalState::Intact => {}
                PersonalState::Erased => personal.erased = personal.erased.saturating_add(1),
                PersonalState::Edited => personal.faults.push(Fault {
                    kind: FaultKind::Edited,
                    index: Some(index),
                    file: Some(file.clone()),
                    detail: "its personal members are not those that the record commits to".to_owned(),
                }),
            }
        }
        Ok(())
    }
}

/// Shows a file as it is named in the log.
pub(super) fn relative(disk: &Disk, path: &std::path::Path) -> PathBuf {
    path.strip_prefix(disk.root()).unwrap_or_else(|_| path.file_name().map_or(path, OsStr::as_ref)).to_owned()
}
