//! Tiles and entry bundles (C2SP tlog-tiles).

use std::path::PathBuf;

use super::{Hash, node_hash};

/// Hashes in a full tile, and entries in a full bundle.
pub(crate) const TILE_WIDTH: u16 = 256;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// Hashes of subtrees of `256^level` leaves.
    Hashes(u8),
    /// Entries.
    Entries,
    /// Personal members of the entries: ours, beside the specification.
    Personal,
}

/// Coordinates of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tile {
    /// What it holds.
    pub(crate) layer: Layer,
    /// Position in its layer, from 0.
    pub(crate) index: u64,
    /// Number of hashes or entries, 1 to 256.
    pub(crate) width: u16,
}

impl Tile {
    /// A full tile.
    pub(crate) const fn full(layer: Layer, index: u64) -> Self {
        Self { layer, index, width: TILE_WIDTH }
    }

    /// Path of the tile below the log's prefix.
    pub(crate) fn path(self) -> PathBuf {
        let mut path = self.full_path();
        if self.width < TILE_WIDTH {
            path.as_mut_os_string().push(".p");
            path.push(self.width.to_string());
        }
        path
    }

    /// Path of the directory with the partial forms of this tile.
    pub(crate) fn partials_path(self) -> PathBuf {
        let mut path = self.full_path();
        path.as_mut_os_string().push(".p");
        path
    }

    /// Path of the full form of this tile.
    fn full_path(self) -> PathBuf {
        let mut path = match self.layer {
            Layer::Hashes(level) => PathBuf::from(format!("tile/{level}")),
            Layer::Entries => PathBuf::from("tile/entries"),
            Layer::Personal => PathBuf::from("personal"),
        };
        let mut groups = Vec::new();
        let mut rest = self.index;
        loop {
            groups.push(rest % 1000);
            rest /= 1000;
            if rest == 0 {
                break;
            }
        }
        while let Some(group) = groups.pop() {
            path.push(if groups.is_empty() { format!("{group:03}") } else { format!("x{group:03}") });
        }
        path
    }
}

/// Hashes in a tile's bytes; `None` if they are not whole.
pub(crate) fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// Root of a perfect subtree of `2^n` hashes; `None` if their number is none.
pub(crate) fn fold(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    level.first().copied()
}

/// Appends an entry of at most 65,535 bytes to a bundle's bytes.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend(entry.iter().take(usize::from(length)));
}

/// Entries in a bundle's bytes, and whether they end where an entry ends.
pub(crate) fn entries_of(bundle: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut entries = Vec::with_capacity(usize::from(TILE_WIDTH));
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, after)) = after.split_at_checked(length) else {
            return (entries, false);
        };
        entries.push(entry);
        rest = after;
    }
    (entries, rest.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |layer, index, width| Tile { layer, index, width }.path().display().to_string();
        assert_eq!(path(Layer::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(Layer::Hashes(1), 0, 17), "tile/1/000.p/17");
        assert_eq!(path(Layer::Entries, 273, 112), "tile/entries/273.p/112");
        assert_eq!(path(Layer::Entries, 1000, 256), "tile/entries/x001/000");
    }

    proptest! {
        #[test]
        fn bundles_give_back_what_went_in(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20), cut in 0_usize..50) {
            let mut bundle = Vec::new();
            for entry in &entries {
                push_entry(&mut bundle, entry);
            }
            let (read, whole) = entries_of(&bundle);
            prop_assert!(whole);
            prop_assert_eq!(&read, &entries);
            let torn = bundle.get(..bundle.len().saturating_sub(cut)).unwrap();
            let (read, _) = entries_of(torn);
            prop_assert!(entries.iter().map(Vec::as_slice).collect::<Vec<_>>().starts_with(&read));
        }

        #[test]
        fn paths_agree_with_tlog_tiles(level in 0_u8..6, index in 0_u64..1 << 40, width in 1_u16..=256) {
            let ours = Tile { layer: Layer::Hashes(level), index, width }.path().display().to_string();
            let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
            // Theirs carries the tile height, which the specification fixes at 8.
            prop_assert_eq!(ours, theirs.replacen("tile/8/", "tile/", 1));
            let data = Tile { layer: Layer::Entries, index, width }.path().display().to_string();
            let theirs = tlog_tiles::Tile::new(8, 0, index, u32::from(width), true).path();
            prop_assert_eq!(data, theirs.replacen("tile/8/data/", "tile/entries/", 1));
        }
    }
}
