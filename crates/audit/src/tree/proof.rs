//! Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2).

use super::{Hash, empty_root, node_hash};

/// Where the hashes of perfect subtrees come from.
pub(crate) trait HashSource {
    /// Why a hash is not to be had.
    type Error;

    /// Root of the perfect subtree of `2^level` leaves that starts at leaf
    /// `index * 2^level`.
    fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Root of the leaves from `start` up to `end`.
fn range_root<S: HashSource>(source: &mut S, start: u64, end: u64) -> Result<Hash, S::Error> {
    let width = end.saturating_sub(start);
    if width == 0 {
        return Ok(empty_root());
    }
    if width.is_power_of_two() {
        let level = width.trailing_zeros();
        return source.subtree(level, start >> level);
    }
    let middle = start.saturating_add(split(width));
    let left = range_root(source, start, middle)?;
    let right = range_root(source, middle, end)?;
    Ok(node_hash(&left, &right))
}

/// Largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << width.saturating_sub(1).checked_ilog2().unwrap_or(0)
}

/// Proof that leaf `index` is in the tree of `size` leaves; `index < size`.
pub(crate) fn inclusion_proof<S: HashSource>(
    source: &mut S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, S::Error> {
    let (mut start, mut end) = (0_u64, size);
    let mut proof = Vec::new();
    while end.saturating_sub(start) > 1 {
        let middle = start.saturating_add(split(end.saturating_sub(start)));
        if index < middle {
            proof.push(range_root(source, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(source, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that the tree of `old` leaves is a prefix of the tree of `new`;
/// `0 < old <= new`.
pub(crate) fn consistency_proof<S: HashSource>(
    source: &mut S,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, S::Error> {
    let (mut start, mut end) = (0_u64, new);
    let mut whole = true;
    let mut proof = Vec::new();
    while old != end {
        let middle = start.saturating_add(split(end.saturating_sub(start)));
        if old <= middle {
            proof.push(range_root(source, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(source, start, middle)?);
            start = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range_root(source, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks a proof that the record with `leaf` hash lies at `index` in the tree
/// of `size` records with `root` (RFC 9162 §2.1.3.2).
#[must_use]
pub fn verify_inclusion(index: u64, size: u64, leaf: &[u8; 32], root: &[u8; 32], proof: &[[u8; 32]]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size.saturating_sub(1));
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Checks a proof that the tree of `old` records with `old_root` is a prefix
/// of the tree of `new` records with `new_root` (RFC 9162 §2.1.4.2). Every
/// tree has the empty one as its prefix, with an empty proof.
#[must_use]
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &[u8; 32],
    new_root: &[u8; 32],
    proof: &[[u8; 32]],
) -> bool {
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    if old >= new {
        return old == new && proof.is_empty() && old_root == new_root;
    }
    let mut proof = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(first) = first else { return false };
    let (mut node, mut last) = (old.saturating_sub(1), new.saturating_sub(1));
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::tree::{Frontier, leaf_hash};

    /// Computes every hash from the leaves, by the definition.
    struct Leaves(Vec<Hash>);

    impl HashSource for Leaves {
        type Error = Infallible;

        fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
            if level == 0 {
                return Ok(self.0[usize::try_from(index).unwrap()]);
            }
            let left = self.subtree(level - 1, index * 2)?;
            let right = self.subtree(level - 1, index * 2 + 1)?;
            Ok(node_hash(&left, &right))
        }
    }

    fn leaves(size: u64) -> Leaves {
        Leaves((0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect())
    }

    fn root(source: &mut Leaves, size: u64) -> Hash {
        let Ok(root) = range_root(source, 0, size);
        root
    }

    #[test]
    fn frontier_agrees_with_the_definition() {
        let mut source = leaves(300);
        let mut frontier = Frontier::default();
        for size in 0..300 {
            assert_eq!(frontier.root(), root(&mut source, size), "size {size}");
            frontier.push(source.0[usize::try_from(size).unwrap()]);
        }
    }

    #[test]
    fn inclusion_proofs_hold_only_where_they_were_made() {
        let mut source = leaves(70);
        for size in 1..70 {
            let root = root(&mut source, size);
            for index in 0..size {
                let Ok(proof) = inclusion_proof(&mut source, index, size);
                let leaf = source.0[usize::try_from(index).unwrap()];
                assert!(verify_inclusion(index, size, &leaf, &root, &proof), "{index} in {size}");
                let other = source.0[usize::try_from((index + 1) % 70).unwrap()];
                assert!(!verify_inclusion(index, size, &other, &root, &proof));
                assert!(!verify_inclusion(index ^ 1, size, &leaf, &root, &proof) || size == 1);
                assert!(!verify_inclusion(size, size, &leaf, &root, &proof));
            }
        }
    }

    #[test]
    fn consistency_proofs_hold_only_between_their_trees() {
        let mut source = leaves(70);
        for new in 1..70 {
            let new_root = root(&mut source, new);
            for old in 1..=new {
                let old_root = root(&mut source, old);
                let Ok(proof) = consistency_proof(&mut source, old, new);
                assert!(verify_consistency(old, new, &old_root, &new_root, &proof), "{old} to {new}");
                assert!(!verify_consistency(old, new, &empty_root(), &new_root, &proof));
                assert!(!verify_consistency(old, new, &old_root, &empty_root(), &proof));
                let mut longer = proof.clone();
                longer.push(old_root);
                assert!(!verify_consistency(old, new, &old_root, &new_root, &longer));
            }
        }
        assert!(verify_consistency(0, 5, &empty_root(), &root(&mut source, 5), &[]));
        assert!(!verify_consistency(0, 5, &[7; 32], &root(&mut source, 5), &[]));
        assert!(!verify_consistency(6, 5, &root(&mut source, 6), &root(&mut source, 5), &[]));
    }
}
