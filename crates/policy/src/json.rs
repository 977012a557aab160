//! A strict JSON reader that keeps the place of everything, keeps duplicate members, and goes on after an error.
//!
//! It accepts exactly what RFC 8259 accepts, within bounds; what people often add to JSON (comments, trailing and
//! missing commas, single quotes) is reported by name and read as meant, so that one run shows all mistakes.

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

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            while reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                reader.at += 1;
            }
            reader.at - from
        };
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = digits(self);
        let mut good = whole > 0 && !(leading_zero && whole > 1);
        if self.eat(b'.') {
            good &= digits(self) > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            good &= digits(self) > 0;
        }
        let span = Span::new(start, self.at);
        let text = span.text(self.source);
        if !good {
            self.error(Diagnostic::error("json_syntax", span, format!("`{text}` is not a JSON number")));
        }
        Some(Json::Number(text.into()))
    }

    fn word(&mut self) -> Option<Json> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        let span = Span::new(start, self.at);
        match span.text(self.source) {
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "null" => Some(Json::Null),
            word => {
                let mut diagnostic =
                    Diagnostic::error("json_syntax", span, format!("`{word}` is not a JSON value"));
                if matches!(word, "True" | "False" | "None") {
                    diagnostic = diagnostic.help("write `true`, `false` or `null`");
                } else {
                    diagnostic = diagnostic.help(format!("put it in double quotes: `\"{word}\"`"));
                }
                self.error(diagnostic);
                Some(Json::String(word.into()))
            }
        }
    }

    fn single_quoted(&mut self) -> Option<Box<str>> {
        let start = self.at;
        let inside = self.source.get(start + 1..).unwrap_or_default();
        match inside.find(['\'', '\n']).filter(|end| inside.as_bytes().get(*end) == Some(&b'\'')) {
            Some(end) => {
                self.at = start + 1 + end + 1;
                let span = Span::new(start, self.at);
                self.error(
                    Diagnostic::error("json_syntax", span, "JSON strings stand in double quotes")
                        .help("use `\"`"),
                );
                Some(inside.get(..end).unwrap_or_default().into())
            }
            None => {
                let span = Span::new(start, start + 1);
                self.fatal(Diagnostic::error("json_syntax", span, "JSON strings stand in double quotes"));
                None
            }
        }
    }

    fn string(&mut self) -> Option<Box<str>> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.source.get(self.at..).unwrap_or_default();
            let Some(plain) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                return self.unterminated(start);
            };
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(text.into());
                }
                b'\\' => self.escape(&mut text)?,
                b'\n' => return self.unterminated(start),
                control => {
                    let message = format!("a string holds the control character U+{control:04X}");
                    let escape = if control == b'\t' { "\\t" } else { "\\u…" };
                    self.error(
                        Diagnostic::error("json_syntax", self.here(), message)
                            .help(format!("write it as an escape, `{escape}`")),
                    );
                    text.push(char::from(control));
                    self.at += 1;
                }
            }
        }
    }

    fn unterminated(&mut self, start: usize) -> Option<Box<str>> {
        let line = self.source.get(start..).unwrap_or_default();
        let end = start + line.find('\n').unwrap_or(line.len());
        self.fatal(
            Diagnostic::error("json_syntax", Span::new(start, end), "the string is not closed")
                .label("a `\"` is missing on this line"),
        );
        None
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let start = self.at;
        self.at += 1;
        let decoded = match self.bytes.get(self.at) {
            Some(b'"') => Some('"'),
            Some(b'\\') => Some('\\'),
            Some(b'/') => Some('/'),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => return self.unicode_escape(start, text),
            _ => None,
        };
        match decoded {
            Some(character) => {
                text.push(character);
                self.at += 1;
            }
            None => {
                let span = Span::new(start, start + 1).to(self.here());
                let message = format!("`{}` is not a JSON escape", span.text(self.source));
                self.error(
                    Diagnostic::error("json_syntax", span, message)
                        .help("a backslash itself is written as `\\\\`"),
                );
            }
        }
        Some(())
    }

    fn unicode_escape(&mut self, start: usize, text: &mut String) -> Option<()> {
        self.at += 1;
        let first = self.hex4();
        let decoded = match first {
            Some(high @ 0xd800..=0xdbff)
                if self.source.get(self.at..).is_some_and(|r| r.starts_with("\\u")) =>
            {
                self.at += 2;
                match self.hex4() {
                    Some(low @ 0xdc00..=0xdfff) => {
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    }
                    _ => None,
                }
            }
            Some(unit) => char::from_u32(unit),
            None => None,
        };
        match decoded {
            Some(character) => text.push(character),
            None => {
                let span = Span::new(start, self.at);
                let message = format!("`{}` does not name a character", span.text(self.source));
                self.error(Diagnostic::error("json_syntax", span, message));
            }
        }
        Some(())
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let unit = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        self.at += 4;
        Some(unit)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
