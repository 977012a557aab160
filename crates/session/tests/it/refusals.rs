//! Each refusal code, provoked.

use std::time::Duration;

use secrecy::ExposeSecret;
use stagedoor_session::{Expected, Keyring, SessionRefusal};

use crate::stage::{
    Arrived, Client, GATE, S3, credentials, get, keyring, later, presigned_get, session, stored,
};

#[test]
fn nothing_is_no_credential() {
    assert_eq!(Arrived::new("GET", "/").code(), "credentials_missing");
    assert_eq!(Arrived::new("GET", "/?x-amz-meta=1").code(), "credentials_missing");
}

#[test]
fn misshapen_headers() {
    let good = get();
    let broken = [
        ("AWS4-HMAC-SHA256 ", "AWS4-ECDSA-P256-SHA256 "),
        ("AWS4-HMAC-SHA256 ", "Basic "),
        ("Credential=", "Credentials="),
        ("Credential=ASIA", "Credential=/ASIA"),
        ("aws4_request", "aws4"),
        ("aws4_request", "aws4_request/x"),
        ("/us-east-1/", "//"),
        ("/us-east-1/", "/us east/"),
        ("20261120", "2026112"),
        ("SignedHeaders=", "Signed="),
        ("host;x-amz-date", "x-amz-date;host"),
        ("host;x-amz-date", "host;host;x-amz-date"),
        ("host;x-amz-date", "Host;x-amz-date"),
        ("host;x-amz-date", ";host;x-amz-date"),
        ("Signature=", "Signature=0"),
        ("Signature=", "Signature=Z"),
        (", Signature=", ", Nonce=1, Signature="),
        (", Signature=", " Signature="),
    ];
    for (from, to) in broken {
        assert_eq!(
            good.clone().replace_header("authorization", from, to).code(),
            "credentials_malformed",
            "{to}"
        );
    }
    let upper = good.headers["authorization"].to_str().unwrap().to_uppercase();
    let upper = upper.rsplit_once('=').unwrap().1.to_owned();
    let lower = upper.to_lowercase();
    assert_eq!(good.clone().replace_header("authorization", &lower, &upper).code(), "credentials_malformed");
    for date in
        ["2026-11-20", "20261120T101530", "20261320T101530Z", "20261120T106030Z", "+0261120T101530Z", ""]
    {
        let request = good.clone().without("x-amz-date").header("x-amz-date", date);
        assert_eq!(request.code(), "credentials_malformed", "{date}");
    }
    assert_eq!(good.clone().without("x-amz-date").code(), "credentials_malformed");
    assert_eq!(good.clone().without("host").code(), "credentials_malformed");
    assert_eq!(good.header("x-amz-content-sha256", "abc").code(), "credentials_malformed");
    assert_eq!(Arrived::new("GET", "/").header("authorization", "Bearer ").code(), "credentials_malformed");
    assert_eq!(Arrived::new("GET", "/").header("authorization", "").code(), "credentials_malformed");
}

#[test]
fn misshapen_queries() {
    let good = presigned_get();
    for (from, to) in [
        ("AWS4%2DHMAC%2DSHA256", "AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-Algorithm=", "X-Amz-Algorithms="),
        ("X-Amz-Credential=", "X-Amz-Credentials="),
        ("X-Amz-Date=", "X-Amz-Dates="),
        ("X-Amz-Expires=", "X-Amz-Expire="),
        ("X-Amz-SignedHeaders=", "X-Amz-Headers="),
        ("X-Amz-Signature=", "X-Amz-Sig="),
        ("X-Amz-Expires=900", "X-Amz-Expires=0"),
        ("X-Amz-Expires=900", "X-Amz-Expires=-900"),
        ("X-Amz-Expires=900", "X-Amz-Expires=%2B900"),
        ("X-Amz-Expires=900", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=900", "X-Amz-Expires=99999999999999999999"),
        ("X-Amz-Expires=900", "X-Amz-Expires="),
        ("X-Amz-Date=2", "X-Amz-Date=%ff"),
    ] {
        assert_eq!(good.clone().replace_query(from, to).code(), "credentials_malformed", "{to}");
    }
}

#[test]
fn credentials_come_once() {
    assert_eq!(get().with_query("X-Amz-Signature=00").code(), "credentials_ambiguous");
    assert_eq!(get().with_query("x-amz-security-token=t").code(), "credentials_ambiguous");
    assert_eq!(presigned_get().header("authorization", "Bearer x").code(), "credentials_ambiguous");
    assert_eq!(presigned_get().header("x-amz-security-token", "x").code(), "credentials_ambiguous");
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "host"] {
        let request = get();
        let value = request.headers[name].to_str().unwrap().to_owned();
        assert_eq!(request.header(name, &value).code(), "duplicate_parameter", "{name}");
    }
    for repeated in
        ["X-Amz-Expires=900", "x-amz-expires=900", "X%2DAmz%2DSignature=0", "X-Amz-Meta=1&X-Amz-Meta=1"]
    {
        assert_eq!(presigned_get().with_query(repeated).code(), "duplicate_parameter", "{repeated}");
    }
    assert_eq!(get().with_query("x-amz-a=1&X-AMZ-A=2").code(), "duplicate_parameter");
    let twice = get().replace_header("authorization", ", SignedHeaders", ", Credential=x, SignedHeaders");
    assert_eq!(twice.code(), "duplicate_parameter");
    let both = Client { presigned: Some(Duration::from_secs(60)), ..Client::default() }
        .sign(Arrived::new("GET", "/"))
        .with_query("X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(both.code(), "duplicate_parameter");
}

#[test]
fn too_much_of_anything() {
    let long = "a".repeat(70_000);
    assert_eq!(Arrived::new("GET", &format!("/{long}")).code(), "request_too_large");
    assert_eq!(Arrived::new("GET", &format!("/?{long}")).code(), "request_too_large");
    assert_eq!(Arrived::new("GET", &format!("/?{}", "a&".repeat(1025))).code(), "request_too_large");
    assert_eq!(Arrived::new("GET", "/").header("authorization", &long).code(), "request_too_large");
    let bearer = format!("Bearer {}", "A".repeat(8193));
    assert_eq!(Arrived::new("GET", "/").header("authorization", &bearer).code(), "request_too_large");
    let many = (0..101).fold(Arrived::new("GET", "/"), |request, n| request.header("x-many", &n.to_string()));
    assert_eq!(many.code(), "request_too_large");
}

#[test]
fn a_key_without_its_token_is_nothing() {
    let client = Client { token: false, ..Client::default() };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "session_token_missing");
    let client = Client { token: false, ..Client::presigned(60) };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "session_token_missing");
}

#[test]
fn the_key_and_the_token_belong_together() {
    let mut other = session();
    other.id = stagedoor_session::new_access_key_id(*b"9876543210");
    let other = keyring().seal(&other).unwrap();

    let mut mixed = credentials();
    mixed.access_key_id = other.access_key_id.clone();
    let client = Client { credentials: mixed, ..Client::default() };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "access_key_mismatch");

    let mut mixed = credentials();
    mixed.secret_access_key = other.secret_access_key;
    let client = Client { credentials: mixed, ..Client::default() };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "signature_mismatch");
}

#[test]
fn a_token_sealed_again_has_another_secret() {
    let (one, two) = (credentials(), credentials());
    assert_ne!(one.session_token.expose_secret(), two.session_token.expose_secret());
    assert_ne!(one.secret_access_key.expose_secret(), two.secret_access_key.expose_secret());
    let mixed = stagedoor_session::Credentials { session_token: two.session_token, ..one };
    let client = Client { credentials: mixed, ..Client::default() };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "signature_mismatch");
}

#[test]
fn tokens_of_another_house_and_expired_sessions() {
    let elsewhere = Keyring::from_stored(vec![stored("k1", 8)]).unwrap();
    let client = Client { credentials: elsewhere.seal(&session()).unwrap(), ..Client::default() };
    assert_eq!(client.sign(Arrived::new("GET", "/")).code(), "session_token_invalid");

    let request = Client { at: later(3500), ..Client::default() }.sign(Arrived::new("GET", "/"));
    let at = |seconds| keyring().authenticate(&request.read(), &GATE, later(seconds));
    assert!(at(3539).is_ok());
    let refusal = at(3540).unwrap_err();
    assert_eq!(refusal.code(), "session_expired");
    assert_eq!(refusal.session_id(), Some(session().id.as_str()));
}

#[test]
fn the_scope_is_checked() {
    for (client, expected, part) in [
        (Client { region: "eu-west-1", ..Client::default() }, GATE, "region"),
        (Client { service: "rds-db", ..Client::default() }, GATE, "service"),
        (Client::default(), S3, "service"),
        (Client::default(), Expected { region: None, services: &[], s3: false }, "service"),
    ] {
        match client.sign(Arrived::new("GET", "/")).authenticate(&expected).unwrap_err() {
            SessionRefusal::ScopeMismatch { part: found, .. } => assert_eq!(found, part),
            other => unreachable!("{other}"),
        }
    }
    let any = Expected { region: None, services: &["sts", "execute-api"], s3: false };
    let client = Client { region: "eu-west-1", ..Client::default() };
    assert!(client.sign(Arrived::new("GET", "/")).authenticate(&any).is_ok());

    let day = get().replace_header("authorization", "/20261120/", "/20261119/");
    assert_eq!(day.code(), "scope_mismatch");
}

#[test]
fn what_must_be_signed_is_signed() {
    for name in ["host", "x-amz-date", "x-amz-security-token"] {
        let list = "host;x-amz-date;x-amz-security-token";
        let shorter: Vec<&str> = list.split(';').filter(|signed| *signed != name).collect();
        let request = get().replace_header("authorization", list, &shorter.join(";"));
        assert_eq!(
            request.authenticate(&GATE).unwrap_err(),
            SessionRefusal::HeaderNotSigned(name.to_owned())
        );
    }
    assert_eq!(get().header("x-amz-acl", "public-read").code(), "header_not_signed");
    assert_eq!(presigned_get().header("x-amz-acl", "public-read").code(), "header_not_signed");
    assert_eq!(presigned_get().replace_query("=host", "=accept").code(), "header_not_signed");
    assert_eq!(get().header("x-forwarded-for", "10.0.0.1").code(), "accepted");
}

#[test]
fn a_signed_header_that_is_lost_is_named() {
    let request =
        Client::default().sign(Arrived::new("GET", "/").header("accept", "text/plain")).without("accept");
    assert_eq!(
        request.authenticate(&GATE).unwrap_err(),
        SessionRefusal::SignedHeaderAbsent("accept".to_owned())
    );
}

#[test]
fn whatever_was_signed_cannot_be_changed() {
    let client = Client { declare_hash: true, ..Client::default() };
    let good =
        client.sign(Arrived::new("PUT", "/orders/7?a=1&b=2").header("content-type", "text/plain").body(b"x"));
    assert_eq!(good.code(), "accepted");
    let method = Arrived { method: "POST".to_owned(), ..good.clone() };
    let path = Arrived { path: "/orders/8".to_owned(), ..good.clone() };
    for changed in [
        method,
        path,
        good.clone().replace_query("a=1", "a=2"),
        good.clone().with_query("c=3"),
        good.clone().without("content-type").header("content-type", "text/html"),
        good.clone().header("content-type", "text/html"),
        good.clone().without("host").header("host", "audit.acme.internal"),
        good.clone().replace_header("x-amz-date", "101530", "101531"),
        good.clone().replace_header("x-amz-content-sha256", "2", "3"),
    ] {
        let refusal = changed.authenticate(&GATE).unwrap_err();
        assert_eq!(refusal.code(), "signature_mismatch", "{changed:?}");
        assert_eq!(refusal.session_id(), Some(session().id.as_str()));
    }
    assert_eq!(good.clone().body(b"y").code(), "payload_mismatch");
    let reordered = Arrived { query: "b=2&a=1".to_owned(), ..good };
    assert_eq!(reordered.code(), "accepted");
}

#[test]
fn chunked_signatures_are_for_s3() {
    for declared in ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"] {
        let request =
            Client::default().sign(Arrived::new("PUT", "/").header("x-amz-content-sha256", declared));
        assert_eq!(request.code(), "payload_unsupported");
    }
    let unknown =
        Client::default().sign(Arrived::new("PUT", "/").header("x-amz-content-sha256", "STREAMING-X"));
    assert_eq!(unknown.code(), "payload_unsupported");
}

#[test]
fn refusals_read_well_and_hold_no_secret() {
    let client = Client { region: "eu-west-1", ..Client::default() };
    let refusal = client.sign(Arrived::new("GET", "/")).authenticate(&GATE).unwrap_err();
    assert_eq!(refusal.to_string(), "the credential scope has the region `eu-west-1`, wanted `us-east-1`");
    let refusal = keyring().authenticate(&get().read(), &GATE, later(1000)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the signature expired: it was made at 2026-11-20T10:15:30Z and good until 2026-11-20T10:30:30Z, it is now 2026-11-20T10:32:10Z"
    );
    let token = credentials().session_token;
    let token = token.expose_secret();
    let garbled = Arrived::new("GET", "/").header("authorization", &format!("Token {token}"));
    let said = garbled.authenticate(&GATE).unwrap_err().to_string();
    assert!(said.contains("found `Token`"), "{said}");
    assert!(!format!("{:?}", credentials()).contains(token));
    let parsed = stagedoor_session::Signed::parse(&get().read()).unwrap().unwrap();
    let shown = parsed.session_token().unwrap().expose_secret().get(..40).unwrap().to_owned();
    assert!(!format!("{parsed:?}").contains(&shown));
    let key = keyring().to_stored().remove(0);
    assert_eq!(
        format!("{key:?}"),
        r#"StoredKey { id: "k1", created_at: 2026-11-20T10:15:30Z, activates_at: 2026-11-20T10:15:30Z, retired_at: None, .. }"#
    );
}
