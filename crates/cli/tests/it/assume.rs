//! `stagedoor assume`: where tokens come from, what is printed, how it ends.

use serde_json::json;

use crate::support::cli::stagedoor;
use crate::support::place::{self, ROLE};
use crate::support::server::Server;
use crate::support::upstream;

const NOWHERE: &str = "http://127.0.0.1:1";

#[tokio::test(flavor = "multi_thread")]
async fn each_format_holds_the_same_kind_of_credentials() {
    let place = place::bitbucket(NOWHERE).await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());

    let full = server.assume(&token.path()).run().expect(0);
    let value = full.json();
    assert!(value["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    assert_eq!(value["AssumedRoleArn"], "arn:aws:sts::123456789012:assumed-role/deploy/test");
    assert_eq!(value["Provider"], place.issuer.url());
    assert_eq!(value["Audience"], place.issuer.audience());
    assert!(full.stderr.contains(&format!("token from `{}`", token.path().display())), "{}", full.stderr);
    assert!(!full.stderr.contains(value["SecretAccessKey"].as_str().unwrap()));

    let profile = server.assume(&token.path()).args(["--format", "credential-process"]).run();
    assert_eq!(profile.code, Some(2), "--format twice is a mistake, not a choice");
    let process = ["assume", "--role", ROLE, "--format", "credential-process", "--endpoint", &server.api];
    let profile = stagedoor(process).args(["--token-file"]).args([token.path()]).run().expect(0).json();
    let mut names: Vec<&str> = profile.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken", "Version"]);
    assert_eq!(profile["Version"], 1);

    let lines =
        stagedoor(["assume", "--role", "deploy", "--account", "123456789012", "--region", "eu-west-1"])
            .env("AWS_ENDPOINT_URL_STS", &server.api)
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path())
            .run()
            .expect(0);
    assert!(lines.stderr.contains("$AWS_WEB_IDENTITY_TOKEN_FILE"), "{}", lines.stderr);
    let names: Vec<&str> = lines.stdout.lines().map(|line| line.split(['=', ' ']).nth(1).unwrap()).collect();
    assert_eq!(
        names,
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_CREDENTIAL_EXPIRATION",
            "AWS_REGION",
            "AWS_DEFAULT_REGION"
        ]
    );
    assert!(lines.stdout.contains("export AWS_REGION=eu-west-1\n"));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ci_variables_are_read_and_named() {
    let place = place::bitbucket(NOWHERE).await;
    let token = place.issuer.token(&json!({})).unwrap();
    let server = Server::start(place.directory());
    let assume = || stagedoor(["assume", "--role", ROLE, "--format", "json", "--endpoint", &server.api]);

    for variable in ["BITBUCKET_STEP_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN_V2", "STAGEDOOR_TOKEN"] {
        let ended = assume().env(variable, &token).run().expect(0);
        assert!(ended.stderr.contains(&format!("token from ${variable}")), "{}", ended.stderr);
    }
    let run = assume()
        .env("BITBUCKET_STEP_OIDC_TOKEN", &token)
        .env("BITBUCKET_REPO_SLUG", "shop")
        .env("BITBUCKET_BUILD_NUMBER", "42")
        .run()
        .expect(0);
    assert_eq!(run.json()["AssumedRoleArn"], "arn:aws:sts::123456789012:assumed-role/deploy/shop-42");
    let piped = assume().args(["--token-file", "-"]).stdin(&format!("{token}\n")).run().expect(0);
    assert!(piped.stderr.contains("token from standard input"), "{}", piped.stderr);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_what_kind_of_no_it_is() {
    let place = place::bitbucket(NOWHERE).await;
    let server = Server::start(place.directory());

    let other = place.token_file(&json!({ "deploymentEnvironmentUuid": null }));
    let denied = server.assume(&other.path()).run().expect(1);
    assert!(denied.stderr.contains("AccessDenied (403)"), "{}", denied.stderr);
    assert!(denied.stderr.contains("stagedoor explain --role"), "{}", denied.stderr);
    assert_eq!(denied.stdout, "");

    let token = place.token_file(&json!({}));
    let short = server.assume(&token.path()).args(["--duration", "10s"]).run().expect(2);
    assert!(short.stderr.contains("ValidationError (400)"), "{}", short.stderr);

    let none = stagedoor(["assume", "--role", ROLE]).run().expect(2);
    assert!(none.stderr.contains("no token"), "{}", none.stderr);
    assert!(none.stderr.contains("$BITBUCKET_STEP_OIDC_TOKEN"), "{}", none.stderr);

    let name = stagedoor(["assume", "--role", "deploy", "--token-file", "-"]).stdin("x").run().expect(2);
    assert!(name.stderr.contains("an ARN is needed"), "{}", name.stderr);

    let nobody = stagedoor(["assume", "--role", ROLE, "--endpoint", NOWHERE, "--token-file"])
        .args([token.path()])
        .run()
        .expect(3);
    assert!(nobody.stderr.contains("cannot reach the server at `http://127.0.0.1:1/`"), "{}", nobody.stderr);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_on_github_asks_github_for_its_token() {
    let place = place::bitbucket(NOWHERE).await;
    let server = Server::start(place.directory());
    let token = place.issuer.token(&json!({})).unwrap();
    let (url, asked) = upstream::once(json!({ "count": 1, "value": token }).to_string());
    let assume = || stagedoor(["assume", "--role", ROLE, "--endpoint", &server.api, "--audience", "a b"]);
    let ended = assume()
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{url}/token?api-version=2.0"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "bearer-of-the-job")
        .run()
        .expect(0);
    assert!(ended.stderr.contains("token from GitHub"), "{}", ended.stderr);
    let request = asked.join().unwrap();
    assert!(request.starts_with("GET /token?api-version=2.0&audience=a+b HTTP/1.1"), "{request}");
    assert!(request.contains("authorization: Bearer bearer-of-the-job"), "{request}");

    let without = assume().env("GITHUB_ACTIONS", "true").run().expect(2);
    assert!(without.stderr.contains("id-token: write"), "{}", without.stderr);
    server.stop();
}
