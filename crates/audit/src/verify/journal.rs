//! The journal against the published records, and what follows them.

use std::collections::HashMap;

use super::source::relative;
use super::{Fault, FaultKind};
use crate::AuditError;
use crate::disk::Disk;
use crate::journal::{self, Ending};
use crate::tiles::Tiles;
use crate::tree::{Hash, TILE_WIDTH};

/// What the journal holds.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Leaf hashes of its records.
    pub(super) leaves: HashMap<u64, Hash>,
    /// Index after its last record; 0 if there is none.
    pub(super) end: u64,
    pub(super) faults: Vec<Fault>,
}

impl Journal {
    /// Reads the journal of a log whose checkpoint covers `signed` records.
    pub(super) fn read(disk: &Disk, signed: u64) -> Result<Self, AuditError> {
        let mut journal = Self::default();
        let segments = journal::list(disk)?;
        let Some((base, _)) = segments.first() else { return Ok(journal) };
        if *base > signed {
            journal.fault(FaultKind::RolledBack, Some(signed), None, format!(
                "the checkpoint covers {signed} records, the journal begins at {base}: an earlier checkpoint was put back"
            ));
        }
        journal.end = *base;
        for (position, (first, path)) in segments.iter().enumerate() {
            let file = relative(disk, path);
            if *first != journal.end {
                let detail = format!("records {} to {first} are missing before it", journal.end);
                journal.fault(FaultKind::Deleted, Some(journal.end), Some(file.clone()), detail);
            }
            let leaves = &mut journal.leaves;
            let scan = journal::scan(path, *first, |frame| {
                leaves.extend(
                    (frame.first..).zip(&frame.entries).map(|(index, encoded)| (index, encoded.leaf)),
                );
                Ok(())
            })?;
            journal.end = scan.next;
            let is_last = position.saturating_add(1) == segments.len();
            let place = format!("after byte {}", scan.offset);
            match scan.ending {
                Ending::Clean => {}
                // What a writer is writing now is not torn.
                Ending::Torn if is_last && disk.is_locked() => {}
                Ending::Torn if is_last => {
                    journal.fault(
                        FaultKind::Torn,
                        Some(scan.next),
                        Some(file),
                        format!("a write was interrupted {place}"),
                    );
                }
                Ending::Torn | Ending::Damaged => {
                    journal.fault(
                        FaultKind::Edited,
                        Some(scan.next),
                        Some(file),
                        format!("the journal is broken {place}"),
                    );
                }
            }
        }
        if journal.end < signed && *base <= signed {
            let (end, file) = (journal.end, segments.last().map(|(_, path)| relative(disk, path)));
            journal.fault(
                FaultKind::CutTail,
                Some(end),
                file,
                format!("the journal ends at record {end}, {signed} were signed for"),
            );
        }
        Ok(journal)
    }

    /// Compares the records that were published to those.
    pub(super) fn compare(&mut self, disk: &Disk, tiles: &Tiles, signed: u64) -> Result<(), AuditError> {
        let mut indices: Vec<_> = self.leaves.keys().copied().filter(|index| *index < signed).collect();
        indices.sort_unstable();
        let width = u64::from(TILE_WIDTH);
        let mut tile = (u64::MAX, Vec::new());
        for index in indices {
            if tile.0 != index / width {
                tile = (index / width, tiles.read(0, index / width).ok().flatten().unwrap_or_default());
            }
            let published = usize::try_from(index % width).ok().and_then(|position| tile.1.get(position));
            if published.is_some_and(|published| self.leaves.get(&index) != Some(published)) {
                let segments = journal::list(disk)?;
                let segment = segments.iter().rev().find(|(first, _)| *first <= index);
                let file = segment.map(|(_, path)| relative(disk, path));
                self.fault(
                    FaultKind::Edited,
                    Some(index),
                    file,
                    "the journal differs from the published record".to_owned(),
                );
                break;
            }
        }
        Ok(())
    }

    /// Number of records after the first `signed`.
    pub(super) fn unsigned(&self, signed: u64) -> u64 {
        self.end.saturating_sub(signed)
    }

    fn fault(
        &mut self,
        kind: FaultKind,
        index: Option<u64>,
        file: Option<std::path::PathBuf>,
        detail: String,
    ) {
        self.faults.push(Fault { kind, index, file, detail });
    }
}
