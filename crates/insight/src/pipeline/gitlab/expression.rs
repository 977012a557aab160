//! The expressions of `rules:if`.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    /// A comparison; `negated` for `!=` and `!~`.
    Compare {
        left: Operand,
        right: Operand,
        matches: bool,
        negated: bool,
    },
    /// A variable that must be set and not empty.
    Present(Operand),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Variable(String),
    Text(String),
    Regex { source: String, ignore_case: bool },
    Null,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Operand(Operand),
    Equal,
    NotEqual,
    Match,
    NotMatch,
    And,
    Or,
    Open,
    Close,
}

/// How deep parentheses may go.
const DEPTH_LIMIT: usize = 32;

/// Reads an expression; none if it is not one.
pub(super) fn parse(text: &str) -> Option<Expression> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let expression = parser.or(0)?;
    (parser.at == tokens.len()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let two = [
            ("==", Token::Equal),
            ("!=", Token::NotEqual),
            ("=~", Token::Match),
            ("!~", Token::NotMatch),
            ("&&", Token::And),
            ("||", Token::Or),
        ];
        if let Some((mark, token)) = two.into_iter().find(|(mark, _)| rest.starts_with(mark)) {
            tokens.push(token);
            rest = rest.get(mark.len()..)?.trim_start();
            continue;
        }
        let (token, tail) = match first {
            '(' => (Token::Open, rest.get(1..)?),
            ')' => (Token::Close, rest.get(1..)?),
            '"' | '\'' => {
                let (inner, tail) = rest.get(1..)?.split_once(first)?;
                (Token::Operand(Operand::Text(inner.to_owned())), tail)
            }
            '/' => regex(rest.get(1..)?)?,
            '$' => {
                let name = rest.get(1..)?;
                let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
                let (name, tail) = name.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
                (Token::Operand(Operand::Variable(name.to_owned())), tail)
            }
            _ => (Token::Operand(Operand::Null), rest.strip_prefix("null")?),
        };
        tokens.push(token);
        rest = tail.trim_start();
    }
    Some(tokens)
}

/// `…/flags` after the first slash.
fn regex(text: &str) -> Option<(Token, &str)> {
    let mut escaped = false;
    let end = text.char_indices().find_map(|(at, character)| {
        let ends = character == '/' && !escaped;
        escaped = character == '\\' && !escaped;
        ends.then_some(at)
    })?;
    let tail = text.get(end + 1..)?;
    let flags = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
    let (flags, tail) = tail.split_at_checked(flags)?;
    let source = text.get(..end)?.replace("\\/", "/");
    let regex = Operand::Regex { source, ignore_case: flags.contains('i') };
    Some((Token::Operand(regex), tail))
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn or(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.and(depth)?;
        while self.take(&Token::Or) {
            left = Expression::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Some(left)
    }

    fn and(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.one(depth)?;
        while self.take(&Token::And) {
            left = Expression::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Some(left)
    }

    fn one(&mut self, depth: usize) -> Option<Expression> {
        if self.take(&Token::Open) {
            let inner = if depth < DEPTH_LIMIT { self.or(depth + 1) } else { None };
            return inner.filter(|_| self.take(&Token::Close));
        }
        let left = self.operand()?;
        let (matches, negated) = match self.tokens.get(self.at) {
            Some(Token::Equal) => (false, false),
            Some(Token::NotEqual) => (false, true),
            Some(Token::Match) => (true, false),
            Some(Token::NotMatch) => (true, true),
            _ => return Some(Expression::Present(left)),
        };
        self.at += 1;
        Some(Expression::Compare { left, right: self.operand()?, matches, negated })
    }

    fn operand(&mut self) -> Option<Operand> {
        let Some(Token::Operand(operand)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(operand.clone())
    }

    fn take(&mut self, token: &Token) -> bool {
        let taken = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn precedence_and_operands() {
        let variable = |name: &str| Operand::Variable(name.to_owned());
        let compare = |left: &str, right: Operand, matches, negated| Expression::Compare {
            left: variable(left),
            right,
            matches,
            negated,
        };
        let text = |text: &str| Operand::Text(text.to_owned());
        assert_eq!(
            parse("$A == \"x\" || $B && $C !~ /^a\\/b$/i").unwrap(),
            Expression::Or(
                Box::new(compare("A", text("x"), false, false)),
                Box::new(Expression::And(
                    Box::new(Expression::Present(variable("B"))),
                    Box::new(compare(
                        "C",
                        Operand::Regex { source: "^a/b$".to_owned(), ignore_case: true },
                        true,
                        true
                    )),
                )),
            )
        );
        assert_eq!(parse("($A != null)").unwrap(), compare("A", Operand::Null, false, true));
        for wrong in ["", "$A ==", "($A", "$A $B", "A == 'x'", "$A == 'x", "$"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[$A-C/'\"=~!&|() n\\\\é]{0,40}") {
            let _ = parse(&text);
        }
    }
}
