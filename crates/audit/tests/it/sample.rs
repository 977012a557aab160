//! Records and logs to try things on.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use stagedoor_audit::{Decision, Kind, Log, LogOptions, Receipt, Record};

pub(crate) const ORIGIN: &str = "stagedoor.acme.example/audit";

/// Options whose checkpoints come only when asked for, in small segments.
pub(crate) fn options(directory: &Path) -> LogOptions {
    LogOptions {
        checkpoint_interval: Duration::from_secs(3600),
        segment_bytes: 512 << 10,
        ..LogOptions::new(directory, ORIGIN)
    }
}

pub(crate) fn open(directory: &Path) -> Log {
    Log::open(options(directory)).unwrap()
}

/// Record `number` of a log: even numbers are allowed.
pub(crate) fn record(number: u64) -> Record {
    let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let now = start + jiff::SignedDuration::from_secs(i64::try_from(number).unwrap());
    let mut record = Record::new(Kind::Assume, "AssumeRoleWithWebIdentity", format!("event-{number}"), now);
    record.source_ip_address = "192.0.2.7".into();
    let details = &mut record.stagedoor;
    details.provider = Some("bitbucket".into());
    details.repository = Some(format!("repository-{}", number % 7));
    details.reference = Some("main".into());
    details.commit = Some(format!("{number:040x}"));
    details.run = Some(format!("run-{}", number / 10));
    details.actor = Some(format!("person-{}", number % 3));
    details.role = Some("arn:aws:iam::123456789012:role/deploy-prod".into());
    details.session = Some(format!("ASIA{number:016}"));
    if number.is_multiple_of(2) {
        record.allow()
    } else {
        record.deny("trust_policy_denied", "AccessDenied", "no statement")
    }
}

/// Appends the records `numbers`, all at once.
pub(crate) async fn append(log: &Log, numbers: std::ops::Range<u64>) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for chunk in numbers.collect::<Vec<_>>().chunks(500) {
        let (log, chunk) = (log.clone(), chunk.to_vec());
        let tasks: Vec<_> = chunk
            .into_iter()
            .map(|number| {
                let log = log.clone();
                tokio::spawn(async move { log.append(record(number)).await.unwrap() })
            })
            .collect();
        for task in tasks {
            receipts.push(task.await.unwrap());
        }
    }
    receipts
}

/// A closed log of `size` records.
pub(crate) async fn closed_log(directory: &Path, size: u64) -> Vec<Receipt> {
    let log = open(directory);
    let receipts = append(&log, 0..size).await;
    log.close().await.unwrap();
    receipts
}

pub(crate) fn is_allowed(record: &Record) -> bool {
    record.stagedoor.decision == Decision::Allow
}
