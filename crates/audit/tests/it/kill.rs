//! SIGKILL at random moments, under load.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use stagedoor_audit::{FaultKind, Log, Receipt, VerifyOptions, verify};
use tempfile::tempdir;

use crate::sample;

/// Directory of the log, for the child.
const DIRECTORY: &str = "STAGEDOOR_TEST_KILL_DIRECTORY";
/// How many times; 200 for a long run.
const ROUNDS: &str = "STAGEDOOR_TEST_KILL_ROUNDS";

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let directory = tempdir().unwrap();
    let rounds = env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let mut acknowledged: Vec<Receipt> = Vec::new();
    for round in 0..rounds {
        let before = acknowledged.len();
        kill_once(directory.path(), &mut acknowledged);
        assert!(acknowledged.len() > before, "round {round} acknowledged nothing");
        let options = VerifyOptions { receipts: acknowledged.clone(), ..VerifyOptions::default() };
        let verification = verify(directory.path(), &options, &mut |_, _| {}).unwrap();
        // What was being written is no loss.
        let lost: Vec<_> = verification.faults.iter().filter(|fault| fault.kind != FaultKind::Torn).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
    }
    let log = sample::open(directory.path());
    let size = log.size();
    tokio::runtime::Runtime::new().unwrap().block_on(log.close()).unwrap();
    assert!(size >= acknowledged.len() as u64);
    let options = VerifyOptions { receipts: acknowledged, ..VerifyOptions::default() };
    let verification = verify(directory.path(), &options, &mut |_, _| {}).unwrap();
    assert_eq!((verification.size, verification.unsigned, verification.faults), (size, 0, vec![]));
}

/// Lets a child append until it is killed; adds what it acknowledged.
fn kill_once(directory: &Path, acknowledged: &mut Vec<Receipt>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (first, started) = mpsc::channel();
    let reading = thread::spawn(move || {
        let mut receipts: Vec<Receipt> = Vec::new();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(receipt) = line.strip_prefix("receipt ").and_then(|receipt| receipt.parse().ok()) {
                receipts.push(receipt);
                let _ = first.send(());
            }
        }
        receipts
    });
    started.recv_timeout(Duration::from_secs(60)).unwrap();
    thread::sleep(Duration::from_micros(RandomState::new().hash_one(0) % 60_000));
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged.extend(reading.join().unwrap());
}

/// Runs only as the child of the test above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(directory) = env::var_os(DIRECTORY) else { return };
    let mut options = sample::options(Path::new(&directory));
    options.checkpoint_interval = Duration::from_millis(3);
    let log = Log::open(options).unwrap();
    let clients = (0..64).map(|client| {
        let log = log.clone();
        tokio::spawn(async move {
            for number in 0.. {
                let receipt = log.append(sample::record(client * 1_000_000 + number)).await.unwrap();
                // One write a line, so that no line is half written.
                std::io::stdout().write_all(format!("\nreceipt {receipt}\n").as_bytes()).unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}
