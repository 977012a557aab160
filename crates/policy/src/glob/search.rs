//! Finding a part with several atoms inside a subject.

use smallvec::SmallVec;

use super::{Atom, starts_character};
use crate::context::Context;

/// Below this product of lengths the plain search is faster and its worst case is harmless.
const PLAIN_LIMIT: usize = 4096;

/// The earliest end of a match of `atoms` anywhere in `hay`.
pub(super) fn find(atoms: &[Atom], hay: &[u8], context: &Context) -> Option<usize> {
    let mut length = 0;
    for atom in atoms {
        length += match atom {
            Atom::One => 1,
            _ => atom.text(context)?.len(),
        };
    }
    if length > hay.len() {
        return None;
    }
    if length.saturating_mul(hay.len()) <= PLAIN_LIMIT {
        plain(atoms, hay, context)
    } else {
        parallel(atoms, length, hay, context)
    }
}

fn plain(atoms: &[Atom], hay: &[u8], context: &Context) -> Option<usize> {
    (0..=hay.len()).find_map(|start| {
        let rest = hay.get(start..)?;
        if rest.first().is_some_and(|byte| !starts_character(*byte)) {
            return None;
        }
        super::match_start(atoms, rest, context).map(|length| start + length)
    })
}

/// Runs all possible starts at once, a bit each: one pass over `hay`, `length / 64` steps a byte, whatever the
/// pattern. Bit `i` is set when the first `i + 1` positions of the part match up to the current byte.
fn parallel(atoms: &[Atom], length: usize, hay: &[u8], context: &Context) -> Option<usize> {
    let words = length.div_ceil(64);
    let mut accept: SmallVec<[u64; 256]> = SmallVec::from_elem(0, 256 * words);
    let mut single: SmallVec<[u64; 8]> = SmallVec::from_elem(0, words);
    let mut position = 0;
    for atom in atoms {
        match atom {
            Atom::One => {
                for byte in 0..=u8::MAX {
                    if starts_character(byte) {
                        set(&mut accept, usize::from(byte) * words, position);
                    }
                }
                set(&mut single, 0, position);
                position += 1;
            }
            _ => {
                for byte in atom.text(context)? {
                    set(&mut accept, usize::from(*byte) * words, position);
                    position += 1;
                }
            }
        }
    }
    let mut state: SmallVec<[u64; 8]> = SmallVec::from_elem(0, words);
    let last = length - 1;
    for (at, byte) in hay.iter().enumerate() {
        let row = accept.get(usize::from(*byte) * words..)?;
        // A `?` goes on through the rest of its character.
        let stay = if starts_character(*byte) { 0 } else { u64::MAX };
        let mut carry = 1;
        for ((state, row), single) in state.iter_mut().zip(row).zip(&single) {
            let shifted = (*state << 1) | carry;
            carry = *state >> 63;
            *state = (shifted & row) | (*state & single & stay);
        }
        let complete = hay.get(at + 1).is_none_or(|next| starts_character(*next));
        if complete && state.get(last / 64)? & (1 << (last % 64)) != 0 {
            return Some(at + 1);
        }
    }
    None
}

fn set(words: &mut [u64], offset: usize, position: usize) {
    if let Some(word) = words.get_mut(offset + position / 64) {
        *word |= 1 << (position % 64);
    }
}
