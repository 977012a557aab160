//! Credentials that are made from a session never exceed it.

use crate::house::{
    ACCOUNT, House, Role, bearer, caller, next, orders, policy, request, role_arn, signed, trusts,
    trusts_audience,
};
use jiff::ToSpan as _;
use serde_json::{Value, json};
use stagedoor_authority::{FederationToken, Issued, Reason, Refusal};
use stagedoor_session::{Credentials, SessionKind};
use std::time::Duration;

const BOUNDARY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:123456789012:orders/live/POST/*"}}"#;

async fn house() -> House {
    let all = json!([
        { "Effect": "Allow", "Action": ["execute-api:Invoke"], "Resource": orders("*") },
        { "Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": format!("arn:aws:sts::{ACCOUNT}:federated-user/ci-*") },
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" },
    ]);
    let house = House::open(&[
        Role::new("build", trusts_audience()).permissions(all),
        Role::new("second", trusts(ACCOUNT, &["sts:AssumeRole"], json!({}))),
    ])
    .await;
    std::fs::create_dir_all(house.path().join("boundaries")).unwrap();
    std::fs::write(house.path().join("boundaries/posting.json"), BOUNDARY).unwrap();
    house.authority.replace(house.read()).await.unwrap();
    house
}

fn allows(path: &str) -> Value {
    policy(json!([{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders(path) }]))
}

async fn session_token(house: &House, from: &Credentials, duration: Option<u64>) -> Result<Issued, Refusal> {
    let headers = bearer(from);
    let duration = duration.map(Duration::from_secs);
    house.authority.session_token(duration, false, &signed(&headers), &caller()).await
}

async fn federate(house: &House, from: &Credentials, asked: FederationToken) -> Result<Issued, Refusal> {
    let headers = bearer(from);
    house.authority.federation_token(asked, &signed(&headers), &caller()).await
}

fn user(policy: Option<Value>) -> FederationToken {
    FederationToken {
        name: "ci-jane".to_owned(),
        policy: policy.map(|policy| policy.to_string()),
        ..FederationToken::default()
    }
}

#[tokio::test]
async fn a_session_token_is_the_same_session_under_another_key() {
    let house = house().await;
    let mut request = request("build", house.token(&json!({})));
    request.policy = Some(
        policy(json!([{ "Effect": "Allow", "Action": "*", "Resource": [orders("GET/*"), role_arn("*")] }]))
            .to_string(),
    );
    let original = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
    house.clock.advance(10.minutes()).unwrap();
    let copy = session_token(&house, &original.credentials, None).await.unwrap();
    assert_ne!(copy.session.id, original.session.id);
    assert_eq!(copy.session.kind, SessionKind::SessionToken);
    assert_eq!(copy.session.arn(), original.session.arn());
    assert_eq!(copy.session.user_id(), original.session.user_id());
    assert_eq!(copy.session.expires_at, original.session.expires_at);
    assert_eq!(copy.session.parent(), Some(original.session.id.as_str()));
    let short = session_token(&house, &original.credentials, Some(900)).await.unwrap();
    assert_eq!(short.session.expires_at.duration_since(house.now()).as_secs(), 900);

    house.may(&copy.credentials, "GET/x").await.unwrap();
    assert!(house.may(&copy.credentials, "POST/x").await.is_err());
    let refusal = session_token(&house, &copy.credentials, None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionCannotCall);
    assert_eq!(refusal.public, "Cannot call GetSessionToken with session credentials");
    let refusal = federate(&house, &copy.credentials, user(None)).await.unwrap_err();
    assert_eq!(refusal.public, "Cannot call GetFederationToken with session credentials");
    let second = house.chain(&copy.credentials, next("second")).await.unwrap();
    assert_eq!(second.session.lineage.ancestors.len(), 2);
    assert!(second.session.lineage.policies.is_empty());

    let record = house.record(&copy.decision_id);
    assert_eq!(record.event_name, "GetSessionToken");
    assert_eq!(record.stagedoor.parent, Some(original.session.id.clone()));
    assert_eq!(record.stagedoor.session, Some(copy.session.id.clone()));
}

#[tokio::test]
async fn a_federated_user_has_what_both_sides_allow() {
    let house = house().await;
    let original = house.assume("build", &json!({})).await.unwrap();
    let jane = federate(&house, &original.credentials, user(Some(allows("GET/*")))).await.unwrap();
    assert_eq!(jane.session.arn(), format!("arn:aws:sts::{ACCOUNT}:federated-user/ci-jane"));
    assert_eq!(jane.session.user_id(), format!("{ACCOUNT}:ci-jane"));
    assert_eq!(jane.session.expires_at, original.session.expires_at);
    assert!(jane.packed_policy_size.is_some());
    house.may(&jane.credentials, "GET/x").await.unwrap();
    assert!(house.may(&jane.credentials, "POST/x").await.is_err());
    let permitted = house.may(&jane.credentials, "GET/x").await.unwrap();
    let identity = house.record(permitted.decision_id()).user_identity;
    assert_eq!(identity.kind, "FederatedUser");
    assert_eq!(identity.arn, Some(jane.session.arn()));

    let refusal = house.chain(&jane.credentials, next("second")).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionCannotCall);
    let powerless = federate(&house, &original.credentials, user(None)).await.unwrap();
    assert!(house.may(&powerless.credentials, "GET/x").await.is_err());
}

/// A derived credential that minted another once escaped its session policy (CVE-2025-62506).
#[tokio::test]
async fn a_session_policy_binds_whatever_is_made_from_the_session() {
    let house = house().await;
    let mut request = request("build", house.token(&json!({})));
    request.policy = Some(
        policy(json!([
            { "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/*") },
            { "Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*" },
        ]))
        .to_string(),
    );
    let narrow = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
    let wide = policy(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let user = federate(&house, &narrow.credentials, user(Some(wide))).await.unwrap();
    house.may(&user.credentials, "GET/x").await.unwrap();
    let refusal = house.may(&user.credentials, "POST/x").await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
    assert!(refusal.detail.contains("of the session that this one was made from"), "{refusal}");
}

#[tokio::test]
async fn vouching_needs_a_permission_for_the_name() {
    let house = house().await;
    let original = house.assume("build", &json!({})).await.unwrap();
    let asked = FederationToken { name: "root".to_owned(), ..user(None) };
    let refusal = federate(&house, &original.credentials, asked).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
    assert!(refusal.public.ends_with(":federated-user/root"), "{}", refusal.public);
    let asked = FederationToken { tags: vec![("a".to_owned(), "1".to_owned())], ..user(None) };
    let refusal = federate(&house, &original.credentials, asked).await.unwrap_err();
    assert!(refusal.public.contains("sts:TagSession"), "{}", refusal.public);
    let asked = FederationToken { name: "x".repeat(33), ..user(None) };
    assert_eq!(
        federate(&house, &original.credentials, asked).await.unwrap_err().reason,
        Reason::RequestInvalid
    );
}

#[tokio::test]
async fn session_policies_can_be_named_and_count_together() {
    let house = house().await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/posting");
    let mut request = request("build", house.token(&json!({})));
    request.policy = Some(allows("GET/*").to_string());
    request.policy_arns = vec![arn.clone()];
    let narrowed = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap();
    assert_eq!(narrowed.session.policies.len(), 2);
    house.may(&narrowed.credentials, "GET/x").await.unwrap();
    house.may(&narrowed.credentials, "POST/x").await.unwrap();
    assert!(house.may(&narrowed.credentials, "DELETE/x").await.is_err());

    std::fs::remove_file(house.path().join("boundaries/posting.json")).unwrap();
    house.authority.replace(house.read()).await.unwrap();
    let refusal = house.may(&narrowed.credentials, "GET/x").await.unwrap_err();
    assert!(refusal.detail.contains(&arn), "{refusal}");
}
