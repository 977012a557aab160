//! A strict JSON reader that keeps the place of everything, keeps duplicate members, and goes on after an error.
//!
//! It accepts exactly what RFC 8259 accepts, within bounds; what people often add to JSON (comments, trailing and
//! missing commas, single quotes) is reported by name and read as meant, so that one run shows all mistakes.

mod scalar;

use crate::{Diagnostic, Span, Spanned};

/// Nesting beyond this is refused: a policy document needs six levels.
const MAX_DEPTH: u32 = 24;
/// Reading stops after this many errors: what follows would be noise.
const MAX_ERRORS: usize = 20;

/// A JSON value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) json: Json,
}

#[derive(Debug, Clone)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The literal as written.
    Number(Box<str>),
    /// After decoding escapes.
    String(Box<str>),
    Array(Vec<Node>),
    /// Members in order, duplicates included.
    Object(Vec<Member>),
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: Spanned<Box<str>>,
    pub(crate) value: Node,
}

impl Json {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

/// Reads one JSON value that fills `source`. Without errors there is a value.
pub(crate) fn parse(source: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut reader =
        Reader { source, bytes: source.as_bytes(), at: 0, depth: 0, errors: Vec::new(), stop: false };
    reader.blank();
    if reader.peek().is_none() {
        let end = Span::new(source.len(), source.len());
        reader.errors.push(
            Diagnostic::error("json_syntax", end, "the document is empty")
                .help("a policy document is a JSON object with a `Statement`"),
        );
        return (None, reader.errors);
    }
    let node = reader.value();
    reader.blank();
    if !reader.stop && reader.at < source.len() {
        let span = Span::new(reader.at, source.len());
        reader.errors.push(
            Diagnostic::error("json_syntax", span, "there is text after the end of the document")
                .label("remove this"),
        );
    }
    (node, reader.errors)
}

struct Reader<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    errors: Vec<Diagnostic>,
    stop: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        if self.stop { None } else { self.bytes.get(self.at).copied() }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
        self.stop |= self.errors.len() >= MAX_ERRORS;
    }

    /// Reports an error after which nothing sensible can be read.
    fn fatal(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
        self.stop = true;
    }

    /// The character here, as a span.
    fn here(&self) -> Span {
        let width = self.source.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Span::new(self.at, self.at + width)
    }

    /// Skips white space; comments are skipped too, but reported.
    fn blank(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => self.comment(),
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let rest = self.source.get(start..).unwrap_or_default();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        };
        self.at = start + length;
        let span = Span::new(start, self.at);
        self.error(
            Diagnostic::error("json_syntax", span, "JSON has no comments")
                .help("remove the comment; a `Sid` can say what a statement is for"),
        );
    }

    fn value(&mut self) -> Option<Node> {
        let start = self.at;
        let json = match self.peek()? {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => Json::String(self.string()?),
            b'\'' => Json::String(self.single_quoted()?),
            b'-' | b'0'..=b'9' => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word()?,
            _ => {
                let found = self.here().text(self.source).to_owned();
                self.fatal(
                    Diagnostic::error(
                        "json_syntax",
                        self.here(),
                        format!("wanted a JSON value, found `{found}`"),
                    )
                    .label("a value must stand here"),
                );
                return None;
            }
        };
        Some(Node { span: Span::new(start, self.at), json })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        if self.depth >= MAX_DEPTH {
            let message = format!("the document is nested more than {MAX_DEPTH} levels deep");
            self.fatal(Diagnostic::error("json_too_deep", self.here(), message));
            return None;
        }
        self.depth += 1;
        let json = read(self);
        self.depth -= 1;
        json
    }

    fn object(&mut self) -> Option<Json> {
        let open = self.at;
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.blank();
            if self.eat(b'}') {
                return Some(Json::Object(members));
            }
            let start = self.at;
            let name = match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'\'') => self.single_quoted()?,
                None => return self.unclosed(open, '}'),
                Some(_) => {
                    let found = self.here().text(self.source).to_owned();
                    self.fatal(
                        Diagnostic::error(
                            "json_syntax",
                            self.here(),
                            format!("wanted a member name, found `{found}`"),
                        )
                        .label("a name in double quotes, or `}`, must stand here"),
                    );
                    return None;
                }
            };
            let name = Spanned::new(name, Span::new(start, self.at));
            self.blank();
            if !self.eat(b':') {
                let span = if self.peek().is_some() { self.here() } else { name.span };
                let message = format!("wanted `:` after `{}`", name.value);
                self.fatal(Diagnostic::error("json_syntax", span, message));
                return None;
            }
            self.blank();
            if self.peek().is_none() {
                return self.unclosed(open, '}');
            }
            let value = self.value()?;
            members.push(Member { name, value });
            self.separator(b'}', open)?;
        }
    }

    fn array(&mut self) -> Option<Json> {
        let open = self.at;
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.blank();
            if self.eat(b']') {
                return Some(Json::Array(elements));
            }
            if self.peek().is_none() {
                return self.unclosed(open, ']');
            }
            elements.push(self.value()?);
            self.separator(b']', open)?;
        }
    }

    /// Reads what must follow an element: a comma with another element after it, or the closing bracket (left
    /// for the caller). Says so when a comma is missing or one too many, and reads on.
    fn separator(&mut self, close: u8, open: usize) -> Option<()> {
        let end = self.at;
        self.blank();
        match self.peek() {
            Some(b',') => {
                let comma = self.here();
                self.at += 1;
                self.blank();
                if self.peek() == Some(close) {
                    self.error(
                        Diagnostic::error("json_syntax", comma, "trailing comma").label("remove this comma"),
                    );
                }
                Some(())
            }
            Some(byte) if byte == close => Some(()),
            Some(b'"' | b'{' | b'[') => {
                self.error(
                    Diagnostic::error("json_syntax", Span::new(end.saturating_sub(1), end), "missing comma")
                        .label("a `,` must follow"),
                );
                Some(())
            }
            Some(_) => {
                let found = self.here().text(self.source).to_owned();
                let message = format!("wanted `,` or `{}`, found `{found}`", close as char);
                self.fatal(Diagnostic::error("json_syntax", self.here(), message));
                None
            }
            None => {
                self.unclosed(open, close as char);
                None
            }
        }
    }

    fn unclosed(&mut self, open: usize, close: char) -> Option<Json> {
        if !self.stop {
            let end = Span::new(self.source.len(), self.source.len());
            self.fatal(
                Diagnostic::error(
                    "json_syntax",
                    end,
                    format!("the document ends before a closing `{close}`"),
                )
                .also(Span::new(open, open + 1), "opened here"),
            );
        }
        None
    }
}

#[cfg(test)]
mod tests;
