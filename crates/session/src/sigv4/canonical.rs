//! The canonical request.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use super::Signed;
use crate::authenticate::HttpRequest;

/// All but the unreserved characters of RFC 3986 §2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// The canonical request of `request` for the headers that `signed` names, with `payload` as its last line.
pub(crate) fn canonical_request(
    request: &HttpRequest<'_>,
    signed: &Signed,
    payload: &str,
    s3: bool,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut line = |bytes: &[u8]| {
        out.extend_from_slice(bytes);
        out.push(b'\n');
    };
    line(request.method.as_bytes());
    line(path(request.path, s3).as_bytes());
    line(query(request.query).as_bytes());
    for name in signed.headers() {
        let mut header = name.as_str().as_bytes().to_vec();
        header.push(b':');
        fold(request.headers, name, &mut header);
        line(&header);
    }
    line(b"");
    line(signed.header_list().as_bytes());
    out.extend_from_slice(payload.as_bytes());
    out
}

/// The canonical path. S3 takes it as it is, decoded and encoded once; all others resolve dot segments and empty
/// segments and encode what was on the wire once more.
fn path(raw: &str, s3: bool) -> String {
    let absolute: Cow<'_, str> =
        if raw.starts_with('/') { Cow::Borrowed(raw) } else { Cow::Owned(format!("/{raw}")) };
    if s3 {
        let decoded: Cow<'_, [u8]> = percent_decode(absolute.as_bytes()).into();
        percent_encode(&decoded, ENCODED_IN_PATH).to_string()
    } else {
        percent_encode(resolve(&absolute).as_bytes(), ENCODED_IN_PATH).to_string()
    }
}

/// RFC 3986 §5.2.4, and empty segments removed.
fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut directory = false;
    for segment in path.split('/') {
        directory = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let mut resolved = String::with_capacity(path.len() + 1);
    for segment in &kept {
        resolved.push('/');
        resolved.push_str(segment);
    }
    if directory || resolved.is_empty() {
        resolved.push('/');
    }
    resolved
}

/// The name and value pairs of a raw query, decoded: `+` is a space, an empty pair is skipped.
pub(crate) fn query_pairs(raw: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name), form_decode(value))
    })
}

fn form_decode(text: &str) -> Vec<u8> {
    let spaced: Vec<u8> = text.bytes().map(|b| if b == b'+' { b' ' } else { b }).collect();
    percent_decode(&spaced).collect()
}

/// The canonical query: all pairs but the signature, encoded, sorted by name and then by value.
fn query(raw: &str) -> String {
    let encode = |bytes: &[u8]| percent_encode(bytes, ENCODED).to_string();
    let mut pairs: Vec<(String, String)> = query_pairs(raw)
        .filter(|(name, _)| !name.eq_ignore_ascii_case(b"x-amz-signature"))
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort_unstable();
    let mut out = String::with_capacity(raw.len());
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&name);
        out.push('=');
        out.push_str(&value);
    }
    out
}

/// All values of a header, trimmed, runs of spaces made one, joined by commas.
fn fold(headers: &HeaderMap, name: &HeaderName, out: &mut Vec<u8>) {
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let mut space = false;
        for &byte in value.as_bytes().trim_ascii() {
            if byte != b' ' || !space {
                out.push(byte);
            }
            space = byte == b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_and_encoded_again_except_for_s3() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/b/.", "/a/b/"),
            ("/a//b///c/", "/a/b/c/"),
            ("/../../a", "/a"),
            ("/example1/example2/../..", "/"),
            ("/my%20file", "/my%2520file"),
            ("/a:b$c", "/a%3Ab%24c"),
            ("/-._~09AZaz", "/-._~09AZaz"),
            ("/ሴ", "/%E1%88%B4"),
            ("*", "/%2A"),
        ] {
            assert_eq!(path(raw, false), canonical, "{raw}");
        }
        for (raw, canonical) in [
            ("", "/"),
            ("//a/../b", "//a/../b"),
            ("/my%20file", "/my%20file"),
            ("/a(b)", "/a%28b%29"),
            ("/a%28b%29%2fc", "/a%28b%29/c"),
            ("/50%", "/50%25"),
        ] {
            assert_eq!(path(raw, true), canonical, "{raw}");
        }
    }

    #[test]
    fn queries_are_sorted_and_encoded() {
        for (raw, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1", "a=1&a=2"),
            ("a", "a="),
            ("&&a=&", "a="),
            ("=x", "=x"),
            ("a=b=c", "a=b%3Dc"),
            ("a=x+y%20z%2Bw", "a=x%20y%20z%2Bw"),
            ("%C3%A9=%e2%82%ac", "%C3%A9=%E2%82%AC"),
            ("a=50%", "a=50%25"),
            ("p=1&P=2", "P=2&p=1"),
            ("a-=1&a=2", "a=2&a-=1"),
            ("X-Amz-Signature=00&a=1", "a=1"),
        ] {
            assert_eq!(query(raw), canonical, "{raw}");
        }
    }

    #[test]
    fn header_values_are_trimmed_and_joined_in_order() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("my-header1");
        for value in ["  value4  ", "a   b   c", "value1", "\"x  y\""] {
            headers.append(&name, value.parse().unwrap());
        }
        let mut out = Vec::new();
        fold(&headers, &name, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "value4,a b c,value1,\"x y\"");
    }
}
