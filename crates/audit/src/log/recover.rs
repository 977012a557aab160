//! Opening a log: what is on disk, and whether it holds together.

use std::path::PathBuf;

use super::LogOptions;
use super::publisher::Publisher;
use crate::AuditError;
use crate::checkpoint::Checkpoint;
use crate::disk::{CHECKPOINT, Disk, Durability, KEY, PUBLIC_KEY};
use crate::journal::{self, Ending, Segment};
use crate::note::{Signed, SigningKey};
use crate::tiles::Tiles;
use crate::tree::{Frontier, TILE_WIDTH};

/// Reads the log's key, or makes one for a new log.
pub(super) fn open_key(disk: &Disk, options: &LogOptions) -> Result<SigningKey, AuditError> {
    let key = match disk.read_text(KEY)? {
        Some(text) => SigningKey::parse(&zeroize::Zeroizing::new(text))?,
        None if disk.read(CHECKPOINT)?.is_some() || !journal::list(disk)?.is_empty() => {
            return Err(AuditError::damaged(&disk.path(KEY), "the log is there, its signing key is not"));
        }
        None => {
            let (key, text) = SigningKey::generate(&options.origin)?;
            disk.replace_secret(KEY, text.as_bytes())?;
            disk.sync_names(&disk.path(KEY))?;
            key
        }
    };
    if key.verifier().name() != options.origin {
        let (found, wanted) = (key.verifier().name(), &options.origin);
        let reason = format!("the log in this directory is `{found}`, the configuration says `{wanted}`");
        return Err(AuditError::Malformed { what: "origin", reason });
    }
    let public = format!("{}\n", key.verifier());
    if disk.read_text(PUBLIC_KEY)?.as_deref() != Some(&public) {
        disk.replace(PUBLIC_KEY, public.as_bytes(), Durability::Synced)?;
    }
    Ok(key)
}

/// Takes up the log where it was left: a torn tail is removed, tiles that were
/// not finished are made again. Nothing is written before the records agree
/// with the last checkpoint.
pub(super) fn recover(
    disk: &Disk,
    key: SigningKey,
    options: &LogOptions,
) -> Result<(Publisher, Segment), AuditError> {
    let checkpoint = open_checkpoint(disk, &key)?;
    let segments = journal::list(disk)?;
    let Some((first, _)) = segments.first() else {
        if checkpoint.is_some_and(|checkpoint| checkpoint.size > 0) {
            return Err(AuditError::damaged(&disk.path(crate::disk::JOURNAL), "the journal is missing"));
        }
        return Ok((Publisher::resume(disk, key, 0)?, Segment::start(disk, 0, options.segment_bytes)?));
    };
    let base = first.next_multiple_of(u64::from(TILE_WIDTH));
    compare(disk, &segments, base, checkpoint.as_ref())?;

    let mut publisher = Publisher::resume(disk, key, base)?;
    let mut last = None;
    for (first, path) in &segments {
        let scan = journal::scan(path, *first, |frame| {
            for (index, encoded) in (frame.first..).zip(&frame.entries) {
                if index >= base {
                    publisher.absorb(encoded);
                }
            }
            if let Err(error) = publisher.write_finished() {
                tracing::warn!(%error, "tiles will be written later");
            }
            Ok(())
        })?;
        last = Some((path, scan));
    }
    let Some((path, scan)) = last else { return Err(AuditError::Closed) };
    if scan.ending == Ending::Torn {
        tracing::warn!(path = %path.display(), offset = scan.offset, "removed an interrupted write from the audit log");
    }
    let segment = Segment::resume(disk, path, &scan, options.segment_bytes)?;
    Ok((publisher, segment))
}

fn open_checkpoint(disk: &Disk, key: &SigningKey) -> Result<Option<Checkpoint>, AuditError> {
    let Some(note) = disk.read_text(CHECKPOINT)? else { return Ok(None) };
    let damaged = |reason: String| AuditError::damaged(&disk.path(CHECKPOINT), reason);
    match Checkpoint::read(&note, key.verifier()) {
        Ok((checkpoint, Signed::Valid)) if checkpoint.origin == key.verifier().name() => Ok(Some(checkpoint)),
        Ok(_) => Err(damaged("it is not signed by the log's key".to_owned())),
        Err(error) => Err(damaged(error.to_string())),
    }
}

/// Compares the journal from index `base` on, and the tiles before it, to the
/// checkpoint.
fn compare(
    disk: &Disk,
    segments: &[(u64, PathBuf)],
    base: u64,
    checkpoint: Option<&Checkpoint>,
) -> Result<(), AuditError> {
    let mut frontier = Tiles::new(disk, base).frontier(base)?;
    agree(disk, &frontier, checkpoint)?;
    let mut expected = None;
    for (position, (first, path)) in segments.iter().enumerate() {
        if expected.is_some_and(|expected| expected != *first) {
            return Err(AuditError::damaged(
                path,
                format!("it does not follow record {}", expected.unwrap_or(0)),
            ));
        }
        let scan = journal::scan(path, *first, |frame| {
            for (index, encoded) in (frame.first..).zip(&frame.entries) {
                if index >= base {
                    frontier.push(encoded.leaf);
                    agree(disk, &frontier, checkpoint)?;
                }
            }
            Ok(())
        })?;
        let is_last = position.saturating_add(1) == segments.len();
        if scan.ending == Ending::Damaged || (scan.ending == Ending::Torn && !is_last) {
            return Err(AuditError::damaged(path, format!("a record after byte {} is broken", scan.offset)));
        }
        expected = Some(scan.next);
    }
    let Some(signed) = checkpoint.map(|checkpoint| checkpoint.size) else {
        return match frontier.size() {
            0 => Ok(()),
            size => Err(AuditError::damaged(
                &disk.path(CHECKPOINT),
                format!("it is missing, and there are {size} records"),
            )),
        };
    };
    if signed > frontier.size() {
        let reason = format!("the checkpoint covers {signed} records, the log has {}", frontier.size());
        return Err(AuditError::damaged(&disk.path(CHECKPOINT), reason));
    }
    if signed < base {
        let reason = format!("it covers {signed} records, an earlier one covered {base}");
        return Err(AuditError::damaged(&disk.path(CHECKPOINT), reason));
    }
    Ok(())
}

/// At the checkpoint's size, the root must be the checkpoint's.
fn agree(disk: &Disk, frontier: &Frontier, checkpoint: Option<&Checkpoint>) -> Result<(), AuditError> {
    match checkpoint {
        Some(checkpoint) if checkpoint.size == frontier.size() && checkpoint.root != frontier.root() => {
            let reason = format!("the first {} records are not those it was signed for", checkpoint.size);
            Err(AuditError::damaged(&disk.path(CHECKPOINT), reason))
        }
        _ => Ok(()),
    }
}
