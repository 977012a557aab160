//! The search index: the same answers, only sooner.

use std::fs;
use std::path::Path;

use stagedoor_audit::{Decision, Kind, Order, Query, rebuild_index, reindex, search};
use tempfile::tempdir;

use crate::sample;

/// Two blocks of the index and some more.
const SIZE: u64 = 9000;

fn indices(directory: &Path, query: &Query) -> Vec<u64> {
    search(directory, query).unwrap().map(|entry| entry.unwrap().index).collect()
}

fn queries() -> Vec<Query> {
    let text = |text: &str| Some(text.to_owned());
    let time = |number| Some(sample::record(number).event_time);
    let all = Query::default();
    vec![
        all.clone(),
        Query { repository: text("repository-3"), ..all.clone() },
        Query { repository: text("repository-9"), ..all.clone() },
        Query { run: text("run-12"), actor: text("person-1"), ..all.clone() },
        Query { session: text("ASIA0000000000000007"), ..all.clone() },
        Query { role: text("deploy-prod"), decision: Some(Decision::Deny), ..all.clone() },
        Query { commit: text(&format!("{:040x}", 4242)), ..all.clone() },
        Query { commit: text("0000000"), limit: Some(17), ..all.clone() },
        Query { commit: text("000"), ..all.clone() },
        Query { provider: text("bitbucket"), kind: Some(Kind::Assume), limit: Some(5), ..all.clone() },
        Query { kind: Some(Kind::Use), ..all.clone() },
        Query { from: Some(8500), decision: Some(Decision::Deny), ..all.clone() },
        Query { since: time(4000), until: time(4200), ..all.clone() },
        Query { since: time(8999), ..all.clone() },
        Query { until: time(1), ..all.clone() },
        Query { text: text("EVENT-8191"), ..all.clone() },
        Query { text: text("run-77\""), ..all.clone() },
        Query { text: text("no such text anywhere"), ..all.clone() },
        Query { text: text("xy"), ..all },
    ]
}

#[tokio::test]
async fn the_index_changes_no_answer() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), SIZE).await;
    let made = reindex(directory.path()).unwrap();
    assert!(made <= 2, "{made}");
    assert_eq!(reindex(directory.path()).unwrap(), 0);
    assert!(directory.path().join("index/001").exists());
    assert!(!directory.path().join("index/002").exists());
    for query in queries() {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let query = Query { order, ..query.clone() };
            let exhaustive = Query { exhaustive: true, ..query.clone() };
            let found = indices(directory.path(), &query);
            assert_eq!(found, indices(directory.path(), &exhaustive), "{query:?}");
        }
    }
}

#[tokio::test]
async fn a_forged_index_invents_nothing() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), SIZE).await;
    reindex(directory.path()).unwrap();
    let query = Query { repository: Some("repository-3".into()), ..Query::default() };
    let whole = indices(directory.path(), &query);
    let block = directory.path().join("index/000");
    let bytes = fs::read(&block).unwrap();
    // Positions moved about: fewer hits perhaps, none that does not fit.
    let mut forged = bytes.clone();
    forged[1084..].rotate_right(2);
    fs::write(&block, &forged).unwrap();
    assert!(indices(directory.path(), &query).iter().all(|index| whole.contains(index)));
    // A block of other records, and one cut short, are passed over.
    fs::copy(directory.path().join("index/001"), &block).unwrap();
    assert_eq!(indices(directory.path(), &query), whole);
    fs::write(&block, &bytes[..bytes.len() / 3]).unwrap();
    assert_eq!(indices(directory.path(), &query), whole);
    fs::remove_dir_all(directory.path().join("index")).unwrap();
    assert_eq!(indices(directory.path(), &query), whole);
}

#[tokio::test]
async fn a_rebuilt_index_gives_the_same_answers() {
    let directory = tempdir().unwrap();
    sample::closed_log(directory.path(), SIZE).await;
    reindex(directory.path()).unwrap();
    let blocks = SIZE / 4096;
    let before: Vec<_> = queries().iter().map(|query| indices(directory.path(), query)).collect();
    fs::write(directory.path().join("index/key"), [7; 32]).unwrap();
    assert_eq!(rebuild_index(directory.path()).unwrap(), blocks);
    assert_eq!(reindex(directory.path()).unwrap(), 0, "nothing is missing");
    let after: Vec<_> = queries().iter().map(|query| indices(directory.path(), query)).collect();
    assert_eq!(before, after);
}
