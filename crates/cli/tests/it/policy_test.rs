//! `stagedoor test` on the example shop, and on tests that fail.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::cli::stagedoor;

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop").canonicalize().unwrap()
}

/// A copy of the shop with these cases instead of its own.
fn with(cases: &str) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_name().to_str().unwrap() {
                "state" | "tests" => {}
                _ if entry.path().is_dir() => copy(&entry.path(), &target),
                _ => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
    let directory = tempfile::tempdir().unwrap();
    copy(&shop(), directory.path());
    fs::create_dir(directory.path().join("tests")).unwrap();
    fs::write(directory.path().join("tests/cases.toml"), cases).unwrap();
    directory
}

const FAILING: &str = r#"[[case]]
name      = "production by the wrong statement"
role      = "deploy-prod"
example   = "bitbucket"
expect    = "allow"
reason    = "is denied"
statement = "GitlabProtectedMain"

[[case]]
name     = "a build deletes <orders> & more"
role     = "build"
action   = "execute-api:Invoke"
resource = "arn:aws:execute-api:us-east-1:123456789012:orders/live/DELETE/orders/7"
expect   = "allow"

[[case]]
name    = "a typo"
role    = "biuld"
example = "circleci"
expect  = "allow"

[[case]]
name    = "an unknown example"
role    = "build"
example = "travis"
expect  = "allow"

[[case]]
name    = "a claim that is not there"
role    = "build"
example = "circleci"
without = ["oidc.circleci.com/vcs-orgin"]
expect  = "allow"

[[case]]
name    = "a refusal is a denial, but no implicit one"
role    = "deploy-prod"
example = "circleci"
expect  = "implicit_deny"
[case.claims]
iss = "https://oidc.circleci.com/org/00000000-0000-4000-8000-000000000000"

[[case]]
name    = "and this is fine"
role    = "deploy-prod"
example = "circleci"
expect  = "deny"
reason  = "token_issuer_unknown"
[case.claims]
iss = "https://oidc.circleci.com/org/00000000-0000-4000-8000-000000000000"

[[case]]
name    = "a context of the case's own"
role    = "build"
action  = "execute-api:Invoke"
expect  = "deny"
[case.context]
"aws:SourceIp" = { not = "a value" }
"#;

#[test]
fn the_tests_of_the_shop_pass() {
    let ended = stagedoor(["test"]).args([shop()]).run().expect(0);
    assert!(ended.stdout.contains("... ok\n"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("14 passed, 0 failed\n"), "{}", ended.stdout);
    let some = stagedoor(["test", "--name", "stays out"]).args([shop()]).run().expect(0);
    assert!(some.stdout.ends_with("3 passed, 0 failed\n"), "{}", some.stdout);
}

#[test]
fn failures_are_underlined() {
    let place = with(FAILING);
    let ended = stagedoor(["test"]).args([place.path()]).run().expect(1);
    insta::assert_snapshot!(ended.shown(place.path()));
}

#[test]
fn results_as_junit() {
    let place = with(FAILING);
    let ended = stagedoor(["test", "--format", "junit"]).args([place.path()]).run().expect(1);
    let (mut depth, mut failures, mut cases) = (0, Vec::new(), Vec::new());
    let mut reader = quick_xml::Reader::from_str(&ended.stdout);
    loop {
        use quick_xml::events::Event;
        let attribute = |element: &quick_xml::events::BytesStart<'_>, name: &str| {
            let value = element.try_get_attribute(name).unwrap().unwrap();
            quick_xml::escape::unescape(&value.value).unwrap().into_owned()
        };
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                depth += 1;
                match element.name().as_ref() {
                    "testcase" => cases.push(attribute(&element, "name")),
                    "failure" => failures.push(attribute(&element, "message")),
                    "testsuite" => assert_eq!(attribute(&element, "failures"), "7"),
                    _ => {}
                }
            }
            Event::Empty(element) => cases.push(attribute(&element, "name")),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, cases.len()), (0, 8));
    assert_eq!(cases[1], "a build deletes <orders> & more");
    assert_eq!(failures[1], "expected `allow`, found `implicit_deny`");
    let fine = stagedoor(["test", "--format", "junit"]).args([shop()]).run().expect(0);
    assert!(fine.stdout.contains("tests=\"14\" failures=\"0\""), "{}", fine.stdout);
}

#[test]
fn what_cannot_be_run_is_bad_input() {
    let faulty = with("[[case]]\nname = \"x\"\nrol = \"build\"\nexpect = \"allow\"\n");
    let ended = stagedoor(["test"]).args([faulty.path()]).run().expect(2);
    assert!(ended.stderr.contains("did you mean `role`?"), "{}", ended.stderr);
    let empty = with("case = []\n");
    let ended = stagedoor(["test"]).args([empty.path()]).run().expect(2);
    assert!(ended.stderr.contains("there is no test in"), "{}", ended.stderr);
    let ended = stagedoor(["test", "--name", "no such"]).args([shop()]).run().expect(2);
    assert!(ended.stderr.contains("has `no such` in its name"), "{}", ended.stderr);
}
