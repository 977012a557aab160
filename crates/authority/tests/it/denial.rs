//! Denials that are carried away sealed.

use crate::house::{ACCOUNT, House, Role, bearer, caller, orders, signed, trusts_audience};
use jiff::ToSpan as _;
use serde_json::{Value, json};
use stagedoor_authority::{Answered, Reason, Refusal};
use stagedoor_session::Credentials;

async fn house() -> House {
    let reading = json!([{ "Effect": "Allow", "Action": ["sts:DecodeAuthorizationMessage", "sts:GetAccessKeyInfo"], "Resource": "*" }]);
    let denying =
        json!([{ "Sid": "Never", "Effect": "Deny", "Action": "*", "Resource": orders("DELETE/*") }]);
    House::open(&[
        Role::new("operator", trusts_audience()).permissions(reading),
        Role::new("build", trusts_audience()).permissions(denying),
    ])
    .await
}

async fn read(house: &House, who: &Credentials, message: &str) -> Result<Answered<String>, Refusal> {
    let headers = bearer(who);
    house.authority.decode_authorization_message(message, &signed(&headers), &caller()).await
}

#[tokio::test]
async fn an_operator_reads_what_the_denied_cannot() {
    let house = house().await;
    let build = house.assume("build", &json!({})).await.unwrap();
    let operator = house.assume("operator", &json!({})).await.unwrap();
    let denied = house.may(&build.credentials, "DELETE/orders").await.unwrap_err();
    let sealed = denied.sealed.unwrap();
    assert!(sealed.len() < 4096, "{}", sealed.len());

    let answered = read(&house, &operator.credentials, &sealed).await.unwrap();
    let told: Value = serde_json::from_str(&answered.value).unwrap();
    assert_eq!(told["allowed"], false);
    assert_eq!(told["explicitDeny"], true);
    assert_eq!(told["matchedStatements"]["items"][0]["statementId"], "Never");
    assert_eq!(
        told["context"]["principal"]["arn"],
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/build/build-42")
    );
    assert_eq!(told["context"]["action"], "execute-api:Invoke");
    assert_eq!(told["context"]["resource"], orders("DELETE/orders"));
    assert_eq!(told["stagedoor"]["decision"], denied.decision_id);
    assert_eq!(told["stagedoor"]["detail"], denied.detail);
    assert_eq!(told.get("until"), None);
    let record = house.record(&answered.decision_id);
    assert_eq!(record.request_parameters["decision"], denied.decision_id);

    let refusal = read(&house, &build.credentials, &sealed).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
    assert!(refusal.public.contains("sts:DecodeAuthorizationMessage on resource: *"), "{}", refusal.public);
}

#[tokio::test]
async fn a_denied_token_takes_its_denial_along_and_other_refusals_have_none() {
    let house = house().await;
    let denied = house.assume("build", &json!({ "aud": "second" })).await.unwrap_err();
    assert!(denied.sealed.is_some());
    let malformed = house.assume("build", &json!({ "exp": null })).await.unwrap_err();
    assert_eq!(malformed.sealed, None);
}

#[tokio::test]
async fn messages_that_are_altered_or_old_are_not_read() {
    let house = house().await;
    let denied = house.assume("build", &json!({ "aud": "second" })).await.unwrap_err();
    let sealed = denied.sealed.unwrap();
    let operator = house.assume("operator", &json!({})).await.unwrap();
    for message in ["", "AAAA", &sealed[1..], &sealed[..sealed.len() - 4]] {
        let refusal = read(&house, &operator.credentials, message).await.unwrap_err();
        assert_eq!(refusal.reason.aws_code(), "InvalidAuthorizationMessageException");
    }
    read(&house, &operator.credentials, &sealed).await.unwrap();
    house.clock.advance(24.hours()).unwrap();
    let operator = house.assume("operator", &json!({})).await.unwrap();
    assert_eq!(
        read(&house, &operator.credentials, &sealed).await.unwrap_err().reason,
        Reason::MessageInvalid
    );
}

#[tokio::test]
async fn the_account_of_an_access_key_is_told_to_who_may_know() {
    let house = house().await;
    let operator = house.assume("operator", &json!({})).await.unwrap();
    let headers = bearer(&operator.credentials);
    let info = |id: String| {
        let headers = &headers;
        let house = &house;
        async move { house.authority.access_key_info(&id, &signed(headers), &caller()).await }
    };
    assert_eq!(info(operator.session.id.clone()).await.unwrap().value, ACCOUNT);
    let refusal = info("AKIAIOSFODNN7EXAMPLE".to_owned()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::RequestInvalid);
    let build = house.assume("build", &json!({})).await.unwrap();
    let headers = bearer(&build.credentials);
    let refusal =
        house.authority.access_key_info(&build.session.id, &signed(&headers), &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
}
