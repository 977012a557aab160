//! The hash tiles above the records.

use super::{Fault, FaultKind};
use crate::AuditError;
use crate::tiles::Tiles;
use crate::tree::{Hash, Layer, TILE_WIDTH, Tile, fold};

/// Compares the hash tiles above the lowest to those that the records make.
pub(super) struct Climb {
    /// Hashes of the unfinished tile at each level from 1 on, and its index.
    edge: Vec<(u64, Vec<Hash>)>,
    faults: Vec<Fault>,
}

impl Climb {
    pub(super) fn new() -> Self {
        Self { edge: Vec::new(), faults: Vec::new() }
    }

    /// Takes up the root of the next full tile of leaf hashes.
    pub(super) fn push(&mut self, tiles: &Tiles, root: Hash) -> Result<(), AuditError> {
        let mut carry = Some(root);
        let mut level = 1_u8;
        while let Some(hash) = carry.take() {
            let position = usize::from(level).saturating_sub(1);
            if self.edge.len() <= position {
                self.edge.push((0, Vec::new()));
            }
            let Some((index, hashes)) = self.edge.get_mut(position) else { break };
            hashes.push(hash);
            if hashes.len() == usize::from(TILE_WIDTH) {
                let (at, full) = (*index, std::mem::take(hashes));
                *index = index.saturating_add(1);
                carry = fold(&full);
                self.compare(tiles, level, at, &full)?;
            }
            level = level.saturating_add(1);
        }
        Ok(())
    }

    /// Compares the unfinished tiles; gives back the faults.
    pub(super) fn finish(mut self, tiles: &Tiles) -> Result<Vec<Fault>, AuditError> {
        for (level, (index, hashes)) in (1_u8..).zip(std::mem::take(&mut self.edge)) {
            if !hashes.is_empty() {
                self.compare(tiles, level, index, &hashes)?;
            }
        }
        Ok(self.faults)
    }

    fn compare(&mut self, tiles: &Tiles, level: u8, index: u64, wanted: &[Hash]) -> Result<(), AuditError> {
        let found = match tiles.read(level, index) {
            Ok(found) => found,
            Err(AuditError::Damaged { .. }) => None,
            Err(other) => return Err(other),
        };
        if found.is_some_and(|found| found.starts_with(wanted)) {
            return Ok(());
        }
        let width = u16::try_from(wanted.len()).unwrap_or(TILE_WIDTH);
        self.faults.push(Fault {
            kind: FaultKind::Tile,
            index: None,
            file: Some(Tile { layer: Layer::Hashes(level), index, width }.path()),
            detail: "it is missing, or not what the tiles below make".to_owned(),
        });
        Ok(())
    }
}
