//! Making the index out of published bundles.

use std::collections::BTreeMap;

use super::block::{BLOCK_BUNDLES, BLOCK_LEVEL, Block, Content, TRIGRAMS, path};
use super::{KEY, identity, terms};
use crate::AuditError;
use crate::disk::{Disk, Durability};
use crate::reader::Reader;
use crate::tiles::Tiles;
use crate::tree::{HashSource as _, TILE_WIDTH};

/// Makes the blocks that are missing, the newest first, until `stop` says so.
/// Gives back how many it made.
pub(super) fn build_missing(disk: &Disk, stop: &mut dyn FnMut() -> bool) -> Result<u64, AuditError> {
    let reader = Reader::open(disk)?;
    let width = u64::from(TILE_WIDTH);
    let blocks = reader.published() / width / BLOCK_BUNDLES;
    let oldest = reader.minimum().div_ceil(width * BLOCK_BUNDLES);
    if blocks == 0 {
        return Ok(0);
    }
    let key = open_key(disk)?;
    let mut tiles = Tiles::new(disk, reader.published());
    let mut made = 0_u64;
    for number in (oldest..blocks).rev() {
        if stop() {
            break;
        }
        let identity = identity(&key, &tiles.subtree(BLOCK_LEVEL, number)?);
        if Block::open(disk, number, &identity).is_none() {
            let content = read_block(&reader, number, &key, identity)?;
            disk.replace(path(number), &content.encode(), Durability::Synced)?;
            made = made.saturating_add(1);
        }
    }
    Ok(made)
}

fn open_key(disk: &Disk) -> Result<[u8; 32], AuditError> {
    if let Some(key) = disk.read(KEY)?.and_then(|key| key.try_into().ok()) {
        return Ok(key);
    }
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key)
        .map_err(|_| AuditError::Malformed { what: "index key", reason: "no randomness to be had".into() })?;
    disk.replace_secret(KEY, &key)?;
    Ok(key)
}

fn read_block(
    reader: &Reader,
    number: u64,
    key: &[u8; 32],
    identity: [u8; 32],
) -> Result<Content, AuditError> {
    let mut content = Content {
        identity,
        earliest: i64::MAX,
        latest: i64::MIN,
        terms: BTreeMap::new(),
        trigrams: vec![0; TRIGRAMS],
    };
    let first = number.saturating_mul(BLOCK_BUNDLES);
    for bundle_number in first..first.saturating_add(BLOCK_BUNDLES) {
        let bundle = reader.bundle(bundle_number)?;
        let bit = 1_u16 << (bundle_number % BLOCK_BUNDLES);
        for (index, raw, personal) in bundle.records() {
            for trigram in terms::trigrams(raw).chain(terms::trigrams(personal)) {
                if let Some(bundles) = content.trigrams.get_mut(usize::from(trigram)) {
                    *bundles |= bit;
                }
            }
            // One that cannot be read is nobody's hit.
            let Ok(record) = reader.decode(index, raw, personal) else { continue };
            let time = record.event_time.as_millisecond();
            content.earliest = content.earliest.min(time);
            content.latest = content.latest.max(time);
            let position = u16::try_from(index % (BLOCK_BUNDLES * u64::from(TILE_WIDTH))).unwrap_or(0);
            for (field, value) in terms::of_record(&record) {
                let positions = content.terms.entry(terms::hash(key, field, value)).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
    }
    Ok(content)
}
