//! Patterns with `*`, `?` and variables, matched in time linear in the subject.

mod resolve;
mod search;

use crate::context::Context;
use crate::variable::{Syntax, Token, Variable};

/// A compiled pattern. `*` matches any text, newlines, slashes and colons included; `?` matches one character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Pattern {
    /// `*`.
    Any,
    /// No wildcard, no variable.
    Exact(Box<str>),
    /// A literal, then `*`.
    Prefix(Box<str>),
    /// Everything else: parts between stars. One part means that there is no star.
    Parts(Box<[Part]>),
}

/// What stands between two stars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    atoms: Box<[Atom]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Atom {
    Literal(Box<str>),
    One,
    Variable(Variable),
}

impl Pattern {
    /// Compiles a value. A malformed variable cannot come from a checked document; it would match nothing.
    pub(crate) fn compile(text: &str, syntax: Syntax) -> Self {
        match crate::variable::tokens(text, syntax) {
            Ok(tokens) => Self::from_tokens(tokens),
            Err(_) => Pattern::Parts(Box::default()),
        }
    }

    fn from_tokens(tokens: Vec<Token>) -> Self {
        match tokens.as_slice() {
            [] => return Pattern::Exact("".into()),
            [Token::Star] => return Pattern::Any,
            [Token::Literal(text)] => return Pattern::Exact(text.clone()),
            [Token::Literal(text), Token::Star] => return Pattern::Prefix(text.clone()),
            _ => {}
        }
        let mut parts = Vec::new();
        let mut atoms = Vec::new();
        for token in tokens {
            match token {
                Token::Star => parts.push(Part { atoms: std::mem::take(&mut atoms).into() }),
                Token::One => atoms.push(Atom::One),
                Token::Literal(text) => atoms.push(Atom::Literal(text)),
                Token::Variable(variable) => atoms.push(Atom::Variable(variable)),
            }
        }
        parts.push(Part { atoms: atoms.into() });
        Pattern::Parts(parts.into())
    }

    /// Whether `subject` matches, with variables taken from `context`. An unresolved variable matches nothing.
    #[inline]
    pub(crate) fn matches(&self, subject: &[u8], context: &Context) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(text) => subject == text.as_bytes(),
            Pattern::Prefix(text) => subject.starts_with(text.as_bytes()),
            Pattern::Parts(parts) => match_parts(parts, subject, context),
        }
    }

    /// Whether `subject` equals the pattern, which has no wildcards, without regard to case.
    pub(crate) fn equals_folded(&self, subject: &str, context: &Context) -> bool {
        let atoms: &[Atom] = match self {
            Pattern::Exact(text) => return lower(text).eq(lower(subject)),
            Pattern::Parts(parts) => match &**parts {
                [only] => &only.atoms,
                _ => return false,
            },
            Pattern::Any | Pattern::Prefix(_) => return false,
        };
        let mut has = lower(subject);
        for atom in atoms {
            let wanted = match atom {
                Atom::Literal(text) => &**text,
                Atom::Variable(variable) => match variable.resolve(context) {
                    Some(text) => text,
                    None => return false,
                },
                Atom::One => return false,
            };
            if !lower(wanted).all(|character| has.next() == Some(character)) {
                return false;
            }
        }
        has.next().is_none()
    }

    /// The text that every match begins with, and whether the pattern is nothing but that text.
    pub(crate) fn literal_prefix(&self) -> (&str, bool) {
        match self {
            Pattern::Any => ("", false),
            Pattern::Exact(text) => (text, true),
            Pattern::Prefix(text) => (text, false),
            Pattern::Parts(parts) => match parts.first().and_then(|part| part.atoms.first()) {
                Some(Atom::Literal(text)) => (text, false),
                _ => ("", false),
            },
        }
    }

    /// Whether the pattern refers to the request.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let parts: &[Part] = if let Pattern::Parts(parts) = self { parts } else { &[] };
        parts.iter().flat_map(|part| part.atoms.iter()).filter_map(|atom| match atom {
            Atom::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// Whether there is a `*` or a `?`.
    pub(crate) fn has_wildcards(&self) -> bool {
        match self {
            Pattern::Any | Pattern::Prefix(_) => true,
            Pattern::Exact(_) => false,
            Pattern::Parts(parts) => {
                parts.len() > 1 || parts.iter().any(|part| part.atoms.contains(&Atom::One))
            }
        }
    }

    /// Whether every variable has a value.
    pub(crate) fn resolves(&self, context: &Context) -> bool {
        self.variables().all(|variable| variable.resolve(context).is_some())
    }
}

fn match_parts(parts: &[Part], subject: &[u8], context: &Context) -> bool {
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some(after_first) = match_start(&first.atoms, subject, context) else { return false };
    let Some((last, middle)) = rest.split_last() else { return after_first == subject.len() };
    let Some(mut hay) = subject.get(after_first..) else { return false };
    let Some(before_last) = last.match_end(hay, context) else { return false };
    hay = hay.get(..before_last).unwrap_or_default();
    for part in middle {
        let Some(end) = part.find(hay, context) else { return false };
        hay = hay.get(end..).unwrap_or_default();
    }
    true
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Whether a byte begins a character.
fn starts_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// Matches at the beginning of `subject`; the length matched.
fn match_start(atoms: &[Atom], subject: &[u8], context: &Context) -> Option<usize> {
    let mut at = 0;
    for atom in atoms {
        let rest = subject.get(at..)?;
        at += match atom {
            Atom::One => {
                rest.first()?;
                1 + rest.iter().skip(1).take_while(|byte| !starts_character(**byte)).count()
            }
            _ => {
                let text = atom.text(context)?;
                rest.starts_with(text).then_some(text.len())?
            }
        };
    }
    Some(at)
}

impl Part {
    /// Matches at the end of `subject`; the length of what is left before it.
    fn match_end(&self, subject: &[u8], context: &Context) -> Option<usize> {
        let mut left = subject;
        for atom in self.atoms.iter().rev() {
            left = match atom {
                Atom::One => {
                    let at = left.iter().rposition(|byte| starts_character(*byte))?;
                    left.get(..at)?
                }
                _ => left.strip_suffix(atom.text(context)?)?,
            };
        }
        Some(left.len())
    }

    /// The earliest end of a match anywhere in `hay`.
    fn find(&self, hay: &[u8], context: &Context) -> Option<usize> {
        match &*self.atoms {
            [] => Some(0),
            [Atom::Literal(text)] => Some(memchr::memmem::find(hay, text.as_bytes())? + text.len()),
            atoms => search::find(atoms, hay, context),
        }
    }
}

impl Atom {
    /// The bytes it stands for; `None` for `?` and for an unresolved variable.
    fn text<'a>(&'a self, context: &'a Context) -> Option<&'a [u8]> {
        match self {
            Atom::Literal(text) => Some(text.as_bytes()),
            Atom::Variable(variable) => variable.resolve(context).map(str::as_bytes),
            Atom::One => None,
        }
    }
}

#[cfg(test)]
mod tests;
