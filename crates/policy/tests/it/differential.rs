//! The same questions to scratchstack-aspen, an engine by others. Where the two disagree, `differential.md` says who is
//! right and why; a disagreement that is not listed there fails.

use std::str::FromStr;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use scratchstack_arn::Arn;
use scratchstack_aspen as aspen;
use scratchstack_aws_principal::{Principal as Actor, SessionData, SessionValue, User};
use stagedoor_policy::{Context, Document, Kind, Limits, Outcome, Policy, PolicySet, Principal, Request};

/// What is wrong with the other engine's answer, by the number in `differential.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Judged(u8);

const USER: &str = "arn:aws:iam::123456789012:user/alice";

/// A condition key's value, for both engines.
#[derive(Debug, Clone)]
enum Has {
    Nothing,
    Text(&'static str),
    Number(i64),
    Truth(bool),
    Address(&'static str),
}

#[derive(Debug)]
struct Case<'c> {
    statements: &'c [String],
    action: &'c str,
    resource: &'c str,
    has: &'c Has,
}

fn ours(case: &Case<'_>) -> Outcome {
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, case.statements.join(","));
    let document = Document::parse_within(Kind::Identity, &source, Limits::bytes(1 << 20)).unwrap();
    let mut context = Context::new();
    match case.has {
        Has::Nothing => {}
        Has::Text(text) | Has::Address(text) => context.insert("k:a", *text),
        Has::Number(number) => context.insert("k:a", number.to_string()),
        Has::Truth(truth) => context.insert("k:a", *truth),
    }
    let request = Request {
        principal: Principal::User { arn: USER.into() },
        action: case.action.into(),
        resource: Some(case.resource.into()),
        resource_account: None,
        context,
    };
    PolicySet::new().identity(Policy::compile("p", &document)).decide(&request).outcome
}

/// Each statement as a policy of its own: see number 1.
fn theirs(case: &Case<'_>) -> Result<Outcome, String> {
    let mut data = SessionData::new();
    match case.has {
        Has::Nothing => None,
        Has::Text(text) => data.insert("k:a", SessionValue::from(*text)),
        Has::Number(number) => data.insert("k:a", SessionValue::from(*number)),
        Has::Truth(truth) => data.insert("k:a", SessionValue::from(*truth)),
        Has::Address(address) => data.insert("k:a", SessionValue::IpAddr(address.parse().unwrap())),
    };
    let (service, api) = case.action.split_once(':').unwrap();
    let context = aspen::Context::builder()
        .service(service)
        .api(api)
        .actor(Actor::from(vec![User::from_str(USER).unwrap().into()]))
        .resources(vec![Arn::from_str(case.resource).unwrap()])
        .session_data(data)
        .build()
        .unwrap();
    let mut set = aspen::PolicySet::new();
    for statement in case.statements {
        let source = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let policy = aspen::Policy::from_str(&source).map_err(|error| error.to_string())?;
        set.add_policy(aspen::PolicySource::new_entity_inline(USER, "AIDAEXAMPLE", "p"), policy);
    }
    match set.evaluate(&context).map_err(|error| error.to_string())?.0 {
        aspen::Decision::Allow => Ok(Outcome::Allow),
        aspen::Decision::Deny => Ok(Outcome::ExplicitDeny),
        aspen::Decision::DefaultDeny => Ok(Outcome::ImplicitDeny),
    }
}

/// Compares; a disagreement must be the judged one, and a judged one must be there.
fn compare(case: &Case<'_>, judged: Option<Judged>, wrong: &mut Vec<String>) {
    let (ours, theirs) = (ours(case), theirs(case));
    match (theirs == Ok(ours), judged) {
        (true, None) | (false, Some(_)) => {}
        (true, Some(judged)) => wrong.push(format!("{case:?}: judged {judged:?}, and both say {ours:?}")),
        (false, None) => wrong.push(format!("{case:?}: ours {ours:?}, theirs {theirs:?}")),
    }
}

fn conditional(operator: &str, wanted: &str) -> String {
    let condition = serde_json::json!({ operator: { "k:a": wanted } });
    format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}"#)
}

/// Every operator with every wanted value against every value of its family.
fn each_condition(
    operators: &[&str],
    wanted: &[&str],
    has: &[Has],
    judge: fn(&str, &str, &Has) -> Option<Judged>,
) {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for operator in operators {
        for wanted in wanted {
            for has in has {
                let statements = [conditional(operator, wanted)];
                let case = Case {
                    statements: &statements,
                    action: "s3:GetObject",
                    resource: "arn:aws:s3:::b/k",
                    has,
                };
                compare(&case, judge(operator, wanted, has), &mut wrong);
                asked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Number 2: a key that is absent is not any of the values.
fn negation(operator: &str, _: &str, has: &Has) -> Option<Judged> {
    (operator.contains("Not") && matches!(has, Has::Nothing)).then_some(Judged(2))
}

/// Number 5: a wildcard covers a line break.
fn strings(operator: &str, wanted: &str, has: &Has) -> Option<Judged> {
    let line_break = matches!(has, Has::Text("a\nb")) && operator.contains("Like");
    let covered = matches!(wanted, "a*" | "*" | "*b" | "a*b*");
    negation(operator, wanted, has).or((line_break && covered).then_some(Judged(5)))
}

/// Number 3: the case of `true` and `false` does not count.
fn truth(_: &str, wanted: &str, has: &Has) -> Option<Judged> {
    let Has::Truth(has) = has else { return None };
    let same = wanted.to_lowercase() == has.to_string();
    (same && wanted != has.to_string()).then_some(Judged(3))
}

/// Whether a pattern with `*` and `?` matches, by bytes and with case.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            glob(rest, text) || text.split_first().is_some_and(|(_, text)| glob(pattern, text))
        }
        (Some((wanted, rest)), Some((has, text))) => (*wanted == b'?' || wanted == has) && glob(rest, text),
        _ => false,
    }
}

/// Number 4: the case of actions does not count.
fn case_of_action(pattern: &str, action: &str) -> bool {
    let lower = |text: &str| text.to_lowercase();
    glob(pattern.as_bytes(), action.as_bytes()) != glob(lower(pattern).as_bytes(), lower(action).as_bytes())
}

#[test]
fn string_conditions() {
    each_condition(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringLikeIfExists",
        ],
        &[
            "", "a", "A", "ab", "a*", "*", "?", "a?", "*b", "a*b*", "${*}", "${?}", "a${$}", "[a]", "a.b",
            "a+b", "(a",
        ],
        &[
            Has::Nothing,
            Has::Text(""),
            Has::Text("a"),
            Has::Text("A"),
            Has::Text("ab"),
            Has::Text("aXbY"),
            Has::Text("*"),
            Has::Text("?"),
            Has::Text("a$"),
            Has::Text("[a]"),
            Has::Text("axb"),
            Has::Text("a.b"),
            Has::Text("a\nb"),
        ],
        strings,
    );
}

#[test]
fn numeric_conditions() {
    each_condition(
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ],
        &["-1", "0", "7", "10", "10000000000"],
        &[
            Has::Nothing,
            Has::Number(-1),
            Has::Number(0),
            Has::Number(7),
            Has::Number(9),
            Has::Number(10_000_000_000),
        ],
        negation,
    );
}

#[test]
fn bool_and_null_conditions() {
    each_condition(
        &["Bool", "BoolIfExists"],
        &["true", "false", "TRUE", "False"],
        &[Has::Nothing, Has::Truth(true), Has::Truth(false)],
        truth,
    );
    each_condition(&["Null"], &["true", "false"], &[Has::Nothing, Has::Text("x"), Has::Text("")], negation);
}

#[test]
fn address_conditions() {
    each_condition(
        &["IpAddress", "NotIpAddress", "IpAddressIfExists"],
        &["192.0.2.0/24", "192.0.2.7/32", "0.0.0.0/0", "2001:db8::/32", "2001:db8::7/128"],
        &[
            Has::Nothing,
            Has::Address("192.0.2.7"),
            Has::Address("192.0.3.7"),
            Has::Address("2001:db8::7"),
            Has::Address("2001:db9::7"),
        ],
        negation,
    );
}

#[test]
fn arn_conditions() {
    each_condition(
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        &[
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:iam::*:role/x",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:*:*:*:*",
            "arn:aws:iam::12345678901?:role/?",
        ],
        &[
            Has::Nothing,
            Has::Text("arn:aws:iam::123456789012:role/x"),
            Has::Text("arn:aws:iam::123456789012:role/y"),
            Has::Text("arn:aws:iam::123456789013:role/x"),
            Has::Text("arn:aws:iam::123456789012:role/x:y"),
            Has::Text("arn:aws:s3:::role/x"),
        ],
        negation,
    );
}

#[test]
fn actions_and_resources() {
    let actions = [
        "*",
        "s3:*",
        "S3:getobject",
        "s3:Get*",
        "s3:*Object",
        "s3:Get?bject",
        "s3:PutObject",
        "ec2:*",
        "s3:G*t*t",
    ];
    let resources = [
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/k",
        "arn:aws:s3:::B/k",
        "arn:aws:s3:::*/k",
        "arn:aws:s3:::?/?",
        "arn:aws:ec2:*:*:*",
        "arn:*:s3:::b/k",
        "arn:aws:s3:::b/${*}",
    ];
    let questions = [
        ("s3:GetObject", "arn:aws:s3:::b/k"),
        ("s3:getobject", "arn:aws:s3:::b/k/l"),
        ("s3:PutObject", "arn:aws:s3:::c/k"),
        ("ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:instance/i-1"),
    ];
    let mut wrong = Vec::new();
    for (pattern, covered) in actions.iter().flat_map(|action| resources.iter().map(move |r| (action, r))) {
        for (effect, element) in
            [("Allow", "Action"), ("Deny", "Action"), ("Allow", "NotAction"), ("Deny", "NotAction")]
        {
            let statements =
                [format!(r#"{{"Effect":"{effect}","{element}":"{pattern}","Resource":"{covered}"}}"#)];
            let any = [format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{covered}"}}"#)];
            for (action, resource) in questions {
                let case = Case { statements: &statements, action, resource, has: &Has::Nothing };
                let covers = ours(&Case { statements: &any, ..case }) == Outcome::Allow;
                let judged = (covers && case_of_action(pattern, action)).then_some(Judged(4));
                compare(&case, judged, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Number 1: it takes a policy's first statement that matches, even before a `Deny`.
#[test]
fn the_order_of_statements() {
    let statements: Vec<String> = ["Allow", "Deny"]
        .iter()
        .map(|effect| format!(r#"{{"Effect":"{effect}","Action":"*","Resource":"*"}}"#))
        .collect();
    let case = Case {
        statements: &statements,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        has: &Has::Nothing,
    };
    assert_eq!((ours(&case), theirs(&case)), (Outcome::ExplicitDeny, Ok(Outcome::ExplicitDeny)));
    let context = aspen::Context::builder()
        .service("s3")
        .api("GetObject")
        .actor(Actor::from(vec![User::from_str(USER).unwrap().into()]))
        .session_data(SessionData::new())
        .build()
        .unwrap();
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let whole = aspen::Policy::from_str(&source).unwrap().evaluate(&context).unwrap();
    assert!(matches!(whole, aspen::Decision::Allow), "mended: let the tests ask whole policies");
}

#[test]
fn several_statements() {
    let statement = (
        prop::sample::select(vec!["Allow", "Allow", "Deny"]),
        prop::sample::select(vec!["*", "s3:*", "s3:Get*", "s3:PutObject", "ec2:*"]),
        prop::sample::select(vec!["*", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]),
        prop::option::of((
            prop::sample::select(vec!["StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringLikeIfExists"]),
            prop::sample::select(vec!["a", "b", "a*", "*"]),
        )),
    )
        .prop_map(|(effect, action, resource, condition)| {
            let condition = condition.map_or(serde_json::json!({}), |(operator, wanted)| {
                serde_json::json!({ operator: { "k:a": wanted } })
            });
            format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{condition}}}"#)
        });
    let cases = (
        prop::collection::vec(statement, 1..12),
        prop::sample::select(vec!["s3:GetObject", "s3:PutObject", "ec2:RunInstances"]),
        prop::sample::select(vec!["arn:aws:s3:::b/k", "arn:aws:s3:::c/k"]),
        prop::sample::select(vec![Has::Nothing, Has::Text("a"), Has::Text("b"), Has::Text("ab")]),
    );
    let config = ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&cases, |(statements, action, resource, has)| {
            let case = Case { statements: &statements, action, resource, has: &has };
            prop_assert_eq!(Ok(ours(&case)), theirs(&case), "{:?}", case);
            Ok(())
        })
        .unwrap();
}
