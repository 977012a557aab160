//! `stagedoor audit` on the log that a server wrote.

use std::fs;

use serde_json::json;

use crate::support::cli::stagedoor;
use crate::support::place::{self, Place};
use crate::support::server::Server;

async fn played() -> Place {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let server = Server::start(place.directory());
    server.assume(&place.token_file(&json!({})).path()).run().expect(0);
    let other = json!({ "deploymentEnvironmentUuid": null, "branchName": "feature" });
    server.assume(&place.token_file(&other).path()).run().expect(1);
    server.stop();
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn search_narrows_and_show_shows_all_but_secrets() {
    let place = played().await;
    let audit = |arguments: &[&str]| {
        stagedoor(["audit"]).args(arguments).args(["--config"]).args([place.directory()]).run()
    };
    let lines = |arguments: &[&str]| {
        audit(&[&["search", "--format", "json"], arguments].concat()).expect(0).stdout.lines().count()
    };
    assert_eq!(lines(&[]), 4, "start, two attempts, stop");
    assert_eq!(lines(&["--kind", "assume"]), 2);
    assert_eq!(lines(&["--decision", "deny"]), 1);
    assert_eq!(lines(&["--ref", "feature", "--provider", "bitbucket"]), 1);
    assert_eq!(lines(&["--role", "deploy", "--decision", "allow"]), 1);
    assert_eq!(lines(&["--since", "1h", "--reason", "trust_not_granted"]), 1);
    assert_eq!(lines(&["--until", "2020-01-01"]), 0);
    assert_eq!(lines(&["--limit", "1"]), 1);

    let table = audit(&["search", "--kind", "assume"]).expect(0).stdout;
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with('#'), "{table}");
    assert!(rows[1].contains("allow") && rows[1].contains("deploy") && rows[1].contains("main"), "{table}");
    assert!(rows[2].contains("deny") && rows[2].ends_with("assume: trust_not_granted"), "{table}");

    let shown = audit(&["show", "1"]).expect(0);
    let record = shown.json();
    assert_eq!(record["eventName"], "AssumeRoleWithWebIdentity");
    assert_eq!(record["stagedoor"]["provider"], "bitbucket");
    assert!(!shown.stdout.contains("eyJ"), "no token is on record");
    let beyond = audit(&["show", "4"]).expect(2);
    assert!(beyond.stderr.contains("no record 4: the log has 4"), "{}", beyond.stderr);
    let nonsense = audit(&["search", "--since", "soon"]).expect(2);
    assert!(nonsense.stderr.contains("`soon` is no time"), "{}", nonsense.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_an_edited_record() {
    let place = played().await;
    let log = place.directory().join("state/audit");
    let verify = || stagedoor(["audit", "verify", "--log"]).args([&log]).run();
    assert!(verify().expect(0).stdout.starts_with("intact: 4 records"));

    let edited = edit(&log, b"trust_not_granted", b"trust_got_granted");
    assert!(edited > 0, "the record is in the files as text");
    let found = verify().expect(1);
    assert!(found.stdout.contains("not intact"), "{}", found.stdout);
    assert!(found.stdout.contains("log_edited record 2"), "{}", found.stdout);
}

/// Replaces a text by one of the same length in all files below a directory; gives the number of
/// files that held it.
fn edit(directory: &std::path::Path, from: &[u8], to: &[u8]) -> usize {
    let mut edited = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            edited += edit(&path, from, to);
            continue;
        }
        let mut bytes = fs::read(&path).unwrap();
        let places: Vec<usize> = bytes
            .windows(from.len())
            .enumerate()
            .filter(|(_, part)| *part == from)
            .map(|(at, _)| at)
            .collect();
        for at in &places {
            bytes[*at..*at + to.len()].copy_from_slice(to);
        }
        if !places.is_empty() {
            fs::write(&path, bytes).unwrap();
            edited += 1;
        }
    }
    edited
}
