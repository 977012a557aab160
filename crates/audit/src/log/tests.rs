//! A full disk, pretended.

use std::fs;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::tempdir;

use super::{Log, LogOptions};
use crate::disk::Disk;
use crate::{AuditError, Kind, Receipt, Record, VerifyOptions, verify};

fn options(disk: &Disk) -> LogOptions {
    LogOptions {
        checkpoint_interval: Duration::from_millis(10),
        segment_bytes: 512 << 10,
        ..LogOptions::new(disk.root(), "acme.example/audit")
    }
}

fn denial() -> Record {
    let mut record = Record::new(Kind::Assume, "AssumeRoleWithWebIdentity", "event", Timestamp::UNIX_EPOCH);
    record.stagedoor.detail = Some("x".repeat(3000));
    record
}

/// Appends records until one is refused.
async fn append_until_refused(log: &Log, record: &Record, receipts: &mut Vec<Receipt>) -> AuditError {
    loop {
        match log.append(record.clone()).await {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => return error,
        }
    }
}

#[tokio::test]
async fn a_full_disk_stops_issuing_and_loses_nothing() {
    let directory = tempdir().unwrap();
    let disk = Disk::new(directory.path());
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    let mut receipts = vec![log.append(denial().allow()).await.unwrap()];
    log.healthy().unwrap();

    disk.pretend_full(true);
    let error = append_until_refused(&log, &denial().allow(), &mut receipts).await;
    assert_eq!(error.code(), "audit_full");
    assert_eq!(log.healthy().unwrap_err().code(), "audit_full");
    // Denials are still written, as long as the reserve lasts.
    let allowed = receipts.len();
    receipts.push(log.append(denial()).await.unwrap());
    let error = append_until_refused(&log, &denial(), &mut receipts).await;
    assert_eq!(error.code(), "audit_full");
    let denials = receipts.len() - allowed;
    assert!(denials * 3000 > 256 << 10, "{denials} denials were written");
    assert_eq!(log.size(), receipts.len() as u64);

    disk.pretend_full(false);
    while log.healthy().is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    receipts.push(log.append(denial().allow()).await.unwrap());
    log.close().await.unwrap();
    let size = receipts.len() as u64;
    let options = VerifyOptions { receipts, ..VerifyOptions::default() };
    let verification = verify(directory.path(), &options, &mut |_, _| {}).unwrap();
    assert_eq!((verification.size, verification.faults), (size, vec![]));
}

#[tokio::test]
async fn a_log_opens_on_a_full_disk_and_takes_denials() {
    let directory = tempdir().unwrap();
    let disk = Disk::new(directory.path());
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    log.append(denial()).await.unwrap();
    log.close().await.unwrap();

    disk.pretend_full(true);
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    assert_eq!(log.size(), 1);
    log.append(denial()).await.unwrap();
    let error = append_until_refused(&log, &denial().allow(), &mut Vec::new()).await;
    assert_eq!(error.code(), "audit_full");
    assert_eq!(log.close().await.unwrap_err().code(), "audit_io");

    disk.pretend_full(false);
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    assert!(log.size() >= 2);
    log.append(denial().allow()).await.unwrap();
    log.close().await.unwrap();
    let verification = verify(directory.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    assert_eq!(verification.faults, []);
}

#[tokio::test]
async fn what_cannot_be_published_stops_issuing() {
    let directory = tempdir().unwrap();
    let disk = Disk::new(directory.path());
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    // A file where the tiles' directory belongs.
    fs::write(directory.path().join("tile"), "").unwrap();
    let error = append_until_refused(&log, &denial().allow(), &mut Vec::new()).await;
    assert_eq!(error.code(), "audit_unpublished");
    log.append(denial()).await.unwrap();
    fs::remove_file(directory.path().join("tile")).unwrap();
    while log.healthy().is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    log.append(denial().allow()).await.unwrap();
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_write_torn_anywhere_is_removed() {
    let directory = tempdir().unwrap();
    let disk = Disk::new(directory.path());
    let log = Log::open_on(&disk, options(&disk)).unwrap();
    log.append(denial()).await.unwrap();
    log.close().await.unwrap();
    let journal = disk.path("journal/00000000000000000000");
    let before = fs::read(&journal).unwrap();
    let start = before.iter().rposition(|byte| *byte != 0).unwrap() + 1;

    let log = Log::open_on(&disk, options(&disk)).unwrap();
    log.append(denial()).await.unwrap();
    let after = fs::read(&journal).unwrap();
    log.close().await.unwrap();
    let end = after.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    // As if power was lost before the second record's sync: none of what was
    // made of it is there, and one sector of its frame is missing.
    for sector in (start..end).step_by(512) {
        let fresh = tempdir().unwrap();
        let disk = Disk::new(fresh.path());
        let log = Log::open_on(&disk, options(&disk)).unwrap();
        let receipt = log.append(denial()).await.unwrap();
        log.close().await.unwrap();
        let journal = disk.path("journal/00000000000000000000");
        let mut torn = fs::read(&journal).unwrap();
        let own_start = torn.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        torn[own_start..own_start + (end - start)].copy_from_slice(&after[start..end]);
        let sector = own_start + (sector - start);
        let sector_end = (sector + 512).min(own_start + (end - start));
        torn[sector..sector_end].fill(0);
        fs::write(&journal, torn).unwrap();
        let log = Log::open_on(&disk, options(&disk)).unwrap();
        assert_eq!(log.size(), 1, "sector at {sector}");
        assert_eq!(log.append(denial()).await.unwrap().index, receipt.index + 1);
        log.close().await.unwrap();
        assert!(verify(fresh.path(), &VerifyOptions::default(), &mut |_, _| {}).unwrap().is_intact());
    }
}
