//! The upstream fails, or the gate closes.

use crate::house::House;
use crate::upstream::Upstream;
use http::StatusCode;
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn an_upstream_that_is_down_is_a_502() {
    let house = House::open().await;
    house.upstream.stop();
    let answer = loop {
        // The listener closes when its task is dropped, which may take a turn.
        let answer = house.client().signed("GET", "/orders", b"").await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::BAD_GATEWAY, "upstream_unreachable"));
    assert_eq!(answer.headers["x-stagedoor-decision"], house.record().event_id);
    house.close().await;
}

#[tokio::test]
async fn an_upstream_that_hangs_up_is_a_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let house = House::before(Upstream::start().await, &url, "").await;
    let answer = house.client().signed("GET", "/orders", b"").await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::BAD_GATEWAY, "upstream_failed"));
    house.close().await;
}

#[tokio::test]
async fn an_upstream_that_is_silent_is_a_504() {
    let house = House::with("[limits]\nresponse_timeout = \"200ms\"\n").await;
    let answer = house.client().signed("GET", "/never", b"").await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::GATEWAY_TIMEOUT, "upstream_timeout"));
    house.close().await;
}

#[tokio::test]
async fn an_https_upstream_without_a_trusted_certificate_is_a_502() {
    let plain = Upstream::start().await;
    let url = format!("https://{}", plain.address());
    let house = House::before(plain, &url, "").await;
    let answer = house.client().signed("GET", "/orders", b"").await;
    assert_eq!((answer.status, answer.reason().as_str()), (StatusCode::BAD_GATEWAY, "upstream_unreachable"));
    assert!(house.upstream.seen().is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_drain_lets_requests_in_flight_finish() {
    let House { upstream, listening, keyring, directory: _directory, log: _log } = House::open().await;
    let address = listening.local_addr();
    let client = crate::client::Client::new(address, keyring.seal(&crate::house::session()).unwrap());
    let mut asked = tokio::spawn(async move { client.signed("GET", "/wait", b"").await });
    tokio::select! {
        () = upstream.arrived() => {}
        answer = &mut asked => panic!("{answer:?}"),
    }
    let drained = tokio::spawn(listening.drain(Duration::from_secs(60)));
    // The port is closed once nobody can connect.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!drained.is_finished());
    upstream.release();
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "waited"));
    drained.await.unwrap();
}

#[tokio::test]
async fn a_drain_that_takes_too_long_cuts() {
    let House { upstream, listening, keyring, directory: _directory, log: _log } = House::open().await;
    let client =
        crate::client::Client::new(listening.local_addr(), keyring.seal(&crate::house::session()).unwrap());
    let mut asked = tokio::spawn(async move { client.signed("GET", "/wait", b"").await });
    tokio::select! {
        () = upstream.arrived() => {}
        answer = &mut asked => panic!("{answer:?}"),
    }
    listening.drain(Duration::from_millis(50)).await;
    assert!(asked.await.is_err(), "the connection was cut, so the client must have failed");
}
