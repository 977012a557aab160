//! What the upstream is told, and what a caller cannot make it believe.

use crate::house::House;
use http::StatusCode;

#[tokio::test]
async fn the_upstream_learns_who_calls() {
    let house = House::open().await;
    let client = house.client();
    let answer = client.borne("GET", "/orders", &[("x-request-id", "abc"), ("cookie", "a=b")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let seen = house.upstream.only();
    for (name, value) in [
        ("x-stagedoor-role", "caller"),
        ("x-stagedoor-role-arn", "arn:aws:iam::123456789012:role/caller"),
        ("x-stagedoor-session", "run-7"),
        ("x-stagedoor-subject", "ci"),
        ("x-stagedoor-issuer", "https://tokens.example"),
        ("x-stagedoor-provider", "oidc"),
        ("x-stagedoor-repository", "acme/shop"),
        ("x-stagedoor-ref", "refs/heads/main"),
        ("x-stagedoor-commit", "714a629c0b401fdce83e847fc9589983fc6f46bc"),
        ("x-stagedoor-actor", "j%C3%BCrgen%0D%0Ax-stagedoor-role:%20admin"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("x-request-id", "abc"),
        ("cookie", "a=b"),
    ] {
        let values: Vec<_> = seen.headers.get_all(name).iter().collect();
        assert_eq!(values, [value], "{name}");
    }
    assert_eq!(seen.headers["host"], house.upstream.address().to_string());
    assert_eq!(seen.headers["x-forwarded-host"], client.address.to_string());
    assert_eq!(seen.headers["x-stagedoor-session-id"].len(), 20);
    house.close().await;
}

#[tokio::test]
async fn a_caller_cannot_speak_as_the_gate() {
    let house = House::open().await;
    let forged = [
        ("x-stagedoor-role", "admin"),
        ("X-Stagedoor-Role", "admin"),
        ("x_stagedoor_role", "admin"),
        ("x-stagedoor-reference", "refs/heads/main"),
        ("x-stagedoor-anything", "1"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-user", "root"),
        ("x_forwarded_user", "root"),
        ("x-remote-user", "root"),
        ("remote-user", "root"),
        ("forwarded", "for=10.0.0.1"),
        ("x-real-ip", "10.0.0.1"),
        ("impersonate-user", "root"),
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/secret/plans"),
        ("x-rewrite-url", "/secret/plans"),
        ("x-amz-security-token", "token"),
        ("proxy-authorization", "Basic eDp5"),
        ("connection", "keep-alive, x-listed"),
        ("x-listed", "1"),
        ("te", "trailers"),
    ];
    let answer = house.client().borne("GET", "/orders", &forged[..16]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = house.client().borne("GET", "/orders", &forged[17..]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    for seen in house.upstream.seen() {
        assert_eq!(seen.headers["x-stagedoor-role"], "caller");
        assert_eq!(seen.headers.get_all("x-stagedoor-role").iter().count(), 1);
        assert_eq!(seen.headers["x-forwarded-for"], "127.0.0.1");
        for (name, _) in &forged {
            if !matches!(*name, "x-stagedoor-role" | "X-Stagedoor-Role" | "x-forwarded-for") {
                assert!(!seen.headers.contains_key(*name), "{name}");
            }
        }
    }
    house.close().await;
}

#[tokio::test]
async fn an_upstream_cannot_speak_as_the_gate_either() {
    let house = House::open().await;
    let answer = house.client().signed("GET", "/forged", b"").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "forged"));
    assert_eq!(answer.headers["x-stagedoor-decision"], house.record().event_id);
    assert_eq!(answer.headers.get_all("x-stagedoor-decision").iter().count(), 1);
    assert!(!answer.headers.contains_key("x-hop"));
    assert_eq!(answer.headers["set-cookie"], "a=b");
    house.close().await;
}

#[tokio::test]
async fn the_upstreams_own_errors_pass_unchanged() {
    let house = House::open().await;
    let answer = house.client().signed("GET", "/teapot", b"").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::IM_A_TEAPOT, "short and stout"));
    let answer = house.client().signed("HEAD", "/orders", b"").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert_eq!(answer.headers["content-length"], "11");
    house.close().await;
}
