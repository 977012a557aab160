//! Regular languages: what a text can be at all.

use std::sync::{Arc, OnceLock};

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::nfa::Nfa;

/// A set of texts, given by a regular expression that the whole text matches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Language {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    hir: Hir,
    nfa: OnceLock<Nfa>,
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.inner.hir == other.inner.hir
    }
}

impl Eq for Language {}

/// Why a text is not a regular expression of a [`Language`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no regular expression of a whole text: {problem}")]
pub struct NotALanguage {
    pattern: String,
    problem: String,
}

impl Language {
    fn new(hir: Hir) -> Self {
        Self { inner: Arc::new(Inner { hir, nfa: OnceLock::new() }) }
    }

    /// All texts.
    pub fn any() -> Self {
        Self::new(Hir::repetition(repetition(0, None, Hir::dot(regex_syntax::hir::Dot::AnyChar))))
    }

    /// One text only.
    pub fn text(text: &str) -> Self {
        Self::new(Hir::literal(text.as_bytes()))
    }

    /// The texts that a regular expression matches as a whole. `.` is any character, line ends included. There are no
    /// anchors, no word boundaries, no flags for case and no Unicode classes by name.
    ///
    /// # Errors
    /// When it is malformed, uses what is not supported, or repeats so often that it would not be bounded.
    pub fn regex(pattern: &str) -> Result<Self, NotALanguage> {
        let wrong = |problem: String| NotALanguage { pattern: pattern.to_owned(), problem };
        let hir =
            ParserBuilder::new().dot_matches_new_line(true).nest_limit(32).build().parse(pattern).map_err(
                |error| match error {
                    regex_syntax::Error::Parse(error) => wrong(error.kind().to_string()),
                    regex_syntax::Error::Translate(error) => wrong(error.kind().to_string()),
                    other => wrong(other.to_string()),
                },
            )?;
        check(&hir, 1).map_err(|problem| wrong(problem.to_owned()))?;
        Ok(Self::new(hir))
    }

    /// One text after the other.
    pub fn then(&self, next: &Language) -> Self {
        Self::new(Hir::concat(vec![self.hir().clone(), next.hir().clone()]))
    }

    /// The texts of either.
    pub fn or(&self, other: &Language) -> Self {
        Self::new(Hir::alternation(vec![self.hir().clone(), other.hir().clone()]))
    }

    /// Whether a text belongs to it.
    pub fn contains(&self, text: &str) -> bool {
        self.is_any() || self.nfa().accepts(text)
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self.hir().kind(), HirKind::Repetition(repeated)
            if repeated.min == 0 && repeated.max.is_none() && is_any_character(&repeated.sub))
    }

    fn hir(&self) -> &Hir {
        &self.inner.hir
    }

    pub(super) fn nfa(&self) -> &Nfa {
        self.inner.nfa.get_or_init(|| Nfa::language(self.hir()))
    }
}

fn is_any_character(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            matches!(class.ranges(), [only] if only.start() == '\0' && only.end() == char::MAX)
        }
        _ => false,
    }
}

fn repetition(min: u32, max: Option<u32>, of: Hir) -> regex_syntax::hir::Repetition {
    regex_syntax::hir::Repetition { min, max, greedy: true, sub: Box::new(of) }
}

/// At most this many copies of a part are made.
const MOST_COPIES: u32 = 4096;

fn check(hir: &Hir, copies: u32) -> Result<(), &'static str> {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => Ok(()),
        HirKind::Look(_) => Err("it has an anchor"),
        HirKind::Repetition(repeated) => {
            let times = repeated.max.unwrap_or(repeated.min).max(1);
            match copies.checked_mul(times).filter(|copies| *copies <= MOST_COPIES) {
                Some(copies) => check(&repeated.sub, copies),
                None => Err("it repeats too often"),
            }
        }
        HirKind::Capture(capture) => check(&capture.sub, copies),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().try_for_each(|part| check(part, copies))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership() {
        for (pattern, text, wanted) in [
            ("repo:[A-Za-z0-9-]+/[\\w&&[a-z]]+", "", false),
            ("[a-z]{2,4}", "abcde", false),
            ("[a-z]{2,4}", "abcd", true),
            ("(a|bc)*d?", "abcad", true),
            ("(a|bc)*d?", "abd", false),
            ("refs/(heads|tags)/.+", "refs/heads/a\nb", true),
            ("[^:]+", "a:b", false),
            ("é?", "é", true),
            ("", "", true),
        ] {
            let Ok(language) = Language::regex(pattern) else {
                assert!(pattern.contains("\\w"), "{pattern}");
                continue;
            };
            assert_eq!(language.contains(text), wanted, "{pattern} on {text}");
        }
        assert!(Language::any().contains("x\n\u{10ffff}"));
        assert!(Language::any().is_any() && !Language::regex(".+").unwrap().is_any());
        assert!(Language::text("a*").then(&Language::text("b")).contains("a*b"));
        assert!(Language::text("a").or(&Language::text("b")).contains("b"));
    }

    #[test]
    fn refused() {
        for pattern in ["^a", "a$", "\\ba", "(", "[", "a{5000}", "(a{100}){100}"] {
            assert!(Language::regex(pattern).is_err(), "{pattern}");
        }
    }
}
