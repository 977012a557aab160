//! Reading records back: full bundles, then the journal.

use std::io;

use crate::disk::{CHECKPOINT, Disk, MINIMUM};
use crate::journal;
use crate::record::{Encoded, Record, decode};
use crate::tree::{Layer, TILE_WIDTH, Tile, entries_of, leaf_hash, push_entry};
use crate::{AuditError, Entry};

const WIDTH: u64 = TILE_WIDTH as u64;

/// A view of the log at one moment. Nothing in it is verified.
#[derive(Debug)]
pub(crate) struct Reader {
    disk: Disk,
    /// Records that are in full bundles.
    full: u64,
    /// Records after those.
    tail: Vec<Encoded>,
    /// First record that was not pruned.
    minimum: u64,
}

impl Reader {
    /// Opens the log in the directory of `disk`.
    pub(crate) fn open(disk: &Disk) -> Result<Self, AuditError> {
        let mut attempts = 0_u8;
        loop {
            match Self::attempt(disk) {
                // A journal segment was published and removed meanwhile.
                Err(AuditError::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotFound && attempts < 3 =>
                {
                    attempts = attempts.saturating_add(1);
                }
                other => return other,
            }
        }
    }

    fn attempt(disk: &Disk) -> Result<Self, AuditError> {
        let Some(note) = disk.read_text(CHECKPOINT)? else {
            let reason = io::Error::new(io::ErrorKind::NotFound, "there is no audit log here");
            return Err(AuditError::io("open", disk.root())(reason));
        };
        let signed: u64 = note
            .lines()
            .nth(1)
            .and_then(|size| size.parse().ok())
            .ok_or_else(|| AuditError::damaged(&disk.path(CHECKPOINT), "it has no tree size"))?;
        let minimum = disk.read_text(MINIMUM)?.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let full = signed / WIDTH * WIDTH;
        let mut reader = Self { disk: disk.clone(), full, tail: Vec::new(), minimum };
        let segments = journal::list(disk)?;
        if segments.is_empty() {
            reader.tail = reader.partial_bundle(signed)?;
            return Ok(reader);
        }
        for (position, (first, path)) in segments.iter().enumerate() {
            let next = segments.get(position.saturating_add(1)).map(|(next, _)| *next);
            if next.is_some_and(|next| next <= full) {
                continue;
            }
            journal::read_from(path, *first, full, |frame| {
                let indexed = (frame.first..).zip(frame.entries);
                reader.tail.extend(indexed.filter(|(index, _)| *index >= full).map(|(_, encoded)| encoded));
            })?;
        }
        Ok(reader)
    }

    /// Entries of the unfinished bundle of a log without its journal.
    fn partial_bundle(&self, signed: u64) -> Result<Vec<Encoded>, AuditError> {
        let width = u16::try_from(signed % WIDTH).unwrap_or(0);
        if width == 0 {
            return Ok(Vec::new());
        }
        let tile = Tile { layer: Layer::Entries, index: signed / WIDTH, width };
        let Some(bytes) = self.disk.read(tile.path())? else {
            return Err(AuditError::damaged(&self.disk.path(tile.path()), "it is missing"));
        };
        let entries = entries_of(&bytes).0.into_iter();
        Ok(entries
            .map(|entry| Encoded { entry: entry.to_vec(), personal: Vec::new(), leaf: leaf_hash(entry) })
            .collect())
    }

    /// Number of records.
    pub(crate) fn size(&self) -> u64 {
        self.full.saturating_add(self.tail.len() as u64)
    }

    /// First record that was not pruned.
    pub(crate) fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Number of records in full bundles that were published.
    pub(crate) fn published(&self) -> u64 {
        self.full
    }

    /// The log's directory.
    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Number of bundles, the unfinished one included.
    pub(crate) fn bundles(&self) -> u64 {
        self.size().div_ceil(WIDTH)
    }

    /// Records of bundle `number` as logged.
    pub(crate) fn bundle(&self, number: u64) -> Result<Bundle, AuditError> {
        let first = number.saturating_mul(WIDTH);
        if let Some(from) = first.checked_sub(self.full) {
            let mut bundle = Bundle { first, entries: Vec::new(), personal: Vec::new() };
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            for encoded in self.tail.iter().skip(from).take(usize::from(TILE_WIDTH)) {
                push_entry(&mut bundle.entries, &encoded.entry);
                push_entry(&mut bundle.personal, &encoded.personal);
            }
            return Ok(bundle);
        }
        let tile = Tile::full(Layer::Entries, number);
        let Some(entries) = self.disk.read(tile.path())? else {
            let pruned = first.saturating_add(WIDTH) <= self.minimum;
            let reason = if pruned { "it was pruned" } else { "it is missing" };
            return Err(AuditError::damaged(&self.disk.path(tile.path()), reason));
        };
        let personal = self.disk.read(Tile::full(Layer::Personal, number).path())?.unwrap_or_default();
        let (found, whole) = entries_of(&entries);
        if !whole || found.len() != usize::from(TILE_WIDTH) {
            return Err(AuditError::damaged(&self.disk.path(tile.path()), "it does not hold 256 entries"));
        }
        Ok(Bundle { first, entries, personal })
    }

    /// Reads one record.
    pub(crate) fn entry(&self, index: u64) -> Result<Entry, AuditError> {
        let none = || AuditError::NoSuchRecord { index, size: self.size() };
        if index >= self.size() {
            return Err(none());
        }
        let bundle = self.bundle(index / WIDTH)?;
        let (_, raw, personal) = bundle.records().find(|(at, _, _)| *at == index).ok_or_else(none)?;
        self.to_entry(index, raw, personal)
    }

    /// Makes sense of a record as logged.
    pub(crate) fn to_entry(&self, index: u64, raw: &[u8], personal: &[u8]) -> Result<Entry, AuditError> {
        let record = self.decode(index, raw, personal)?;
        Ok(Entry { index, record, raw: raw.to_vec() })
    }

    pub(crate) fn decode(&self, index: u64, raw: &[u8], personal: &[u8]) -> Result<Record, AuditError> {
        decode(raw, personal).map_err(|error| {
            let tile = Tile::full(Layer::Entries, index / WIDTH);
            AuditError::damaged(
                &self.disk.path(tile.path()),
                format!("record {index} is unreadable: {error}"),
            )
        })
    }
}

/// Up to 256 records as logged.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// Index of the first one.
    first: u64,
    /// Entries, each after its length.
    entries: Vec<u8>,
    /// Their personal members likewise.
    personal: Vec<u8>,
}

impl Bundle {
    /// The records: index, entry, personal members.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = (u64, &[u8], &[u8])> {
        let entries = entries_of(&self.entries).0;
        let mut personal = entries_of(&self.personal).0;
        personal.resize(entries.len(), &[]);
        let first = self.first;
        let records = entries.into_iter().zip(personal).enumerate();
        records.map(move |(position, (entry, personal))| {
            (first.saturating_add(position as u64), entry, personal)
        })
    }
}
