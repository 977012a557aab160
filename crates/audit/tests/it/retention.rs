//! Erasing and pruning leave every proof valid.

use std::fs;
use std::path::Path;

use stagedoor_audit::{Query, VerifyOptions, erase, prove, prune, search, show, verify};
use tempfile::tempdir;

use crate::sample;

/// Whether any file of the log holds `text`.
fn occurs(directory: &Path, text: &str) -> bool {
    fs::read_dir(directory).unwrap().any(|entry| {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => occurs(&entry.path(), text),
            false => fs::read(entry.path()).unwrap().windows(text.len()).any(|part| part == text.as_bytes()),
        }
    })
}

fn intact(directory: &Path) -> (u64, u64, u64) {
    let verification = verify(directory, &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    assert_eq!(verification.faults, []);
    (verification.size, verification.erased, verification.pruned)
}

#[tokio::test]
async fn erased_members_are_gone_everywhere() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..100).await;
    let mut record = sample::record(100);
    record.stagedoor.actor = Some("erika.mustermann".into());
    record.stagedoor.claims.insert("email".into(), "erika.mustermann@acme.example".into());
    let receipt = log.append(record).await.unwrap();
    sample::append(&log, 101..600).await;
    log.checkpoint().await.unwrap();
    assert!(occurs(directory.path(), "erika.mustermann"));

    // The log stays open: the record is in a full bundle.
    erase(directory.path(), receipt.index).unwrap();
    assert!(!occurs(directory.path(), "erika.mustermann"));
    let entry = show(directory.path(), receipt.index).unwrap();
    assert_eq!(entry.record.stagedoor.actor, None);
    assert_eq!(entry.record.stagedoor.repository.as_deref(), Some("repository-2"));
    assert_eq!(intact(directory.path()).1, 1);
    prove(directory.path(), receipt.index).unwrap();
    log.close().await.unwrap();
    sample::open(directory.path()).close().await.unwrap();
    assert!(!occurs(directory.path(), "erika.mustermann"), "opening brought it back");
    assert_eq!(intact(directory.path()), (600, 1, 0));
}

#[tokio::test]
async fn the_last_records_are_erased_once_the_log_is_closed() {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    sample::append(&log, 0..300).await;
    assert_eq!(erase(directory.path(), 299).unwrap_err().code(), "audit_locked");
    log.close().await.unwrap();
    erase(directory.path(), 299).unwrap();
    assert_eq!(show(directory.path(), 299).unwrap().record.stagedoor.actor, None);
    let log = sample::open(directory.path());
    assert_eq!(log.size(), 300);
    sample::append(&log, 300..600).await;
    log.close().await.unwrap();
    assert_eq!(show(directory.path(), 299).unwrap().record.stagedoor.actor, None);
    assert_eq!(intact(directory.path()), (600, 1, 0));
}

#[tokio::test]
async fn pruned_records_are_gone_and_the_rest_is_proven() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), 3000).await;
    assert_eq!(prune(directory.path(), 600).unwrap(), 512);
    assert_eq!(prune(directory.path(), 300).unwrap(), 512);
    assert_eq!(intact(directory.path()), (3000, 0, 512));
    assert!(show(directory.path(), 511).unwrap_err().to_string().contains("pruned"));
    let (entry, proof) = prove(directory.path(), 512).unwrap();
    assert_eq!((entry.index, proof.index), (512, 512));
    let found = search(directory.path(), &Query::default()).unwrap().map(|entry| entry.unwrap().index);
    assert_eq!(found.min(), Some(512));
    let log = sample::open(directory.path());
    sample::append(&log, 3000..3300).await;
    log.close().await.unwrap();
    assert_eq!(intact(directory.path()), (3300, 0, 512));
    let left = prune(directory.path(), 3300).unwrap();
    assert!((512..=3300).contains(&left), "{left}");
    sample::open(directory.path()).close().await.unwrap();
    assert_eq!(intact(directory.path()), (3300, 0, left), "opening brought some back");
    assert_eq!(prune(directory.path(), 3301).unwrap_err().code(), "audit_no_such_record");
}
