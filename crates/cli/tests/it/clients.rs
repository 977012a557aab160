//! Clients that were not written for Stagedoor, unchanged: AWS CLI, boto3, curl.

use std::fs;

use serde_json::{Value, json};

use crate::support::cli::{Cli, scrubbed};
use crate::support::place::{self, ROLE, TokenFile};
use crate::support::server::Server;
use crate::support::{clients, upstream};

/// A client in the environment that AWS's SDKs read.
fn with_web_identity(program: impl AsRef<std::ffi::OsStr>, server: &Server, token: &TokenFile) -> Cli {
    scrubbed(program)
        .env("AWS_ENDPOINT_URL_STS", &server.api)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ROLE_ARN", ROLE)
        .env("AWS_ROLE_SESSION_NAME", "job-7")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_gets_credentials_and_is_told_who_it_is() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());

    let who = with_web_identity(clients::aws(), &server, &token)
        .args(["sts", "get-caller-identity", "--output", "json"])
        .run()
        .expect(0)
        .json();
    assert_eq!(who["Arn"], "arn:aws:sts::123456789012:assumed-role/deploy/job-7");
    assert_eq!(who["Account"], "123456789012");
    let id = who["UserId"].as_str().unwrap();
    assert!(id.starts_with("AROA") && id.ends_with(":job-7"), "{id}");

    let kinds: Vec<Value> =
        server.records(&[]).iter().map(|record| record["stagedoor"]["kind"].clone()).collect();
    assert_eq!(kinds, ["lifecycle", "assume", "identity"]);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_shows_the_reason_and_the_decision_and_does_not_retry() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({ "deploymentEnvironmentUuid": null }));
    let server = Server::start(place.directory());

    let denied =
        with_web_identity(clients::aws(), &server, &token).args(["sts", "get-caller-identity"]).run();
    assert_ne!(denied.code, Some(0));
    assert!(denied.stderr.contains("(AccessDenied)"), "{}", denied.stderr);
    assert!(denied.stderr.contains("Not authorized to perform sts:AssumeRoleWithWebIdentity"));
    let records = server.records(&["--kind", "assume"]);
    assert_eq!(records.len(), 1, "one attempt");
    assert!(denied.stderr.contains(records[0]["eventID"].as_str().unwrap()), "{}", denied.stderr);
    assert_eq!(records[0]["stagedoor"]["reason"], "trust_not_granted");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_takes_credentials_from_a_profile_that_runs_stagedoor() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());
    let config = tempfile::NamedTempFile::new().unwrap();
    let process = format!(
        "{} assume --format credential-process --role {ROLE} --session-name profile --endpoint {} --token-file {}",
        env!("CARGO_BIN_EXE_stagedoor"),
        server.api,
        token.path().display()
    );
    fs::write(config.path(), format!("[profile shop]\nregion = us-east-1\ncredential_process = {process}\n"))
        .unwrap();

    let who = scrubbed(clients::aws())
        .env("AWS_CONFIG_FILE", config.path())
        .env("AWS_ENDPOINT_URL_STS", &server.api)
        .args(["--profile", "shop", "sts", "get-caller-identity", "--output", "json"])
        .run()
        .expect(0)
        .json();
    assert_eq!(who["Arn"], "arn:aws:sts::123456789012:assumed-role/deploy/profile");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_gets_refreshable_credentials_and_typed_errors() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let expired = TokenFile::new(&place.issuer.expired(&json!({})).unwrap());
    let server = Server::start(place.directory());

    let found = with_web_identity(clients::python(), &server, &token)
        .args([clients::script("boto.py")])
        .args([expired.path()])
        .run()
        .expect(0)
        .json();
    assert_eq!(found["arn"], "arn:aws:sts::123456789012:assumed-role/deploy/job-7");
    assert_eq!(found["method"], "assume-role-with-web-identity");
    assert_eq!(found["subject"], place.issuer.claims(jiff::Timestamp::now(), &json!({}))["sub"]);
    assert_eq!(found["provider"], place.issuer.url());
    assert_eq!(found["expired"], "ExpiredTokenException");
    assert_eq!(found["bad_name"], "ValidationError");
    let seconds = found["seconds"].as_f64().unwrap();
    assert!((3500.0..=3600.0).contains(&seconds), "an hour, when nobody asks for less: {seconds}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_signs_for_the_gate_and_the_service_learns_who_asks() {
    let place = place::bitbucket(&upstream::start()).await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());
    let credentials = server.assume(&token.path()).run().expect(0).json();
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    let curl = |method: &str, path: &str| {
        scrubbed(clients::curl())
            .args([
                "-sS",
                "-w",
                "\n%{http_code}",
                "-X",
                method,
                "--aws-sigv4",
                "aws:amz:us-east-1:execute-api",
            ])
            .args(["--user", &format!("{}:{}", text("AccessKeyId"), text("SecretAccessKey"))])
            .args(["-H", &format!("x-amz-security-token: {}", text("SessionToken"))])
            .args([format!("{}{path}", server.gate)])
    };
    let parts = |ended: crate::support::cli::Ended| {
        let (body, status) = ended.stdout.rsplit_once('\n').unwrap();
        (status.to_owned(), serde_json::from_str::<Value>(body).unwrap())
    };

    let (status, body) = parts(curl("GET", "/orders/42").run().expect(0));
    assert_eq!((status.as_str(), body["path"].as_str().unwrap()), ("200", "/orders/42"));
    assert_eq!(body["headers"]["x-stagedoor-role"], "deploy");
    for secret in ["authorization", "x-amz-security-token"] {
        assert_eq!(body["headers"][secret], Value::Null, "{secret} stays at the gate");
    }

    let (status, body) = parts(curl("POST", "/orders").args(["-d", "a=b"]).run().expect(0));
    assert_eq!((status.as_str(), body["body"].as_str().unwrap()), ("200", "a=b"));

    let (status, body) = parts(curl("DELETE", "/orders/42").run().expect(0));
    assert_eq!((status.as_str(), body["reason"].as_str().unwrap()), ("403", "permission_not_granted"));
    let id = body["decision_id"].as_str().unwrap();
    assert_eq!(server.records(&["--text", id]).len(), 1);

    let forged = curl("GET", "/orders").args(["-H", "x-stagedoor-role: admin"]).run().expect(0);
    assert_eq!(parts(forged).1["headers"]["x-stagedoor-role"], "deploy");

    let bearer = scrubbed(clients::curl())
        .args(["-sS", "-w", "\n%{http_code}", "-H"])
        .args([format!("Authorization: Bearer {}", text("SessionToken"))])
        .args([format!("{}/orders", server.gate)])
        .run()
        .expect(0);
    assert_eq!(parts(bearer).0, "200");

    let nobody =
        scrubbed(clients::curl()).args(["-sS", "-w", "\n%{http_code}", &server.gate]).run().expect(0);
    let (status, body) = parts(nobody);
    assert_eq!((status.as_str(), body["reason"].as_str().unwrap()), ("401", "credentials_missing"));
    server.stop();
}
