use std::time::Duration;

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use stagedoor_session::{
    Body, BodyCheck, Expected, HttpRequest, MAX_CLOCK_SKEW, Payload, Scheme, SessionRefusal, Signed,
};

use crate::stage::{
    Arrived, Client, GATE, S3, credentials, get, keyring, later, now, presigned_get, session,
};

#[test]
fn a_header_signature_proves_the_session() {
    let proof = get().authenticate(&GATE).unwrap();
    assert_eq!(proof.session, session());
    assert_eq!(proof.scheme, Scheme::Aws4Header);
    let Body::Sha256(empty) = Body::empty() else { unreachable!() };
    assert_eq!(proof.payload, Payload::Hash(empty));
}

#[test]
fn a_presigned_query_proves_the_session() {
    let proof = presigned_get().authenticate(&GATE).unwrap();
    assert_eq!(proof.session, session());
    assert_eq!(proof.scheme, Scheme::Presigned);
}

#[test]
fn a_bearer_token_proves_the_session() {
    let token = credentials().session_token;
    for scheme in ["Bearer", "bearer"] {
        let request = Arrived::new("POST", "/orders")
            .header("authorization", &format!("{scheme} {}", token.expose_secret()));
        let nothing_signed = Expected { region: Some("elsewhere"), services: &[], s3: false };
        let proof = keyring().authenticate(&request.unread(), &nothing_signed, now()).unwrap();
        assert_eq!(proof.session, session());
        assert_eq!((proof.scheme, proof.payload), (Scheme::Bearer, Payload::Unsigned));
    }
}

#[test]
fn paths_and_queries_of_all_kinds_verify() {
    let targets = [
        "/",
        "//",
        "/a/../../b/./c//",
        "/a/b/..",
        "/caf%C3%A9/%E2%82%AC",
        "/with%20space/and%2Fslash",
        "/a:b@c,d;e=f!$&'()*+",
        "/-._~",
        "/x?b=2&a=1&b=1&A=0",
        "/x?flag&empty=&=value",
        "/x?q=a+b%20c%2Bd",
        "/x?next=https%3A%2F%2Facme.dev%2F%3Fa%3D1%26b%3D2",
        "/x?%E2%82%AC=%f0%9f%8e%ad",
        "/x?a-=1&a=2&a.b=3&a_b=4&a~=5",
    ];
    for target in targets {
        for method in ["GET", "DELETE"] {
            let header = Client::default().sign(Arrived::new(method, target));
            assert_eq!(header.code(), "accepted", "{method} {target}");
            let presigned = Client::presigned(60).sign(Arrived::new(method, target));
            assert_eq!(presigned.code(), "accepted", "presigned {method} {target}");
        }
    }
    let presigned = Client { presigned: Some(Duration::from_secs(60)), ..Client::s3() };
    let presigned = Client { unsigned_payload: true, declare_hash: false, ..presigned };
    for target in
        ["/bucket/a//b/../c", "/bucket/a%20b%2Bc", "/bucket?list-type=2&prefix=a%2Fb", "/bucket/%C3%A9"]
    {
        for client in [&Client::s3(), &presigned] {
            let request = client.sign(Arrived::new("GET", target));
            let answer = request.authenticate(&S3).map(|proof| proof.session.id);
            assert_eq!(answer, Ok(session().id), "{target}");
        }
    }
}

#[test]
fn headers_are_folded_as_they_were_signed() {
    let request = Arrived::new("GET", "/")
        .header("x-amz-meta-list", "one")
        .header("x-amz-meta-list", "  two   three ")
        .header("content-type", "text/plain; charset=utf-8");
    assert_eq!(Client::default().sign(request).code(), "accepted");
}

#[test]
fn a_body_whose_hash_is_not_declared_has_to_be_read_first() {
    let request = Client::default().sign(Arrived::new("POST", "/orders").body(b"{\"sku\":1}"));
    assert_eq!(Signed::parse(&request.unread()).unwrap().unwrap().payload(), None);
    let unread = keyring().authenticate(&request.unread(), &GATE, now());
    assert_eq!(unread.unwrap_err(), SessionRefusal::BodyHashNeeded);
    let proof = keyring().authenticate(&request.read(), &GATE, now()).unwrap();
    assert_eq!(proof.session.id, session().id);
    assert_eq!(request.clone().body(b"{\"sku\":2}").code(), "signature_mismatch");
}

#[test]
fn nobody_without_a_good_token_makes_the_gate_read_a_body() {
    let request = Client::default().sign(Arrived::new("POST", "/orders").body(b"{}"));
    let code = |request: &HttpRequest<'_>, expected: &Expected<'_>, at| {
        keyring().authenticate(request, expected, at).unwrap_err().code()
    };
    assert_eq!(code(&request.unread(), &GATE, later(3540)), "session_expired");
    assert_eq!(code(&request.unread(), &GATE, later(1000)), "signature_expired");
    assert_eq!(code(&request.unread(), &S3, now()), "scope_mismatch");
    let forged = request.replace_header("x-amz-security-token", "A", "B");
    assert_eq!(code(&forged.unread(), &GATE, now()), "session_token_invalid");
}

#[test]
fn a_declared_body_streams_through_a_check() {
    let client = Client { declare_hash: true, ..Client::default() };
    let request = client.sign(Arrived::new("PUT", "/orders/7").body(b"hello"));
    let proof = keyring().authenticate(&request.unread(), &GATE, now()).unwrap();
    let mut check = BodyCheck::new(&proof.payload).unwrap();
    check.update(b"hel");
    check.update(b"lo");
    assert_eq!(check.finish(), Ok(()));
    let mut check = BodyCheck::new(&proof.payload).unwrap();
    check.update(b"hellO");
    assert_eq!(check.finish().unwrap_err().code(), "payload_mismatch");
}

#[test]
fn an_unsigned_payload_is_told_apart() {
    let client = Client { unsigned_payload: true, declare_hash: true, ..Client::default() };
    let request = client.sign(Arrived::new("PUT", "/orders/7").body(b"anything"));
    assert_eq!(request.authenticate(&GATE).unwrap().payload, Payload::Unsigned);
    let presigned = Client {
        unsigned_payload: true,
        declare_hash: false,
        presigned: Some(Duration::from_secs(60)),
        ..Client::s3()
    };
    let request = presigned.sign(Arrived::new("GET", "/bucket/key"));
    assert_eq!(keyring().authenticate(&request.unread(), &S3, now()).unwrap().payload, Payload::Unsigned);
}

#[test]
fn the_clock_may_be_off_by_a_quarter_of_an_hour() {
    let skew = MAX_CLOCK_SKEW.as_secs();
    for (offset, code) in
        [(skew, "accepted"), (-skew, "accepted"), (skew + 1, "clock_skew"), (-skew - 1, "signature_expired")]
    {
        let client = Client { at: later(offset), ..Client::default() };
        assert_eq!(client.sign(Arrived::new("GET", "/")).code(), code, "{offset}");
    }
}

#[test]
fn a_presigned_query_is_good_until_it_expires() {
    let request = presigned_get();
    let code = |seconds| match keyring().authenticate(&request.read(), &GATE, later(seconds)) {
        Ok(_) => "accepted",
        Err(refusal) => refusal.code(),
    };
    assert_eq!(code(900), "accepted");
    assert_eq!(code(901), "signature_expired");
    assert_eq!(code(-901), "clock_skew");

    let mut long = session();
    long.expires_at = later(8 * 24 * 3600);
    let week = Client { credentials: keyring().seal(&long).unwrap(), ..Client::presigned(604_800) };
    let request = week.sign(Arrived::new("GET", "/"));
    let at = now() + SignedDuration::from_hours(7 * 24);
    assert!(keyring().authenticate(&request.read(), &GATE, at).is_ok());
    let over = Client::presigned(604_801).sign(Arrived::new("GET", "/"));
    assert_eq!(over.code(), "credentials_malformed");
}

#[test]
fn a_date_header_does_when_there_is_no_amz_date() {
    let request = Arrived::new("GET", "/")
        .header("date", "Fri, 20 Nov 2026 10:15:30 GMT")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=ASIA/20261120/us-east-1/execute-api/aws4_request, SignedHeaders=date;host, Signature=0000000000000000000000000000000000000000000000000000000000000000");
    let signed = Signed::parse(&request.read()).unwrap().unwrap();
    assert_eq!(signed.signed_at(), now());
    assert_eq!(
        (signed.region(), signed.service(), signed.access_key_id()),
        ("us-east-1", "execute-api", "ASIA")
    );
    let unsigned = request.replace_header("authorization", "date;host", "host");
    assert_eq!(unsigned.code(), "header_not_signed");
}
