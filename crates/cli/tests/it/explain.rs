//! `stagedoor explain`, its whole output.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stagedoor_rehearsal::Kind;
use tempfile::TempDir;

use crate::support::cli::{Cli, stagedoor};
use crate::support::place;

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop").canonicalize().unwrap()
}

/// A Bitbucket token's claims in a file, with a patch laid over them.
fn claims(patch: &Value) -> (TempDir, PathBuf) {
    let issuer = format!("https://api.bitbucket.org{}", Kind::Bitbucket.issuer_path());
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let mut claims = Kind::Bitbucket.example_claims(&issuer, now);
    claims.extend(patch.as_object().unwrap().clone());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.json");
    fs::write(&path, Value::Object(claims).to_string()).unwrap();
    (directory, path)
}

fn explain(further: &[&str], claims: &Path) -> Cli {
    stagedoor(["explain", "--claims"]).args([claims]).args(further)
}

#[test]
fn an_allowed_token_is_told_by_which_statement() {
    let (directory, claims) = claims(&json!({}));
    let ended = explain(&["--role", "deploy-prod", "--config"], &claims).args([shop()]).run().expect(0);
    insta::assert_snapshot!(ended.shown(directory.path()));
}

#[test]
fn a_denied_token_is_told_the_condition_its_value_the_wanted_one_and_the_nearest_change() {
    let (directory, claims) = claims(&json!({
        "sub": "{0a1b2c3d-1111-4222-8333-444455556666}:{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}"
    }));
    let ended = explain(&["--role", "deploy-prod", "--config"], &claims).args([shop()]).run().expect(1);
    insta::assert_snapshot!(ended.shown(directory.path()));
    let value = explain(&["--role", "deploy-prod", "--format", "json", "--config"], &claims)
        .args([shop()])
        .run()
        .expect(1)
        .json();
    assert_eq!(value["allowed"], false);
    assert_eq!(value["verified"], false);
    assert_eq!(value["of"], "deploy-prod");
}

#[test]
fn under_the_aws_profile_a_claim_that_aws_does_not_expose_is_absent() {
    let (directory, claims) = claims(&json!({}));
    let issuer = format!("api.bitbucket.org{}", Kind::Bitbucket.issuer_path());
    let trust = place::trust(&issuer, &json!({ "StringEquals": { format!("{issuer}:branchName"): "main" } }));
    let policy = directory.path().join("trust.json");
    fs::write(&policy, trust.to_string()).unwrap();
    let of = |profile| explain(&["--profile", profile, "--policy"], &claims).args([&policy]).run();
    of("stagedoor").expect(0);
    let aws = of("aws").expect(1);
    insta::assert_snapshot!(aws.shown(directory.path()));
}

#[test]
fn bad_input_is_named() {
    let (directory, claims) = claims(&json!({}));
    let role = explain(&["--role", "deploi-prod", "--config"], &claims).args([shop()]).run().expect(2);
    assert!(role.stderr.contains("no role `deploi-prod`"), "{}", role.stderr);
    assert!(role.stderr.contains("`deploy-prod`"), "{}", role.stderr);

    let policy = directory.path().join("trust.json");
    fs::write(&policy, "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Efect\": \"Allow\"}]}").unwrap();
    let faulty = explain(&["--policy"], &claims).args([&policy]).run().expect(2);
    assert!(faulty.stderr.contains("Efect"), "{}", faulty.stderr);

    fs::write(&claims, "[]").unwrap();
    let none = explain(&["--role", "deploy-prod", "--config"], &claims).args([shop()]).run().expect(2);
    assert!(none.stderr.contains("holds no claims"), "{}", none.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_verified_unless_told_not_to() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let explain = |token: &str, further: &[&str]| {
        stagedoor(["explain", "--role", "deploy", "--token-file", "-", "--config"])
            .args([place.directory()])
            .args(further)
            .stdin(token)
            .run()
    };
    let good = explain(&place.issuer.token(&json!({})).unwrap(), &[]).expect(0);
    assert!(good.stdout.contains("(verified)"), "{}", good.stdout);

    let forged = place.issuer.forged(&json!({})).unwrap();
    let refused = explain(&forged, &[]).expect(1);
    assert!(refused.stdout.contains("token_signature_invalid"), "{}", refused.stdout);
    let unverified = explain(&forged, &["--no-verify"]).expect(0);
    assert!(unverified.stdout.contains("(not verified)"), "{}", unverified.stdout);

    place.issuer.set_down(true);
    let unreachable = explain(&place.issuer.token(&json!({})).unwrap(), &[]).expect(3);
    assert!(unreachable.stderr.contains("--no-verify"), "{}", unreachable.stderr);
}
