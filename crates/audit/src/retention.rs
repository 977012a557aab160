//! Letting go: erasing what names a person, pruning what is old.
//!
//! Neither changes a hash: every proof and checkpoint stays valid. Whoever
//! does either should append a record of it first.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::disk::{CHECKPOINT, Disk, Durability, MINIMUM};
use crate::reader::Reader;
use crate::tree::{Layer, TILE_WIDTH, Tile, entries_of};
use crate::{AuditError, index, journal};

const WIDTH: u64 = TILE_WIDTH as u64;

/// Erases the personal members of record `index` in the log at `directory`,
/// everywhere they lie: beside the published record, in the journal, and in
/// the search index, which is made again without them.
///
/// # Errors
/// [`AuditError::NoSuchRecord`]; [`AuditError::Locked`] if the record is one of
/// the last 255, which are in the memory of the process that has the log open;
/// [`AuditError::Io`].
pub fn erase(directory: &Path, index: u64) -> Result<(), AuditError> {
    let disk = Disk::new(directory);
    let reader = Reader::open(&disk)?;
    reader.entry(index)?;
    // Held until the end, so that no writer takes the members up meanwhile.
    let _lock = if index < reader.published() { None } else { Some(disk.lock()?) };
    for (first, path) in journal::list(&disk)? {
        if let Some((offset, length)) = journal::personal_at(&path, first, index)? {
            zero(&path, offset, length)?;
        }
    }
    let path = disk.path(Tile::full(Layer::Personal, index / WIDTH).path());
    if let Some(bytes) = disk.read(&path)? {
        let (blobs, _) = entries_of(&bytes);
        let position = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
        let before: u64 = blobs.iter().take(position).map(|blob| blob.len() as u64 + 2).sum();
        if let Some(blob) = blobs.get(position) {
            zero(&path, before.saturating_add(2), blob.len() as u64)?;
        }
    }
    index::forget(&disk, index / WIDTH)?;
    index::reindex(directory).map(drop)
}

/// Writes zeros over a part of a file.
fn zero(path: &Path, offset: u64, length: u64) -> Result<(), AuditError> {
    let write = |file: File| {
        file.write_all_at(&vec![0; usize::try_from(length).unwrap_or(0)], offset)?;
        file.sync_data()
    };
    OpenOptions::new().write(true).open(path).and_then(write).map_err(AuditError::io("erase in", path))
}

/// Removes the records before `minimum`, rounded down to whole bundles that
/// the journal is done with, from the log at `directory` (C2SP tlog-tiles,
/// pruning). Their hashes stay, so
/// that the log can still be verified and proofs about later records made.
/// Gives back the first record that is left. Export what you must keep first.
///
/// # Errors
/// [`AuditError::NoSuchRecord`] if `minimum` is beyond what the checkpoint
/// covers; [`AuditError::Io`].
pub fn prune(directory: &Path, minimum: u64) -> Result<u64, AuditError> {
    let disk = Disk::new(directory);
    let reader = Reader::open(&disk)?;
    if minimum > reader.size() {
        return Err(AuditError::NoSuchRecord { index: minimum, size: reader.size() });
    }
    let journal = journal::list(&disk)?.first().map_or(u64::MAX, |(first, _)| *first);
    let minimum = minimum.min(reader.published()).min(journal) / WIDTH * WIDTH;
    if minimum <= reader.minimum() {
        return Ok(reader.minimum());
    }
    disk.replace(MINIMUM, format!("{minimum}\n").as_bytes(), Durability::Synced)?;
    disk.sync_names(&disk.path(CHECKPOINT))?;
    for number in reader.minimum() / WIDTH..minimum / WIDTH {
        for layer in [Layer::Entries, Layer::Personal] {
            remove(&disk.path(Tile::full(layer, number).path()))?;
        }
        if number.saturating_add(1).is_multiple_of(index::BLOCK_BUNDLES) {
            index::forget(&disk, number)?;
        }
    }
    Ok(minimum)
}

fn remove(path: &Path) -> Result<(), AuditError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(AuditError::io("remove", path)(error)),
        _ => Ok(()),
    }
}
