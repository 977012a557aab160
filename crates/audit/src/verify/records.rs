//! The records against the checkpoint.

use std::collections::HashMap;

use super::climb::Climb;
use super::diff::differences;
use super::journal::Journal;
use super::source::{Found, Personal, Source};
use super::{Fault, FaultKind, Verification};
use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, MINIMUM};
use crate::tiles::{Tiles, width_of};
use crate::tree::{Frontier, Hash, Layer, TILE_WIDTH, Tile, fold};
use crate::{AuditError, Receipt};

const WIDTH: u64 = TILE_WIDTH as u64;

/// Records looked at after the first that differs.
const WINDOW: usize = 4096;

/// Verifies the records that `checkpoint` covers, and those after it.
pub(super) fn verify(
    disk: &Disk,
    checkpoint: &Checkpoint,
    old: Option<&Checkpoint>,
    receipts: &[Receipt],
    progress: &mut dyn FnMut(u64, u64),
    verification: &mut Verification,
) -> Result<(), AuditError> {
    let mut journal = Journal::read(disk, checkpoint.size)?;
    let tiles = Tiles::new(disk, checkpoint.size);
    let minimum = disk.read_text(MINIMUM)?.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let source = Source::new(disk, checkpoint.size, minimum);
    let pass = Pass {
        checkpoint,
        old_size: old.map(|old| old.size),
        receipts,
        tiles: &tiles,
        source: &source,
        journal: &journal,
    };
    let read = pass.run(progress, verification)?;

    if read.frontier.size() == checkpoint.size && read.frontier.root() == checkpoint.root {
        verification.faults.extend(read.personal.faults);
        verification.faults.extend(read.tile_faults);
        journal.compare(disk, &tiles, checkpoint.size)?;
    } else {
        pass.explain(&read, verification)?;
    }
    verification.faults.append(&mut journal.faults);
    verification.unsigned = journal.unsigned(checkpoint.size);
    compare_old(checkpoint, old, read.old_root, verification);
    let known = |index: u64| read.receipts.get(&index).or_else(|| journal.leaves.get(&index)).copied();
    compare_receipts(receipts, checkpoint.size.max(journal.end), known, verification);
    Ok(())
}

/// What one pass over the records found.
struct Read {
    frontier: Frontier,
    /// Root at the size of the older checkpoint.
    old_root: Option<Hash>,
    /// Leaf hashes at the indices of the receipts.
    receipts: HashMap<u64, Hash>,
    /// First bundle whose records are not those of its tile.
    differing: Option<u64>,
    tile_faults: Vec<Fault>,
    personal: Personal,
}

struct Pass<'a> {
    checkpoint: &'a Checkpoint,
    old_size: Option<u64>,
    receipts: &'a [Receipt],
    tiles: &'a Tiles,
    source: &'a Source<'a>,
    journal: &'a Journal,
}

impl Pass<'_> {
    fn run(
        &self,
        progress: &mut dyn FnMut(u64, u64),
        verification: &mut Verification,
    ) -> Result<Read, AuditError> {
        let size = self.checkpoint.size;
        let mut climb = Climb::new();
        let mut read = Read {
            frontier: Frontier::default(),
            old_root: (self.old_size == Some(0)).then(|| Frontier::default().root()),
            receipts: HashMap::new(),
            differing: None,
            tile_faults: Vec::new(),
            personal: Personal::default(),
        };
        let mut pruned = 0_u64;
        for number in 0..size.div_ceil(WIDTH) {
            let mut found = self.source.bundle(number, self.tiles, &mut read.personal)?;
            self.mend(number, &mut found, &mut read);
            pruned = pruned.saturating_add(if found.pruned { found.leaves.len() as u64 } else { 0 });
            let expected = self.expected(number)?;
            if expected.as_ref().is_none_or(|expected| *expected != found.leaves) {
                read.differing = read.differing.or(Some(number));
                let tile = Tile { layer: Layer::Hashes(0), index: number, width: width_of(0, number, size) };
                read.tile_faults.push(Fault {
                    kind: FaultKind::Tile,
                    index: Some(number.saturating_mul(WIDTH)),
                    file: Some(tile.path()),
                    detail: "it is missing, or not what the records make".to_owned(),
                });
            }
            self.take_up(&found.leaves, &mut climb, &mut read)?;
            if number % 64 == 0 {
                progress(read.frontier.size(), size);
            }
        }
        progress(read.frontier.size(), size);
        read.tile_faults.extend(climb.finish(self.tiles)?);
        verification.pruned = pruned;
        verification.erased = read.personal.erased;
        Ok(read)
    }

    /// Takes a bundle that was not finished from the journal, which is where
    /// it will be made again.
    fn mend(&self, number: u64, found: &mut Found, read: &mut Read) {
        let first = number.saturating_mul(WIDTH);
        let wanted = width_of(0, number, self.checkpoint.size);
        if found.pruned || found.leaves.len() >= usize::from(wanted) {
            return;
        }
        let indices = first..first.saturating_add(u64::from(wanted));
        let leaves =
            indices.map(|index| self.journal.leaves.get(&index).copied()).collect::<Option<Vec<_>>>();
        if let Some(leaves) = leaves.filter(|leaves| leaves.starts_with(&found.leaves)) {
            found.leaves = leaves;
            read.tile_faults.push(Fault {
                kind: FaultKind::Torn,
                index: Some(first),
                file: Some(found.file.clone()),
                detail: "it is not finished, but the journal has its records".to_owned(),
            });
        }
    }

    /// Leaf hashes of a bundle according to its tile.
    fn expected(&self, number: u64) -> Result<Option<Vec<Hash>>, AuditError> {
        let width = usize::from(width_of(0, number, self.checkpoint.size));
        match self.tiles.read(0, number) {
            Ok(hashes) => Ok(hashes.and_then(|hashes| hashes.get(..width).map(<[Hash]>::to_vec))),
            Err(AuditError::Damaged { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn take_up(&self, leaves: &[Hash], climb: &mut Climb, read: &mut Read) -> Result<(), AuditError> {
        let first = read.frontier.size();
        let end = first.saturating_add(leaves.len() as u64);
        for receipt in self.receipts.iter().filter(|receipt| (first..end).contains(&receipt.index)) {
            let position = usize::try_from(receipt.index.saturating_sub(first)).unwrap_or(usize::MAX);
            read.receipts.extend(leaves.get(position).map(|leaf| (receipt.index, *leaf)));
        }
        let old_inside = self.old_size.is_some_and(|old| (first..=end).contains(&old));
        if old_inside {
            read.old_root = read.old_root.or_else(|| self.root_inside(read.frontier.clone(), leaves));
        }
        let full = first.is_multiple_of(WIDTH) && leaves.len() == usize::from(TILE_WIDTH);
        if let Some(root) = fold(leaves).filter(|_| full) {
            read.frontier.push_subtree(8, root);
            return climb.push(self.tiles, root);
        }
        leaves.iter().for_each(|leaf| read.frontier.push(*leaf));
        Ok(())
    }

    /// Root at the older checkpoint's size, which lies among `leaves`.
    fn root_inside(&self, mut frontier: Frontier, leaves: &[Hash]) -> Option<Hash> {
        let old = self.old_size?;
        let rest = usize::try_from(old.checked_sub(frontier.size())?).ok()?;
        leaves.iter().take(rest).for_each(|leaf| frontier.push(*leaf));
        (frontier.size() == old).then(|| frontier.root())
    }

    /// Says how the records differ from those that were signed for.
    fn explain(&self, read: &Read, verification: &mut Verification) -> Result<(), AuditError> {
        let (signed, found) = (self.checkpoint.size, read.frontier.size());
        let place = read.differing.map(|number| (number, number.saturating_mul(WIDTH)));
        if let Some((number, first)) = place.filter(|_| self.tiles_root() == Some(self.checkpoint.root)) {
            self.name_differences(number, first, verification)
        } else if found < signed {
            let detail = format!("the log ends at record {found}, {signed} were signed for");
            verification.fault(FaultKind::CutTail, Some(found), None, detail);
            Ok(())
        } else {
            let detail = "the records are not those that were signed for, and their tiles were rewritten too; \
                          an older checkpoint or a receipt narrows down where";
            verification.fault(FaultKind::Edited, place.map(|(_, first)| first), None, detail.to_owned());
            Ok(())
        }
    }

    /// Names the records from bundle `number` on that are not those of the
    /// tiles, which were signed for.
    fn name_differences(
        &self,
        number: u64,
        first: u64,
        verification: &mut Verification,
    ) -> Result<(), AuditError> {
        let signed = self.checkpoint.size;
        let (mut expected, mut found, mut files) = (Vec::new(), Vec::new(), Vec::new());
        for number in number..signed.div_ceil(WIDTH) {
            if expected.len() >= WINDOW {
                break;
            }
            expected.extend(self.expected(number)?.unwrap_or_default());
            let bundle = self.source.bundle(number, self.tiles, &mut Personal::default())?;
            found.extend(bundle.leaves);
            files.push(bundle.file);
        }
        let more = first.saturating_add(expected.len() as u64) < signed;
        for difference in differences(&expected, &found, first, more, signed) {
            let position =
                usize::try_from(difference.index.saturating_sub(first) / WIDTH).unwrap_or(usize::MAX);
            let file = files.get(position).cloned();
            verification.fault(difference.kind, Some(difference.index), file, difference.detail);
        }
        Ok(())
    }

    /// Root of the tree that the tiles of leaf hashes make; `None` if one of
    /// them is missing.
    fn tiles_root(&self) -> Option<Hash> {
        let mut frontier = Frontier::default();
        for number in 0..self.checkpoint.size.div_ceil(WIDTH) {
            self.expected(number).ok()??.into_iter().for_each(|leaf| frontier.push(leaf));
        }
        Some(frontier.root())
    }
}

/// The log must be a continuation of the older checkpoint.
fn compare_old(
    checkpoint: &Checkpoint,
    old: Option<&Checkpoint>,
    root: Option<Hash>,
    verification: &mut Verification,
) {
    let Some(old) = old else { return };
    if old.size > checkpoint.size {
        let detail = format!("the log's checkpoint covers {} records, yours {}", checkpoint.size, old.size);
        verification.fault(FaultKind::RolledBack, Some(checkpoint.size), None, detail);
    } else if root != Some(old.root) && verification.is_intact() {
        let detail = format!(
            "the first {} records are not those of your checkpoint, though the same key signed for both",
            old.size
        );
        verification.fault(FaultKind::Forked, None, None, detail);
    }
}

/// Each receipt's record must be there.
fn compare_receipts(
    receipts: &[Receipt],
    end: u64,
    known: impl Fn(u64) -> Option<Hash>,
    verification: &mut Verification,
) {
    for receipt in receipts {
        let (kind, detail) = match known(receipt.index) {
            Some(leaf) if leaf == receipt.leaf_hash => continue,
            None if receipt.index >= end => (
                FaultKind::CutTail,
                format!("there is a receipt for record {}, the log ends at {end}", receipt.index),
            ),
            _ if !verification.is_intact() => continue,
            _ => (
                FaultKind::Forked,
                format!("record {} is not the one that its receipt was given for", receipt.index),
            ),
        };
        verification.fault(kind, Some(receipt.index), None, detail);
    }
}
