//! Patterns as data: their tokens, and their variables replaced.

use super::{Atom, Pattern};
use crate::context::Context;
use crate::variable::Token;

impl Pattern {
    /// The pattern's tokens; `None` for one that matches nothing.
    pub(crate) fn tokens(&self) -> Option<Vec<Token>> {
        let parts = match self {
            Pattern::Any => return Some(vec![Token::Star]),
            Pattern::Exact(text) => return Some(vec![Token::Literal(text.clone())]),
            Pattern::Prefix(text) => return Some(vec![Token::Literal(text.clone()), Token::Star]),
            Pattern::Parts(parts) if parts.is_empty() => return None,
            Pattern::Parts(parts) => parts,
        };
        let mut tokens = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                tokens.push(Token::Star);
            }
            tokens.extend(part.atoms.iter().map(|atom| match atom {
                Atom::Literal(text) => Token::Literal(text.clone()),
                Atom::One => Token::One,
                Atom::Variable(variable) => Token::Variable(variable.clone()),
            }));
        }
        Some(tokens)
    }

    /// The pattern with each variable replaced by what `context` has for it; `None` when it matches nothing then.
    pub(crate) fn resolved(&self, context: &Context) -> Option<Pattern> {
        self.replaced(|variable| variable.resolve(context).map(|text| Token::Literal(text.into())))
    }

    /// The pattern with `*` for each variable: it matches whatever the pattern can match.
    pub(crate) fn widened(&self) -> Option<Pattern> {
        self.replaced(|_| Some(Token::Star))
    }

    fn replaced(&self, with: impl Fn(&crate::variable::Variable) -> Option<Token>) -> Option<Pattern> {
        let mut tokens: Vec<Token> = Vec::new();
        for token in self.tokens()? {
            let token = match token {
                Token::Variable(variable) => with(&variable)?,
                token => token,
            };
            match (tokens.last_mut(), token) {
                (Some(Token::Literal(before)), Token::Literal(text)) => {
                    *before = format!("{before}{text}").into();
                }
                (Some(Token::Star), Token::Star) => {}
                (_, Token::Literal(text)) if text.is_empty() => {}
                (_, token) => tokens.push(token),
            }
        }
        Some(Self::from_tokens(tokens))
    }
}
