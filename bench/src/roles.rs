//! Many roles: what they cost in time and memory, and whether a decision is slower for it.

use std::collections::HashMap;
use std::time::Instant;

use stagedoor_policy::{Document, Kind, Policy, PolicySet};

use crate::engines::request;
use crate::policies::{ROLE, trust};
use crate::{nanoseconds, shown};

const MANY: usize = 100_000;
const FEW: usize = 10;

/// Compiles roles with trust policies of their own.
fn compile(count: usize) -> HashMap<String, PolicySet> {
    (0..count)
        .map(|at| {
            let source = trust(&format!("repo:acme/service-{at}:*"));
            let document = Document::parse(Kind::Trust, &source).expect("a sound policy");
            (format!("{ROLE}-{at}"), PolicySet::new().trust(Policy::compile("trust.json", &document)))
        })
        .collect()
}

/// Decides about one role after another, so that no policy stays in the nearest cache.
fn decisions(roles: &HashMap<String, PolicySet>, step: usize) -> f64 {
    let questions: Vec<_> = (0..FEW)
        .map(|at| {
            let at = at * step;
            let role = format!("{ROLE}-{at}");
            let sub = format!("repo:acme/service-{at}:ref:refs/heads/main");
            let asked = request(true, "sts:AssumeRoleWithWebIdentity", &role, &sub);
            (role, asked)
        })
        .collect();
    let mut next = 0;
    nanoseconds(|| {
        next = (next + 1) % questions.len();
        let (role, asked) = &questions[next];
        roles.get(role).is_some_and(|role| role.decide(asked).is_allow())
    })
}

/// The memory that is resident, in MiB; none where `/proc` does not tell.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

pub fn run() {
    let few = compile(FEW);
    let of_few = decisions(&few, 1);
    let before = resident();
    let started = Instant::now();
    let many = compile(MANY);
    let took = started.elapsed();
    let grown = resident().zip(before).map(|(after, before)| after - before);
    let of_many = decisions(&many, MANY / FEW);
    println!("\n100,000 roles, each with a trust policy of its own:\n");
    println!("- parsed and compiled in {:.2} s on one thread", took.as_secs_f64());
    match grown {
        Some(grown) => println!("- {grown:.0} MiB of memory"),
        None => println!("- memory unknown on this system"),
    }
    println!(
        "- a decision with the role's look-up: {} among 100,000, {} among 10 ({:.2}×)",
        shown(of_many),
        shown(of_few),
        of_many / of_few
    );
}
