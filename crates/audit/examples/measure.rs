//! Measures the log on this machine: appends, verification, searches.
//!
//! `cargo run --release -p stagedoor-audit --example measure -- DIRECTORY RECORDS`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that fails is none")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;
use stagedoor_audit::{Decision, Kind, Log, LogOptions, Order, Query, Record, VerifyOptions, search, verify};

fn record(number: u64) -> Record {
    let start: jiff::Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let now = start + jiff::SignedDuration::from_millis(i64::try_from(number).unwrap() * 100);
    let word = |salt: u64| (number * 8 + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash =
        |salt: u64| [0, 17, 34, 51].map(|turn| format!("{:016x}", word(salt).rotate_left(turn))).concat();
    let mut record = Record::new(Kind::Assume, "AssumeRoleWithWebIdentity", hash(1), now);
    record.event_source = "sts.amazonaws.com".into();
    record.aws_region = "us-east-1".into();
    record.source_ip_address = "192.0.2.7".into();
    record.user_agent = "aws-cli/2.31.0 md/Botocore#1.40 lang/python#3.13".into();
    record.request_id = hash(2);
    record.recipient_account_id = "123456789012".into();
    record.request_parameters.insert("roleArn".into(), json!("arn:aws:iam::123456789012:role/deploy-prod"));
    record.request_parameters.insert("roleSessionName".into(), json!(format!("pipeline-{}", number / 7)));
    let details = &mut record.stagedoor;
    details.issuer = Some("bitbucket".into());
    details.provider = Some("bitbucket".into());
    details.repository = Some(format!("{{repository-{}}}", number % 997));
    details.reference = Some("main".into());
    details.commit = Some(hash(3).chars().take(40).collect());
    details.run = Some(format!("run-{}", number / 20));
    details.actor = Some(format!("person-{}", number % 211));
    details.role = Some("arn:aws:iam::123456789012:role/deploy-prod".into());
    details.session = Some(format!("ASIA{:016X}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    details.snapshot = Some(hash(4));
    details.token_sha256 = Some(hash(5));
    details.claims.insert("branchName".into(), json!("main"));
    details.claims.insert("deploymentEnvironmentUuid".into(), json!(hash(6)));
    if number.is_multiple_of(50) {
        record.deny("trust_policy_denied", "AccessDenied", "no statement of trust.json allows it")
    } else {
        record.allow()
    }
}

/// Appends `count` records with `clients` at once.
async fn append(log: &Log, clients: u64, from: u64, count: u64) -> Duration {
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut number = from + client;
                while number < from + count {
                    log.append(record(number)).await.unwrap();
                    number += clients;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    start.elapsed()
}

fn rate(count: u64, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap());
    let records: u64 = arguments.next().unwrap().parse().unwrap();
    let log = Log::open(LogOptions::new(&directory, "measure.example/audit")).unwrap();
    for (clients, count) in [(1, 500), (8, 4000), (64, 40_000), (512, 200_000)] {
        if log.size() + count > records {
            break;
        }
        let took = append(&log, clients, log.size(), count).await;
        println!("append, {clients:>3} clients: {:>9.0} records/s", rate(count, took));
    }
    let rest = records.saturating_sub(log.size());
    append(&log, 2048, log.size(), rest).await;
    log.close().await.unwrap();

    let start = Instant::now();
    stagedoor_audit::reindex(&directory).unwrap();
    println!("index what was left: {:?}", start.elapsed());
    let start = Instant::now();
    let verification = verify(&directory, &VerifyOptions::default(), &mut |_, _| {}).unwrap();
    let took = start.elapsed();
    println!("verify: {:>9.0} records/s, {:?}", rate(verification.size, took), verification.faults);

    let text = |text: &str| Some(text.to_owned());
    let hundred = Query { limit: Some(100), ..Query::default() };
    let queries = [
        ("session", Query { session: record(77_777).stagedoor.session, ..hundred.clone() }),
        ("commit", Query { commit: record(123_456).stagedoor.commit, ..hundred.clone() }),
        ("run", Query { run: text("run-3000"), ..hundred.clone() }),
        ("repository", Query { repository: text("{repository-5}"), ..hundred.clone() }),
        ("denied", Query { decision: Some(Decision::Deny), ..hundred.clone() }),
        (
            "denied, oldest",
            Query { decision: Some(Decision::Deny), order: Order::OldestFirst, ..hundred.clone() },
        ),
        ("actor", Query { actor: text("person-9"), ..hundred.clone() }),
        ("no such role", Query { role: text("nobody"), ..hundred.clone() }),
        ("text, common", Query { text: text("trust.json"), ..hundred.clone() }),
        ("text, rare", Query { text: text("pipeline-11111"), ..hundred.clone() }),
        ("text, absent", Query { text: text("no such text anywhere"), ..hundred.clone() }),
        ("exhaustive", Query { session: text("ASIAnobody"), exhaustive: true, ..hundred }),
    ];
    for (name, query) in queries {
        let mut times: Vec<_> = (0..5)
            .map(|_| {
                let start = Instant::now();
                let found = search(&directory, &query).unwrap().map(Result::unwrap).count();
                (start.elapsed(), found)
            })
            .collect();
        times.sort();
        let (took, found) = times.into_iter().nth(2).unwrap();
        println!("search, {name:<15} {took:>8.1?} for {found} hits");
    }
}
