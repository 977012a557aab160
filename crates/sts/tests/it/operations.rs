//! The signed operations on the wire.

use crate::client::{Reply, Stage, XMLNS, encode};
use crate::house::{ACCOUNT, Role, orders, policy, role_arn, trust, trusts};
use serde_json::{Value, json};
use stagedoor_session::Credentials;

async fn stage() -> Stage {
    let condition = json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } });
    let opened = policy(json!([trust("Allow", &["sts:AssumeRoleWithWebIdentity"], condition)]));
    let chained = &["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    let external = json!({ "StringEquals": { "sts:ExternalId": "ticket-7" } });
    Stage::with(&[
        Role::new("build", opened).permissions(json!([{
            "Effect": "Allow",
            "Action": ["sts:GetFederationToken", "sts:GetAccessKeyInfo", "sts:DecodeAuthorizationMessage"],
            "Resource": "*",
        }])),
        Role::new("deploy", trusts(&role_arn("build"), chained, external)),
    ])
    .await
}

async fn opened(stage: &Stage) -> Credentials {
    stage.house.assume("build", &json!({})).await.unwrap().credentials
}

async fn call(stage: &Stage, who: &Credentials, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let own = [("Action", action), ("Version", "2011-06-15")];
    let all: Vec<(String, String)> =
        own.iter().chain(parameters).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    stage.signed(who, "sts", &encode(&all)).await
}

/// The credentials of an answer, their secrets taken out of the body.
fn taken(reply: &Reply) -> (Credentials, String) {
    let part = |name: &str| reply.element(name).to_owned();
    let (id, secret, token) = (part("AccessKeyId"), part("SecretAccessKey"), part("SessionToken"));
    assert!(id.starts_with("ASIA") && id.len() == 20 && secret.len() == 40);
    let body = reply.body.replace(&id, "KEY").replace(&secret, "SECRET").replace(&token, "TOKEN");
    let credentials = Credentials {
        access_key_id: id,
        secret_access_key: secret.into(),
        session_token: token.into(),
        expires_at: part("Expiration").parse().unwrap(),
    };
    (credentials, body.replace(&reply.request_id, "REQUEST"))
}

fn document(operation: &str, result: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"{XMLNS}\">\n  <{operation}Result>\n{result}  </{operation}Result>\n  \
         <ResponseMetadata>\n    <RequestId>REQUEST</RequestId>\n  </ResponseMetadata>\n</{operation}Response>\n"
    )
}

const CREDENTIALS: &str = "    <Credentials>
      <AccessKeyId>KEY</AccessKeyId>
      <SecretAccessKey>SECRET</SecretAccessKey>
      <SessionToken>TOKEN</SessionToken>
      <Expiration>2026-11-20T11:00:00Z</Expiration>
    </Credentials>
";

#[tokio::test]
async fn a_role_is_assumed_with_everything_that_the_call_can_have() {
    let stage = stage().await;
    let build = opened(&stage).await;
    let narrow =
        policy(json!([{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": orders("GET/*") }]));
    let deploy = role_arn("deploy");
    let asked = [
        ("RoleArn", deploy.as_str()),
        ("RoleSessionName", "from-ci"),
        ("ExternalId", "ticket-7"),
        ("SourceIdentity", "jane"),
        ("DurationSeconds", "3600"),
        ("Policy", &narrow.to_string()),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "shop"),
        ("TransitiveTagKeys.member.1", "team"),
    ];
    let reply = call(&stage, &build, "AssumeRole", &asked).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (credentials, body) = taken(&reply);
    let role_id = reply.element("AssumedRoleId");
    let size = reply.element("PackedPolicySize");
    let expected = format!(
        "    <AssumedRoleUser>
      <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/deploy/from-ci</Arn>
      <AssumedRoleId>{role_id}</AssumedRoleId>
    </AssumedRoleUser>
{CREDENTIALS}    <PackedPolicySize>{size}</PackedPolicySize>
    <SourceIdentity>jane</SourceIdentity>
"
    );
    assert_eq!(body, document("AssumeRole", &expected));
    assert!(role_id.starts_with("AROA") && role_id.ends_with(":from-ci"));

    let reply = call(&stage, &credentials, "GetCallerIdentity", &[]).await;
    assert_eq!(reply.element("Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/from-ci"));
}

#[tokio::test]
async fn a_denied_call_has_awss_words_and_a_message_to_decode() {
    let stage = stage().await;
    let build = opened(&stage).await;
    let deploy = role_arn("deploy");
    let asked = [("RoleArn", deploy.as_str()), ("RoleSessionName", "from-ci")];
    let reply = call(&stage, &build, "AssumeRole", &asked).await;
    assert_eq!((reply.status, reply.element("Code")), (403, "AccessDenied"));
    let sealed = reply.header("x-stagedoor-authorization-message").to_owned();
    let decision = reply.header("x-stagedoor-decision").to_owned();
    assert_eq!(
        reply.element("Message"),
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/build/build-42 is not authorized to perform: sts:AssumeRole \
             on resource: {deploy} (reason: access_denied, decision: {decision}) Encoded authorization failure \
             message: {sealed}"
        )
    );

    let reply = call(&stage, &build, "DecodeAuthorizationMessage", &[("EncodedMessage", &sealed)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let told = reply.element("DecodedMessage").replace("&quot;", "\"").replace("&apos;", "'");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["stagedoor"]["decision"], decision);
    assert_eq!(told["stagedoor"]["reason"], "trust_not_granted");
    assert!(told["stagedoor"]["detail"].as_str().unwrap().contains("sts:ExternalId"), "{told}");

    let reply = call(&stage, &build, "DecodeAuthorizationMessage", &[("EncodedMessage", "nonsense")]).await;
    let message = "The authorization message is invalid or has expired.";
    reply.expect_refusal(400, "InvalidAuthorizationMessageException", message, "message_invalid");
}

#[tokio::test]
async fn a_denied_token_finds_its_message_in_a_header() {
    let stage = Stage::open().await;
    let reply = stage.post_with("RoleArn", &role_arn("ghost")).await;
    assert_eq!(reply.status, 403);
    assert!(reply.header("x-stagedoor-authorization-message").len() > 100);
    assert!(!reply.body.contains("Encoded"));
}

#[tokio::test]
async fn the_bounds_of_parameters_are_told_in_awss_words() {
    let stage = stage().await;
    let build = opened(&stage).await;
    let deploy = role_arn("deploy");
    let message = async |name: &str, value: &str| {
        let mut asked = vec![("RoleArn", deploy.as_str()), ("RoleSessionName", "from-ci"), (name, value)];
        if name != "ExternalId" {
            asked.push(("ExternalId", "ticket-7"));
        }
        let reply = call(&stage, &build, "AssumeRole", &asked).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        (reply.element("Code").to_owned(), reply.element("Message").replace("&apos;", "'"))
    };
    for (name, value, text) in [
        (
            "ExternalId",
            "a b",
            r"Value 'a b' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
        ),
        (
            "SourceIdentity",
            "x",
            "Value 'x' at 'sourceIdentity' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
        (
            "DurationSeconds",
            "899",
            "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "Tags.member.1.Key",
            "k",
            "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
        ),
        (
            "TokenCode",
            "12a456",
            r"Value '12a456' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\d]*",
        ),
    ] {
        let (code, told) = message(name, value).await;
        assert_eq!(
            (code.as_str(), told),
            ("ValidationError", format!("1 validation error detected: {text}"))
        );
    }
    let (code, told) = message("DurationSeconds", "7200").await;
    assert_eq!(code, "ValidationError");
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert!(told.starts_with(text), "{told}");
    let (code, told) = message("TransitiveTagKeys.member.1", "team").await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(told.starts_with("The specified transitive tag key must be included in the requested tags."));
}

#[tokio::test]
async fn session_and_federation_tokens_have_their_shape() {
    let stage = stage().await;
    let build = opened(&stage).await;
    let reply = call(&stage, &build, "GetSessionToken", &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (copy, body) = taken(&reply);
    assert_eq!(body, document("GetSessionToken", CREDENTIALS));
    let reply = call(&stage, &copy, "GetSessionToken", &[]).await;
    assert_eq!((reply.status, reply.element("Code")), (403, "AccessDenied"));
    assert!(reply.element("Message").starts_with("Cannot call GetSessionToken with session credentials"));

    let reply = call(&stage, &build, "GetFederationToken", &[("Name", "jane")]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (jane, body) = taken(&reply);
    let user = format!(
        "    <FederatedUser>
      <Arn>arn:aws:sts::{ACCOUNT}:federated-user/jane</Arn>
      <FederatedUserId>{ACCOUNT}:jane</FederatedUserId>
    </FederatedUser>
"
    );
    assert_eq!(body, document("GetFederationToken", &format!("{CREDENTIALS}{user}")));
    let reply = call(&stage, &jane, "GetCallerIdentity", &[]).await;
    assert_eq!(reply.element("UserId"), format!("{ACCOUNT}:jane"));
}

#[tokio::test]
async fn an_access_key_has_an_account() {
    let stage = stage().await;
    let build = opened(&stage).await;
    let reply = call(&stage, &build, "GetAccessKeyInfo", &[("AccessKeyId", &build.access_key_id)]).await;
    assert_eq!(reply.element("Account"), ACCOUNT);
    let body = reply.body.replace(&reply.request_id, "REQUEST");
    assert_eq!(body, document("GetAccessKeyInfo", &format!("    <Account>{ACCOUNT}</Account>\n")));
    let reply = call(&stage, &build, "GetAccessKeyInfo", &[("AccessKeyId", "short")]).await;
    assert_eq!((reply.status, reply.element("Code")), (400, "ValidationError"));
}

#[tokio::test]
async fn every_signed_operation_refuses_who_does_not_sign() {
    let stage = stage().await;
    let deploy = role_arn("deploy");
    for (action, parameters) in [
        ("GetCallerIdentity", vec![]),
        ("AssumeRole", vec![("RoleArn", deploy.as_str()), ("RoleSessionName", "from-ci")]),
        ("GetSessionToken", vec![]),
        ("GetFederationToken", vec![("Name", "jane")]),
        ("GetAccessKeyInfo", vec![("AccessKeyId", "ASIAAAAAAAAAAAAAAAAA")]),
        ("DecodeAuthorizationMessage", vec![("EncodedMessage", "x")]),
    ] {
        let own = [("Action", action), ("Version", "2011-06-15")];
        let all: Vec<(String, String)> = own
            .iter()
            .chain(&parameters)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let reply = stage.post(&encode(&all)).await;
        assert_eq!((reply.status, reply.element("Code")), (403, "MissingAuthenticationToken"), "{action}");
        let record = stage.house.record(reply.header("x-stagedoor-decision"));
        assert_eq!(record.event_name, action);
        assert_eq!(record.stagedoor.gate.as_deref(), Some("sts"));
    }
}
