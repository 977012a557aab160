//! The forms of actions, resources, condition operators, keys, values and variables.

use stagedoor_policy::Kind;

use super::{one, run, when};

pub(super) fn all() {
    actions();
    resources();
    variables();
    operators();
    keys();
    values();
}

#[test]
fn actions() {
    let action = |text: &str| one(&format!(r#""Effect":"Allow","Action":"{text}","Resource":"*""#));
    let good = [
        "*",
        "*:*",
        "s3:*",
        "s3:Get*",
        "s3:?et*",
        "execute-api:Invoke",
        "rds-db:connect",
        "S3:GETOBJECT",
        "iam:*AccessKey*",
        "a4b:Get",
    ];
    let bad = [
        ("no service", "GetObject"),
        ("no service, with a wildcard", "Get*"),
        ("a wildcard in the service", "s*:GetObject"),
        ("a wildcard for the service", "*:GetObject"),
        ("a question mark in the service", "s?:GetObject"),
        ("no action", "s3:"),
        ("no service", ":GetObject"),
        ("empty", ""),
        ("a space", "s3:Get Object"),
        ("a space before", " s3:GetObject"),
        ("a slash", "s3/GetObject"),
        ("two colons", "s3:Get:Object"),
        ("a variable", "s3:${aws:username}"),
        ("an ARN", "arn:aws:s3:::b"),
        ("a letter beyond ASCII", "s3:Gét"),
    ];
    let mut cases: Vec<(&str, String, &str)> = good.iter().map(|text| ("good", action(text), "")).collect();
    cases.extend(bad.map(|(note, text)| (note, action(text), "invalid_action")));
    run("document/action-form", Kind::Identity, &cases);
}

#[test]
fn resources() {
    let resource = |text: &str| one(&format!(r#""Effect":"Allow","Action":"a:b","Resource":"{text}""#));
    let good = [
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::*",
        "arn:*:s3:::b",
        "arn:aws*:s3:::b",
        "arn:aws:s3:*",
        "arn:aws:ec2:*:*:instance/*",
        "arn:aws:ec2:us-*-1:1:instance/i",
        "arn:aws:logs:r:1:log-group:a:*",
        "arn:aws:dynamodb:*:table/prod-*",
        "arn:aws:iam::*",
        "arn:aws:execute-api:r:1:api/live/GET/x",
    ];
    let bad = [
        ("no ARN", "my-bucket"),
        ("no ARN, with a wildcard", "my-bucket/*"),
        ("too few parts", "arn:aws:s3"),
        ("five parts", "arn:aws:s3::b"),
        ("five parts, with a wildcard", "arn:aws:sns:*:topic"),
        ("no service", "arn:aws::::b"),
        ("another scheme", "urn:aws:s3:::b"),
        ("in capitals", "ARN:aws:s3:::b"),
        ("empty", ""),
        ("a URL", "https://b.s3.amazonaws.com/"),
        ("a space before", " arn:aws:s3:::b"),
        ("two stars", "**"),
        ("a wildcard in the service", "arn:aws:s*:::b"),
        ("a wildcard for the service", "arn:aws:*:us-east-1:1:x"),
        ("a question mark in the service", "arn:aws:s?:::b"),
        ("an open end in the service", "arn:aws:s3*"),
        ("an open end for the service", "arn:aws:*"),
    ];
    let mut cases: Vec<(&str, String, &str)> = good.iter().map(|text| ("good", resource(text), "")).collect();
    cases.extend(bad.map(|(note, text)| (note, resource(text), "invalid_resource")));
    run("document/resource-form", Kind::Identity, &cases);
}

#[test]
fn variables() {
    let resource =
        |text: &str| one(&format!(r#""Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:{text}""#));
    let like = |text: &str| when(&format!(r#"{{"StringLike":{{"k:a":"{text}"}}}}"#));
    run(
        "resource/variables",
        Kind::Identity,
        &[
            ("in the last part", resource("::${k:a}"), ""),
            ("in the last part, after a colon", resource("::a:${k:a}"), ""),
            ("in the region", resource("${k:a}::b"), "variable_not_allowed"),
            ("in the account", resource(":${aws:PrincipalAccount}:b"), "variable_not_allowed"),
            ("in the account, with a default", resource(":${k:a, '1'}:b"), "variable_not_allowed"),
            ("an escape in the region", resource("${*}::b"), "variable_not_allowed"),
            ("version 2008: text", resource("::${k:a}").replace("2012", "2008"), "~variable_not_supported"),
        ],
    );
    run(
        "document/variable-form",
        Kind::Identity,
        &[
            ("a variable", like("${aws:username}"), ""),
            ("with a default", like("${k:b, 'x'}"), ""),
            ("an empty default", like("${k:b, ''}"), ""),
            ("escapes", like("${*}${?}${$}"), ""),
            ("a dollar alone", like("$5"), ""),
            ("braces alone", like("{a}"), ""),
            ("not closed", like("${aws:username"), "invalid_variable"),
            ("not closed, in a resource", resource("::${aws:username"), "invalid_variable"),
            ("no name", like("${}"), "invalid_variable"),
            ("spaces around the name", like("${ k:b }"), "invalid_variable"),
            ("a variable in a variable", like("${k:${k:b}}"), "invalid_variable"),
            ("a default without quotes", like("${k:b, x}"), "invalid_variable"),
            ("a default in double quotes", like(r#"${k:b, \"x\"}"#), "invalid_variable"),
            ("a default that is not closed", like("${k:b, 'x}"), "invalid_variable"),
            ("something after the default", like("${k:b, 'x' y}"), "invalid_variable"),
            (
                "under an operator without variables",
                when(r#"{"NumericEquals":{"k:a":"${k:b}"}}"#),
                "invalid_condition_value",
            ),
            ("version 2008: text", like("${aws:username").replace("2012", "2008"), "~variable_not_supported"),
        ],
    );
}

#[test]
fn operators() {
    let with = |operator: &str| when(&format!(r#"{{"{operator}":{{"k:a":"1"}}}}"#));
    let bool_with = |operator: &str| when(&format!(r#"{{"{operator}":{{"k:a":"true"}}}}"#));
    run(
        "document/operator-form",
        Kind::Identity,
        &[
            ("all qualifiers", with("ForAnyValue:StringNotEqualsIgnoreCaseIfExists"), ""),
            ("a set operator", with("ForAllValues:NumericLessThanEquals"), ""),
            ("BoolIfExists", bool_with("BoolIfExists"), ""),
            ("unknown", with("StringIs"), "invalid_operator"),
            ("in lower case", with("stringEquals"), "invalid_operator"),
            ("in capitals", with("STRINGEQUALS"), "invalid_operator"),
            ("misspelt", with("StringEqual"), "invalid_operator"),
            ("negated the wrong way", with("NotStringEquals"), "invalid_operator"),
            ("negated where there is no negation", bool_with("BoolNot"), "invalid_operator"),
            ("a suffix in another case", with("StringEqualsIfexists"), "invalid_operator"),
            ("a suffix twice", with("StringEqualsIfExistsIfExists"), "invalid_operator"),
            ("a qualifier in another case", with("forAnyValue:StringEquals"), "invalid_operator"),
            ("an unknown qualifier", with("ForSomeValue:StringEquals"), "invalid_operator"),
            ("a space", with("ForAnyValue: StringEquals"), "invalid_operator"),
            ("two qualifiers", with("ForAnyValue:ForAllValues:StringEquals"), "invalid_operator"),
            ("a qualifier alone", with("ForAnyValue"), "invalid_operator"),
            ("empty", with(""), "invalid_operator"),
            ("Null with IfExists", bool_with("NullIfExists"), "invalid_operator"),
            ("Null with a set operator", bool_with("ForAnyValue:Null"), "invalid_operator"),
            ("Null with both", bool_with("ForAllValues:NullIfExists"), "invalid_operator"),
        ],
    );
}

#[test]
fn keys() {
    let with = |key: &str| when(&format!(r#"{{"StringEquals":{{"{key}":"1"}}}}"#));
    run(
        "document/key-form",
        Kind::Identity,
        &[
            ("a global key", with("aws:SourceIp"), ""),
            ("a tag", with("aws:PrincipalTag/cost-center"), ""),
            ("an issuer with a path", with("oidc.circleci.com/org/1:oidc.circleci.com/project-id"), ""),
            ("an issuer with a port and a path", with("localhost:8010/api/auth:sub"), ""),
            ("an unknown key", with("acme:whatever"), ""),
            ("no prefix", with("sub"), "invalid_condition_key"),
            ("an empty prefix", with(":sub"), "invalid_condition_key"),
            ("an empty name", with("aws:"), "invalid_condition_key"),
            ("empty", with(""), "invalid_condition_key"),
            ("a block that is no object", when(r#""x""#), "wrong_type"),
            ("an operator that holds no object", when(r#"{"StringEquals":"k:a"}"#), "wrong_type"),
            ("an operator that holds a list", when(r#"{"StringEquals":["k:a"]}"#), "wrong_type"),
        ],
    );
}

#[test]
fn values() {
    let with = |operator: &str, value: &str| when(&format!(r#"{{"{operator}":{{"k:a":{value}}}}}"#));
    let bad = "invalid_condition_value";
    run(
        "document/value-form",
        Kind::Identity,
        &[
            ("a number", with("NumericEquals", r#""-12.50""#), ""),
            ("no number", with("NumericEquals", r#""ten""#), bad),
            ("no number: letters after it", with("NumericEquals", r#""10abc""#), bad),
            ("no number: a boolean", with("NumericEquals", "true"), bad),
            ("no number: one of several", with("NumericEquals", r#"["1","x"]"#), bad),
            ("a date", with("DateLessThan", r#""2026-01-31T00:00:00+01:00""#), ""),
            ("epoch seconds", with("DateLessThan", "1767225600"), ""),
            ("no date", with("DateLessThan", r#""soon""#), bad),
            ("no date: a wildcard", with("DateLessThan", r#""2026-*""#), bad),
            ("no date: the 13th month", with("DateLessThan", r#""2026-13-01""#), bad),
            ("a boolean", with("Bool", r#""False""#), ""),
            ("no boolean", with("Bool", r#""yes""#), bad),
            ("no boolean: a number", with("Bool", "1"), bad),
            ("no boolean for Null", with("Null", r#""maybe""#), bad),
            ("a network", with("IpAddress", r#""2001:db8::/32""#), ""),
            ("no network: the prefix", with("IpAddress", r#""10.0.0.0/99""#), bad),
            ("no network: a wildcard", with("IpAddress", r#""10.0.*""#), bad),
            ("no network: a mask", with("IpAddress", r#""10.0.0.0/255.0.0.0""#), bad),
            ("no network: empty", with("IpAddress", r#""""#), bad),
            ("base64", with("BinaryEquals", r#""QUJD""#), ""),
            ("no base64", with("BinaryEquals", r#""***""#), bad),
            ("no base64: padding", with("BinaryEquals", r#""QQ""#), bad),
            ("any text is a text", with("StringEquals", r#""***""#), ""),
            ("null", with("StringEquals", "null"), "wrong_type"),
            ("an object", with("StringEquals", r#"{"a":"b"}"#), "wrong_type"),
            ("a list in a list", with("StringEquals", r#"[["a"]]"#), "wrong_type"),
            ("no ARN: stored by AWS, matches nothing", with("ArnLike", r#""*""#), "~condition_never_matches"),
            (
                "no ARN: stored by AWS, matches nothing",
                with("ArnEquals", r#""role/x""#),
                "~condition_never_matches",
            ),
            ("no value: stored by AWS, matches nothing", with("StringLike", "[]"), "~empty_condition"),
            ("no key", when(r#"{"StringLike":{}}"#), "~empty_condition"),
            ("no operator", when("{}"), "~empty_condition"),
        ],
    );
}
