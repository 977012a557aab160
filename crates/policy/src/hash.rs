//! A fast, seedless 64-bit hash for index look-ups. Not for anything that an attacker gains from colliding: every
//! hit is confirmed by a full comparison.

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A hash of a sequence of byte strings; where one ends and the next begins counts.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    /// A hash that begins with `tag`, so that keys of different kinds differ.
    pub(crate) const fn new(tag: u8) -> Self {
        Self(SEED ^ tag as u64)
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        self.word(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    #[inline]
    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(ODD).rotate_left(29);
    }

    /// The value so far, mixed so that high and low bits depend on all of the input.
    #[inline]
    pub(crate) fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(ODD);
        mixed ^ (mixed >> 29)
    }
}

/// The hash of a single byte string.
#[inline]
pub(crate) fn of(tag: u8, bytes: &[u8]) -> u64 {
    let mut hash = Hash::new(tag);
    hash.bytes(bytes);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_inputs_differ() {
        let mut seen = std::collections::HashSet::new();
        for tag in [b'a', b'b'] {
            for length in 0..40 {
                for byte in [0, 1, b'x'] {
                    assert!(
                        seen.insert(of(tag, &vec![byte; length])) || length == 0,
                        "{tag} {byte} {length}"
                    );
                }
            }
        }
        for n in 0..10_000 {
            assert!(seen.insert(of(b'r', format!("arn:aws:s3:::bucket-{n}/").as_bytes())));
        }
    }
}
