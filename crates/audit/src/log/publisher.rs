//! Publishing acknowledged records as tiles, and signing for them.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::disk::{CHECKPOINT, Disk, Durability};
use crate::journal;
use crate::note::SigningKey;
use crate::record::Encoded;
use crate::tree::{Frontier, Hash, Layer, TILE_WIDTH, Tile, fold, push_entry};
use crate::{AuditError, tiles::Tiles};

/// Makes tiles, entry bundles and checkpoints out of records that are safe in
/// the journal. What it writes can be made again from there, so that only the
/// checkpoint is synced, and the rest before a journal segment is removed.
pub(super) struct Publisher {
    disk: Disk,
    key: SigningKey,
    frontier: Frontier,
    /// Hashes of the unfinished tile at each level.
    edge: Vec<Vec<Hash>>,
    /// The unfinished entry bundle, and the personal members of its entries.
    bundle: Vec<u8>,
    personal: Vec<u8>,
    /// Finished tiles that are not written yet.
    finished: VecDeque<(Tile, Vec<u8>)>,
    /// Finished tiles that are written and not synced yet.
    unsynced: Vec<PathBuf>,
    /// Size that the checkpoint file has; `None` if there is none.
    published: Option<u64>,
    checkpoint: String,
}

impl Publisher {
    /// Goes on after the first `size` records, which are full tiles on disk.
    pub(super) fn resume(disk: &Disk, key: SigningKey, size: u64) -> Result<Self, AuditError> {
        let frontier = Tiles::new(disk, size).frontier(size)?;
        let mut edge = vec![Vec::new()];
        let mut tiles = Tiles::new(disk, size);
        for level in 1..8_u32 {
            let hashes = size >> level.saturating_mul(8);
            let from = hashes / u64::from(TILE_WIDTH) * u64::from(TILE_WIDTH);
            let hashes = (from..hashes).map(|index| {
                use crate::tree::HashSource as _;
                tiles.subtree(level.saturating_mul(8), index)
            });
            edge.push(hashes.collect::<Result<_, _>>()?);
        }
        while edge.len() > 1 && edge.last().is_some_and(Vec::is_empty) {
            edge.pop();
        }
        Ok(Self {
            disk: disk.clone(),
            key,
            frontier,
            edge,
            bundle: Vec::new(),
            personal: Vec::new(),
            finished: VecDeque::new(),
            unsynced: Vec::new(),
            published: None,
            checkpoint: String::new(),
        })
    }

    /// Number of records taken up.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Takes up the next record.
    pub(super) fn absorb(&mut self, encoded: &Encoded) {
        push_entry(&mut self.bundle, &encoded.entry);
        push_entry(&mut self.personal, &encoded.personal);
        self.frontier.push(encoded.leaf);
        let mut carry = Some(encoded.leaf);
        let mut level = 0_u8;
        while let Some(hash) = carry.take() {
            if self.edge.len() <= usize::from(level) {
                self.edge.push(Vec::new());
            }
            let Some(hashes) = self.edge.get_mut(usize::from(level)) else { break };
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let hashes = std::mem::take(hashes);
            carry = fold(&hashes);
            let index = (self.frontier.size() >> (u32::from(level).saturating_add(1)).saturating_mul(8))
                .saturating_sub(1);
            if level == 0 {
                let bundle = std::mem::take(&mut self.bundle);
                let personal = std::mem::take(&mut self.personal);
                self.finished.push_back((Tile::full(Layer::Entries, index), bundle));
                self.finished.push_back((Tile::full(Layer::Personal, index), personal));
            }
            self.finished.push_back((Tile::full(Layer::Hashes(level), index), hashes.concat()));
            level = level.saturating_add(1);
        }
    }

    /// Writes finished tiles.
    pub(super) fn write_finished(&mut self) -> Result<(), AuditError> {
        while let Some((tile, bytes)) = self.finished.front() {
            self.disk.replace(tile.path(), bytes, Durability::Rebuildable)?;
            self.unsynced.push(self.disk.path(tile.path()));
            let partials = self.disk.path(tile.partials_path());
            match fs::remove_dir_all(&partials) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(AuditError::io("remove", &partials)(error));
                }
                _ => {}
            }
            self.finished.pop_front();
        }
        Ok(())
    }

    /// Whether there is something that the checkpoint does not cover.
    pub(super) fn is_behind(&self) -> bool {
        self.published != Some(self.frontier.size())
    }

    /// Writes every tile, signs a checkpoint that covers all records, and
    /// removes journal segments that are no longer needed. Gives back the
    /// checkpoint.
    pub(super) fn publish(&mut self) -> Result<&str, AuditError> {
        if !self.is_behind() {
            return Ok(&self.checkpoint);
        }
        self.write_finished()?;
        let size = self.frontier.size();
        for (level, hashes) in (0_u8..).zip(&self.edge) {
            if !hashes.is_empty() {
                self.write_partial(Layer::Hashes(level), level, &hashes.concat())?;
            }
        }
        if !self.bundle.is_empty() {
            self.write_partial(Layer::Entries, 0, &self.bundle)?;
        }
        let checkpoint =
            Checkpoint { origin: self.key.verifier().name().to_owned(), size, root: self.frontier.root() };
        let note = checkpoint.sign(&self.key);
        self.disk.replace(CHECKPOINT, note.as_bytes(), Durability::Synced)?;
        if self.published.is_none() {
            self.disk.sync_names(&self.disk.path(CHECKPOINT))?;
        }
        self.checkpoint = note;
        self.published = Some(size);
        self.retire()?;
        Ok(&self.checkpoint)
    }

    fn write_partial(&self, layer: Layer, level: u8, bytes: &[u8]) -> Result<(), AuditError> {
        let hashes = self.frontier.size() >> u32::from(level).saturating_mul(8);
        let width = u16::try_from(hashes % u64::from(TILE_WIDTH)).unwrap_or(0);
        let tile = Tile { layer, index: hashes / u64::from(TILE_WIDTH), width };
        if level > 0 && self.disk.path(tile.path()).exists() {
            return Ok(());
        }
        self.disk.replace(tile.path(), bytes, Durability::Rebuildable)
    }

    /// Removes the journal segments whose records are all in full tiles, once
    /// those are synced.
    fn retire(&mut self) -> Result<(), AuditError> {
        let full = self.frontier.size() / u64::from(TILE_WIDTH) * u64::from(TILE_WIDTH);
        let segments = journal::list(&self.disk)?;
        let done = segments.windows(2).filter_map(|pair| match pair {
            [(_, path), (end, _)] if *end <= full => Some(path.clone()),
            _ => None,
        });
        let done: Vec<_> = done.collect();
        if done.is_empty() {
            return Ok(());
        }
        let mut directories = BTreeSet::from([self.disk.path(CHECKPOINT)]);
        for path in &self.unsynced {
            File::open(path).and_then(|file| file.sync_all()).map_err(AuditError::io("sync", path))?;
            directories.insert(path.with_file_name("x"));
        }
        for path in &directories {
            self.disk.sync_names(path)?;
        }
        self.unsynced.clear();
        for path in &done {
            fs::remove_file(path).map_err(AuditError::io("remove", path))?;
        }
        Ok(())
    }
}
