//! Where the search starts: small, valid, and touching every feature.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use stagedoor_session::{Keyring, Lineage, Session, SessionKind, random_access_key_id, role_id};

pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Ci","Effect":"Allow",
 "Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity",
 "Condition":{"StringEquals":{"gitlab.com:aud":["a","b"]},"StringLikeIfExists":{"gitlab.com:sub":"project_path:acme/*:ref_type:branch:ref:ma?n"},
 "ForAnyValue:StringEquals":{"gitlab.com:groups_direct":["acme/platform"]},"NumericLessThan":{"gitlab.com:runner_id":"50"},
 "DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]},
 "Bool":{"aws:SecureTransport":"true"},"Null":{"gitlab.com:environment":false}}},
 {"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"StringNotLike":{"gitlab.com:ref":"${gitlab.com:branch, 'main'}${*}"}}}]}"#;

pub(crate) const IDENTITY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":["iam:*","s3:Delete?bject"],
 "Resource":["arn:aws:s3:::shop-*/${aws:PrincipalTag/team, 'none'}/*","*"],"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"},
 "ForAllValues:StringNotEquals":{"aws:TagKeys":["root"]},"BinaryEquals":{"k":"QmluYXJ5"},"StringEqualsIgnoreCase":{"k":"V"}}}}"#;

pub(crate) const CLAIMS: &str = r#"{"iss":"https://gitlab.com","sub":"project_path:acme/shop:ref_type:branch:ref:main","aud":["a","b"],
 "iat":1795168800,"exp":1795172400,"nbf":1795168795.5,"runner_id":41,"ref_protected":"true","groups_direct":["acme","acme/platform"],
 "job_config":{"url":"u","sha":null},"https://aws.amazon.com/tags":{"principal_tags":{"k":["v"]},"transitive_tag_keys":["k"]},
 "https://aws.amazon.com/roles":["arn:aws:iam::123456789012:role/deploy"],"https://aws.amazon.com/source_identity":"jane"}"#;

/// Noon of the day on which all tokens here are young.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_170_000).expect("a fixed time")
}

pub(crate) fn keyring() -> &'static Keyring {
    static KEYRING: OnceLock<Keyring> = OnceLock::new();
    KEYRING.get_or_init(|| Keyring::generate(now()).expect("randomness"))
}

pub(crate) fn session_token() -> Vec<u8> {
    let session = Session {
        id: random_access_key_id().expect("randomness"),
        kind: SessionKind::AssumedRole,
        account: "123456789012".to_owned(),
        role: "deploy".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/deploy".to_owned(),
        role_id: role_id("123456789012", "deploy"),
        session_name: "ci".to_owned(),
        issued_at: now(),
        expires_at: now() + SignedDuration::from_hours(1),
        source_identity: Some("jane".to_owned()),
        tags: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
        transitive_tags: vec!["team".to_owned()],
        policies: Vec::new(),
        federation: None,
        provenance: BTreeMap::new(),
        lineage: Lineage::default(),
        actor: None,
        gates: Vec::new(),
        receipt: Some(7),
    };
    keyring().seal(&session).expect("a sealed session").session_token.expose_secret().as_bytes().to_vec()
}
