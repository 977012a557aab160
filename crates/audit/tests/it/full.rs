//! A full disk, in earnest: a small file system of its own.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use stagedoor_audit::{Log, Receipt, VerifyOptions, verify};
use tempfile::tempdir;

use crate::sample;

/// Directory of a small file system, for the child.
const SMALL: &str = "STAGEDOOR_TEST_SMALL_DISK";

#[test]
fn a_full_file_system_stops_issuing_and_loses_nothing() {
    if !Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this machine lets nobody mount a file system; a pretended one is tested anyway");
        return;
    }
    let directory = tempdir().unwrap();
    let script = "mount -t tmpfs -o size=4m none \"$0\" && exec \"$1\" --exact full::child --nocapture";
    let status = Command::new("unshare")
        .args(["-rm", "sh", "-c", script])
        .arg(directory.path())
        .arg(env::current_exe().unwrap())
        .env(SMALL, directory.path())
        .status()
        .unwrap();
    assert!(status.success());
}

/// Runs only as the child of the test above.
#[tokio::test]
async fn child() {
    let Some(directory) = env::var_os(SMALL) else { return };
    let directory = Path::new(&directory);
    let ballast = directory.join("ballast");
    fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let log = directory.join("audit");
    let mut options = sample::options(&log);
    options.checkpoint_interval = Duration::from_millis(5);
    let log = Log::open(options.clone()).unwrap();

    let mut receipts: Vec<Receipt> = Vec::new();
    let error = loop {
        match log.append(sample::record(0)).await {
            Ok(receipt) => receipts.push(receipt),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "audit_full", "{error}");
    assert!(error.to_string().contains("no room"), "{error}");
    assert!(!receipts.is_empty());
    for _ in 0..10 {
        receipts.push(log.append(sample::record(1)).await.unwrap());
    }

    fs::remove_file(&ballast).unwrap();
    while log.healthy().is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    receipts.push(log.append(sample::record(2)).await.unwrap());
    log.close().await.unwrap();
    let size = receipts.len() as u64;
    let wanted = VerifyOptions { receipts, ..VerifyOptions::default() };
    let verification = verify(&options.directory, &wanted, &mut |_, _| {}).unwrap();
    assert_eq!((verification.size, verification.faults), (size, vec![]));
}
