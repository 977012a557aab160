//! Sets of characters.

/// Ranges of characters, sorted and apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class(Vec<(char, char)>);

impl Class {
    /// The characters of these ranges.
    pub(crate) fn of(mut ranges: Vec<(char, char)>) -> Self {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut apart: Vec<(char, char)> = Vec::new();
        for (low, high) in ranges {
            match apart.last_mut() {
                Some(last) if low <= last.1 => last.1 = last.1.max(high),
                _ => apart.push((low, high)),
            }
        }
        Self(apart)
    }

    /// Every character.
    pub(crate) fn any() -> Self {
        Self(vec![('\0', char::MAX)])
    }

    /// Every character but one.
    pub(crate) fn not(excluded: char) -> Self {
        let code = u32::from(excluded);
        let before = code.checked_sub(1).and_then(char::from_u32).map(|high| ('\0', high));
        let after = char::from_u32(code + 1).map(|low| (low, char::MAX));
        Self(before.into_iter().chain(after).collect())
    }

    /// One character.
    pub(crate) fn one(character: char) -> Self {
        Self(vec![(character, character)])
    }

    /// A character in either case.
    pub(crate) fn folded(character: char) -> Self {
        let variants = character.to_lowercase().chain(character.to_uppercase()).chain([character]);
        Self::of(variants.map(|variant| (variant, variant)).collect())
    }

    pub(crate) fn ranges(&self) -> &[(char, char)] {
        &self.0
    }

    pub(crate) fn contains(&self, character: char) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&character))
    }
}
