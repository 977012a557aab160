//! The list of rules, and that every rule has its cases.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{counting, rules};
use crate::{actions, combination, conditions, documents, principals, resources, variables, web_identity};

/// The tables may only grow.
const AT_LEAST: usize = 2_100;

#[test]
fn every_rule_has_cases_and_there_are_enough() {
    let cases = counting(|| {
        documents::all();
        actions::all();
        resources::all();
        conditions::all();
        variables::all();
        principals::all();
        combination::all();
        web_identity::all();
        mistakes_counted_elsewhere();
    });
    let mut counts: BTreeMap<&str, usize> = rules().map(|rule| (rule, 0)).collect();
    for case in &cases {
        *counts.get_mut(case.rule.as_str()).unwrap() += 1;
    }
    let without: Vec<&str> = counts.iter().filter(|(_, count)| **count == 0).map(|(rule, _)| *rule).collect();
    assert!(without.is_empty(), "rules without a case: {without:?}");
    assert!(cases.len() >= AT_LEAST, "only {} cases: {counts:#?}", cases.len());
}

/// What only a work counter inside the crate can show has its place in the list all the same.
fn mistakes_counted_elsewhere() {
    let source = include_str!("../../src/glob/tests.rs");
    let mut table = crate::support::Table::of("mistake/backtracking");
    let test = "fn hostile_patterns_take_linear_time";
    table.row("there is such a test", test, source.contains(test), true);
    let hostile = format!("{}b", "*a".repeat(30));
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::{hostile}"}}"#);
    let asked = crate::support::request("s3:Get", &format!("arn:aws:s3:::{}", "a".repeat(60)));
    table.row(
        "thirty stars on sixty characters",
        &hostile,
        crate::support::allows(&statement, &asked),
        false,
    );
}

#[test]
fn rules_are_listed_once_with_their_source() {
    let mut seen = BTreeSet::new();
    for line in include_str!("rules.md").lines().filter(|line| line.starts_with("- `")) {
        let rule = line.split('`').nth(1).unwrap();
        assert!(seen.insert(rule), "{rule} is listed twice");
        let (family, name) = rule.split_once('/').unwrap();
        assert!(!name.is_empty() && line.contains("`: "), "{line}");
        assert!(family == "mistake" || line.ends_with(']'), "where does AWS state {rule}?");
        if let Some((_, decision)) = line.split_once("[decision ") {
            let decision = decision.trim_end_matches(']');
            let path = format!("{}/../../docs/decisions/{decision}.md", env!("CARGO_MANIFEST_DIR"));
            assert!(std::fs::exists(&path).unwrap(), "{path} is missing");
        }
    }
}
