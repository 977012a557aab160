//! Appending, closing, opening again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use stagedoor_audit::{AuditError, Checkpoint, Log, Query, VerifierKey, search, show};
use tempfile::tempdir;

use crate::sample;

#[tokio::test]
async fn a_record_is_found_under_its_receipt() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    let receipt = log.append(sample::record(4)).await.unwrap();
    assert_eq!(receipt.index, 0);
    assert_eq!(log.size(), 1);
    let entry = show(directory.path(), 0).unwrap();
    assert_eq!(entry.record.event_id, "event-4");
    assert_eq!(entry.record.stagedoor.actor.as_deref(), Some("person-1"));
    assert_eq!(entry.json()["sourceIPAddress"], "192.0.2.7");
    assert!(matches!(show(directory.path(), 1), Err(AuditError::NoSuchRecord { index: 1, size: 1 })));
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_value_comes_back_with_its_proof() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    let recorded = log.record("credential", sample::record(0)).await.unwrap();
    assert_eq!(recorded.receipt().index, 0);
    assert_eq!(recorded.into_value(), "credential");
}

#[tokio::test]
async fn the_log_goes_on_where_it_was_left() {
    let directory = tempdir().unwrap();
    let mut all = Vec::new();
    for round in 0..5 {
        let log = sample::open(directory.path());
        assert_eq!(log.size(), round * 777);
        all.extend(sample::append(&log, round * 777..(round + 1) * 777).await);
        log.close().await.unwrap();
    }
    let mut indices: Vec<_> = all.iter().map(|receipt| receipt.index).collect();
    indices.sort_unstable();
    assert_eq!(indices, (0..5 * 777).collect::<Vec<_>>());
    let found: Vec<_> = search(directory.path(), &Query::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(found.len(), 5 * 777);
    assert!(found.is_sorted_by(|newer, older| newer.index > older.index));
}

#[tokio::test]
async fn a_checkpoint_covers_what_was_acknowledged() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..300).await;
    let note = log.checkpoint().await.unwrap();
    let checkpoint = Checkpoint::open(&note, log.key()).unwrap();
    assert_eq!((checkpoint.size, log.published()), (300, 300));
    assert_eq!(checkpoint.origin, sample::ORIGIN);
    assert_eq!(fs::read_to_string(directory.path().join("checkpoint")).unwrap(), note);
    let public = fs::read_to_string(directory.path().join("key.pub")).unwrap();
    assert_eq!(VerifierKey::parse(&public).unwrap(), *log.key());
    let mode = fs::metadata(directory.path().join("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_checkpoint_comes_by_itself() {
    let directory = tempdir().unwrap();
    let mut options = sample::options(directory.path());
    options.checkpoint_interval = std::time::Duration::from_millis(20);
    let log = Log::open(options).unwrap();
    log.append(sample::record(0)).await.unwrap();
    while log.published() < 1 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    assert!(matches!(Log::open(sample::options(directory.path())), Err(AuditError::Locked { .. })));
    let clone = log.clone();
    log.close().await.unwrap();
    assert!(matches!(clone.append(sample::record(0)).await, Err(AuditError::Closed)));
    sample::open(directory.path());
}

#[tokio::test]
async fn the_origin_is_fixed() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 1).await;
    let mut options = sample::options(directory.path());
    options.origin = "elsewhere.example/audit".into();
    let error = Log::open(options).unwrap_err();
    assert!(error.to_string().contains("elsewhere.example/audit"), "{error}");
}

#[tokio::test]
async fn old_journal_segments_go_once_they_are_published() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..3000).await;
    let segments = || {
        let names = fs::read_dir(directory.path().join("journal")).unwrap();
        names.map(|name| name.unwrap().file_name()).filter(|name| name != "reserve").count()
    };
    assert!(segments() > 1);
    log.checkpoint().await.unwrap();
    assert_eq!(segments(), 1);
    log.close().await.unwrap();
    assert_eq!(sample::open(directory.path()).size(), 3000);
}

#[tokio::test]
async fn damage_is_not_written_over() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 300).await;
    let journal = directory.path().join("journal/00000000000000000000");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[100] ^= 1;
    fs::write(&journal, bytes).unwrap();
    let error = Log::open(sample::options(directory.path())).unwrap_err();
    assert_eq!(error.code(), "audit_damaged");
    let bundle = fs::read(directory.path().join("tile/entries/000")).unwrap();
    assert!(!bundle.is_empty());
}

#[tokio::test]
async fn searches_by_each_member() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 600).await;
    let count = |query: Query| search(directory.path(), &query).unwrap().map(Result::unwrap).count();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(count(Query { repository: text("repository-3"), ..Query::default() }), 86);
    assert_eq!(count(Query { run: text("run-12"), ..Query::default() }), 10);
    assert_eq!(count(Query { session: text("ASIA0000000000000007"), ..Query::default() }), 1);
    assert_eq!(count(Query { role: text("deploy-prod"), ..Query::default() }), 600);
    assert_eq!(count(Query { role: text("deploy"), ..Query::default() }), 0);
    assert_eq!(count(Query { actor: text("person-2"), ..Query::default() }), 200);
    assert_eq!(count(Query { commit: text(&format!("{:040x}", 599)), ..Query::default() }), 1);
    assert_eq!(count(Query { commit: text("0000000"), ..Query::default() }), 600);
    assert_eq!(count(Query { provider: text("gitlab"), ..Query::default() }), 0);
    assert_eq!(count(Query { reason: text("trust_policy_denied"), ..Query::default() }), 300);
    assert_eq!(count(Query { text: text("PERSON-1"), ..Query::default() }), 200);
    assert_eq!(count(Query { text: text("event-599"), ..Query::default() }), 1);
    assert_eq!(count(Query { from: Some(590), ..Query::default() }), 10);
    let since = sample::record(100).event_time;
    let until = sample::record(110).event_time;
    assert_eq!(count(Query { since: Some(since), until: Some(until), ..Query::default() }), 10);
    let denied =
        Query { decision: Some(stagedoor_audit::Decision::Deny), limit: Some(3), ..Query::default() };
    let denied: Vec<_> = search(directory.path(), &denied).unwrap().map(Result::unwrap).collect();
    assert_eq!(denied.len(), 3);
    assert!(denied.iter().all(|entry| !sample::is_allowed(&entry.record)));
}
