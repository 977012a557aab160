//! The policy engine beside others, in one run on one machine: `cargo xtask bench policy`.
//!
//! Each engine gets an equivalent policy in its own language and an equivalent request, both made ready before the
//! clock starts; only the decision is timed. Every engine must answer "allow", or the run stops.

mod engines;
mod policies;
mod roles;

use std::hint::black_box;
use std::time::{Duration, Instant};

use engines::{Cedar, Engine, IamRs, Ours};

/// How long one measurement takes; the best of several rounds counts, which shuts out the machine's other work.
const ROUND: Duration = Duration::from_millis(400);
const ROUNDS: usize = 5;

/// Nanoseconds a decision takes.
fn nanoseconds(mut decide: impl FnMut() -> bool) -> f64 {
    assert!(decide(), "every request of the benchmark is allowed");
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (mut count, mut batch) = (0_u64, 1_u64);
        let started = Instant::now();
        while started.elapsed() < ROUND {
            for _ in 0..batch {
                black_box(decide());
            }
            count += batch;
            batch = (batch * 2).min(1024);
        }
        best = best.min(started.elapsed().as_nanos() as f64 / count as f64);
    }
    best
}

fn row(what: &str, ours: f64, theirs: &[(&str, Option<f64>)]) {
    print!("| {what} | {} |", shown(ours));
    for (_, time) in theirs {
        match time {
            Some(time) => print!(" {} | {:.1}× |", shown(*time), time / ours),
            None => print!(" refuses | – |"),
        }
    }
    println!();
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1_000.0 => format!("{n:.0} ns"),
        n if n < 1_000_000.0 => format!("{:.1} µs", n / 1_000.0),
        n => format!("{:.1} ms", n / 1_000_000.0),
    }
}

fn main() {
    println!("| policy | stagedoor | iam-rs | ratio | Cedar | ratio |");
    println!("|---|---|---|---|---|---|");
    let mut times = Vec::new();
    for case in policies::all() {
        let ours = Ours::new(&case);
        let time = nanoseconds(|| ours.allows());
        let iam = IamRs::new(&case).filter(IamRs::allows).map(|engine| nanoseconds(|| engine.allows()));
        let cedar = Cedar::new(&case);
        let cedar = nanoseconds(|| cedar.allows());
        row(case.name, time, &[("iam-rs", iam), ("cedar", Some(cedar))]);
        times.push((case.name, time));
    }
    let time = |name: &str| times.iter().find(|(case, _)| *case == name).map_or(f64::NAN, |(_, time)| *time);
    println!("\ntrust decisions a second: {:.2} million", 1_000.0 / time(policies::SMALL));
    println!(
        "a thousand statements with two that match against the small policy: {:.2}×",
        time(policies::THOUSAND) / time(policies::SMALL)
    );
    hostile();
    roles::run();
}

/// Twelve stars against a text that almost matches, at growing lengths.
fn hostile() {
    println!("\nhostile globs, 12 stars on `a…a`, by length of the text:\n");
    println!("| length | stagedoor | iam-rs | Cedar |");
    println!("|---|---|---|---|");
    for length in [100, 1_000, 10_000] {
        let case = policies::hostile(length);
        let ours = Ours::new(&case);
        let ours = nanoseconds(|| ours.allows());
        let iam = IamRs::new(&case).filter(IamRs::allows).map(|engine| nanoseconds(|| engine.allows()));
        let cedar = Cedar::new(&case);
        let cedar = nanoseconds(|| cedar.allows());
        let iam = iam.map_or_else(|| "refuses".to_owned(), shown);
        println!("| {length} | {} | {iam} | {} |", shown(ours), shown(cedar));
    }
}
