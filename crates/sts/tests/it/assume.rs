//! `AssumeRoleWithWebIdentity` on the wire.

use crate::client::{Reply, Stage, XMLNS, encode};
use crate::house::{ACCOUNT, Role, policy, trust};
use serde_json::json;

fn expected(stage: &Stage, reply: &Reply, more: &str) -> String {
    let (access, secret, session) =
        (reply.element("AccessKeyId"), reply.element("SecretAccessKey"), reply.element("SessionToken"));
    let role_id = reply.element("AssumedRoleId");
    assert!(access.len() == 20 && access.starts_with("ASIA"), "{access}");
    assert_eq!(secret.len(), 40);
    assert!(role_id.starts_with("AROA") && role_id.ends_with(":build-42"), "{role_id}");
    format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"{XMLNS}\">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>someone</SubjectFromWebIdentityToken>
    <Audience>stagedoor</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/build/build-42</Arn>
      <AssumedRoleId>{role_id}</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{access}</AccessKeyId>
      <SecretAccessKey>{secret}</SecretAccessKey>
      <SessionToken>{session}</SessionToken>
      <Expiration>2026-11-20T11:00:00Z</Expiration>
    </Credentials>
    <Provider>{}</Provider>
{more}  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>{}</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
",
        stage.house.issuer.url(),
        reply.request_id
    )
}

#[tokio::test]
async fn a_posted_token_becomes_credentials() {
    let stage = Stage::open().await;
    let reply = stage.post(&encode(&stage.parameters())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body, expected(&stage, &reply, ""));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-stagedoor-receipt"), "0");
    let record = stage.house.record(reply.header("x-stagedoor-decision"));
    assert_eq!(record.request_id, reply.request_id);
    assert_eq!(record.source_ip_address, "127.0.0.1");
}

#[tokio::test]
async fn a_query_works_as_well_as_a_form() {
    let stage = Stage::open().await;
    let url = format!("{}?{}", stage.url, encode(&stage.parameters()));
    let reply = Reply::of(stage.client.get(url).send().await.unwrap()).await;
    assert_eq!(reply.body, expected(&stage, &reply, ""));
}

#[tokio::test]
async fn a_newline_at_the_end_of_the_token_is_not_part_of_it() {
    let stage = Stage::open().await;
    let token = stage.house.token(&json!({}));
    for end in ["\n", "\r\n"] {
        let reply = stage.post_with("WebIdentityToken", &format!("{token}{end}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

#[tokio::test]
async fn a_session_policy_and_a_source_identity_show_in_the_answer() {
    let actions = ["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"];
    let statement = trust("Allow", &actions, json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } }));
    let stage = Stage::with(&[Role::new("build", policy(json!([statement])))]).await;
    let token = stage.house.token(&json!({ "https://aws.amazon.com/source_identity": "jane" }));
    let mut parameters = stage.parameters();
    parameters.retain(|(name, _)| name != "WebIdentityToken");
    parameters.push(("WebIdentityToken".to_owned(), token));
    let narrow = json!([{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }]);
    parameters.push(("Policy".to_owned(), policy(narrow).to_string()));
    parameters.push(("DurationSeconds".to_owned(), "3600".to_owned()));
    let reply = stage.post(&encode(&parameters)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let size: u8 = reply.element("PackedPolicySize").parse().unwrap();
    assert!((1..10).contains(&size), "{size}");
    let more = format!(
        "    <PackedPolicySize>{size}</PackedPolicySize>\n    <SourceIdentity>jane</SourceIdentity>\n"
    );
    assert_eq!(reply.body, expected(&stage, &reply, &more));
}

#[tokio::test]
async fn refusals_have_awss_codes_and_statuses() {
    let stage = Stage::open().await;
    let house = &stage.house;
    let with_claims = async |claims| stage.post_with("WebIdentityToken", &house.token(&claims)).await;

    let denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    let reply = with_claims(json!({ "aud": "second" })).await;
    reply.expect_refusal(403, "AccessDenied", denied, "access_denied");
    let ghost = format!("arn:aws:iam::{ACCOUNT}:role/ghost");
    let reply = stage.post_with("RoleArn", &ghost).await;
    reply.expect_refusal(403, "AccessDenied", denied, "access_denied");

    let reply = with_claims(json!({ "aud": "else" })).await;
    let audience = "Incorrect token audience";
    reply.expect_refusal(400, "InvalidIdentityToken", audience, "token_audience_mismatch");
    let reply = with_claims(json!({ "iss": "https://evil.example/<x>" })).await;
    let unknown = "No OpenIDConnect provider found in your account for https://evil.example/&lt;x&gt;";
    reply.expect_refusal(400, "InvalidIdentityToken", unknown, "token_issuer_unknown");
    let now = house.now().as_second();
    let reply = with_claims(json!({ "iat": now - 900, "exp": now - 61 })).await;
    let expired = format!(
        "Token expired: current date/time {now} must be before the expiration date/time {}",
        now - 61
    );
    reply.expect_refusal(400, "ExpiredTokenException", &expired, "token_expired");

    let reply = stage.post_with("DurationSeconds", "3601").await;
    let long = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    reply.expect_refusal(400, "ValidationError", long, "duration_too_long");
    let reply = stage.post_with("Policy", "{}x").await;
    assert_eq!((reply.status, reply.element("Code")), (400, "MalformedPolicyDocument"));
}

#[tokio::test]
async fn only_an_unreachable_issuer_is_told_to_be_tried_again() {
    let stage = Stage::open().await;
    stage.house.issuer.set_down(true);
    let reply = stage.post(&encode(&stage.parameters())).await;
    let message = "Couldn't retrieve verification key from your identity provider,  please reference \
                   AssumeRoleWithWebIdentity documentation for requirements"
        .replace('\'', "&apos;");
    reply.expect_refusal(400, "IDPCommunicationError", &message, "issuer_unreachable");
}

#[tokio::test]
async fn without_a_log_the_door_says_so_and_gives_nothing() {
    let stage = Stage::open().await;
    stage.house.log.clone().close().await.unwrap();
    let reply = stage.post(&encode(&stage.parameters())).await;
    let message = "The request could not be recorded, so it was not carried out. Try again later.";
    reply.expect_refusal(503, "ServiceUnavailable", message, "audit_unavailable");
    assert!(!reply.headers.contains_key("x-stagedoor-receipt"));
}
