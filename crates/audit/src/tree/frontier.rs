//! The right edge of a growing tree.

use super::{Hash, empty_root, node_hash};

/// The right edge of a growing tree: the roots of its perfect subtrees, the
/// widest first. Enough to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// Takes up a tree of `size` leaves whose perfect subtrees, the widest
    /// first, have `roots`; `None` if that is not their number.
    pub(crate) fn from_roots(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (u64::from(size.count_ones()) == roots.len() as u64).then_some(Self { size, roots })
    }

    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Appends a perfect subtree of `2^level` leaves to a tree whose size is a
    /// multiple of that.
    pub(crate) fn push_subtree(&mut self, level: u32, root: Hash) {
        let mut hash = root;
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.roots.push(hash);
        self.size = self.size.saturating_add(1 << level);
    }

    /// Root of the tree.
    pub(crate) fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => empty_root(),
            Some(last) => roots.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}
