//! The trust policy that Atlassian's README for AWS and Bitbucket Pipelines gives, as it stands.

use serde_json::{Value, json};
use stagedoor_rehearsal::ids;

use crate::support::cli::stagedoor;
use crate::support::place::{self, bare};
use crate::support::server::Server;

/// The policy with its placeholders.
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
 "Principal":{"Federated":"arn:aws:iam::<account>:oidc-provider/api.bitbucket.org/2.0/workspaces/<workspace>/pipelines-config/identity/oidc"},
 "Action":"sts:AssumeRoleWithWebIdentity",
 "Condition":{
  "StringEquals":{"api.bitbucket.org/2.0/workspaces/<workspace>/pipelines-config/identity/oidc:aud":"ari:cloud:bitbucket::workspace/<workspace id>"},
  "StringLike":{"api.bitbucket.org/2.0/workspaces/<workspace>/pipelines-config/identity/oidc:sub":"<repository id with braces>:*"}}}]}
"#;

fn filled() -> String {
    POLICY
        .replace("<account>", "123456789012")
        .replace("<workspace>", "acme")
        .replace("<workspace id>", ids::BITBUCKET_WORKSPACE)
        .replace("<repository id with braces>", ids::BITBUCKET_REPOSITORY)
}

/// Served: the issuer is a local one, so its host stands for Bitbucket's.
#[tokio::test(flavor = "multi_thread")]
async fn it_lets_in_any_step_of_the_repository_and_nobody_else() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let local = bare(place.issuer.url());
    let policy =
        filled().replace("api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", &local);
    place.put("roles/deploy/trust.json", &policy);
    let server = Server::start(place.directory());
    let code = |patch: Value| server.assume(&place.token_file(&patch).path()).run().code;

    assert_eq!(code(json!({})), Some(0));
    assert_eq!(code(json!({ "deploymentEnvironmentUuid": null, "branchName": "x" })), Some(0));
    assert_eq!(code(json!({ "repositoryUuid": "{00000000-0000-4000-8000-000000000000}" })), Some(1));
    assert_eq!(code(json!({ "sub": ids::BITBUCKET_REPOSITORY })), Some(1));
    assert_eq!(code(json!({ "aud": "ari:cloud:bitbucket::workspace/other" })), Some(1));
    server.stop();
}

/// Explained offline, to the letter, in both profiles.
#[test]
fn it_is_explained_from_the_file_alone() {
    let directory = tempfile::tempdir().unwrap();
    let policy = directory.path().join("trust.json");
    let claims = directory.path().join("claims.json");
    std::fs::write(&policy, filled()).unwrap();
    let kind = stagedoor_rehearsal::Kind::Bitbucket;
    let issuer = format!("https://api.bitbucket.org{}", kind.issuer_path());
    for (repository, code) in [(ids::BITBUCKET_REPOSITORY, 0), ("{00000000-0000-4000-8000-000000000000}", 1)]
    {
        let mut example = kind.example_claims(&issuer, jiff::Timestamp::now());
        example.insert("sub".to_owned(), json!(format!("{repository}:{{step}}")));
        std::fs::write(&claims, Value::Object(example).to_string()).unwrap();
        for profile in ["aws", "stagedoor"] {
            stagedoor(["explain", "--profile", profile, "--policy"])
                .args([&policy])
                .args(["--claims"])
                .args([&claims])
                .run()
                .expect(code);
        }
    }
}
