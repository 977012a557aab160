//! URL-encoded documents, as the IAM API returns them (RFC 3986).

use crate::{Diagnostic, Span};

/// A decoded text that remembers where its characters came from.
pub(super) struct Decoded {
    pub(super) text: String,
    /// For each byte of `text`, its offset in the encoded source; one more for the end.
    offsets: Vec<u32>,
}

impl Decoded {
    /// The place in the encoded source.
    pub(super) fn span_in_source(&self, span: Span) -> Span {
        let offset =
            |at: u32| self.offsets.get(at as usize).or(self.offsets.last()).copied().unwrap_or_default();
        Span { start: offset(span.start), end: offset(span.end) }
    }
}

/// Decodes `source` when it is URL-encoded: a JSON object never begins with `%`.
pub(super) fn decode(source: &str) -> Option<Result<Decoded, Box<Diagnostic>>> {
    source.trim_start().starts_with('%').then(|| decode_all(source))
}

fn decode_all(source: &str) -> Result<Decoded, Box<Diagnostic>> {
    let mut bytes = Vec::with_capacity(source.len());
    let mut offsets = Vec::with_capacity(source.len());
    let mut rest = source.as_bytes();
    while let [first, tail @ ..] = rest {
        let at = source.len() - rest.len();
        offsets.push(u32::try_from(at).unwrap_or(u32::MAX));
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            (b'%', _) => {
                let message = "a `%` of the URL-encoded document is not followed by two hexadecimal digits";
                let error = Diagnostic::error("url_encoding", Span::new(at, at + 1), message);
                return Err(Box::new(
                    error.help("pass the document decoded, or encoded as the IAM API returns it"),
                ));
            }
            (byte, after) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    offsets.push(u32::try_from(source.len()).unwrap_or(u32::MAX));
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text, offsets }),
        Err(error) => {
            let at = offsets.get(error.utf8_error().valid_up_to()).map_or(0, |at| *at as usize);
            let message = "the URL-encoded document does not decode to UTF-8";
            Err(Box::new(Diagnostic::error("url_encoding", Span::new(at, at + 1), message)))
        }
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.saturating_sub(b'A') + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_maps_back() {
        let source = "%7B%22a%22%3A 1+1%C3%A9}";
        let decoded = decode(source).unwrap().ok().unwrap();
        assert_eq!(decoded.text, "{\"a\": 1+1é}");
        assert_eq!(decoded.span_in_source(Span::new(2, 3)), Span::new(6, 7));
        assert_eq!(decoded.span_in_source(Span::new(0, decoded.text.len())), Span::new(0, source.len()));
    }

    #[test]
    fn leaves_json_alone() {
        assert!(decode("{\"a\": \"%7B\"}").is_none());
    }

    #[test]
    fn mistakes() {
        for (source, at) in [("%7B%2", 3), ("%zz", 0), ("%7B%ff", 3)] {
            let error = decode(source).unwrap().err().unwrap();
            assert_eq!((error.id, error.primary.span.start), ("url_encoding", at), "{source}");
        }
    }
}
