//! Requests whose end could be read in two ways.

use crate::house::House;

#[tokio::test]
async fn ambiguous_framing_is_refused_and_the_connection_closed() {
    let house = House::open().await;
    let client = house.client();
    let inner = format!(
        "GET /orders HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
        client.address,
        client.bearer()
    );
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "X: a\r\n b\r\n",
        "X: a\nTransfer-Encoding: chunked\r\n",
        "Host: elsewhere.example\r\n",
    ] {
        let request = format!(
            "POST /orders HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n{lines}\r\n0\r\n\r\n{inner}",
            client.address,
            client.bearer()
        );
        let answer = client.raw(request.as_bytes()).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lines:?}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lines:?}: {answer}");
    }
    assert!(house.upstream.seen().is_empty(), "{:?}", house.upstream.seen());
    house.close().await;
}

#[tokio::test]
async fn nothing_follows_a_chunked_request_on_its_connection() {
    let house = House::open().await;
    let client = house.client();
    let head = format!("Host: {}\r\nAuthorization: {}\r\n", client.address, client.bearer());
    let two = format!(
        "POST /first HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nGET /second HTTP/1.1\r\n{head}\r\n"
    );
    let answer = client.raw(two.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert_eq!(house.upstream.only().body, b"hi");
    house.close().await;
}

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let house = House::open().await;
    let client = house.client();
    let head = format!("Host: {}\r\nAuthorization: {}\r\n", client.address, client.bearer());
    let three = format!(
        "POST /1 HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\n{head}\r\nGET /3 HTTP/1.1\r\n{head}Connection: close\r\n\r\n"
    );
    let answer = client.raw(three.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3, "{answer}");
    let targets: Vec<_> = house.upstream.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/1", "/2", "/3"]);
    house.close().await;
}

#[tokio::test]
async fn heads_have_limits() {
    let house = House::open().await;
    let client = house.client();
    let head =
        format!("GET /orders HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n", client.address, client.bearer());
    let many: String = (0..101).map(|number| format!("X-{number}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "a".repeat(40 * 1024));
    for lines in [many, long] {
        let answer = client.raw(format!("{head}{lines}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 ") || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    for request in [
        "GET /orders HTTP/1.1\r\n\r\n",
        "TRACE /orders HTTP/1.1\r\nHost: h\r\n\r\n",
        "get / HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let answer = client.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("\"reason\":\"request_invalid\""), "{answer}");
    }
    assert!(house.upstream.seen().is_empty());
    house.close().await;
}
