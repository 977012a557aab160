//! Whole outputs of the command, and its JSON held to the committed schema.

use serde_json::{Value, json};
use stagedoor_identity::{Claims, Profile, Provider};
use stagedoor_policy::Context;

use super::evidence::Evidence;
use super::report::Report;
use super::{message, of_claims, trail};
use crate::assumption::Subject;
use crate::exit::Exit;
use crate::input::Input;
use crate::schema;

const BITBUCKET: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
const GITHUB: &str = "token.actions.githubusercontent.com";
const GITLAB: &str = "gitlab.com";
const CIRCLECI: &str = "oidc.circleci.com/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11";

/// A trust policy for an issuer as people write it; `ISS` in the condition stands for the issuer.
fn policy(issuer: &str, condition: &str) -> Subject {
    let source = format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Deploy",
      "Effect": "Allow",
      "Principal": {{ "Federated": "arn:aws:iam::111122223333:oidc-provider/{issuer}" }},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {condition}
    }}
  ]
}}
"#
    );
    Subject::source("trust.json", &source.replace("ISS", issuer)).unwrap()
}

/// The provider's example token with some claims changed; null removes one.
fn token(kind: &str, changes: &Value) -> Evidence {
    let mut claims = Provider::by_kind(kind).unwrap().example_claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().shift_remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    let claims = Claims::from_json(&claims.to_string()).unwrap();
    Evidence { claims, verified: false, origin: "the claims in `claims.json`".to_owned() }
}

/// The report as people see it, after its JSON was held to the schema.
fn shown(report: &Report) -> String {
    let json: Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    schema::assert_fits(&schema::committed("explain.json"), &json);
    if !json["explanation"].is_null() {
        schema::assert_fits(
            &schema::at("crates/policy/schema/explanation.schema.json"),
            &json["explanation"],
        );
    }
    let text = anstream::adapter::strip_str(&report.text(false)).to_string();
    assert!(!text.contains('\u{1b}'));
    text
}

fn explained(subject: &Subject, evidence: &Evidence, profile: Profile) -> String {
    shown(&of_claims(subject, evidence, profile, "explain", &Context::new()))
}

fn ours(issuer: &str, condition: &str, kind: &str, changes: &Value) -> String {
    explained(&policy(issuer, condition), &token(kind, changes), Profile::Stagedoor)
}

fn at_aws(issuer: &str, condition: &str, kind: &str, changes: &Value) -> String {
    explained(&policy(issuer, condition), &token(kind, changes), Profile::Aws)
}

const PRODUCTION: &str = r#"{
        "StringEquals": { "ISS:aud": "ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10" },
        "StringLike": { "ISS:sub": "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}:*" }
      }"#;

#[test]
fn the_right_token() {
    insta::assert_snapshot!(at_aws(BITBUCKET, PRODUCTION, "bitbucket", &json!({})));
}

#[test]
fn a_few_lines_will_do() {
    let evidence = token("bitbucket", &json!({"aud": "sts.amazonaws.com"}));
    let subject = policy(BITBUCKET, PRODUCTION);
    let report = of_claims(&subject, &evidence, Profile::Aws, "explain", &Context::new());
    insta::assert_snapshot!(anstream::adapter::strip_str(&report.brief()).to_string());
}

#[test]
fn a_wrong_audience() {
    insta::assert_snapshot!(at_aws(BITBUCKET, PRODUCTION, "bitbucket", &json!({"aud": "sts.amazonaws.com"})));
}

#[test]
fn a_missing_deployment() {
    let sub = "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}";
    let changes = json!({"sub": sub, "deploymentEnvironmentUuid": null});
    insta::assert_snapshot!(at_aws(BITBUCKET, PRODUCTION, "bitbucket", &changes));
    let condition = r#"{ "StringEquals": { "ISS:deploymentEnvironmentUuid": "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}" } }"#;
    insta::assert_snapshot!(ours(BITBUCKET, condition, "bitbucket", &changes));
}

#[test]
fn a_wrong_repository() {
    let condition = r#"{
        "StringEquals": { "ISS:aud": "sts.amazonaws.com" },
        "StringLike": { "ISS:sub": "repo:acme/shop:*" }
      }"#;
    let changes = json!({"sub": "repo:acme/shop-tools:ref:refs/heads/main"});
    insta::assert_snapshot!(at_aws(GITHUB, condition, "github", &changes));
}

#[test]
fn missing_braces() {
    let condition = r#"{
        "StringLike": { "ISS:sub": "c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d:f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960:*" }
      }"#;
    insta::assert_snapshot!(at_aws(BITBUCKET, condition, "bitbucket", &json!({})));
}

#[test]
fn a_wildcard_under_string_equals() {
    let condition = r#"{
        "StringEquals": { "ISS:aud": "sts.amazonaws.com", "ISS:sub": "repo:acme@9919001/shop@771234567:*" }
      }"#;
    insta::assert_snapshot!(at_aws(GITHUB, condition, "github", &json!({})));
}

#[test]
fn a_key_that_aws_does_not_expose() {
    let condition =
        r#"{ "StringEquals": { "ISS:aud": "sts.amazonaws.com", "ISS:environment": "production" } }"#;
    insta::assert_snapshot!(at_aws(GITLAB, condition, "gitlab", &json!({"aud": "sts.amazonaws.com"})));
}

#[test]
fn another_issuers_key() {
    let condition = r#"{ "StringEquals": { "gitlab.com:sub": "repo:acme/shop:ref:refs/heads/main" } }"#;
    insta::assert_snapshot!(at_aws(GITHUB, condition, "github", &json!({})));
}

#[test]
fn an_explicit_deny() {
    let subject = Subject::source(
        "trust.json",
        &r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Federated": "arn:aws:iam::111122223333:oidc-provider/ISS" },
      "Action": "sts:AssumeRoleWithWebIdentity"
    },
    {
      "Sid": "NoPullRequests",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "sts:*",
      "Condition": { "StringLike": { "ISS:sub": "repo:*:pull_request" } }
    }
  ]
}
"#
        .replace("ISS", GITHUB),
    )
    .unwrap();
    let evidence = token("github", &json!({"sub": "repo:acme/shop:pull_request"}));
    insta::assert_snapshot!(explained(&subject, &evidence, Profile::Aws));
}

#[test]
fn a_difference_in_case() {
    let condition = r#"{ "StringLike": { "ISS:sub": "repo:Acme/shop:*" } }"#;
    let changes = json!({"sub": "repo:acme/shop:ref:refs/heads/main"});
    insta::assert_snapshot!(at_aws(GITHUB, condition, "github", &changes));
}

#[test]
fn a_trailing_slash() {
    let condition = r#"{ "StringEquals": { "ISS:aud": "sts.amazonaws.com" } }"#;
    let changes = json!({"iss": "https://acme.eu.auth0.com/", "aud": "sts.amazonaws.com"});
    insta::assert_snapshot!(at_aws("acme.eu.auth0.com", condition, "auth0", &changes));
}

#[test]
fn a_subject_of_another_version() {
    let condition = r#"{
        "StringLike": { "ISS:sub": "org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11/project/3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70/user/e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70" }
      }"#;
    insta::assert_snapshot!(at_aws(CIRCLECI, condition, "circleci", &json!({})));
    let condition = r#"{
        "StringLike": { "ISS:sub": "repo:acme/shop:environment:production" }
      }"#;
    insta::assert_snapshot!(at_aws(GITHUB, condition, "github", &json!({})));
}

#[test]
fn a_boolean_that_is_compared_as_something_else() {
    let condition = r#"{ "StringEquals": { "ISS:oidc.circleci.com/ssh-rerun": "no" } }"#;
    insta::assert_snapshot!(ours(CIRCLECI, condition, "circleci", &json!({})));
}

#[test]
fn what_is_refused_before_any_policy() {
    insta::assert_snapshot!(at_aws(GITHUB, "{}", "github", &json!({"aud": ["sts.amazonaws.com", "vault"]})));
    insta::assert_snapshot!(at_aws(GITHUB, "{}", "github", &json!({"iss": null})));
}

#[test]
fn tags_need_an_action_of_their_own() {
    let changes = json!({"https://aws.amazon.com/tags": {"principal_tags": {"team": ["shop"]}}});
    insta::assert_snapshot!(at_aws(GITHUB, "{}", "github", &changes));
}

fn event(changes: &Value) -> Value {
    let sub = "repo:acme/shop:ref:refs/heads/main";
    let provider = format!("arn:aws:iam::111122223333:oidc-provider/{GITHUB}");
    let mut event = json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "WebIdentityUser",
            "principalId": format!("{provider}:sts.amazonaws.com:{sub}"),
            "userName": sub,
            "identityProvider": provider,
        },
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-sdk",
        "errorCode": "AccessDenied",
        "errorMessage": "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "requestParameters": {
            "roleArn": "arn:aws:iam::111122223333:role/deploy",
            "roleSessionName": "GitHubActions",
        },
        "eventID": "5f2c6d0e-1111-4222-8333-944455556666",
    });
    for (name, value) in changes.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn of_trail(condition: &str, file: &Value) -> Report {
    let input = Input { text: file.to_string(), origin: "`event.json`".to_owned() };
    trail::explain(&policy(GITHUB, condition), &input, Profile::Aws, &Context::new()).unwrap()
}

#[test]
fn an_event_that_tells_enough() {
    let condition = r#"{
        "StringEquals": { "ISS:aud": "sts.amazonaws.com", "ISS:repository_id": "771234567" },
        "StringLike": { "ISS:sub": "repo:acme/shop:environment:*" }
      }"#;
    let report = of_trail(condition, &event(&json!({})));
    assert_eq!(report.exit(), Exit::Findings);
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn an_event_that_tells_too_little() {
    let condition = r#"{
        "StringEquals": { "ISS:aud": "sts.amazonaws.com", "ISS:repository_id": "771234567" }
      }"#;
    let report = of_trail(
        condition,
        &json!({"Records": [event(&json!({"eventTime": "2026-11-19T10:00:00Z"})), event(&json!({}))]}),
    );
    assert_eq!(report.exit(), Exit::Findings);
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn what_an_event_leaves_open_is_never_taken_for_certain() {
    for (rule, condition, wanted) in [
        ("aud and sub are known", r#"{"StringLike": {"ISS:sub": "repo:acme/*"}}"#, "allowed"),
        ("an exclusion of an unknown claim", r#"{"StringNotEquals": {"ISS:actor": "x"}}"#, "unknown"),
        ("an unknown claim if it exists", r#"{"StringEqualsIfExists": {"ISS:actor": "x"}}"#, "unknown"),
        ("a claim that AWS does not expose", r#"{"StringEquals": {"ISS:event_name": "push"}}"#, "denied"),
        ("and excluded", r#"{"StringNotEquals": {"ISS:event_name": "push"}}"#, "allowed"),
        ("the audience as such", r#"{"StringEquals": {"ISS:oaud": "sts.amazonaws.com"}}"#, "unknown"),
        ("the caller's address", r#"{"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#, "allowed"),
        ("another address", r#"{"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}"#, "denied"),
        ("the session's name", r#"{"StringEquals": {"sts:RoleSessionName": "GitHubActions"}}"#, "allowed"),
        ("the time", r#"{"DateLessThan": {"aws:CurrentTime": "2026-11-20T11:00:00Z"}}"#, "allowed"),
    ] {
        let report = serde_json::to_value(of_trail(condition, &event(&json!({})))).unwrap();
        assert_eq!(report["verdict"], wanted, "{rule}: {report:#}");
    }
}

#[test]
fn events_are_found_in_what_aws_hands_out() {
    let allowed = r#"{"StringLike": {"ISS:sub": "repo:acme/*"}}"#;
    let one = event(&json!({}));
    for file in [
        one.clone(),
        json!([one]),
        json!({"Records": [{"eventName": "GetObject"}, one]}),
        json!({"Events": [{"EventId": "x", "CloudTrailEvent": one.to_string()}]}),
        json!({"detail-type": "AWS API Call via CloudTrail", "detail": one}),
    ] {
        assert_eq!(of_trail(allowed, &file).exit(), Exit::Fine, "{file}");
    }
    let no_provider = event(&json!({"userIdentity": {"type": "WebIdentityUser",
        "principalId": format!("arn:aws:iam::111122223333:oidc-provider/{GITHUB}:sts.amazonaws.com:repo:a/b:x"),
        "userName": "repo:a/b:x"}}));
    let report = of_trail(
        r#"{"StringEquals": {"ISS:aud": "sts.amazonaws.com", "ISS:sub": "repo:a/b:x"}}"#,
        &no_provider,
    );
    assert_eq!(report.exit(), Exit::Fine, "the provider is read off the principal's id");
    let input = |text: &str| Input { text: text.to_owned(), origin: "`event.json`".to_owned() };
    for (text, wanted) in [
        ("nonsense", "is not JSON"),
        ("{}", "holds no CloudTrail event"),
        (r#"{"eventName": "AssumeRoleWithWebIdentity"}"#, "names no identity provider"),
    ] {
        let failure =
            trail::explain(&policy(GITHUB, "{}"), &input(text), Profile::Aws, &Context::new()).unwrap_err();
        assert!(failure.to_string().contains(wanted), "{failure}");
    }
}

#[test]
fn an_event_of_a_refused_token() {
    let changes = json!({"errorCode": "InvalidIdentityToken", "errorMessage": "Incorrect token audience"});
    insta::assert_snapshot!(shown(&of_trail("{}", &event(&changes))));
}

fn of_message(condition: &str, text: &str) -> Report {
    message::explain(&policy(GITHUB, condition), text, Profile::Aws, &Context::new())
}

#[test]
fn the_message_that_says_nothing() {
    let condition = r#"{
        "StringEquals": { "ISS:aud": "sts.amazonaws.com", "ISS:repository_owner": "acme", "ISS:sub": "repo:acme/shop:*" }
      }"#;
    let text = "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized \
                to perform sts:AssumeRoleWithWebIdentity";
    let report = of_message(condition, text);
    assert_eq!(report.exit(), Exit::Findings);
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn messages_that_say_something() {
    let provider = "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: No \
                    OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com/acme";
    insta::assert_snapshot!(shown(&of_message("{}", provider)));
    let user = "An error occurred (AccessDenied) when calling the AssumeRole operation: User: \
                arn:aws:sts::111122223333:assumed-role/ci/run-1 is not authorized to perform: sts:AssumeRole on \
                resource: arn:aws:iam::111122223333:role/deploy because no identity-based policy allows the \
                sts:AssumeRole action";
    insta::assert_snapshot!(shown(&of_message("{}", user)));
}

#[test]
fn every_known_message_has_a_meaning() {
    for (text, wanted) in [
        (
            "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired: current date/time 1 must be before the expiration date/time 2",
            "right before use",
        ),
        (
            "Token audience contains more than one audience while authorized party is not present",
            "Ask for one audience",
        ),
        (
            "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
            "must be public",
        ),
        (
            "The target role ARN is not present in the roles claim of the identity token",
            "aws.amazon.com/roles",
        ),
        ("Missing a required claim: sub", "in every token"),
        (
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "a shorter session",
        ),
        ("Not authorized to perform sts:TagSession", "must allow `sts:TagSession`"),
        ("Out of cheese", "no message of AWS STS that is known"),
        (
            "User: jane is not authorized to perform: sts:AssumeRole",
            "cannot be judged: `request.principal` must be",
        ),
    ] {
        let shown = shown(&of_message("{}", text));
        assert!(shown.contains(wanted), "{text}: {shown}");
    }
}
