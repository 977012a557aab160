//! What is decided is what is forwarded.

use crate::client::Client;
use crate::house::House;

async fn ask(client: &Client, target: &str) -> u16 {
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nConnection: close\r\n\r\n",
        client.address,
        client.bearer()
    );
    let answer = client.raw(request.as_bytes()).await;
    answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{target}: {answer}"))
}

#[tokio::test]
async fn tricks_do_not_reach_the_upstream() {
    let house = House::open().await;
    let client = house.client();
    for target in [
        "/orders/../secret/plans",
        "/orders/%2e%2e/secret/plans",
        "/orders/.%2E/secret/plans",
        "/orders/..%2fsecret/plans",
        "/orders%2f..%2fsecret",
        "/orders/..%5csecret",
        "/orders\\..\\secret",
        "/orders/..;/secret/plans",
        "/orders/..%3b/secret",
        "/secret;x/plans",
        "//secret/plans",
        "/orders//secret",
        "/./secret/plans",
        "/%2e/secret",
        "/%252e%252e/secret",
        "/orders%00/secret",
        "/orders%0d%0aX-Evil:1",
        "/%c0%ae%c0%ae/secret",
        "/secret%",
        "/secret%zz",
        "/se\u{0441}ret",
        "*",
        "secret",
        "http://elsewhere.example/orders",
        "https://127.0.0.1/orders",
    ] {
        assert_eq!(ask(&client, target).await, 400, "{target}");
    }
    for target in ["/secret/plans", "/%73ecret", "/%53ecret/../x", "/secret?x=/orders", "/s%65cret%2Dplans"] {
        let status = ask(&client, target).await;
        assert!(matches!(status, 400 | 403), "{target}: {status}");
    }
    assert!(house.upstream.seen().is_empty(), "{:?}", house.upstream.seen());
    house.close().await;
}

#[tokio::test]
async fn one_reading_goes_through_normalised() {
    let house = House::open().await;
    let client = house.client();
    for (target, forwarded, decided) in [
        ("/orders/7", "/orders/7", "orders/7"),
        ("/orders/", "/orders/", "orders/"),
        ("/%6frders/a%20b", "/orders/a%20b", "orders/a b"),
        ("/orders/gr%c3%bcn?x=%2f..%2f", "/orders/gr%C3%BCn?x=%2f..%2f", "orders/grün"),
        ("/orders/a%3Fb", "/orders/a%3Fb", "orders/a?b"),
        ("/", "/", ""),
    ] {
        assert_eq!(ask(&client, target).await, 200, "{target}");
        assert_eq!(house.upstream.seen().pop().unwrap().target, forwarded);
        let resource = house.record().stagedoor.resource.unwrap();
        assert_eq!(resource, format!("arn:aws:execute-api:us-east-1:123456789012:shop/live/GET/{decided}"));
    }
    let absolute = format!("http://{}/orders", client.address);
    assert_eq!(ask(&client, &absolute).await, 200);
    house.close().await;
}
