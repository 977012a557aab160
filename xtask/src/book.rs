//! What the book says of the repository has to be so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}

/// The texts between backticks of one line.
fn quoted(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_known_attack_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/security/known-attacks.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("`crates/"));
    let mut tests = 0;
    for row in rows {
        let column = row.rsplit('|').nth(1).unwrap();
        let names = quoted(column);
        let (file, functions) = names.split_first().unwrap();
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!functions.is_empty(), "no test named: {row}");
        for function in functions {
            assert!(source.contains(&format!("fn {function}(")), "no test `{function}` in {file}");
            tests += 1;
        }
    }
    assert!(tests > 30, "only {tests} tests found: has the table changed its shape?");
}

#[test]
fn every_page_is_in_the_summary_and_every_entry_has_its_page() {
    let docs = root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<PathBuf> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| docs.join(link))
        .collect();
    let decisions = docs.join("decisions");
    let exist: BTreeSet<PathBuf> = pages(&docs)
        .into_iter()
        .filter(|page| !page.ends_with("SUMMARY.md"))
        .filter(|page| page.parent() != Some(&decisions) || page.ends_with("index.md"))
        .collect();
    assert_eq!(listed, exist);
}

#[test]
fn links_between_pages_lead_somewhere() {
    let docs = root().join("docs");
    let mut all = pages(&docs);
    all.extend(["README.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)));
    for page in all {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(page.parent().unwrap().join(path).exists(), "{}: dead link {link}", page.display());
        }
    }
}

#[test]
fn places_that_the_book_names_exist() {
    let root = root();
    let mut named = 0;
    for page in pages(&root.join("docs")).into_iter().chain([root.join("README.md")]) {
        let text = fs::read_to_string(&page).unwrap();
        for line in text.lines() {
            for place in quoted(line) {
                let inside = ["crates/", "docs/", "examples/", "tests/", "xtask/", "fuzz/", "bench/"];
                let whole = !place.contains(['<', '*', ' ', '…', '{']);
                if whole && inside.iter().any(|folder| place.starts_with(folder)) {
                    assert!(root.join(place).exists(), "{}: there is no `{place}`", page.display());
                    named += 1;
                }
            }
        }
    }
    assert!(named > 40, "only {named} places found");
}
