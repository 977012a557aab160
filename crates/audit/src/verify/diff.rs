//! How the records differ from those that were signed for.

use std::collections::HashMap;

use super::FaultKind;
use crate::tree::Hash;

/// Most edited records that are named one by one.
const MAX_NAMED: usize = 100;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: FaultKind,
    /// First record concerned.
    pub(super) index: u64,
    pub(super) detail: String,
}

/// Tells how `found` differs from `expected`, leaf hashes both, from record
/// `first` on. Both may be cut off at the same number if `more` follows.
/// `signed` is the number of records signed for.
pub(super) fn differences(
    expected: &[Hash],
    found: &[Hash],
    first: u64,
    more: bool,
    signed: u64,
) -> Vec<Difference> {
    let places = |hashes: &[Hash]| -> HashMap<Hash, usize> { hashes.iter().copied().zip(0..).collect() };
    let (expected_at, found_at) = (places(expected), places(found));
    let mut differences = Vec::new();
    for (position, wanted) in expected.iter().enumerate() {
        let index = first.saturating_add(position as u64);
        let Some(there) = found.get(position) else {
            if !more {
                let detail = format!("the log ends at record {index}, {signed} were signed for");
                differences.push(Difference { kind: FaultKind::CutTail, index, detail });
            }
            break;
        };
        if there == wanted {
            continue;
        }
        let distance =
            |at: Option<&usize>| at.and_then(|at| at.checked_sub(position)).filter(|distance| *distance > 0);
        let (moved_here, moved_on) = (distance(expected_at.get(there)), distance(found_at.get(wanted)));
        let (kind, detail) = match (moved_here, moved_on) {
            (Some(_), Some(to)) => {
                let to = index.saturating_add(to as u64);
                (FaultKind::Reordered, format!("record {index} was moved to {to}"))
            }
            (Some(missing), None) => (FaultKind::Deleted, format!("{missing} missing at record {index}")),
            (None, Some(new)) => (FaultKind::Inserted, format!("{new} put in at record {index}")),
            (None, None) => (
                FaultKind::Edited,
                format!("leaf hash {} wanted, {} found", hex::encode(wanted), hex::encode(there)),
            ),
        };
        let shifted = kind != FaultKind::Edited;
        differences.push(Difference { kind, index, detail });
        // After a shift nothing is where it was.
        if shifted || differences.len() >= MAX_NAMED {
            break;
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(expected: &[u8], found: &[u8]) -> Vec<(FaultKind, u64)> {
        let hashes = |bytes: &[u8]| bytes.iter().map(|byte| [*byte; 32]).collect::<Vec<_>>();
        let differences = differences(&hashes(expected), &hashes(found), 0, false, expected.len() as u64);
        differences.into_iter().map(|difference| (difference.kind, difference.index)).collect()
    }

    #[test]
    fn tells_the_classes_apart() {
        assert_eq!(kinds(b"abcdef", b"abcdef"), []);
        assert_eq!(kinds(b"abcdef", b"abXdef"), [(FaultKind::Edited, 2)]);
        assert_eq!(kinds(b"abcdef", b"aXcdYf"), [(FaultKind::Edited, 1), (FaultKind::Edited, 4)]);
        assert_eq!(kinds(b"abcdef", b"abdef"), [(FaultKind::Deleted, 2)]);
        assert_eq!(kinds(b"abcdef", b"ef"), [(FaultKind::Deleted, 0)]);
        assert_eq!(kinds(b"abcdef", b"abdcef"), [(FaultKind::Reordered, 2)]);
        assert_eq!(kinds(b"abcdef", b"fbcdea"), [(FaultKind::Reordered, 0)]);
        assert_eq!(kinds(b"abcdef", b"abXcdef"), [(FaultKind::Inserted, 2)]);
        assert_eq!(kinds(b"abcdef", b"abc"), [(FaultKind::CutTail, 3)]);
        assert_eq!(kinds(b"abcdef", b""), [(FaultKind::CutTail, 0)]);
        assert_eq!(kinds(b"abcdef", b"aXc"), [(FaultKind::Edited, 1), (FaultKind::CutTail, 3)]);
    }
}
