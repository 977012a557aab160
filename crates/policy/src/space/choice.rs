//! Lists of patterns, compared quickly where no automaton is needed.

use crate::context::Context;
use crate::glob::Pattern;
use crate::variable::Token;

/// The texts that match one of several patterns without variables.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// Sorted.
    exact: Vec<Box<str>>,
    wild: Vec<Wild>,
    any: bool,
}

/// A pattern with wildcards.
#[derive(Debug, Clone)]
pub(super) struct Wild {
    pub(super) pattern: Pattern,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    One,
    Star,
}

impl Choice {
    pub(super) fn of<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Self {
        let mut choice = Self::default();
        for pattern in patterns {
            match pattern {
                Pattern::Any => choice.any = true,
                Pattern::Exact(text) => choice.exact.push(text.clone()),
                pattern => choice.wild.extend(Wild::of(pattern)),
            }
        }
        choice.exact.sort();
        choice.exact.dedup();
        choice
    }

    pub(super) fn is_any(&self) -> bool {
        self.any
    }

    pub(super) fn len(&self) -> usize {
        self.exact.len() + self.wild.len()
    }

    pub(super) fn exact(&self) -> impl Iterator<Item = &str> {
        self.exact.iter().map(|text| &**text)
    }

    pub(super) fn wild(&self) -> &[Wild] {
        &self.wild
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.any
            || self.exact.binary_search_by(|exact| (**exact).cmp(text)).is_ok()
            || self.wild.iter().any(|wild| wild.matches(text))
    }

    /// Whether one of the patterns matches whatever `wild` does. May be `false` where only several together do.
    pub(super) fn includes(&self, wild: &Wild) -> bool {
        self.any || self.wild.iter().any(|other| other.includes(wild))
    }

    /// The patterns that might match something that `wild` matches too.
    pub(super) fn near(&self, wild: &Wild) -> Vec<Pattern> {
        let exact = self.exact.iter().filter(|text| wild.matches(text));
        let exact = exact.map(|text| Pattern::Exact(text.clone()));
        let wild = self.wild.iter().filter(|other| !other.apart(wild)).map(|other| other.pattern.clone());
        exact.chain(wild).collect()
    }
}

impl Wild {
    fn of(pattern: &Pattern) -> Option<Self> {
        let mut pieces = Vec::new();
        for token in pattern.tokens()? {
            match token {
                Token::Literal(text) => pieces.extend(text.chars().map(Piece::Char)),
                Token::One => pieces.push(Piece::One),
                Token::Star => pieces.push(Piece::Star),
                Token::Variable(_) => return None,
            }
        }
        Some(Self { pattern: pattern.clone(), pieces })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.pattern.matches(text.as_bytes(), &Context::EMPTY)
    }

    /// The pattern with `filler` for each star and `x` for each single wildcard.
    pub(super) fn filled(&self, filler: &str) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Char(character) => text.push(*character),
                Piece::One => text.push('x'),
                Piece::Star => text.push_str(filler),
            }
        }
        text
    }

    /// Whether this matches all that `other` does, seen piece by piece: a star of `other` is covered by stars only, so
    /// `a?*` and `a*?` are not seen to be the same.
    fn includes(&self, other: &Wild) -> bool {
        let (mut at, mut from) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(piece) = other.pieces.get(from) {
            match (self.pieces.get(at), piece) {
                (Some(Piece::Star), _) => {
                    star = Some((at, from));
                    at += 1;
                }
                (Some(Piece::Char(a)), Piece::Char(b)) if a == b => (at, from) = (at + 1, from + 1),
                (Some(Piece::One), Piece::Char(_) | Piece::One) => (at, from) = (at + 1, from + 1),
                _ => match star {
                    Some((star_at, covered)) => {
                        star = Some((star_at, covered + 1));
                        (at, from) = (star_at + 1, covered + 1);
                    }
                    None => return false,
                },
            }
        }
        self.pieces.get(at..).is_some_and(|rest| rest.iter().all(|piece| *piece == Piece::Star))
    }

    /// Whether no text matches both, seen at the two ends; `false` when that does not tell.
    fn apart(&self, other: &Wild) -> bool {
        fn clash<'a>(a: impl Iterator<Item = &'a Piece>, b: impl Iterator<Item = &'a Piece>) -> bool {
            for pair in a.zip(b) {
                match pair {
                    (Piece::Star, _) | (_, Piece::Star) => return false,
                    (Piece::Char(a), Piece::Char(b)) if a != b => return true,
                    _ => {}
                }
            }
            false
        }
        clash(self.pieces.iter(), other.pieces.iter())
            || clash(self.pieces.iter().rev(), other.pieces.iter().rev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable::Syntax;

    fn wild(text: &str) -> Wild {
        Wild::of(&Pattern::compile(text, Syntax { wildcards: true, variables: false })).unwrap()
    }

    #[test]
    fn inclusion_piece_by_piece() {
        for (left, right, wanted) in [
            ("a*", "ab*", true),
            ("ab*", "a*", false),
            ("*b*", "abc*", true),
            ("a?c", "abc*", false),
            ("*?", "a*", false),
            ("?*", "a*", true),
            ("*", "*", true),
            ("*a*b*", "xaxbx*", true),
            ("*a*b", "a*ab", true),
            ("*ab", "*b", false),
            ("a*?", "a?*", false),
            ("é*", "é?", true),
        ] {
            assert_eq!(wild(left).includes(&wild(right)), wanted, "{left} over {right}");
        }
    }

    #[test]
    fn apart_at_an_end() {
        for (left, right, wanted) in [
            ("a*", "b*", true),
            ("*a", "*b", true),
            ("a*", "*b", false),
            ("ab*", "a*", false),
            ("a?", "ab*", false),
        ] {
            assert_eq!(wild(left).apart(&wild(right)), wanted, "{left} and {right}");
        }
    }
}
