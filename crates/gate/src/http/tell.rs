//! What the upstream is told about the caller, in headers that the caller cannot send.

use http::HeaderMap;
use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::Authority;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use stagedoor_session::Session;
use std::net::IpAddr;

/// Everything outside visible ASCII, and the escape itself.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// Writes the identity headers of one forwarded request.
pub(crate) struct Teller<'a> {
    headers: &'a mut HeaderMap,
    longest: usize,
    omitted: Vec<&'static str>,
}

impl<'a> Teller<'a> {
    /// Writes to `headers`; a value longer than `longest` bytes once encoded is left out and listed.
    pub(crate) fn new(headers: &'a mut HeaderMap, longest: usize) -> Self {
        Self { headers, longest, omitted: Vec::new() }
    }

    /// Who calls, by the session, and under which decision.
    pub(crate) fn session(&mut self, session: &Session, decision_id: &str) {
        self.put("x-stagedoor-decision", decision_id);
        self.put("x-stagedoor-role", &session.role);
        self.put("x-stagedoor-role-arn", &session.role_arn);
        self.put("x-stagedoor-session", &session.session_name);
        self.put("x-stagedoor-session-id", &session.id);
        if let Some(federation) = &session.federation {
            self.put("x-stagedoor-subject", &federation.subject);
            self.put("x-stagedoor-issuer", &federation.issuer);
        }
        if let Some(identity) = &session.source_identity {
            self.put("x-stagedoor-source-identity", identity);
        }
        for (key, name) in PROVENANCE {
            if let Some(value) = session.provenance.get(*key) {
                self.put(name, value);
            }
        }
        if !self.omitted.is_empty() {
            let omitted = self.omitted.join(",");
            self.put("x-stagedoor-omitted", &omitted);
        }
    }

    /// Where the request came from. `original_host` is what the caller sent.
    pub(crate) fn connection(&mut self, source: IpAddr, original_host: &HeaderValue, upstream: &Authority) {
        if let Ok(value) = HeaderValue::from_str(&source.to_string()) {
            self.headers.insert("x-forwarded-for", value);
        }
        self.headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
        self.headers.insert("x-forwarded-host", original_host.clone());
        if let Ok(value) = HeaderValue::from_str(upstream.as_str()) {
            self.headers.insert(HOST, value);
        }
    }

    fn put(&mut self, name: &'static str, value: &str) {
        let encoded = encode(value);
        match HeaderValue::from_str(&encoded) {
            Ok(value) if encoded.len() <= self.longest => {
                self.headers.insert(HeaderName::from_static(name), value);
            }
            // Half a subject could be somebody else's whole one.
            _ => self.omitted.push(name),
        }
    }
}

/// The provenance keys of a session and the headers that carry them.
const PROVENANCE: &[(&str, &str)] = &[
    ("provider", "x-stagedoor-provider"),
    ("repository", "x-stagedoor-repository"),
    ("ref", "x-stagedoor-ref"),
    ("commit", "x-stagedoor-commit"),
    ("run", "x-stagedoor-run"),
    ("job", "x-stagedoor-job"),
    ("environment", "x-stagedoor-environment"),
    ("pull_request", "x-stagedoor-pull-request"),
    ("actor", "x-stagedoor-actor"),
];

/// Percent-encoded to visible ASCII, so that no value can end its header or pass for another.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_encoded_to_visible_ascii() {
        for (value, encoded) in [
            ("repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/main"),
            ("{11f0}:{22aa}", "{11f0}:{22aa}"),
            ("a b", "a%20b"),
            ("a\r\nx-stagedoor-role: admin", "a%0D%0Ax-stagedoor-role:%20admin"),
            ("grün", "gr%C3%BCn"),
            ("100%", "100%25"),
        ] {
            assert_eq!(encode(value), encoded);
        }
    }

    #[test]
    fn a_long_value_is_left_out_and_named() {
        let mut headers = HeaderMap::new();
        let mut teller = Teller::new(&mut headers, 8);
        teller.put("x-stagedoor-subject", "123456789");
        teller.put("x-stagedoor-role", "12345678");
        assert_eq!(teller.omitted, ["x-stagedoor-subject"]);
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["x-stagedoor-role"], "12345678");
    }

    proptest! {
        #[test]
        fn encoding_is_reversible_and_visible(value in "\\PC*") {
            let encoded = encode(&value);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap(), value);
        }
    }
}
