//! Bodies: streamed, checked, cut.

use crate::client::{Sent, full};
use crate::house::House;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;

const MEGABYTE: usize = 1 << 20;

/// The same bytes without a known length, in pieces.
fn chunked(bytes: &[u8]) -> Sent {
    let pieces: Vec<_> = bytes
        .chunks(64 * 1024)
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    StreamBody::new(futures_util::stream::iter(pieces)).boxed_unsync()
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place % 251) as u8).collect()
}

#[tokio::test]
async fn large_uploads_stream_through() {
    let house = House::open().await;
    let body = pattern(40 * MEGABYTE);
    let mut client = house.client();
    client.declare = true;
    let answer = client.signed("PUT", "/upload", &body).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "got 41943040 bytes"));
    let seen = house.upstream.only();
    assert!(seen.whole && seen.body == body);
    assert_eq!(seen.headers["content-length"], "41943040");

    let request = client.sign(client.head("PUT", "/upload"), &body);
    let answer = client.send(request.map(|()| chunked(&body))).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "got 41943040 bytes"));
    assert_eq!(answer.headers["connection"], "close");
    let seen = house.upstream.seen().pop().unwrap();
    assert!(seen.whole && seen.body == body);
    house.close().await;
}

#[tokio::test]
async fn large_downloads_stream_through() {
    let house = House::open().await;
    let answer = house.client().signed("GET", "/download/40", b"").await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 40 * MEGABYTE));
    for (number, megabyte) in answer.body.chunks(MEGABYTE).enumerate() {
        assert!(megabyte.iter().all(|&byte| usize::from(byte) == number), "megabyte {number}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_body_without_a_declared_hash_is_checked_first() {
    let house = House::open().await;
    let client = house.client();
    let answer = client.signed("POST", "/orders", b"{\"item\":1}").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(house.upstream.only().body, b"{\"item\":1}");

    let request = client.sign(client.head("POST", "/orders"), b"{\"item\":1}");
    let answer = client.send(request.map(|()| full(b"{\"item\":9}"))).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "signature_mismatch"));
    assert_eq!(house.upstream.seen().len(), 1);

    let large = pattern(10 * MEGABYTE + 1);
    for body in [full(&large), chunked(&large)] {
        let request = client.sign(client.head("POST", "/orders"), &large);
        let answer = client.send(request.map(|()| body)).await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, "body_hash_needed")
        );
        assert!(answer.text().contains("X-Amz-Content-Sha256"), "{}", answer.text());
    }
    assert_eq!(house.upstream.seen().len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_streamed_body_that_is_not_the_signed_one_never_completes() {
    let house = House::open().await;
    let mut client = house.client();
    client.declare = true;
    let signed = pattern(3 * MEGABYTE);
    let mut sent = signed.clone();
    *sent.last_mut().unwrap() ^= 1;
    for body in [full(&sent), chunked(&sent)] {
        let request = client.sign(client.head("PUT", "/upload"), &signed);
        let answer = client.send(request.map(|()| body)).await;
        assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "payload_mismatch"));
        assert_eq!(house.record().stagedoor.reason.as_deref(), Some("payload_mismatch"));
    }
    for body in [&b""[..], b"x"] {
        let request = client.sign(client.head("PUT", "/upload"), b"y");
        let answer = client.send(request.map(|()| full(body))).await;
        assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::UNAUTHORIZED, "payload_mismatch"));
    }
    let answer = client.signed("PUT", "/after", b"fine").await;
    assert_eq!(answer.status, StatusCode::OK);
    for seen in house.upstream.seen() {
        assert_eq!(seen.whole, seen.target == "/after", "{} with {} bytes", seen.target, seen.body.len());
    }
    house.close().await;
}

#[tokio::test]
async fn a_body_over_the_gates_limit_is_refused() {
    let house = House::with("[limits]\nmax_body = \"1MiB\"\n").await;
    let mut client = house.client();
    client.declare = true;
    let body = pattern(MEGABYTE);
    assert_eq!(client.signed("PUT", "/upload", &body).await.status, StatusCode::OK);

    let body = pattern(MEGABYTE + 1);
    let answer = client.signed("PUT", "/upload", &body).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "request_invalid"));
    assert_eq!(house.upstream.seen().len(), 1);

    let request = client.sign(client.head("PUT", "/upload"), &body);
    let answer = client.send(request.map(|()| chunked(&body))).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    assert!(house.upstream.seen().iter().skip(1).all(|seen| !seen.whole));
    house.close().await;
}

#[tokio::test]
async fn an_upload_that_stalls_is_given_up() {
    let house = House::with("[limits]\nidle_timeout = \"200ms\"\n").await;
    let mut client = house.client();
    client.declare = true;
    let request = client.sign(client.head("PUT", "/upload"), b"never sent");
    let first = futures_util::stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"never")))]);
    let body = StreamBody::new(futures_util::StreamExt::chain(first, futures_util::stream::pending()));
    let answer = client.send(request.map(|()| body.boxed_unsync())).await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::REQUEST_TIMEOUT, "body_incomplete"));
    assert!(house.upstream.seen().iter().all(|seen| !seen.whole));
    house.close().await;
}
