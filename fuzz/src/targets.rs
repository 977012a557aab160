//! What is searched for faults.

use http::{HeaderMap, HeaderName, HeaderValue};
use stagedoor_identity::{Claims, Profile};
use stagedoor_policy::{Document, Kind, Policy, PolicySet, Principal, Request};
use stagedoor_session::{Body, Expected, HttpRequest};

use crate::seeds;

/// One fuzz target.
pub struct Target {
    /// Its name, which is also its binary's.
    pub name: &'static str,
    /// Where the search starts.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Must not panic on any bytes.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "policy_parse", seeds: policies, run: policy_parse },
    Target { name: "policy_decide", seeds: policies_and_claims, run: policy_decide },
    Target { name: "token_claims", seeds: tokens, run: token_claims },
    Target { name: "session_token", seeds: || vec![seeds::session_token()], run: session_token },
    Target { name: "signed_request", seeds: requests, run: signed_request },
];

const KINDS: [Kind; 7] = [
    Kind::Trust,
    Kind::Identity,
    Kind::Boundary,
    Kind::Session,
    Kind::Resource,
    Kind::ServiceControl,
    Kind::ResourceControl,
];

fn policies() -> Vec<Vec<u8>> {
    vec![seeds::TRUST.into(), seeds::IDENTITY.into()]
}

/// A policy that parses prints to one that parses to the same.
fn policy_parse(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    for kind in KINDS {
        match Document::parse(kind, source) {
            Ok(document) => {
                let printed = document.to_string();
                let again = Document::parse(kind, &printed).expect("what was printed parses");
                assert_eq!(again.to_string(), printed);
            }
            Err(faults) => {
                assert!(!faults.is_empty());
                for fault in &faults {
                    assert!(fault.primary.span.start <= fault.primary.span.end);
                    assert!(fault.primary.span.end as usize <= source.len().max(1));
                }
            }
        }
    }
}

fn policies_and_claims() -> Vec<Vec<u8>> {
    let with = |policy: &str| [policy.as_bytes(), b"\x01", seeds::CLAIMS.as_bytes()].concat();
    vec![with(seeds::TRUST), with(seeds::IDENTITY)]
}

/// `explain` and `decide` never disagree. Input: a policy, byte 1, claims.
fn policy_decide(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 1);
    let (Some(policy), Some(claims)) = (parts.next(), parts.next()) else { return };
    let (Ok(policy), Ok(claims)) = (std::str::from_utf8(policy), std::str::from_utf8(claims)) else { return };
    let Ok(claims) = Claims::from_json(claims) else { return };
    let Ok(context) = claims.context("https://gitlab.com", Profile::Stagedoor) else { return };
    for kind in [Kind::Trust, Kind::Identity] {
        let Ok(document) = Document::parse(kind, policy) else { continue };
        let compiled = Policy::compile("fuzz.json", &document);
        let (set, request) = if kind == Kind::Trust {
            let principal = Principal::Federated {
                provider: "arn:aws:iam::123456789012:oidc-provider/gitlab.com".to_owned(),
            };
            let action = "sts:AssumeRoleWithWebIdentity".to_owned();
            let request = Request {
                principal,
                action,
                resource: None,
                resource_account: None,
                context: context.clone(),
            };
            (PolicySet::new().trust(compiled), request)
        } else {
            let principal = Principal::Role { arn: "arn:aws:iam::123456789012:role/deploy".to_owned() };
            let resource = Some("arn:aws:s3:::shop-a/none/b".to_owned());
            let action = "s3:GetObject".to_owned();
            (
                PolicySet::new().identity(compiled),
                Request { principal, action, resource, resource_account: None, context: context.clone() },
            )
        };
        assert_eq!(set.decide(&request).outcome, set.explain(&request).decision().outcome);
    }
}

fn tokens() -> Vec<Vec<u8>> {
    vec![seeds::CLAIMS.into(), b"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2EifQ.c2ln".to_vec()]
}

fn token_claims(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let decoded = Claims::decode_unverified(text).map(|(_, claims)| claims);
    for claims in [decoded, Claims::from_json(text)].into_iter().flatten() {
        let _ = claims.audiences();
        let _ = claims.session_tags();
        let _ = claims.source_identity();
        let _ = claims.authorized_roles();
        for profile in [Profile::Stagedoor, Profile::Aws] {
            let _ = claims.context("https://gitlab.com", profile);
        }
    }
}

/// A token that opens is one that was sealed: no change of it opens.
fn session_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = seeds::keyring().open(text, seeds::now());
}

fn requests() -> Vec<Vec<u8>> {
    let token = String::from_utf8(seeds::session_token()).expect("a token is text");
    let scope = "AKID/20261120/us-east-1/execute-api/aws4_request";
    vec![
        format!(
            "GET\n/a%2Fb/../c\nb=2&a=%20\nhost: h\nx-amz-date: 20261120T100000Z\nx-amz-security-token: {token}\n\
             authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date;x-amz-security-token, \
             Signature={}",
            "0".repeat(64)
        )
        .into_bytes(),
        format!(
            "GET\n/\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20261120T100000Z&X-Amz-Expires=900&\
             X-Amz-SignedHeaders=host&X-Amz-Security-Token={token}&X-Amz-Signature={}\nhost: h",
            scope.replace('/', "%2F"),
            "0".repeat(64)
        )
        .into_bytes(),
        format!("GET\n/\n\nhost: h\nauthorization: Bearer {token}").into_bytes(),
    ]
}

/// Input: method, path, query and headers, a line each.
fn signed_request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let (method, path) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let query = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    for s3 in [false, true] {
        let request = HttpRequest { method, path, query, headers: &headers, body: Body::empty() };
        let expected = Expected { region: None, services: &["execute-api", "s3"], s3 };
        let _ = seeds::keyring().authenticate(&request, &expected, seeds::now());
    }
}
