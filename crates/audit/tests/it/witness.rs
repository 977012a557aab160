//! A witness signs for one history of a log only, and remembers it.

use std::path::Path;

use jiff::Timestamp;
use stagedoor_audit::{AuditError, CosignerKey, VerifierKey, Witness, checkpoint, key, prove_growth};
use tempfile::{TempDir, tempdir};

use crate::sample;

const NAME: &str = "witness.acme.example/w1";

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

/// A log that grew from `sizes` to `sizes`, and the request to a witness at each.
async fn grown(sizes: &[u64]) -> (TempDir, Vec<String>) {
    let directory = tempdir().unwrap();
    let log = sample::open(directory.path());
    let (mut old, mut requests) = (0, Vec::new());
    for size in sizes {
        sample::append(&log, old..*size).await;
        log.checkpoint().await.unwrap();
        requests.push(prove_growth(directory.path(), old).unwrap().to_string());
        old = *size;
    }
    log.close().await.unwrap();
    (directory, requests)
}

fn open(directory: &Path, log: &Path) -> Witness {
    Witness::open(directory, NAME, vec![key(log).unwrap()]).unwrap()
}

fn status(witness: &Witness, request: &str) -> u16 {
    witness.add_checkpoint(request, now()).map_or_else(|refusal| refusal.status(), |_| 200)
}

#[tokio::test]
async fn it_follows_a_log_and_its_signatures_hold() {
    let (log, requests) = grown(&[10, 300, 301]).await;
    let directory = tempdir().unwrap();
    let witness = open(directory.path(), log.path());
    let mut lines = String::new();
    for request in &requests {
        lines = witness.add_checkpoint(request, now()).unwrap();
    }
    let (note, latest) = checkpoint(log.path()).unwrap();
    assert_eq!((lines.lines().count(), latest.size), (2, 301));
    for witness_key in witness.keys() {
        let witness_key = CosignerKey::parse(&witness_key.to_string()).unwrap();
        assert_eq!(witness_key.cosigned(&format!("{note}{lines}")).unwrap(), now());
        assert!(witness_key.cosigned(&note).is_err());
    }
    // What it keeps is a checkpoint, signed by both.
    let kept = witness.latest(sample::ORIGIN).unwrap().unwrap();
    assert_eq!(kept, format!("{note}{lines}"));
    assert_eq!(stagedoor_audit::Checkpoint::open(&kept, &key(log.path()).unwrap()).unwrap(), latest);
}

#[tokio::test]
async fn it_remembers_across_restarts_and_serves_one_process() {
    let (log, requests) = grown(&[10, 20]).await;
    let directory = tempdir().unwrap();
    let witness = open(directory.path(), log.path());
    assert_eq!(status(&witness, &requests[0]), 200);
    let second = Witness::open(directory.path(), NAME, Vec::new());
    assert!(matches!(second, Err(AuditError::Locked { .. })));
    let keys: Vec<_> = witness.keys().cloned().collect();
    drop(witness);
    assert!(matches!(
        Witness::open(directory.path(), "other", Vec::new()),
        Err(AuditError::Malformed { .. })
    ));
    let witness = open(directory.path(), log.path());
    assert_eq!(witness.keys().cloned().collect::<Vec<_>>(), keys);
    let refusal = witness.add_checkpoint(&requests[0], now()).unwrap_err();
    assert_eq!(
        (refusal.status(), refusal.content_type(), refusal.to_string()),
        (409, "text/x.tlog.size", "10".into())
    );
    assert_eq!(status(&witness, &requests[1]), 200);
    // Asking again for what it knows is no new history.
    assert_eq!(status(&witness, &prove_growth(log.path(), 20).unwrap().to_string()), 200);
}

#[tokio::test]
async fn it_signs_for_no_second_history() {
    let (log, requests) = grown(&[10]).await;
    let directory = tempdir().unwrap();
    let witness = open(directory.path(), log.path());
    assert_eq!(status(&witness, &requests[0]), 200);
    // The log's owner writes it anew, with the same key.
    let forked = tempdir().unwrap();
    for file in ["key", "key.pub"] {
        std::fs::copy(log.path().join(file), forked.path().join(file)).unwrap();
    }
    std::fs::create_dir(forked.path().join("journal")).unwrap();
    let fork = sample::open(forked.path());
    sample::append(&fork, 5..15).await;
    fork.checkpoint().await.unwrap();
    let refusal =
        witness.add_checkpoint(&prove_growth(forked.path(), 10).unwrap().to_string(), now()).unwrap_err();
    assert_eq!((refusal.status(), refusal.is_evidence()), (409, true), "{refusal}");
    sample::append(&fork, 15..30).await;
    fork.checkpoint().await.unwrap();
    let refusal =
        witness.add_checkpoint(&prove_growth(forked.path(), 10).unwrap().to_string(), now()).unwrap_err();
    assert_eq!((refusal.status(), refusal.is_evidence()), (422, true), "{refusal}");
    fork.close().await.unwrap();
    assert_eq!(witness.latest(sample::ORIGIN).unwrap().unwrap().lines().nth(1), Some("10"));
}

#[tokio::test]
async fn it_refuses_as_the_specification_says() {
    let (log, requests) = grown(&[10]).await;
    let directory = tempdir().unwrap();
    let stranger = tempdir().unwrap();
    sample::closed_log(stranger.path(), 1).await;
    let known = requests[0].as_str();
    let witness = open(directory.path(), log.path());
    for (request, wanted) in [
        ("", 400),
        ("old 00\n\nx", 400),
        ("old 0\n\nx", 400),
        (&known.replacen("old 0", "old 11", 1), 400),
        (&known.replace(sample::ORIGIN, "other.example/log"), 404),
        (&known.replacen("\n10\n", "\n11\n", 1), 403),
        (&prove_growth(stranger.path(), 0).unwrap().to_string(), 403),
        (&known.replacen("old 0", "old 3", 1), 409),
        (&known.replacen("old 0\n", "old 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 1), 422),
        (known, 200),
    ] {
        assert_eq!(status(&witness, request), wanted, "{request}");
    }
    let other = VerifierKey::parse(&key(stranger.path()).unwrap().to_string()).unwrap();
    drop(witness);
    let witness = Witness::open(directory.path(), NAME, vec![other]).unwrap();
    assert_eq!(status(&witness, known), 403, "the log's name is not enough");
}
