//! `stagedoor compare`, on files and on git revisions.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::cli::stagedoor;

const ISSUER: &str = "token.actions.githubusercontent.com";

/// A trust policy for these subjects.
fn trust(subjects: &[&str]) -> String {
    let provider = format!("arn:aws:iam::123456789012:oidc-provider/{ISSUER}");
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {format!("{ISSUER}:aud"): "sts.amazonaws.com"},
                "StringLike": {format!("{ISSUER}:sub"): subjects}
            }
        }]
    })
    .to_string()
}

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
}

#[test]
fn the_verdict_its_exit_code_and_a_request_of_the_difference() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    write(place, "main.json", &trust(&["repo:acme/shop:ref:refs/heads/main"]));
    write(
        place,
        "same.json",
        &trust(&["repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/ma?n"]),
    );
    write(place, "all.json", &trust(&["repo:acme/shop*"]));
    write(place, "other.json", &trust(&["repo:acme/shop:environment:*"]));
    for (old, new, verdict, gained, lost, exit) in [
        ("main.json", "main.json", "equal", false, false, 0),
        ("main.json", "same.json", "wider", true, false, 1),
        ("main.json", "all.json", "wider", true, false, 1),
        ("all.json", "main.json", "narrower", false, true, 0),
        ("main.json", "other.json", "incomparable", true, true, 1),
    ] {
        let ended = stagedoor(["compare", "--format", "json"]).args([place.join(old), place.join(new)]).run();
        let value = ended.expect(exit).json();
        assert_eq!(value["verdict"], verdict, "{old} {new}");
        assert_eq!(value["new_access"], gained, "{old} {new}");
        assert_eq!(!value["witness"].is_null(), gained, "{old} {new}");
        assert_eq!(!value["lost"].is_null(), lost, "{old} {new}");
        if gained {
            let subject = value["witness"]["context"][format!("{ISSUER}:sub")].as_str().unwrap();
            assert!(subject.starts_with("repo:acme/shop"), "{subject}");
            assert_ne!(subject, "repo:acme/shop:ref:refs/heads/main");
        }
    }
}

#[test]
fn a_git_revision_is_compared_with_the_file_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .current_dir(place)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments)
            .output()
            .unwrap()
            .status;
        assert!(status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    write(place, "trust.json", &trust(&["repo:acme/shop:*"]));
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    write(place, "trust.json", &trust(&["repo:acme/shop:ref:refs/heads/main"]));
    let ended = stagedoor(["compare", "HEAD:trust.json", "trust.json"]).in_directory(place).run().expect(0);
    assert!(ended.stdout.starts_with("narrower: "), "{}", ended.stdout);
    let ended = stagedoor(["compare", "HEAD:none.json", "trust.json"]).in_directory(place).run().expect(2);
    assert!(ended.stderr.contains("git has no `HEAD:none.json`"), "{}", ended.stderr);
}

#[test]
fn permission_policies_are_told_by_their_statements() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let policy = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
        )
    };
    write(place, "old.json", &policy("s3:Get*"));
    write(place, "new.json", &policy("s3:*"));
    let ended = stagedoor(["compare"]).args([place.join("old.json"), place.join("new.json")]).run().expect(1);
    assert!(ended.stdout.starts_with("wider: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("s3:PutObject"), "{}", ended.stdout);
    let ended = stagedoor(["compare", "--type", "trust"])
        .args([place.join("old.json"), place.join("new.json")])
        .run()
        .expect(2);
    assert!(ended.stderr.contains("is no trust policy"), "{}", ended.stderr);
}
