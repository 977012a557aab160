//! What the door refuses before it asks anybody.

use crate::client::{FORM, Reply, Stage, encode};

#[tokio::test]
async fn unknown_operations_and_versions() {
    let stage = Stage::open().await;
    let reply = stage.post_with("Action", "AssumeRoot<b>").await;
    let message = "Could not find operation AssumeRoot&lt;b&gt; for version 2011-06-15";
    reply.expect_error(400, "InvalidAction", message);
    let reply = stage.post_with("Version", "2010-01-01").await;
    let message = "Could not find operation AssumeRoleWithWebIdentity for version 2010-01-01";
    reply.expect_error(400, "InvalidAction", message);
    let reply = stage.post_with("Version", "").await;
    let message = "Could not find operation AssumeRoleWithWebIdentity for version NO_VERSION_SPECIFIED";
    reply.expect_error(400, "InvalidAction", message);
    let reply = stage.post_with("Action", "").await;
    reply.expect_error(400, "MissingAction", "The request has no Action parameter.");
}

#[tokio::test]
async fn every_broken_constraint_is_named_at_once() {
    let stage = Stage::open().await;
    let reply = stage
        .post(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=short&RoleSessionName=a%2Fb\
             &DurationSeconds=10",
        )
        .await;
    reply.expect_error(
        400,
        "ValidationError",
        "4 validation errors detected: \
         Value &apos;short&apos; at &apos;roleArn&apos; failed to satisfy constraint: \
         Member must have length greater than or equal to 20; \
         Value &apos;a/b&apos; at &apos;roleSessionName&apos; failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\w+=,.@-]*; \
         Value null at &apos;webIdentityToken&apos; failed to satisfy constraint: Member must not be null; \
         Value &apos;10&apos; at &apos;durationSeconds&apos; failed to satisfy constraint: \
         Member must have value greater than or equal to 900",
    );
    assert!(stage.house.records().is_empty());
}

#[tokio::test]
async fn each_parameter_has_its_bounds() {
    let stage = Stage::open().await;
    let long = "a".repeat(2049);
    let token = "a".repeat(20_001);
    let cases = [
        ("RoleArn", long.as_str(), "roleArn"),
        ("RoleSessionName", "x", "roleSessionName"),
        ("WebIdentityToken", token.as_str(), "webIdentityToken"),
        ("WebIdentityToken", "abc", "webIdentityToken"),
        ("ProviderId", "www", "providerId"),
        ("Policy", long.as_str(), "policy"),
        ("Policy", "\u{100}", "policy"),
        ("DurationSeconds", "43201", "durationSeconds"),
        ("DurationSeconds", "1h", "durationSeconds"),
        ("PolicyArns.member.1.arn", "arn:short", "policyArns.1.member.arn"),
    ];
    for (name, value, member) in cases {
        let reply = stage.post_with(name, value).await;
        assert_eq!((reply.status, reply.element("Code")), (400, "ValidationError"), "{name}");
        assert!(reply.element("Message").starts_with("1 validation error detected: Value"), "{name}");
        assert!(reply.element("Message").contains(&format!("at &apos;{member}&apos;")), "{}", reply.body);
    }
    let mut parameters = stage.parameters();
    for number in 1..=11 {
        let arn = format!("arn:aws:iam::aws:policy/Number{number}");
        parameters.push((format!("PolicyArns.member.{number}.arn"), arn));
    }
    let reply = stage.post(&encode(&parameters)).await;
    let message = reply.element("Message");
    assert!(message.ends_with("Member must have length less than or equal to 10"), "{message}");
}

#[tokio::test]
async fn what_is_no_query_request() {
    let stage = Stage::open().await;
    let form = encode(&stage.parameters());
    let json = stage.client.post(&stage.url).header("content-type", "application/json").body("{}");
    let reply = Reply::of(json.send().await.unwrap()).await;
    let message = "The Content-Type must be application/x-www-form-urlencoded.";
    reply.expect_error(415, "InvalidRequest", message);
    let charset = format!("{FORM}; charset=utf-8");
    let with_charset = stage.client.post(&stage.url).header("content-type", charset).body(form.clone());
    assert_eq!(with_charset.send().await.unwrap().status().as_u16(), 200);

    let put = stage.client.put(&stage.url).header("content-type", FORM).body(form.clone());
    let reply = Reply::of(put.send().await.unwrap()).await;
    reply.expect_error(405, "InvalidRequest", "Use POST with a form, or GET with a query.");
    assert_eq!(reply.header("allow"), "GET, POST");

    let reply = stage.post(&format!("{form}&Padding={}", "a".repeat(64 * 1024))).await;
    reply.expect_error(413, "RequestEntityTooLarge", "The request is larger than 65536 bytes.");
    let reply = stage.post(&format!("{form}&RoleArn=arn:aws:iam::123456789012:role/other")).await;
    reply.expect_error(400, "InvalidParameterValue", "A parameter was given more than once.");
}
