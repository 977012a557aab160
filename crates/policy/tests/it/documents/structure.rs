//! Elements: which there are, how often, in which shape.

use stagedoor_policy::Kind;

use super::{STATEMENT, one, run, when, with};

pub(super) fn all() {
    versions();
    statements();
    elements();
    duplicates();
    one_of_two();
    sids_and_ids();
    syntax();
}

fn whole(members: &str) -> String {
    format!("{{{members}}}")
}

#[test]
fn versions() {
    let statement = format!(r#""Statement":{{{STATEMENT}}}"#);
    let version = |text: &str| whole(&format!(r#""Version":{text},{statement}"#));
    run(
        "document/version",
        Kind::Identity,
        &[
            ("the current one", version(r#""2012-10-17""#), ""),
            ("the old one", version(r#""2008-10-17""#), ""),
            ("none", whole(&statement), "~missing_version"),
            ("a date of one's own", version(r#""2024-01-01""#), "invalid_version"),
            ("empty", version(r#""""#), "invalid_version"),
            ("a number", version("2012"), "wrong_type"),
            ("a list", version(r#"["2012-10-17"]"#), "wrong_type"),
            ("a space", version(r#""2012-10-17 ""#), "invalid_version"),
            ("last", whole(&format!(r#"{statement},"Version":"2012-10-17""#)), ""),
        ],
    );
}

#[test]
fn statements() {
    let version = r#""Version":"2012-10-17""#;
    run(
        "document/statement",
        Kind::Identity,
        &[
            ("an object", one(STATEMENT), ""),
            ("an array of one", whole(&format!(r#"{version},"Statement":[{{{STATEMENT}}}]"#)), ""),
            (
                "an array of two",
                whole(&format!(r#"{version},"Statement":[{{{STATEMENT}}},{{{STATEMENT}}}]"#)),
                "",
            ),
            ("none", whole(version), "missing_statement"),
            ("an empty array", whole(&format!(r#"{version},"Statement":[]"#)), "missing_statement"),
            ("a string", whole(&format!(r#"{version},"Statement":"x""#)), "wrong_type"),
            ("an array of strings", whole(&format!(r#"{version},"Statement":["x"]"#)), "wrong_type"),
            ("null", whole(&format!(r#"{version},"Statement":null"#)), "wrong_type"),
            (
                "an array of arrays",
                whole(&format!(r#"{version},"Statement":[[{{{STATEMENT}}}]]"#)),
                "wrong_type",
            ),
            ("an array for a document", "[]".into(), "document_not_object"),
            ("a string for a document", r#""x""#.into(), "document_not_object"),
            ("lists as arrays", one(r#""Effect":"Allow","Action":["a:b"],"Resource":["*"]"#), ""),
            (
                "lists of several",
                one(
                    r#""Effect":"Allow","Action":["a:b","a:c"],"Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#,
                ),
                "",
            ),
            ("an empty list of actions", one(r#""Effect":"Allow","Action":[],"Resource":"*""#), "empty_list"),
            (
                "an empty list of resources",
                one(r#""Effect":"Allow","Action":"a:b","Resource":[]"#),
                "empty_list",
            ),
            ("a number as an action", one(r#""Effect":"Allow","Action":1,"Resource":"*""#), "wrong_type"),
            (
                "an object as an action",
                one(r#""Effect":"Allow","Action":{"a":"b"},"Resource":"*""#),
                "wrong_type",
            ),
            (
                "a boolean in a list",
                one(r#""Effect":"Allow","Action":["a:b",true],"Resource":"*""#),
                "wrong_type",
            ),
            ("a list in a list", one(r#""Effect":"Allow","Action":[["a:b"]],"Resource":"*""#), "wrong_type"),
            ("null as a resource", one(r#""Effect":"Allow","Action":"a:b","Resource":null"#), "wrong_type"),
        ],
    );
    run(
        "document/order",
        Kind::Identity,
        &[
            ("elements of a statement", one(r#""Resource":"*","Action":"a:b","Effect":"Deny""#), ""),
            (
                "the condition first",
                one(
                    r#""Condition":{"Bool":{"a:b":true}},"Resource":"*","Effect":"Deny","Action":"a:b","Sid":"x""#,
                ),
                "",
            ),
            ("elements of the document", whole(&format!(r#""Statement":{{{STATEMENT}}},{version}"#)), ""),
        ],
    );
}

#[test]
fn elements() {
    run(
        "document/unknown-element",
        Kind::Identity,
        &[
            ("misspelt", one(&STATEMENT.replace("Effect", "Efect")), "unknown_element"),
            ("one more", with(r#""Comment":"x""#), "unknown_element"),
            ("in lower case", one(&STATEMENT.replace("Effect", "effect")), "unknown_element"),
            ("in the plural", one(&STATEMENT.replace("Action", "Actions")), "unknown_element"),
            ("in the plural", one(&STATEMENT.replace("Resource", "Resources")), "unknown_element"),
            ("of the document", one(STATEMENT).replace("}}", r#"},"Foo":1}"#), "unknown_element"),
            (
                "of the document, in lower case",
                one(STATEMENT).replace("Version", "version"),
                "unknown_element ~",
            ),
            (
                "an element of a statement in the document",
                one(STATEMENT).replace("}}", r#"},"Effect":"Allow"}"#),
                "unknown_element",
            ),
            (
                "several",
                one(r#""Effect":"Allow","Acton":"a:b","Principals":{"AWS":"*"},"Resource":"*""#),
                "unknown_element unknown_element",
            ),
            ("an empty name", with(r#""":"x""#), "unknown_element"),
        ]
        .map(|(note, source, wanted)| (note, source, wanted.trim_end_matches(" ~"))),
    );
    run(
        "document/effect",
        Kind::Identity,
        &[
            ("Deny", one(&STATEMENT.replace("Allow", "Deny")), ""),
            ("none", one(r#""Action":"a:b","Resource":"*""#), "missing_effect"),
            ("in lower case", one(&STATEMENT.replace("Allow", "allow")), "invalid_effect"),
            ("in capitals", one(&STATEMENT.replace("Allow", "DENY")), "invalid_effect"),
            ("another word", one(&STATEMENT.replace("Allow", "Permit")), "invalid_effect"),
            ("empty", one(&STATEMENT.replace("Allow", "")), "invalid_effect"),
            ("a boolean", one(r#""Effect":true,"Action":"a:b","Resource":"*""#), "wrong_type"),
            ("a list", one(r#""Effect":["Allow"],"Action":"a:b","Resource":"*""#), "wrong_type"),
        ],
    );
}

#[test]
fn duplicates() {
    let version = r#""Version":"2012-10-17""#;
    for rule in ["document/duplicate-key", "mistake/duplicate-keys"] {
        run(
            rule,
            Kind::Identity,
            &[
                ("in a statement", with(r#""Effect":"Deny""#), "duplicate_key"),
                ("in a statement, the same value", with(r#""Effect":"Allow""#), "duplicate_key"),
                ("in a statement, but for case", with(r#""effect":"Deny""#), "duplicate_key unknown_element"),
                (
                    "in the document",
                    whole(&format!(r#"{version},{version},"Statement":{{{STATEMENT}}}"#)),
                    "duplicate_key",
                ),
                (
                    "two lists of statements",
                    whole(&format!(r#"{version},"Statement":{{{STATEMENT}}},"Statement":{{{STATEMENT}}}"#)),
                    "duplicate_key",
                ),
                ("two actions", with(r#""Action":"s3:Put*""#), "duplicate_key"),
                (
                    "two conditions",
                    with(r#""Condition":{"Bool":{"k:a":true}},"Condition":{"Bool":{"k:b":true}}"#),
                    "duplicate_key",
                ),
                ("an operator", when(r#"{"Bool":{"k:a":true},"Bool":{"k:b":true}}"#), "duplicate_key"),
                ("a key", when(r#"{"StringEquals":{"k:a":"1","k:a":"2"}}"#), "duplicate_key"),
                ("a key, but for case", when(r#"{"StringEquals":{"k:a":"1","K:A":"2"}}"#), "duplicate_key"),
                ("a key, escaped", when(r#"{"StringEquals":{"k:a":"1","k:\u0061":"2"}}"#), "duplicate_key"),
                (
                    "a key under two operators is none",
                    when(r#"{"StringEquals":{"k:a":"1"},"StringLike":{"k:a":"1"}}"#),
                    "",
                ),
                ("a value twice is none", when(r#"{"StringEquals":{"k:a":["1","1"]}}"#), ""),
            ],
        );
    }
    run(
        "document/duplicate-key",
        Kind::Resource,
        &[(
            "a type of principals",
            one(
                r#""Effect":"Allow","Principal":{"AWS":"111122223333","AWS":"*"},"Action":"s3:*","Resource":"*""#,
            ),
            "duplicate_key",
        )],
    );
}

#[test]
fn one_of_two() {
    run(
        "document/one-action",
        Kind::Identity,
        &[
            ("Action", one(STATEMENT), ""),
            ("NotAction", one(&STATEMENT.replace("Action", "NotAction")), ""),
            ("neither", one(r#""Effect":"Allow","Resource":"*""#), "missing_action"),
            ("both", with(r#""NotAction":"a:b""#), "conflicting_elements"),
        ],
    );
    run(
        "document/one-resource",
        Kind::Identity,
        &[
            ("Resource", one(STATEMENT), ""),
            ("NotResource", one(&STATEMENT.replace("Resource", "NotResource")), ""),
            ("neither", one(r#""Effect":"Allow","Action":"a:b""#), "missing_resource"),
            ("both", with(r#""NotResource":"*""#), "conflicting_elements"),
        ],
    );
}

#[test]
fn sids_and_ids() {
    let two = |first: &str, second: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{first}",{STATEMENT}}},{{"Sid":"{second}",{STATEMENT}}}]}}"#
        )
    };
    run(
        "document/sid",
        Kind::Identity,
        &[
            ("letters and digits", with(r#""Sid":"Stmt1""#), ""),
            ("a digit", with(r#""Sid":"1""#), ""),
            ("empty", with(r#""Sid":"""#), ""),
            ("a space", with(r#""Sid":"my statement""#), "invalid_sid"),
            ("a hyphen", with(r#""Sid":"my-statement""#), "invalid_sid"),
            ("an underscore", with(r#""Sid":"my_statement""#), "invalid_sid"),
            ("a letter beyond ASCII", with(r#""Sid":"Zürich""#), "invalid_sid"),
            ("a number", with(r#""Sid":1"#), "wrong_type"),
            ("two alike", two("A", "A"), "duplicate_sid"),
            ("two that differ in case", two("A", "a"), ""),
            ("two empty ones", two("", ""), ""),
        ],
    );
    let id = |value: &str| one(STATEMENT).replace("}}", &format!(r#"}},"Id":{value}}}"#));
    run("document/id", Kind::Identity, &[("in an identity policy", id(r#""x""#), "element_not_supported")]);
    for kind in [Kind::Boundary, Kind::Session] {
        run("document/id", kind, &[("attached to an identity", id(r#""x""#), "element_not_supported")]);
    }
    let bucket = r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#;
    let with_id = |value: &str| one(bucket).replace("}}", &format!(r#"}},"Id":{value}}}"#));
    run(
        "document/id",
        Kind::Resource,
        &[
            ("a name", with_id(r#""Admin_Policy""#), ""),
            ("a UUID", with_id(r#""cd3ad3d9-2776-4ef1-a904-4c229d1642ee""#), ""),
            ("with spaces", with_id(r#""all of it""#), ""),
            ("a number", with_id("1"), "wrong_type"),
        ],
    );
    let sid = |value: &str| one(&format!(r#"{bucket},"Sid":"{value}""#));
    run(
        "document/sid",
        Kind::Resource,
        &[("other services allow spaces", sid("allow all"), ""), ("and hyphens", sid("allow-all"), "")],
    );
}

#[test]
fn syntax() {
    run(
        "document/syntax",
        Kind::Identity,
        &[
            ("empty", String::new(), "json_syntax"),
            ("white space", " \n\t".into(), "json_syntax"),
            ("no end", "{".into(), "json_syntax"),
            ("a trailing comma", one(&format!("{STATEMENT},")), "json_syntax"),
            ("a missing comma", one(&STATEMENT.replace("\",\"Action", "\" \"Action")), "json_syntax"),
            ("a comment", one(&format!("/* all */{STATEMENT}")), "json_syntax"),
            ("single quotes", one(&STATEMENT.replace("\"Allow\"", "'Allow'")), "json_syntax"),
            ("text after the end", format!("{} x", one(STATEMENT)), "json_syntax"),
            ("two documents", format!("{}{}", one(STATEMENT), one(STATEMENT)), "json_syntax"),
            ("a raw tab in a string", when("{\"StringEquals\":{\"k:a\":\"a\tb\"}}"), "json_syntax"),
            ("a leading zero", when(r#"{"NumericEquals":{"k:a":01}}"#), "json_syntax"),
            ("NaN", when(r#"{"NumericEquals":{"k:a":NaN}}"#), "json_syntax invalid_condition_value"),
            ("half a surrogate pair", when(r#"{"StringEquals":{"k:a":"\ud800"}}"#), "json_syntax"),
            ("deep", "[".repeat(10_000), "json_too_deep"),
            ("deep objects", r#"{"a":"#.repeat(1_000), "json_too_deep"),
            ("large", format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000)), "document_too_large"),
        ],
    );
}
