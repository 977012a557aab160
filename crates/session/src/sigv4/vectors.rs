//! Requests that others signed, with secrets that are known.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::verified;
use crate::{Body, HttpRequest, SessionRefusal, Signed};

const AWS_SUITE: &str = include_str!("../../tests/vectors/aws-suite.txt");
const BOTOCORE: &str = include_str!("../../tests/vectors/botocore.txt");
const CURL: &str = include_str!("../../tests/vectors/curl.txt");
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Vector {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: HeaderMap,
    body: &'static str,
}

impl Vector {
    fn all(text: &'static str) -> Vec<Self> {
        text.split("=== ").skip(1).map(Self::parse).collect()
    }

    fn parse(text: &'static str) -> Self {
        let (name, rest) = text.split_once('\n').unwrap();
        let (head, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
        let (line, fields) = head.trim_end().split_once('\n').unwrap();
        let (method, target) = line.strip_suffix(" HTTP/1.1").unwrap().split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for field in fields.lines() {
            let (name, value) = field.split_once(':').unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.trim()).unwrap());
        }
        Self { name, method, path, query, headers, body: body.trim_end() }
    }

    fn request(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: &self.headers,
            body: Body::of(self.body.as_bytes()),
        }
    }

    fn signed(&self) -> Result<Signed, SessionRefusal> {
        Signed::parse(&self.request()).map(Option::unwrap)
    }
}

#[test]
fn the_published_suite_verifies() {
    let vectors = Vector::all(AWS_SUITE);
    assert_eq!(vectors.len(), 60);
    for vector in &vectors {
        if vector.name.starts_with("post-sts-header-after") {
            continue;
        }
        let signed = vector.signed().unwrap();
        assert!(verified(&signed, &vector.request(), SECRET, false), "{}", vector.name);
        assert!(!verified(&signed, &vector.request(), "wrong", false), "{}", vector.name);
    }
}

#[test]
fn a_session_token_that_was_added_after_signing_is_refused() {
    let late: Vec<Vector> = Vector::all(AWS_SUITE)
        .into_iter()
        .filter(|vector| vector.name.starts_with("post-sts-header-after"))
        .collect();
    let [header, query] = late.as_slice() else { unreachable!("one header and one query") };
    assert_eq!(
        header.signed().unwrap_err(),
        SessionRefusal::HeaderNotSigned("x-amz-security-token".to_owned())
    );
    assert!(!verified(&query.signed().unwrap(), &query.request(), SECRET, false));
}

#[test]
fn what_botocore_signs_verifies() {
    let vectors = Vector::all(BOTOCORE);
    assert_eq!(vectors.len(), 10);
    for vector in &vectors {
        let signed = vector.signed().unwrap();
        let s3 = signed.service() == "s3";
        assert!(verified(&signed, &vector.request(), SECRET, s3), "{}", vector.name);
        assert_eq!(signed.signed_at(), "2026-11-20T10:15:30Z".parse().unwrap(), "{}", vector.name);
    }
}

#[test]
fn what_curl_signs_verifies() {
    let vectors = Vector::all(CURL);
    assert_eq!(vectors.len(), 5);
    for vector in &vectors {
        let signed = vector.signed().unwrap();
        let s3 = signed.service() == "s3";
        assert!(verified(&signed, &vector.request(), "SECRET", s3), "{}", vector.name);
    }
}
