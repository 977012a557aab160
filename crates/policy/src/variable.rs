//! Policy variables and wildcards inside a value: `${key}`, `${key, 'default'}`, `${*}`, `*` and `?`.

use std::ops::Range;

use crate::context::{Context, Key, Value};

/// Which characters of a text are special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable or an escape; only in language version 2012-10-17.
    pub(crate) variables: bool,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    /// Text to be found as it is.
    Literal(Box<str>),
    /// Any text, also none.
    Star,
    /// Exactly one character.
    One,
    /// What the request says.
    Variable(Variable),
}

/// A reference to a condition key of the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Variable {
    key: Key,
    default: Option<Box<str>>,
}

impl Variable {
    /// What stands in for the variable. The result is always literal text: it is never read again as a wildcard or
    /// as a variable. `None` when the key is absent without a default, or multi-valued.
    pub(crate) fn resolve<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.find(&self.key) {
            Some(Value::One(value)) => Some(value),
            Some(Value::Many(_)) => None,
            None => self.default.as_deref(),
        }
    }

    pub(crate) fn key(&self) -> &str {
        self.key.folded()
    }
}

/// A `${` that does not begin a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadVariable {
    /// Byte range inside the value.
    pub(crate) range: Range<usize>,
    /// What is wrong, to follow "the variable `…`".
    pub(crate) problem: &'static str,
}

/// Splits a value into its pieces. Adjacent stars are one star.
pub(crate) fn tokens(text: &str, syntax: Syntax) -> Result<Vec<Token>, BadVariable> {
    let mut tokens = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let at = text.len() - rest.len();
        let mut taken = character.len_utf8();
        let special = match character {
            '*' if syntax.wildcards => Some(Token::Star),
            '?' if syntax.wildcards => Some(Token::One),
            '$' if syntax.variables && rest.starts_with("${") => {
                let (length, piece) = variable(rest)
                    .map_err(|(length, problem)| BadVariable { range: at..at + length, problem })?;
                taken = length;
                match piece {
                    Piece::Escaped(escaped) => {
                        literal.push(escaped);
                        rest = rest.get(taken..).unwrap_or_default();
                        continue;
                    }
                    Piece::Variable(variable) => Some(Token::Variable(variable)),
                }
            }
            _ => None,
        };
        rest = rest.get(taken..).unwrap_or_default();
        let Some(token) = special else {
            literal.push(character);
            continue;
        };
        if !literal.is_empty() {
            tokens.push(Token::Literal(std::mem::take(&mut literal).into()));
        }
        if !(token == Token::Star && tokens.last() == Some(&Token::Star)) {
            tokens.push(token);
        }
    }
    if !literal.is_empty() {
        tokens.push(Token::Literal(literal.into()));
    }
    Ok(tokens)
}

enum Piece {
    Escaped(char),
    Variable(Variable),
}

/// Reads a `${…}` at the beginning of `text`: its length and meaning, or the length of what is wrong and why.
fn variable(text: &str) -> Result<(usize, Piece), (usize, &'static str)> {
    let inside = text.get(2..).unwrap_or_default();
    for escaped in ['*', '?', '$'] {
        if inside.strip_prefix(escaped).is_some_and(|rest| rest.starts_with('}')) {
            return Ok((4, Piece::Escaped(escaped)));
        }
    }
    let Some(end) = inside.find([',', '}', '{', '$']) else {
        return Err((text.len(), "is not closed by `}`"));
    };
    let (name, rest) = inside.split_at(end);
    let so_far = 2 + end;
    if name.is_empty() {
        return Err((so_far + 1, "names no condition key"));
    }
    if name.trim() != name {
        return Err((so_far, "has spaces around the key"));
    }
    match rest.chars().next() {
        Some('}') => Ok((so_far + 1, Piece::Variable(Variable { key: Key::new(name), default: None }))),
        Some(',') => {
            let quoted = rest.get(1..).unwrap_or_default().trim_start_matches(' ');
            let parsed = quoted.strip_prefix('\'').and_then(|after| {
                let (default, after) = after.split_once('\'')?;
                let after = after.trim_start_matches(' ').strip_prefix('}')?;
                Some((default, after.len()))
            });
            match parsed {
                Some((default, left)) => {
                    let variable = Variable { key: Key::new(name), default: Some(default.into()) };
                    Ok((text.len() - left, Piece::Variable(variable)))
                }
                None => Err((so_far + 1, "has a default that is not in single quotes before the `}`")),
            }
        }
        _ => Err((so_far + 1, "holds another variable or a brace")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Syntax = Syntax { wildcards: true, variables: true };

    fn show(text: &str, syntax: Syntax) -> String {
        match tokens(text, syntax) {
            Ok(tokens) => tokens
                .iter()
                .map(|token| match token {
                    Token::Literal(text) => format!("[{text}]"),
                    Token::Star => "*".into(),
                    Token::One => "?".into(),
                    Token::Variable(v) => format!("<{}|{:?}>", v.key(), v.default),
                })
                .collect(),
            Err(bad) => format!("{:?} {}", bad.range, bad.problem),
        }
    }

    #[test]
    fn pieces() {
        for (text, wanted) in [
            ("", ""),
            ("a*b?", "[a]*[b]?"),
            ("a***b", "[a]*[b]"),
            ("${aws:username}/x", "<aws:username|None>[/x]"),
            ("a${AWS:X, 'd e'}b", "[a]<aws:x|Some(\"d e\")>[b]"),
            ("${k:x,'*'}", "<k:x|Some(\"*\")>"),
            ("${k:tag/cost center}", "<k:tag/cost center|None>"),
            ("a${*}b${?}${$}{c}", "[a*b?${c}]"),
            ("$5 {x} $", "[$5 {x} $]"),
            ("é?", "[é]?"),
        ] {
            assert_eq!(show(text, ALL), wanted, "{text}");
        }
    }

    #[test]
    fn literal_where_not_special() {
        assert_eq!(show("a*${x}?", Syntax { wildcards: false, variables: false }), "[a*${x}?]");
        assert_eq!(show("a*${x}", Syntax { wildcards: false, variables: true }), "[a*]<x|None>");
        assert_eq!(show("${*}", Syntax { wildcards: true, variables: false }), "[${]*[}]");
    }

    #[test]
    fn mistakes() {
        for (text, wanted) in [
            ("ab${x", "2..5 is not closed by `}`"),
            ("${}", "0..3 names no condition key"),
            ("${ x}", "0..4 has spaces around the key"),
            ("${a${b}}", "0..4 holds another variable or a brace"),
            ("${a,b}", "0..4 has a default that is not in single quotes before the `}`"),
            ("${a,'b}", "0..4 has a default that is not in single quotes before the `}`"),
        ] {
            assert_eq!(show(text, ALL), wanted, "{text}");
        }
    }
}
