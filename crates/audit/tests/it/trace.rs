//! From the token to the last call.

use std::path::Path;

use stagedoor_audit::{Kind, Link, Record, Subject, trace};
use tempfile::tempdir;

use crate::sample;

fn use_of(session: &str, number: u64) -> Record {
    let mut record = sample::record(number * 2);
    record.event_name = "Invoke".into();
    record.stagedoor.kind = Kind::Use;
    record.stagedoor.session = Some(session.into());
    record.stagedoor.commit = None;
    record.stagedoor.run = None;
    record
}

fn issue(session: &str, parent: Option<&str>, run: Option<&str>) -> Record {
    let mut record = sample::record(0);
    record.stagedoor.session = Some(session.into());
    record.stagedoor.parent = parent.map(str::to_owned);
    record.stagedoor.run = run.map(str::to_owned);
    record.stagedoor.commit = run.map(|run| format!("abcdef0123456{run}"));
    record
}

/// Two runs: the first with two uses and a derived session with one more, the
/// second refused.
async fn story(directory: &Path) {
    let log = sample::open(directory);
    let mut refused = sample::record(1);
    refused.stagedoor.run = Some("18".into());
    refused.stagedoor.session = None;
    let records = [
        issue("ASIA1", None, Some("17")),
        issue("ASIAother", None, Some("99")),
        use_of("ASIA1", 1),
        refused,
        issue("ASIA2", Some("ASIA1"), None),
        use_of("ASIA2", 2),
        use_of("ASIAother", 3),
        use_of("ASIA1", 4),
    ];
    for record in records {
        log.append(record).await.unwrap();
    }
    log.close().await.unwrap();
}

/// Shows a chain as nested indices.
fn shape(links: &[Link]) -> String {
    let shown = links.iter().map(|link| format!("{}{}", link.entry.index, shape(&link.followed_by)));
    let shown = shown.collect::<Vec<_>>().join(" ");
    if shown.is_empty() { shown } else { format!("({shown})") }
}

#[tokio::test]
async fn every_way_in_leads_to_the_whole_chain() {
    let directory = tempdir().unwrap();
    story(directory.path()).await;
    let shape = |subject: Subject| {
        let (links, cut) = trace(directory.path(), &subject, 100).unwrap();
        assert!(!cut);
        shape(&links)
    };
    let whole = "(0(2 4(5) 7))";
    assert_eq!(shape(Subject::Run("17".into())), whole);
    assert_eq!(shape(Subject::Commit("abcdef012345617".into())), whole);
    assert_eq!(shape(Subject::Session("ASIA1".into())), whole);
    assert_eq!(shape(Subject::Session("ASIA2".into())), whole);
    assert_eq!(shape(Subject::Index(5)), whole);
    assert_eq!(shape(Subject::Any("ASIA2".into())), whole);
    assert_eq!(shape(Subject::Any("17".into())), whole);
    assert_eq!(shape(Subject::Any("5".into())), whole);
    assert_eq!(shape(Subject::Run("18".into())), "(3)");
    assert_eq!(shape(Subject::Run("404".into())), "");
}

#[tokio::test]
async fn a_long_chain_is_cut_and_says_so() {
    let directory = tempdir().unwrap();
    story(directory.path()).await;
    let (links, cut) = trace(directory.path(), &Subject::Run("17".into()), 3).unwrap();
    assert_eq!((shape(&links).as_str(), cut), ("(0(2 4))", true));
}
