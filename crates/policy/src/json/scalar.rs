//! Numbers, words and strings.

use super::{Json, Reader};
use crate::{Diagnostic, Span};

impl Reader<'_> {
    pub(super) fn number(&mut self) -> Option<Json> {
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

    pub(super) fn word(&mut self) -> Option<Json> {
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

    pub(super) fn single_quoted(&mut self) -> Option<Box<str>> {
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

    pub(super) fn string(&mut self) -> Option<Box<str>> {
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
