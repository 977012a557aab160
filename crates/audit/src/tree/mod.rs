//! The Merkle tree of RFC 6962 and its tiles (C2SP tlog-tiles).

mod frontier;
mod proof;
mod tile;

pub(crate) use frontier::Frontier;
pub(crate) use proof::{HashSource, consistency_proof, inclusion_proof};
pub use proof::{verify_consistency, verify_inclusion};
pub(crate) use tile::{Layer, TILE_WIDTH, Tile, entries_of, fold, hashes_of, push_entry};

use aws_lc_rs::digest::{Context, SHA256, digest};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// Hash of a record (RFC 6962 §2.1).
pub(crate) fn leaf_hash(record: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(record);
    finish(context)
}

/// Hash of an inner node (RFC 6962 §2.1).
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[1]);
    context.update(left);
    context.update(right);
    finish(context)
}

/// Root of the tree without records (RFC 6962 §2.1).
pub(crate) fn empty_root() -> Hash {
    sha256(b"")
}

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    to_hash(digest(&SHA256, bytes).as_ref())
}

/// Ends a SHA-256 computation.
pub(crate) fn finish(context: Context) -> Hash {
    to_hash(context.finish().as_ref())
}

fn to_hash(digest: &[u8]) -> Hash {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest) {
        *to = *from;
    }
    hash
}
