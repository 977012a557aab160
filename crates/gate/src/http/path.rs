//! The path that is decided is the path that is forwarded.
//!
//! A path has one reading or it is refused. Upstreams differ in what they make of `..`, `//`, `%2f`, `;` or a
//! second round of decoding, so a path that could be read in two ways could be allowed as one thing and served as
//! another. What is left is decoded once for the decision, and encoded again (RFC 3986 §6.2.2) for the upstream.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything except RFC 3986's `pchar` and the separator.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The longest raw path that is read, in bytes.
pub(crate) const MAX_PATH: usize = 8 * 1024;

/// A path with one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CleanPath {
    decoded: String,
    encoded: String,
}

impl CleanPath {
    /// Reads the raw path of a request target.
    pub(crate) fn parse(raw: &str) -> Result<Self, PathFault> {
        if raw.len() > MAX_PATH {
            return Err(PathFault::TooLong);
        }
        let segments = raw.strip_prefix('/').ok_or(PathFault::NotAbsolute)?;
        for byte in raw.bytes() {
            if !is_raw(byte) {
                return Err(PathFault::RawByte(byte));
            }
        }
        check_escapes(raw)?;
        let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| PathFault::NotUtf8)?;
        let mut rest = segments.split('/').peekable();
        while let Some(segment) = rest.next() {
            let is_last = rest.peek().is_none();
            if segment.is_empty() && !is_last {
                return Err(PathFault::EmptySegment);
            }
            check_segment(&percent_decode_str(segment).decode_utf8().map_err(|_| PathFault::NotUtf8)?)?;
        }
        let encoded = utf8_percent_encode(&decoded, ENCODED).to_string();
        Ok(Self { decoded: decoded.into_owned(), encoded })
    }

    /// Decoded, as the decision sees it. Begins with `/`.
    pub(crate) fn decoded(&self) -> &str {
        &self.decoded
    }

    /// Encoded, as the upstream gets it. Begins with `/`.
    pub(crate) fn encoded(&self) -> &str {
        &self.encoded
    }
}

fn is_raw(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/%-._~!$&'()*+,=:@;".contains(&byte)
}

/// Each `%` is followed by two hexadecimal digits.
fn check_escapes(raw: &str) -> Result<(), PathFault> {
    let mut pieces = raw.split('%');
    pieces.next();
    for piece in pieces {
        match piece.as_bytes() {
            [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {}
            _ => return Err(PathFault::BrokenEscape),
        }
    }
    Ok(())
}

fn check_segment(segment: &str) -> Result<(), PathFault> {
    for (fault, found) in [
        (PathFault::EncodedSlash, '/'),
        (PathFault::Backslash, '\\'),
        // Servlet containers cut a segment at `;`, so `/admin;x` would be served as `/admin`.
        (PathFault::PathParameter, ';'),
    ] {
        if segment.contains(found) {
            return Err(fault);
        }
    }
    if segment.chars().any(char::is_control) {
        return Err(PathFault::Control);
    }
    if !segment.is_empty() && segment.bytes().all(|byte| byte == b'.') {
        return Err(PathFault::DotSegment);
    }
    // Still an escape after one decoding: an upstream that decodes twice would see something else.
    if has_escape(segment) {
        return Err(PathFault::DoubleEscape);
    }
    Ok(())
}

fn has_escape(segment: &str) -> bool {
    segment.as_bytes().windows(3).any(
        |window| matches!(window, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
    )
}

/// Why a path has no single reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathFault {
    #[error("the path is longer than {MAX_PATH} bytes")]
    TooLong,
    #[error("the request target has no absolute path; send it as `/path`")]
    NotAbsolute,
    #[error("the path holds byte 0x{0:02x}, which must be percent-encoded")]
    RawByte(u8),
    #[error("a `%` in the path is not followed by two hexadecimal digits")]
    BrokenEscape,
    #[error("the path is not UTF-8 once decoded")]
    NotUtf8,
    #[error("the path has an empty segment (`//`)")]
    EmptySegment,
    #[error("the path has a segment made of dots only, plain or encoded")]
    DotSegment,
    #[error("the path has an encoded slash (`%2f`)")]
    EncodedSlash,
    #[error("the path has a backslash")]
    Backslash,
    #[error("the path has a `;`, which some servers cut at")]
    PathParameter,
    #[error("the path has a control character")]
    Control,
    #[error("the path is percent-encoded twice")]
    DoubleEscape,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_reading() {
        for (raw, decoded, encoded) in [
            ("/", "/", "/"),
            ("/orders", "/orders", "/orders"),
            ("/orders/", "/orders/", "/orders/"),
            ("/a%2eb", "/a.b", "/a.b"),
            ("/%61dmin", "/admin", "/admin"),
            ("/a%20b", "/a b", "/a%20b"),
            ("/gr%C3%BC%c3%9fe", "/grüße", "/gr%C3%BC%C3%9Fe"),
            ("/what%3f", "/what?", "/what%3F"),
            ("/100%25", "/100%", "/100%25"),
            ("/100%25zz", "/100%zz", "/100%25zz"),
            ("/a+b:c@d,e=f!(g)*'$&", "/a+b:c@d,e=f!(g)*'$&", "/a+b:c@d,e=f!(g)*'$&"),
            ("/.well-known/x", "/.well-known/x", "/.well-known/x"),
            ("/..a/b..", "/..a/b..", "/..a/b.."),
        ] {
            let path = CleanPath::parse(raw).unwrap();
            assert_eq!((path.decoded(), path.encoded()), (decoded, encoded), "{raw}");
        }
    }

    #[test]
    fn two_readings_are_refused() {
        use PathFault::*;
        for (raw, fault) in [
            ("", NotAbsolute),
            ("orders", NotAbsolute),
            ("*", NotAbsolute),
            ("//", EmptySegment),
            ("//evil.example/x", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a/b//", EmptySegment),
            ("/..", DotSegment),
            ("/a/../b", DotSegment),
            ("/a/./b", DotSegment),
            ("/a/.", DotSegment),
            ("/a/...", DotSegment),
            ("/a/%2e%2e/b", DotSegment),
            ("/a/%2E./b", DotSegment),
            ("/a/.%2e", DotSegment),
            ("/a/..;/b", PathParameter),
            ("/a/..%3b/b", PathParameter),
            ("/admin;x", PathParameter),
            ("/a%2fb", EncodedSlash),
            ("/a/..%2Fb", EncodedSlash),
            ("/a%5c..%5cb", Backslash),
            ("/a\\b", RawByte(b'\\')),
            ("/a%00", Control),
            ("/a%0d%0ab", Control),
            ("/a%7f", Control),
            ("/a%C2%85b", Control),
            ("/a b", RawByte(b' ')),
            ("/a\"b", RawByte(b'"')),
            ("/{a}", RawByte(b'{')),
            ("/a%", BrokenEscape),
            ("/a%2", BrokenEscape),
            ("/a%zz", BrokenEscape),
            ("/a%%32e", BrokenEscape),
            ("/%252e%252e/b", DoubleEscape),
            ("/a%252fb", DoubleEscape),
            ("/a%25zz%252f", DoubleEscape),
            ("/a%c0%af", NotUtf8),
            ("/a%c0%ae%c0%ae", NotUtf8),
            ("/a%ff", NotUtf8),
            ("/gr\u{fc}n", RawByte(0xc3)),
        ] {
            assert_eq!(CleanPath::parse(raw), Err(fault), "{raw}");
        }
        assert_eq!(CleanPath::parse(&format!("/{}", "a".repeat(MAX_PATH))), Err(TooLong));
    }

    proptest! {
        #[test]
        fn what_is_forwarded_reads_as_what_was_decided(raw in "/([a-z.%25e0-9f;/\\\\]|%[0-9a-fA-F]{2}|\\PC){0,24}") {
            if let Ok(path) = CleanPath::parse(&raw) {
                let again = CleanPath::parse(path.encoded()).unwrap();
                prop_assert_eq!(again.decoded(), path.decoded());
                prop_assert_eq!(again.encoded(), path.encoded());
                prop_assert!(!path.decoded().contains("//"));
                prop_assert!(path.decoded().split('/').all(|segment| segment != ".." && segment != "."));
            }
        }
    }
}
