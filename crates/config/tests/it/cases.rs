//! The cases of `stagedoor test`.

use serde_json::json;
use stagedoor_config::{Expected, load_tests};
use stagedoor_identity::Profile;

use crate::fixture::{Fixture, lines};

#[test]
fn a_folder_of_tests_is_no_part_of_the_snapshot() {
    let plain = Fixture::new(&[]);
    let digest = plain.load().unwrap().digest;
    let fixture = Fixture::new(&[("tests/a.toml", Some("nonsense")), ("tests/notes.md", Some("x"))]);
    let snapshot = fixture.load().unwrap();
    assert_eq!(snapshot.digest, digest);
    assert!(snapshot.warnings.is_empty(), "{}", snapshot.warnings);
    let slip = Fixture::new(&[("test/a.toml", Some(""))]);
    assert_eq!(lines(&slip.load().unwrap().warnings), ["test:1:1 warning unknown_file"]);
    let file = Fixture::new(&[("tests", Some(""))]);
    assert_eq!(lines(&file.report()), ["tests:1:1 error unreadable_file"]);
}

#[test]
fn every_key_of_a_case() {
    let fixture = Fixture::new(&[
        (
            "tests/b.toml",
            Some(
                r#"[[case]]
name = "all of it"
role = "reader"
example = "bitbucket"
without = ["branchName"]
action = "execute-api:Invoke"
resource = "arn:aws:execute-api:us-east-1:123456789012:orders/live/GET/orders"
expect = "explicit_deny"
reason = "covers"
statement = "Read"
profile = "aws"
[case.claims]
sub = "x"
number = 7
float = 1.5
flag = true
list = ["a", "b"]
nested = { a = { b = 1 } }
date = 2026-11-20T10:00:00Z
[case.context]
"aws:SourceIp" = "192.0.2.1"
"#,
            ),
        ),
        (
            "tests/a.toml",
            Some("[[case]]\nname = \"few\"\nrole = \"reader\"\nclaims = {}\nexpect = \"deny\"\n"),
        ),
    ]);
    let files = load_tests(&fixture.path("")).unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["tests/a.toml", "tests/b.toml"]);
    let few = &files[0].cases[0];
    assert_eq!((few.expect.value, few.profile), (Expected::Deny, Profile::Stagedoor));
    assert!(few.token.as_ref().unwrap().claims.is_empty() && few.access.is_none());
    let all = &files[1].cases[0];
    assert_eq!((all.name.value.as_str(), all.role.value.as_str()), ("all of it", "reader"));
    assert_eq!((all.expect.value, all.profile), (Expected::ExplicitDeny, Profile::Aws));
    let token = all.token.as_ref().unwrap();
    assert_eq!(token.example.as_ref().unwrap().value, "bitbucket");
    assert_eq!(token.without[0].value, "branchName");
    assert_eq!(
        serde_json::Value::Object(token.claims.clone()),
        json!({"sub": "x", "number": 7, "float": 1.5, "flag": true, "list": ["a", "b"],
               "nested": {"a": {"b": 1}}, "date": "2026-11-20T10:00:00Z"})
    );
    assert_eq!(serde_json::Value::Object(all.context.clone()), json!({"aws:SourceIp": "192.0.2.1"}));
    let access = all.access.as_ref().unwrap();
    assert_eq!(access.action.value, "execute-api:Invoke");
    assert!(access.resource.as_ref().unwrap().ends_with("/GET/orders"));
    assert_eq!(all.reason.as_ref().unwrap().value, "covers");
    let span = all.expect.span;
    assert_eq!(&files[1].source[span.start as usize..span.end as usize], "\"explicit_deny\"");
}

#[test]
fn without_a_folder_there_are_no_cases() {
    assert!(load_tests(&Fixture::new(&[]).path("")).unwrap().is_empty());
}

#[test]
fn all_faults_of_all_files_at_once() {
    let fixture = Fixture::new(&[
        ("tests/a.toml", Some("[[case]]\nname = \"x\"\nrole = 7\nexpct = \"allow\"\nclaims = {}\n")),
        ("tests/b.toml", Some("case = 1\n")),
        ("tests/c.toml", Some("[[case]]\nname = \"x\"\nrole = \"r\"\nexpect = \"yes\"\nresource = \"a\"\n")),
        (
            "tests/d.toml",
            Some(
                "[[case]]\nname = \"x\"\nrole = \"r\"\nexpect = \"allow\"\nclaims = {}\n\
                 [[case]]\nname = \"x\"\nrole = \"r\"\nexpect = \"allow\"\nclaims = { a = nan }\nwithout = [\"b\"]\n",
            ),
        ),
        ("tests/e.toml", Some("[[case]\n")),
        ("tests/f.toml", Some("")),
    ]);
    let report = load_tests(&fixture.path("")).unwrap_err();
    assert_eq!(
        lines(&report),
        [
            "tests/a.toml:1:1 error missing_key",
            "tests/a.toml:3:8 error wrong_type",
            "tests/a.toml:4:1 error unknown_key",
            "tests/b.toml:1:8 error wrong_type",
            "tests/c.toml:1:1 error missing_key",
            "tests/c.toml:4:10 error invalid_value",
            "tests/c.toml:5:12 error invalid_value",
            "tests/d.toml:7:8 error duplicate_case",
            "tests/d.toml:10:10 error invalid_value",
            "tests/d.toml:11:11 error invalid_value",
            "tests/e.toml:1:8 error toml_syntax",
            "tests/f.toml:1:1 error missing_key",
        ]
    );
}
