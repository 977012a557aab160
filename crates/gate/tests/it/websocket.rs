//! The one protocol that a connection may switch to.

use crate::client::{Client, full};
use crate::house::House;
use http::StatusCode;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn ask(client: &Client, target: &str, protocol: &str) -> http::Response<hyper::body::Incoming> {
    let stream = TcpStream::connect(client.address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    let mut request = client.sign(client.head("GET", target), b"");
    request.headers_mut().insert("connection", "Upgrade".parse().unwrap());
    request.headers_mut().insert("upgrade", protocol.parse().unwrap());
    request.headers_mut().insert("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==".parse().unwrap());
    sender.send_request(request.map(|()| full(b""))).await.unwrap()
}

#[tokio::test]
async fn a_websocket_is_joined_through_and_ends_with_the_drain() {
    let house = House::open().await;
    let response = ask(&house.client(), "/socket", "websocket").await;
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert!(response.headers().contains_key("x-stagedoor-decision"));
    let mut stream = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    for text in ["hello", "again"] {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, text.to_ascii_uppercase().as_bytes());
    }
    house.listening.drain(Duration::from_secs(60)).await;
    assert_eq!(stream.read(&mut [0; 5]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_websocket_needs_the_right_too() {
    let house = House::open().await;
    let response = ask(&house.client(), "/secret/socket", "websocket").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    house.close().await;
}

#[tokio::test]
async fn another_protocol_is_neither_passed_on_nor_accepted() {
    let house = House::open().await;
    let response = ask(&house.client(), "/orders", "h2c").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["connection"], "close");
    assert!(!house.upstream.only().headers.contains_key("upgrade"));

    let response = ask(&house.client(), "/socket", "h2c").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    house.close().await;
}
