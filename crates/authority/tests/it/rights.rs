//! What a session may do, and how it loses its rights.

use crate::house::{ACCOUNT, House, Role, caller, request, trusts_audience};
use http::HeaderMap;
use jiff::ToSpan as _;
use secrecy::ExposeSecret as _;
use serde_json::json;
use stagedoor_audit::{Decision, Kind};
use stagedoor_authority::{Access, Assumed, Permitted, Reason, Refusal};
use stagedoor_policy::Context;
use stagedoor_session::{Authenticated, Body, Expected, HttpRequest, SessionRefusal};

fn orders(path: &str) -> String {
    format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:orders/live/{path}")
}

fn reader() -> Role {
    Role::new("reader", trusts_audience()).settings("[tags]\nteam = \"shop\"\n").permissions(json!([
        { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("*/orders/*") },
        { "Effect": "Deny", "Action": "execute-api:Invoke", "Resource": orders("DELETE/*") },
        { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/${aws:PrincipalTag/team}/*") },
        { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/session"), "Condition": {
            "ArnEquals": { "aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/reader") },
            "StringLike": { "aws:userid": "AROA*:build-42" },
            "StringEquals": {
                "aws:PrincipalAccount": ACCOUNT, "aws:PrincipalType": "AssumedRole",
                "aws:FederatedProvider": "ISSUER", "PREFIX:sub": "someone", "PREFIX:aud": "stagedoor",
                "aws:RequestedRegion": "us-east-1", "example:extra": "from the gate",
            },
            "DateLessThanEquals": { "aws:TokenIssueTime": "2026-11-20T10:00:00Z" },
            "IpAddress": { "aws:SourceIp": "203.0.113.0/24" },
            "Bool": { "aws:SecureTransport": "true", "aws:MultiFactorAuthPresent": "false" },
        }},
    ]))
}

fn authenticated(house: &House, assumed: &Assumed) -> Result<Authenticated, SessionRefusal> {
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {}", assumed.credentials.session_token.expose_secret());
    headers.insert("authorization", bearer.parse().unwrap());
    let request = HttpRequest { method: "GET", path: "/", query: "", headers: &headers, body: Body::empty() };
    let expected = Expected { region: None, services: &["execute-api"], s3: false };
    house.authority.authenticate(&request, &expected)
}

fn access(path: &str) -> Access {
    let mut context = Context::new();
    context.insert("example:extra", "from the gate");
    // A gate cannot overrule what the authority knows.
    context.insert("aws:SourceIp", "198.51.100.1");
    Access {
        gate: "orders".to_owned(),
        action: "execute-api:Invoke".to_owned(),
        resource: orders(path),
        context,
    }
}

async fn ask(house: &House, assumed: &Assumed, path: &str) -> Result<Permitted, Refusal> {
    let authenticated = authenticated(house, assumed).unwrap();
    house.authority.authorize(&authenticated, access(path), &caller()).await
}

#[tokio::test]
async fn a_permitted_access_is_recorded_with_its_origin() {
    let house = House::open(&[reader()]).await;
    let assumed = house.assume("reader", &json!({})).await.unwrap();
    let permitted = ask(&house, &assumed, "POST/orders/7").await.unwrap();
    assert_eq!(permitted.session().id, assumed.session.id);
    assert_eq!(permitted.receipt(), 1);
    let record = house.record(permitted.decision_id());
    assert_eq!(record.event_source, "execute-api.amazonaws.com");
    assert_eq!(record.event_name, "Invoke");
    assert_eq!(record.user_identity.kind, "AssumedRole");
    assert_eq!(record.user_identity.access_key_id, Some(assumed.session.id.clone()));
    let context = record.user_identity.session_context.unwrap();
    assert_eq!(context.session_issuer.unwrap().user_name, "reader");
    assert_eq!(context.web_id_federation_data.unwrap().attributes["sub"], "someone");
    let details = record.stagedoor;
    assert_eq!((details.kind, details.decision), (Kind::Use, Decision::Allow));
    assert_eq!(details.gate.as_deref(), Some("orders"));
    assert_eq!(details.resource, Some(orders("POST/orders/7")));
    assert_eq!(details.issued_at_index, Some(assumed.receipt));
    assert_eq!(details.issuer.as_deref(), Some("ci"));
    assert_eq!(details.provider.as_deref(), Some("oidc"));
    assert_eq!(details.statement.unwrap().policy, "permissions/main.json");
}

#[tokio::test]
async fn what_is_not_allowed_is_denied_and_a_deny_wins() {
    let house = House::open(&[reader()]).await;
    let assumed = house.assume("reader", &json!({})).await.unwrap();
    let missing = ask(&house, &assumed, "GET/admin").await.unwrap_err();
    assert_eq!(missing.reason, Reason::PermissionNotGranted);
    let denied = ask(&house, &assumed, "DELETE/orders/7").await.unwrap_err();
    assert_eq!(denied.reason, Reason::PermissionDenied);
    assert_eq!(
        denied.public,
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/reader/build-42 is not authorized to perform: \
             execute-api:Invoke on resource: {}",
            orders("DELETE/orders/7")
        )
    );
    let record = house.record(&denied.decision_id);
    assert_eq!(record.stagedoor.statement.unwrap().index, 1);
    assert_eq!(record.stagedoor.reason.as_deref(), Some("permission_denied"));
}

#[tokio::test]
async fn the_session_is_in_the_condition_context() {
    let house = House::open(&[reader()]).await;
    let assumed = house.assume("reader", &json!({})).await.unwrap();
    ask(&house, &assumed, "GET/session").await.unwrap();
    ask(&house, &assumed, "GET/shop/list").await.unwrap();
    assert!(ask(&house, &assumed, "GET/other/list").await.is_err());
}

#[tokio::test]
async fn a_session_policy_takes_rights_away_and_adds_none() {
    let house = House::open(&[reader()]).await;
    let mut request = request("reader", house.token(&json!({})));
    let narrow = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "*", "Resource": [orders("GET/*"), orders("DELETE/*")],
    }]});
    request.policy = Some(narrow.to_string());
    let assumed = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
    assert!(assumed.packed_policy_size.is_some());
    ask(&house, &assumed, "GET/orders/7").await.unwrap();
    let refusal = ask(&house, &assumed, "POST/orders/7").await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
    assert_eq!(ask(&house, &assumed, "GET/admin").await.unwrap_err().reason, Reason::PermissionNotGranted);
    assert_eq!(ask(&house, &assumed, "DELETE/orders/7").await.unwrap_err().reason, Reason::PermissionDenied);
}

#[tokio::test]
async fn a_session_follows_its_role_through_reloads() {
    let house = House::open(&[reader()]).await;
    let assumed = house.assume("reader", &json!({})).await.unwrap();
    ask(&house, &assumed, "GET/orders/7").await.unwrap();

    house.put(&Role::new("reader", trusts_audience()));
    std::fs::remove_dir_all(house.path().join("roles/reader/permissions")).unwrap();
    house.authority.replace(house.read()).await.unwrap();
    let refusal = ask(&house, &assumed, "GET/orders/7").await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);

    house.put(&Role::new("other", trusts_audience()));
    house.remove("reader");
    house.authority.replace(house.read()).await.unwrap();
    let refusal = ask(&house, &assumed, "GET/orders/7").await.unwrap_err();
    assert_eq!(refusal.reason, Reason::RoleRemoved);
    assert_eq!(refusal.public, "The security token included in the request is invalid");
}

#[tokio::test]
async fn a_session_ends_when_it_said_also_on_a_connection_that_lives_on() {
    let house = House::open(&[reader()]).await;
    let assumed = house.assume("reader", &json!({})).await.unwrap();
    let early = authenticated(&house, &assumed).unwrap();
    house.clock.advance(1.hour()).unwrap();
    assert_eq!(authenticated(&house, &assumed).unwrap_err().code(), "session_expired");
    let refusal = house.authority.authorize(&early, access("GET/orders/7"), &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionExpired);
}

#[tokio::test]
async fn a_request_without_a_session_is_recorded() {
    let house = House::open(&[reader()]).await;
    let refusal = SessionRefusal::CredentialsMissing;
    let refusal = house.authority.refuse_unauthenticated(&access("GET/orders/7"), &refusal, &caller()).await;
    assert_eq!(refusal.reason, Reason::CredentialsMissing);
    let record = house.record(&refusal.decision_id);
    assert_eq!(record.stagedoor.gate.as_deref(), Some("orders"));
    assert_eq!(record.stagedoor.reason.as_deref(), Some("credentials_missing"));
    assert_eq!(record.user_identity.kind, "Unknown");
}
