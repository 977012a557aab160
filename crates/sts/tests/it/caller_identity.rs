//! `GetCallerIdentity` on the wire.

use crate::client::{Stage, XMLNS, encode};
use crate::house::{ACCOUNT, House};
use jiff::ToSpan as _;
use serde_json::json;
use stagedoor_authority::Assumed;

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

async fn assumed(house: &House) -> Assumed {
    house.assume("build", &json!({})).await.unwrap()
}

#[tokio::test]
async fn a_signed_request_is_told_whose_it_is() {
    let stage = Stage::open().await;
    let assumed = assumed(&stage.house).await;
    let reply = stage.signed(&assumed.credentials, "sts", BODY).await;
    assert_eq!(
        reply.body,
        format!(
            "<GetCallerIdentityResponse xmlns=\"{XMLNS}\">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/build/build-42</Arn>
    <UserId>{}</UserId>
    <Account>{ACCOUNT}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>{}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
",
            assumed.session.user_id(),
            reply.request_id
        )
    );
    assert_eq!(reply.status, 200);
    let record = stage.house.record(reply.header("x-stagedoor-decision"));
    assert_eq!(record.event_name, "GetCallerIdentity");
    assert_eq!(record.stagedoor.session, Some(assumed.session.id));
}

#[tokio::test]
async fn a_presigned_url_proves_an_identity() {
    let stage = Stage::open().await;
    let assumed = assumed(&stage.house).await;
    let reply = stage.presigned(&assumed.credentials, BODY).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.element("UserId"), assumed.session.user_id());
    let reply = stage.presigned(&assumed.credentials, &format!("{BODY}&X-Amz-Expires=9")).await;
    assert_eq!((reply.status, reply.element("Code")), (400, "InvalidParameterValue"));
}

#[tokio::test]
async fn an_unsigned_request_is_refused() {
    let stage = Stage::open().await;
    let reply = stage.post(BODY).await;
    let message = "Request is missing Authentication Token";
    reply.expect_refusal(403, "MissingAuthenticationToken", message, "credentials_missing");
    let record = stage.house.record(reply.header("x-stagedoor-decision"));
    assert_eq!(record.stagedoor.reason.as_deref(), Some("credentials_missing"));
}

#[tokio::test]
async fn signatures_that_do_not_fit_are_refused() {
    let stage = Stage::open().await;
    let assumed = assumed(&stage.house).await;
    let other = stage.house.assume("build", &json!({})).await.unwrap();

    let reply = stage.signed(&assumed.credentials, "execute-api", BODY).await;
    assert_eq!((reply.status, reply.element("Code")), (403, "SignatureDoesNotMatch"));
    assert!(reply.element("Message").contains("reason: scope_mismatch"));

    let mut mixed = assumed.credentials.clone();
    mixed.secret_access_key = other.credentials.secret_access_key.clone();
    let reply = stage.signed(&mixed, "sts", BODY).await;
    let message = "The request signature we calculated does not match the signature you provided. Check your \
                   AWS Secret Access Key and signing method. Consult the service documentation for details.";
    reply.expect_refusal(403, "SignatureDoesNotMatch", message, "signature_mismatch");

    let mut foreign = assumed.credentials.clone();
    foreign.session_token = "AQJrMQ".into();
    let reply = stage.signed(&foreign, "sts", BODY).await;
    let message = "The security token included in the request is invalid";
    reply.expect_refusal(403, "InvalidClientTokenId", message, "session_token_invalid");
}

#[tokio::test]
async fn an_ended_session_is_told_apart() {
    let stage = Stage::open().await;
    let assumed = assumed(&stage.house).await;
    stage.house.clock.advance(1.hour()).unwrap();
    let response = stage
        .client
        .post(&stage.url)
        .header("content-type", crate::client::FORM)
        .bearer_auth(secrecy::ExposeSecret::expose_secret(&assumed.credentials.session_token))
        .body(BODY)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 403);
    let body = response.text().await.unwrap();
    assert!(body.contains("<Code>ExpiredToken</Code>"), "{body}");
    assert!(body.contains("The security token included in the request is expired"), "{body}");
}

#[tokio::test]
async fn a_removed_role_ends_its_sessions() {
    let stage = Stage::open().await;
    let assumed = assumed(&stage.house).await;
    stage.house.remove("build");
    stage.house.authority.replace(stage.house.read()).await.unwrap();
    let reply = stage.signed(&assumed.credentials, "sts", BODY).await;
    let message = "The security token included in the request is invalid";
    reply.expect_refusal(403, "InvalidClientTokenId", message, "role_removed");
}

#[tokio::test]
async fn the_operation_is_part_of_what_was_signed() {
    let stage = Stage::open().await;
    let parameters = [("Action".to_owned(), "GetCallerIdentity".to_owned())];
    let assumed = assumed(&stage.house).await;
    let reply = stage.signed(&assumed.credentials, "sts", &encode(&parameters)).await;
    let message = "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED";
    reply.expect_error(400, "InvalidAction", message);
}
