//! `stagedoor audit` on the log that a server wrote.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use serde_json::json;

use crate::support::Process;
use crate::support::cli::{scrubbed, stagedoor};
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

#[tokio::test(flavor = "multi_thread")]
async fn trace_tells_the_chain_of_a_session() {
    let place = played().await;
    let audit = |arguments: &[&str]| {
        stagedoor(["audit"]).args(arguments).args(["--config"]).args([place.directory()]).run()
    };
    let record = audit(&["show", "1"]).expect(0).json();
    let (session, commit) =
        (record["stagedoor"]["session"].as_str().unwrap(), record["stagedoor"]["commit"].as_str());
    let by_session = audit(&["trace", session]).expect(0).stdout;
    let lines: Vec<&str> = by_session.lines().collect();
    assert!(lines[0].starts_with("token      issuer, repository"), "{by_session}");
    assert!(lines[1].contains("allow role deploy, by trust.json statement 0 (Production)"), "{by_session}");
    assert!(lines[2].starts_with(&format!("credential {session}, session test")), "{by_session}");
    assert_eq!(audit(&["trace", "1"]).expect(0).stdout, by_session);
    if let Some(commit) = commit {
        assert!(audit(&["trace", &commit[..7]]).expect(0).stdout.contains(session));
    }
    let json = audit(&["trace", session, "--format", "json"]).expect(0).json();
    assert_eq!(json["chains"][0]["record"]["eventID"], record["eventID"]);
    assert_eq!(json["cut"], false);
    let nothing = audit(&["trace", "no-such-run"]).expect(1);
    assert!(nothing.stderr.contains("nothing is recorded of `no-such-run`"), "{}", nothing.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_has_a_line_for_each_record() {
    let place = played().await;
    let csv = stagedoor(["audit", "search", "--format", "csv", "--config"])
        .args([place.directory()])
        .run()
        .expect(0)
        .stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 5, "{csv}");
    assert!(lines[0].starts_with("index,time,kind,decision,reason,role,"));
    assert!(lines[2].starts_with("1,") && lines[2].contains(",assume,allow,"), "{csv}");
    assert!(lines[3].contains(",assume,deny,trust_not_granted,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_shows_what_comes() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let server = Server::start(place.directory());
    let mut following = Following::start(place.directory(), "json");
    let first: serde_json::Value = serde_json::from_str(&following.line()).unwrap();
    assert_eq!(first["stagedoor"]["kind"], "lifecycle");
    server.assume(&place.token_file(&json!({})).path()).run().expect(0);
    let second: serde_json::Value = serde_json::from_str(&following.line()).unwrap();
    assert_eq!(second["stagedoor"]["kind"], "assume");
    server.stop();
    let last: serde_json::Value = serde_json::from_str(&following.line()).unwrap();
    assert_eq!(last["stagedoor"]["kind"], "lifecycle");
}

/// `audit search --follow` as it runs.
struct Following {
    _process: Process,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Following {
    fn start(configuration: &Path, format: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_stagedoor"))
            .args(["audit", "search", "--follow", "--format", format, "--config"])
            .arg(configuration)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let lines = BufReader::new(process.stdout()).lines();
        Self { _process: process, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_are_made_and_checked_without_the_log() {
    let place = played().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let log = place.directory().join("state/audit");
    let path = |name: &str| elsewhere.path().join(name).to_str().unwrap().to_owned();
    let audit = |arguments: &[&str]| stagedoor(["audit"]).args(arguments).run();
    let log = log.to_str().unwrap();
    let key = audit(&["key", "--log", log]).expect(0).stdout.trim().to_owned();
    let proof = audit(&["prove", "1", "--log", log, "--record", &path("record")]).expect(0).stdout;
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 1\n"), "{proof}");
    fs::write(path("proof"), proof).unwrap();
    let check = || audit(&["prove", "--check", &path("proof"), "--record", &path("record"), "--key", &key]);
    assert_eq!(check().expect(0).stdout, "proven: record 1 of the 4 in 127.0.0.1:8010/audit\n");
    let record = fs::read_to_string(path("record")).unwrap();
    fs::write(path("record"), record.replace("allow", "alloy")).unwrap();
    assert!(check().expect(1).stderr.contains("the entry is not record 1"));

    fs::copy(format!("{log}/checkpoint"), path("old")).unwrap();
    let server = Server::start(place.directory());
    server.stop();
    let grown = audit(&["prove", "--from", &path("old"), "--log", log]).expect(0).stdout;
    assert!(grown.starts_with("old 4\n") && grown.contains("\n\n127.0.0.1:8010/audit\n6\n"), "{grown}");
    assert!(
        audit(&["verify", log, "--key", &key, "--checkpoint", &path("old")])
            .expect(0)
            .stdout
            .starts_with("intact")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_committed_and_shows_a_log_made_anew() {
    let place = played().await;
    let git = |arguments: &[&str]| {
        scrubbed("git").args(["-C"]).args([place.directory()]).args(arguments).run().expect(0).stdout
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["config", "user.name", "Test"]);
    git(&["config", "user.email", "test@acme.example"]);
    let file = place.directory().join("audit.checkpoint");
    let commit = || {
        stagedoor(["audit", "checkpoint", "--commit", "--config"])
            .args([place.directory()])
            .args(["--into"])
            .args([&file])
            .run()
    };
    assert!(commit().expect(0).stdout.starts_with("committed: 4 records, the first here"));
    assert_eq!(git(&["log", "--format=%s"]), "Audit checkpoint of 4 records\n");
    // Nothing changed: no empty commit.
    commit().expect(0);
    Server::start(place.directory()).stop();
    assert!(commit().expect(0).stdout.starts_with("committed: 6 records, grown from 4"));
    assert_eq!(git(&["log", "--format=%s"]).lines().count(), 2);

    fs::remove_dir_all(place.directory().join("state/audit")).unwrap();
    Server::start(place.directory()).stop();
    let refused = commit().expect(1);
    assert!(refused.stderr.contains("is not replaced"), "{}", refused.stderr);
    assert_eq!(git(&["log", "--format=%s"]).lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_is_recorded_and_leaves_every_proof() {
    let place = played().await;
    let log = place.directory().join("state/audit");
    let audit = |arguments: &[&str]| stagedoor(["audit"]).args(arguments).args(["--log"]).args([&log]).run();
    let before = audit(&["show", "1"]).expect(0).json();
    assert!(before["sourceIPAddress"].is_string());
    assert!(audit(&["erase"]).expect(2).stderr.contains("nothing says which records"));
    let dry = audit(&["erase", "--kind", "assume"]).expect(0);
    assert!(dry.stdout.starts_with("2 records would lose"), "{}", dry.stdout);
    assert!(
        audit(&["show", "1"]).expect(0).json()["sourceIPAddress"].is_string(),
        "a rehearsal changes nothing"
    );
    audit(&["erase", "1", "--yes"]).expect(0);
    let after = audit(&["show", "1"]).expect(0).json();
    assert!(after.get("sourceIPAddress").is_none(), "{after}");
    assert_eq!(after["stagedoor"]["session"], before["stagedoor"]["session"]);
    let record = audit(&["show", "4"]).expect(0).json();
    assert_eq!(
        (&record["eventName"], &record["stagedoor"]["kind"]),
        (&json!("EraseAuditMembers"), &json!("admin"))
    );
    assert_eq!(record["requestParameters"]["records"], json!([1]));
    let verified = audit(&["verify"]).expect(0).stdout;
    assert!(verified.starts_with("intact: 5 records"), "{verified}");

    let rehearsed = audit(&["prune", "--before", "2099-01-01"]).expect(0).stdout;
    assert_eq!(rehearsed, "records before 0 would be removed\n", "no bundle is full");
    assert_eq!(audit(&["prune", "--index", "300", "--yes"]).expect(2).code, Some(2));
    assert!(audit(&["index", "rebuild"]).expect(0).stdout.starts_with("made 0 blocks"));

    let server = Server::start(place.directory());
    let refused = audit(&["erase", "1", "--yes"]).expect(4);
    assert!(refused.stderr.contains("in use by another process"), "{}", refused.stderr);
    server.stop();
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
