//! Who gets through, who doesn't, and what is written down.

use crate::house::{House, session};
use http::StatusCode;
use jiff::{Timestamp, ToSpan};

#[tokio::test]
async fn a_signed_request_is_served_and_recorded() {
    let house = House::open().await;
    let answer = house.client().signed("GET", "/orders/7?detail=full&z=1", b"").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "got 0 bytes"));
    let seen = house.upstream.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/orders/7?detail=full&z=1"));

    let record = house.record();
    assert_eq!(record.event_id, answer.headers["x-stagedoor-decision"].to_str().unwrap());
    assert_eq!(record.event_id, seen.headers["x-stagedoor-decision"].to_str().unwrap());
    let details = &record.stagedoor;
    assert_eq!(details.gate.as_deref(), Some("shop"));
    assert_eq!(details.action.as_deref(), Some("execute-api:Invoke"));
    assert_eq!(
        details.resource.as_deref(),
        Some("arn:aws:execute-api:us-east-1:123456789012:shop/live/GET/orders/7")
    );
    assert_eq!(record.source_ip_address, "127.0.0.1");
    house.close().await;
}

#[tokio::test]
async fn each_way_to_carry_credentials_works() {
    let house = House::open().await;
    let mut client = house.client();
    for (declare, presign) in [(false, false), (true, false), (false, true)] {
        (client.declare, client.presign) = (declare, presign);
        let answer = client.signed("GET", "/orders?a=b%20c", b"").await;
        assert_eq!(answer.status, StatusCode::OK, "declare {declare}, presign {presign}: {}", answer.text());
    }
    assert_eq!(client.borne("GET", "/orders?a=b%20c", &[]).await.status, StatusCode::OK);
    for seen in house.upstream.seen() {
        assert_eq!(seen.target, "/orders?a=b%20c");
        for name in ["authorization", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256"] {
            assert!(!seen.headers.contains_key(name), "{name}");
        }
    }
    assert_eq!(house.upstream.seen().len(), 4);
    house.close().await;
}

#[tokio::test]
async fn what_no_statement_allows_is_denied() {
    let house = House::open().await;
    let client = house.client();
    for (method, target, reason) in [
        ("DELETE", "/orders/7", "permission_not_granted"),
        ("GET", "/secret/plans", "permission_denied"),
        ("GET", "/%73ecret/plans", "permission_denied"),
        ("GET", "/secret%2dplans", "permission_denied"),
        ("POST", "/secrets", "permission_denied"),
    ] {
        let answer = client.signed(method, target, b"").await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (StatusCode::FORBIDDEN, reason),
            "{method} {target}"
        );
        let record = house.record();
        assert_eq!(record.event_id, answer.headers["x-stagedoor-decision"].to_str().unwrap());
        assert_eq!(record.stagedoor.reason.as_deref(), Some(reason));
    }
    assert!(house.upstream.seen().is_empty());
    house.close().await;
}

#[tokio::test]
async fn without_proof_of_who_calls_nothing_passes() {
    let house = House::open().await;
    let client = house.client();

    let answer = client.send(client.head("GET", "/orders").map(|()| crate::client::full(b""))).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "credentials_missing"));
    assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 2);
    assert_eq!(house.record().stagedoor.reason.as_deref(), Some("credentials_missing"));

    let mut forged = client.sign(client.head("GET", "/orders"), b"");
    *forged.uri_mut() = "/orders/7".parse().unwrap();
    let answer = client.send(forged.map(|()| crate::client::full(b""))).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "signature_mismatch"));

    let mut old = session();
    old.issued_at = Timestamp::now().checked_sub(2.hours()).unwrap();
    old.expires_at = Timestamp::now().checked_sub(1.hour()).unwrap();
    let mut client = house.client();
    client.credentials = house.keyring.seal(&old).unwrap();
    let answer = client.signed("GET", "/orders", b"").await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "session_expired"));

    let mut stranger = house.client();
    stranger.credentials =
        stagedoor_session::Keyring::generate(Timestamp::now()).unwrap().seal(&session()).unwrap();
    let answer = stranger.borne("GET", "/orders", &[]).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::UNAUTHORIZED, "session_token_invalid")
    );

    assert!(house.upstream.seen().is_empty());
    assert_eq!(house.records().len(), 4);
    house.close().await;
}

#[tokio::test]
async fn a_role_that_is_gone_has_no_rights() {
    let house = House::open().await;
    let mut gone = session();
    gone.role = "removed".to_owned();
    gone.role_arn = "arn:aws:iam::123456789012:role/removed".to_owned();
    let mut client = house.client();
    client.credentials = house.keyring.seal(&gone).unwrap();
    let answer = client.signed("GET", "/orders", b"").await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::FORBIDDEN, "role_removed"));
    house.close().await;
}

#[tokio::test]
async fn no_receipt_no_forwarded_request() {
    let house = House::open().await;
    house.log.clone().close().await.unwrap();
    let answer = house.client().signed("GET", "/orders", b"").await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "audit_unavailable")
    );
    let answer = house.client().borne("DELETE", "/orders", &[]).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "audit_unavailable")
    );
    assert!(house.upstream.seen().is_empty());
    house.close().await;
}
