//! A file of the index: 4,096 records.
//!
//! ```text
//! magic                8 bytes
//! identity            32 bytes   of the key and the records indexed
//! earliest, latest    16 bytes   event times, milliseconds since 1970
//! fan-out           1,028 bytes  terms whose hash begins with a lower byte
//! terms               16 bytes each: hash, start and number of its positions
//! positions            2 bytes each
//! trigrams       131,072 bytes  for each hashed trigram the bundles that hold it
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use crate::disk::Disk;
use crate::tree::{Hash, Layer, Tile};

/// Bundles in a block.
pub(crate) const BLOCK_BUNDLES: u64 = 16;
/// Height of the subtree of a block's records.
pub(super) const BLOCK_LEVEL: u32 = 12;
/// Hashed trigrams.
pub(super) const TRIGRAMS: usize = 1 << 16;

const MAGIC: [u8; 8] = *b"SDINDEX1";
const HEADER: usize = 8 + 32 + 16;
const FAN_OUT: usize = 257 * 4;
const TERM: usize = 16;

/// Path of block `number`.
pub(super) fn path(number: u64) -> PathBuf {
    let mut path = PathBuf::from("index");
    path.extend(Tile::full(Layer::Personal, number).path().components().skip(1));
    path
}

/// What goes into a block.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) identity: Hash,
    pub(super) earliest: i64,
    pub(super) latest: i64,
    /// Positions of each term, ascending.
    pub(super) terms: BTreeMap<u64, Vec<u16>>,
    /// Bundles of each hashed trigram.
    pub(super) trigrams: Vec<u16>,
}

impl Content {
    /// The bytes of the file.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(400_000);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.identity);
        bytes.extend_from_slice(&self.earliest.to_be_bytes());
        bytes.extend_from_slice(&self.latest.to_be_bytes());
        let below = |byte: u64| match byte.checked_shl(56).filter(|_| byte < 256) {
            Some(limit) => self.terms.range(..limit).count(),
            None => self.terms.len(),
        };
        for byte in 0..=256 {
            bytes.extend_from_slice(&u32::try_from(below(byte)).unwrap_or(u32::MAX).to_be_bytes());
        }
        let mut start = 0_u32;
        for (hash, positions) in &self.terms {
            let number = u32::try_from(positions.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&hash.to_be_bytes());
            bytes.extend_from_slice(&start.to_be_bytes());
            bytes.extend_from_slice(&number.to_be_bytes());
            start = start.saturating_add(number);
        }
        let positions = self.terms.values().flatten().chain(&self.trigrams);
        bytes.extend(positions.flat_map(|number| number.to_be_bytes()));
        bytes
    }
}

/// A block, open for reading.
#[derive(Debug)]
pub(super) struct Block {
    file: File,
    earliest: i64,
    latest: i64,
    fan_out: Vec<u32>,
    length: u64,
}

impl Block {
    /// Opens block `number`; `None` if there is none of this identity.
    pub(super) fn open(disk: &Disk, number: u64, identity: &Hash) -> Option<Self> {
        let file = File::open(disk.path(path(number))).ok()?;
        let length = file.metadata().ok()?.len();
        let mut head = [0; HEADER + FAN_OUT];
        file.read_exact_at(&mut head, 0).ok()?;
        let (magic, rest) = head.split_first_chunk::<8>()?;
        let (found, rest) = rest.split_first_chunk::<32>()?;
        let (earliest, rest) = rest.split_first_chunk::<8>()?;
        let (latest, fan_out) = rest.split_first_chunk::<8>()?;
        let fan_out = fan_out.as_chunks::<4>().0.iter().map(|number| u32::from_be_bytes(*number)).collect();
        (*magic == MAGIC && found == identity).then(|| Self {
            file,
            earliest: i64::from_be_bytes(*earliest),
            latest: i64::from_be_bytes(*latest),
            fan_out,
            length,
        })
    }

    /// Earliest event time.
    pub(super) fn earliest(&self) -> i64 {
        self.earliest
    }

    /// Latest event time.
    pub(super) fn latest(&self) -> i64 {
        self.latest
    }

    /// Positions of a term, ascending; `None` if the file is broken.
    pub(super) fn positions_of(&self, term: u64) -> Option<Vec<u16>> {
        let byte = usize::try_from(term >> 56).ok()?;
        let (from, to) = (*self.fan_out.get(byte)?, *self.fan_out.get(byte.checked_add(1)?)?);
        let terms =
            self.read(terms_start(from), u64::from(to.checked_sub(from)?).checked_mul(TERM as u64)?)?;
        let found = terms.as_chunks::<TERM>().0.iter().find_map(|entry| {
            let (hash, rest) = entry.split_first_chunk::<8>()?;
            let (start, number) = rest.split_first_chunk::<4>()?;
            let number = u32::from_be_bytes(*number.first_chunk()?);
            (u64::from_be_bytes(*hash) == term).then(|| (u32::from_be_bytes(*start), number))
        });
        let Some((start, number)) = found else { return Some(Vec::new()) };
        let start = terms_start(*self.fan_out.last()?).checked_add(u64::from(start).checked_mul(2)?)?;
        let bytes = self.read(start, u64::from(number).checked_mul(2)?)?;
        let positions: Vec<_> = bytes.as_chunks::<2>().0.iter().map(|at| u16::from_be_bytes(*at)).collect();
        positions.is_sorted().then_some(positions)
    }

    /// Bundles that hold a hashed trigram; `None` if the file is broken.
    pub(super) fn bundles_with(&self, trigram: u16) -> Option<u16> {
        let trigrams = self.length.checked_sub(TRIGRAMS as u64 * 2)?;
        let bytes = self.read(trigrams.checked_add(u64::from(trigram).checked_mul(2)?)?, 2)?;
        Some(u16::from_be_bytes(*bytes.first_chunk()?))
    }

    /// Reads bytes that lie in the file.
    fn read(&self, from: u64, length: u64) -> Option<Vec<u8>> {
        if from.checked_add(length)? > self.length {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.file.read_exact_at(&mut bytes, from).ok()?;
        Some(bytes)
    }
}

/// Offset of term `number`.
fn terms_start(number: u32) -> u64 {
    ((HEADER + FAN_OUT) as u64).saturating_add(u64::from(number).saturating_mul(TERM as u64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tempfile::tempdir;

    use super::*;
    use crate::disk::Durability;

    proptest! {
        #[test]
        fn a_block_gives_back_what_went_in(terms in prop::collection::btree_map(any::<u64>(), prop::collection::btree_set(0_u16..4096, 1..9), 0..40), trigram in any::<u16>()) {
            let directory = tempdir().unwrap();
            let disk = Disk::new(directory.path());
            let terms: BTreeMap<u64, Vec<u16>> = terms.into_iter().map(|(term, at)| (term, at.into_iter().collect())).collect();
            let mut trigrams = vec![0; TRIGRAMS];
            trigrams[usize::from(trigram)] = 0b1010;
            let content = Content { identity: [7; 32], earliest: -5, latest: 9, terms: terms.clone(), trigrams };
            disk.replace(path(3), &content.encode(), Durability::Rebuildable).unwrap();
            prop_assert!(Block::open(&disk, 3, &[8; 32]).is_none());
            let block = Block::open(&disk, 3, &[7; 32]).unwrap();
            prop_assert_eq!((block.earliest(), block.latest()), (-5, 9));
            for (term, positions) in &terms {
                prop_assert_eq!(&block.positions_of(*term).unwrap(), positions);
                if !terms.contains_key(&(term ^ 1)) {
                    prop_assert_eq!(block.positions_of(term ^ 1).unwrap(), Vec::<u16>::new());
                }
            }
            prop_assert_eq!(block.bundles_with(trigram).unwrap(), 0b1010);
            prop_assert_eq!(block.bundles_with(trigram ^ 1).unwrap(), 0);
        }

        #[test]
        fn a_broken_block_is_no_harm(cut in 0_usize..140_000, noise in any::<u8>(), term in any::<u64>()) {
            let directory = tempdir().unwrap();
            let disk = Disk::new(directory.path());
            let terms = BTreeMap::from([(term, vec![1, 2, 3])]);
            let content = Content { identity: [7; 32], earliest: 0, latest: 0, terms, trigrams: vec![0; TRIGRAMS] };
            let mut bytes = content.encode();
            bytes.truncate(bytes.len().saturating_sub(cut));
            let end = bytes.len().min(HEADER + FAN_OUT + 40);
            bytes.get_mut(40..end).unwrap_or_default().fill(noise);
            disk.replace(path(0), &bytes, Durability::Rebuildable).unwrap();
            if let Some(block) = Block::open(&disk, 0, &[7; 32]) {
                let _ = block.positions_of(term);
                let _ = block.bundles_with(9);
            }
        }
    }
}
