//! Hashes out of the published tiles.

use crate::AuditError;
use crate::disk::Disk;
use crate::tree::{Frontier, Hash, HashSource, Layer, TILE_WIDTH, Tile, fold, hashes_of, node_hash};

/// Hashes of the tree of `size` records, out of its tiles. The tiles are not
/// trusted: whoever uses a root or a proof made of them compares it to a
/// signed root.
#[derive(Debug)]
pub(crate) struct Tiles {
    disk: Disk,
    size: u64,
    /// Tile read last at each level.
    last: Vec<Option<(u64, Vec<Hash>)>>,
}

impl Tiles {
    pub(crate) fn new(disk: &Disk, size: u64) -> Self {
        Self { disk: disk.clone(), size, last: vec![None; 8] }
    }

    /// Hashes of a tile, as far as they were published for this size.
    pub(crate) fn read(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, AuditError> {
        let layer = Layer::Hashes(level);
        let full = Tile::full(layer, index);
        let mut found = (full, self.disk.read(full.path())?);
        let width = width_of(level, index, self.size);
        if found.1.is_none() && width > 0 && width < TILE_WIDTH {
            let partial = Tile { layer, index, width };
            found = (partial, self.disk.read(partial.path())?);
        }
        let (tile, Some(bytes)) = found else { return Ok(None) };
        let hashes = hashes_of(&bytes).filter(|hashes| hashes.len() == usize::from(tile.width));
        let wrong =
            || AuditError::damaged(&self.disk.path(tile.path()), "its length is not that of its hashes");
        hashes.map(Some).ok_or_else(wrong)
    }

    fn cached(&mut self, level: u8, index: u64) -> Result<Option<&[Hash]>, AuditError> {
        let known = |slot: &Option<(u64, Vec<Hash>)>| slot.as_ref().is_some_and(|(at, _)| *at == index);
        if !self.last.get(usize::from(level)).is_some_and(known) {
            let Some(hashes) = self.read(level, index)? else { return Ok(None) };
            if let Some(slot) = self.last.get_mut(usize::from(level)) {
                *slot = Some((index, hashes));
            }
        }
        Ok(self.last.get(usize::from(level)).and_then(Option::as_ref).map(|(_, hashes)| hashes.as_slice()))
    }

    /// The right edge of the tree of `size` records, which is full tiles.
    pub(crate) fn frontier(&mut self, size: u64) -> Result<Frontier, AuditError> {
        let mut roots = Vec::new();
        let mut start = 0_u64;
        for level in (0..64).rev().filter(|level| size >> level & 1 == 1) {
            roots.push(self.subtree(level, start >> level)?);
            start = start.saturating_add(1 << level);
        }
        Ok(Frontier::from_roots(size, roots).unwrap_or_default())
    }
}

impl HashSource for Tiles {
    type Error = AuditError;

    fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, AuditError> {
        let tile_level = u8::try_from(level / 8).unwrap_or(u8::MAX);
        let within = level % 8;
        let first = index << within;
        let tile_index = first / u64::from(TILE_WIDTH);
        if let Some(hashes) = self.cached(tile_level, tile_index)? {
            let start = usize::try_from(first % u64::from(TILE_WIDTH)).unwrap_or(usize::MAX);
            let hashes = hashes.get(start..start.saturating_add(1 << within));
            if let Some(root) = hashes.and_then(fold) {
                return Ok(root);
            }
        }
        // A tile above is made of whole tiles below, which may do instead.
        if let Some(below) = level.checked_sub(1) {
            let left = self.subtree(below, index.saturating_mul(2))?;
            let right = self.subtree(below, index.saturating_mul(2).saturating_add(1))?;
            return Ok(node_hash(&left, &right));
        }
        let tile = Tile::full(Layer::Hashes(tile_level), tile_index);
        Err(AuditError::damaged(&self.disk.path(tile.path()), format!("it has no hash of record {first}")))
    }
}

/// Width of tile `index` at `level` in the tree of `size` records.
pub(crate) fn width_of(level: u8, index: u64, size: u64) -> u16 {
    let hashes = size.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0);
    let rest = hashes.saturating_sub(index.saturating_mul(u64::from(TILE_WIDTH)));
    u16::try_from(rest.min(u64::from(TILE_WIDTH))).unwrap_or(TILE_WIDTH)
}
