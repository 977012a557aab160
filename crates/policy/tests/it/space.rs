//! Sets of requests against brute force: on small worlds, what is said to be empty is empty.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stagedoor_policy::space::{Answer, Facts, KeyFact, Language, Owner, Presence, Search, Space};
use stagedoor_policy::{Context, Document, Kind, Limits, Policy, PolicySet, Principal, Request, Value};

use crate::support::{ACCOUNT, OTHER, session, user};

fn compile(kind: Kind, statements: &[String]) -> Policy {
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = Document::parse_within(kind, &source, Limits::bytes(1 << 20))
        .unwrap_or_else(|errors| panic!("{source}\n{errors:?}"));
    Policy::compile(&format!("{kind:?}"), &document)
}

const TEXT_OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringLikeIfExists",
    "StringNotEqualsIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ForAnyValue:StringLike",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:StringNotLike",
    "ForAnyValue:StringEqualsIfExists",
];
const TEXTS: &[&str] = &["a", "b", "A", "ab", "a*", "*b", "?", "*", "??", "*a*", "a?*", ""];
const NUMBER_OPERATORS: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "NumericLessThanEqualsIfExists",
    "ForAnyValue:NumericGreaterThan",
    "StringLike",
];
const NUMBERS: &[&str] = &["1", "2", "2.5", "10", "-1"];
const DATE_OPERATORS: &[&str] =
    &["DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThan", "DateGreaterThanEqualsIfExists"];
const DATES: &[&str] = &["100", "101", "1970-01-01T00:01:40Z", "1970-01-02"];
const ADDRESS_OPERATORS: &[&str] =
    &["IpAddress", "NotIpAddress", "IpAddressIfExists", "ForAllValues:IpAddress", "ForAnyValue:NotIpAddress"];
const ADDRESSES: &[&str] = &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::/32"];
const ARN_OPERATORS: &[&str] = &["ArnLike", "ArnNotEquals", "StringLike", "ArnLikeIfExists"];
const ARNS: &[&str] =
    &["arn:aws:a::1:x", "arn:aws:*:*:1:x*", "arn:*:a::*:*", "arn:aws:a::1:x:y", "arn:aws:a::?:*"];

/// A condition on a key of its own sort.
fn condition() -> impl Strategy<Value = String> {
    let of = |key: &'static str, operators: &'static [&'static str], values: &'static [&'static str]| {
        (prop::sample::select(operators), prop::collection::vec(prop::sample::select(values), 0..3)).prop_map(
            move |(operator, values)| {
                format!(r#"{{"{operator}":{{"{key}":{}}}}}"#, serde_json::json!(values))
            },
        )
    };
    prop_oneof![
        4 => of("k:a", TEXT_OPERATORS, TEXTS),
        3 => of("K:b", TEXT_OPERATORS, TEXTS),
        1 => of("k:n", NUMBER_OPERATORS, NUMBERS),
        1 => of("k:d", DATE_OPERATORS, DATES),
        1 => of("k:i", ADDRESS_OPERATORS, ADDRESSES),
        1 => of("k:r", ARN_OPERATORS, ARNS),
        1 => of("k:a", &["Null"], &["true", "false"]),
        1 => of("k:b", &["Bool", "BoolIfExists"], &["true", "false"]),
        1 => of("k:b", &["BinaryEquals"], &["YQ==", "YWI="]),
    ]
}

const ACTIONS: &[&str] = &["s3:Get", "s3:G*", "S3:*", "s3:Put?", "*", "ec2:Get", "s3:*t"];
const RESOURCES: &[&str] =
    &["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a", "arn:aws:s3:::*/?", "arn:aws:s3:::c"];

fn principals() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#""Principal":"*""#.to_owned(),
        format!(r#""Principal":{{"AWS":"{ACCOUNT}"}}"#),
        format!(r#""Principal":{{"AWS":["arn:aws:iam::{ACCOUNT}:role/deploy","{OTHER}"]}}"#),
        format!(r#""Principal":{{"AWS":"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"}}"#),
        format!(r#""Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/alice"}}"#),
        r#""Principal":{"Service":"ec2.amazonaws.com"}"#.to_owned(),
        format!(r#""NotPrincipal":{{"AWS":["{ACCOUNT}","arn:aws:iam::{ACCOUNT}:user/alice"]}}"#),
    ])
}

fn statement(named: bool) -> impl Strategy<Value = String> {
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    let action = (prop::bool::weighted(0.15), prop::collection::vec(prop::sample::select(ACTIONS), 1..3));
    let resource = (prop::bool::weighted(0.15), prop::collection::vec(prop::sample::select(RESOURCES), 1..3));
    let conditions = prop::collection::vec(condition(), 0..3);
    (effect, action, resource, principals(), conditions).prop_map(
        move |(effect, (not_action, actions), (not_resource, resources), principal, conditions)| {
            let not =
                |negated: bool, name: &str| if negated { format!("Not{name}") } else { name.to_owned() };
            let mut parts = vec![
                format!(r#""Effect":"{effect}""#),
                format!(r#""{}":{}"#, not(not_action, "Action"), serde_json::json!(actions)),
                format!(r#""{}":{}"#, not(not_resource, "Resource"), serde_json::json!(resources)),
            ];
            parts.extend(named.then_some(principal));
            // One operator once: take the first condition of each operator.
            let mut operators: Vec<String> = Vec::new();
            let mut lines = Vec::new();
            for condition in conditions {
                let operator = condition.split('"').nth(1).unwrap().to_owned();
                if !operators.contains(&operator) {
                    lines.push(condition.trim_start_matches('{').strip_suffix('}').unwrap().to_owned());
                    operators.push(operator);
                }
            }
            if !lines.is_empty() {
                parts.push(format!(r#""Condition":{{{}}}"#, lines.join(",")));
            }
            format!("{{{}}}", parts.join(","))
        },
    )
}

fn one(values: &[&str]) -> Vec<Option<Value>> {
    let mut all = vec![None];
    all.extend(values.iter().map(|value| Some(Value::from(*value))));
    all
}

/// All values of a key that the brute force knows.
fn universe(key: &str) -> Vec<Option<Value>> {
    match key {
        "k:a" | "k:b" => {
            let mut all =
                one(&["", "a", "b", "A", "c", "ab", "ba", "aab", "cc", "true", "FALSE", "YQ==", "YWI="]);
            let lists: [&[&str]; 6] = [&[], &["a"], &["a", "b"], &["c", "ab"], &["A", "aab"], &["a", "cc"]];
            all.extend(lists.iter().map(|list| Some(Value::from(list.to_vec()))));
            all
        }
        "k:n" => {
            let mut all = one(&["1", "1.0", "2", "2.4", "2.50", "3", "10", "11", "-1", "-2", "0", "x", ""]);
            all.extend([Some(Value::from(vec!["1", "3"])), Some(Value::from(vec!["x", "11"]))]);
            all
        }
        "k:d" => one(&["99", "100", "100.5", "101", "102", "1970-01-02T00:00:00Z", "86401", "x"]),
        "k:i" => {
            let mut all = one(&["10.0.0.1", "10.1.0.1", "10.1.2.3", "11.0.0.0", "2001:db8::1", "::1", "x"]);
            all.extend([Some(Value::from(vec!["10.1.2.3", "::1"])), Some(Value::from(vec!["11.0.0.0"]))]);
            all
        }
        _ => one(&[
            "arn:aws:a::1:x",
            "arn:aws:a::1:x:y",
            "arn:aws:b:r:1:x",
            "arn:cn:a::2:z",
            "arn:aws:a::12:x",
            "x",
            "arn:x",
        ]),
    }
}

/// The combinations over the keys that the statements test, at most this many.
fn contexts(statements: &[&str], most: usize) -> Vec<Context> {
    let mut all = vec![Context::new()];
    for key in ["k:a", "k:b", "k:n", "k:d", "k:i", "k:r"] {
        if !statements.iter().any(|text| text.to_lowercase().contains(&format!("\"{key}\""))) {
            continue;
        }
        let universe = universe(key);
        if all.len() * universe.len() > most {
            continue;
        }
        all = all
            .iter()
            .flat_map(|context| {
                universe.iter().map(move |value| {
                    let mut context = context.clone();
                    if let Some(value) = value {
                        context.insert(key, value.clone());
                    }
                    context
                })
            })
            .collect();
    }
    all
}

fn requests<'a>(
    principals: &'a [(Principal, Option<&'a str>)],
    contexts: &'a [Context],
) -> impl Iterator<Item = Request> + 'a {
    let actions = ["s3:Get", "s3:Gt", "s3:GX", "s3:Putt", "s3:PutX", "s3:x", "s3:xt", "ec2:Get", "ec2:x"];
    let resources = [
        Some("arn:aws:s3:::b/a"),
        Some("arn:aws:s3:::b/ab"),
        Some("arn:aws:s3:::c"),
        Some("arn:aws:s3:::d/x"),
        Some("arn:aws:s3:::e"),
        None,
    ];
    principals.iter().flat_map(move |(principal, owner)| {
        actions.into_iter().flat_map(move |action| {
            resources.into_iter().flat_map(move |resource| {
                contexts.iter().map(move |context| Request {
                    principal: principal.clone(),
                    action: action.into(),
                    resource: resource.map(str::to_owned),
                    resource_account: owner.map(str::to_owned),
                    context: context.clone(),
                })
            })
        })
    })
}

#[derive(Default, Debug)]
struct Tally {
    empty: usize,
    witnesses: usize,
}

impl Tally {
    /// Holds an answer to brute force.
    fn check(
        &mut self,
        space: &Space,
        answer: &Answer,
        mut requests: impl Iterator<Item = Request>,
        shown: &str,
    ) {
        match answer {
            Answer::Empty => {
                self.empty += 1;
                let missed = requests.find(|request| space.contains(request, None));
                assert!(missed.is_none(), "said to be empty, but has {missed:?}\n{shown}");
            }
            Answer::Witness(witness) => {
                self.witnesses += 1;
                assert!(space.contains(&witness.request, None), "{witness:?} is no witness\n{shown}");
            }
            Answer::NotDecided { causes } => panic!("not decided: {causes:?}\n{shown}"),
        }
    }
}

fn run<S: Strategy>(cases: u32, strategy: &S, mut test: impl FnMut(S::Value)) {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..cases {
        let tree = strategy.new_tree(&mut runner).unwrap();
        test(proptest::strategy::ValueTree::current(&tree));
    }
}

fn search() -> Search<'static> {
    Search::new().with_facts(|_| Some(Facts::none()))
}

#[test]
fn differences_of_identity_policies_agree_with_brute_force() {
    let statements = || prop::collection::vec(statement(false), 1..4);
    let callers = vec![(user(), None)];
    let mut tally = Tally::default();
    run(1_500, &(statements(), statements()), |(old, new)| {
        let (left, right) = (compile(Kind::Identity, &old), compile(Kind::Identity, &new));
        let space = Space::granted(right).minus(&Space::granted(left));
        let answer = search().with_callers(vec![user()]).find(&space);
        let all: Vec<&str> = old.iter().chain(&new).map(String::as_str).collect();
        let contexts = contexts(&all, 250);
        tally.check(&space, &answer, requests(&callers, &contexts), &format!("{old:#?}\n{new:#?}"));
    });
    assert!(tally.empty > 400 && tally.witnesses > 400, "{tally:?}");
}

#[test]
fn a_policy_with_a_further_statement_includes_the_policy() {
    let strategy = (prop::collection::vec(statement(false), 1..4), statement(false));
    run(1_000, &strategy, |(statements, extra)| {
        let less = Space::granted(compile(Kind::Identity, &statements));
        let mut longer = statements.clone();
        longer.push(extra.replace("\"Deny\"", "\"Allow\""));
        let more = Space::granted(compile(Kind::Identity, &longer));
        let search = search().with_callers(vec![user()]);
        assert_eq!(search.find(&less.minus(&more)), Answer::Empty, "{longer:#?}");
        assert_eq!(search.find(&less.minus(&less)), Answer::Empty, "{statements:#?}");
    });
}

#[test]
fn sets_of_policies_agree_with_brute_force() {
    let some = |named| prop::collection::vec(statement(named), 1..3);
    let strategy = (
        some(false),
        some(true),
        prop::option::of(some(false)),
        prop::option::of(some(false)),
        prop::option::of(some(false)),
    );
    let mut tally = Tally::default();
    run(700, &strategy, |(identity, resource, boundary, session_policy, scp)| {
        let mut set = PolicySet::new()
            .identity(compile(Kind::Identity, &identity))
            .resource(compile(Kind::Resource, &resource));
        let mut all: Vec<&String> = identity.iter().chain(&resource).collect();
        for (kind, statements) in
            [(Kind::Boundary, &boundary), (Kind::Session, &session_policy), (Kind::ServiceControl, &scp)]
        {
            let Some(statements) = statements else { continue };
            let policy = compile(kind, statements);
            set = match kind {
                Kind::Boundary => set.boundary(policy),
                Kind::Session => set.session(policy),
                _ => set.scp(policy),
            };
            all.extend(statements);
        }
        let texts: Vec<&str> = all.iter().map(|text| text.as_str()).collect();
        let contexts = contexts(&texts, 40);
        let callers: Vec<(Principal, Option<&str>)> = vec![
            (user(), Some(ACCOUNT)),
            (session(), Some(ACCOUNT)),
            (Principal::Account { account: OTHER.into() }, Some(OTHER)),
            (Principal::Service { name: "ec2.amazonaws.com".into() }, None),
            (Principal::Anonymous, None),
        ];
        for space in [Space::allowed(set.clone()), Space::denied(set.clone())] {
            let answer = search().find(&space);
            tally.check(&space, &answer, requests(&callers, &contexts), &format!("{all:#?}"));
        }
    });
    assert!(tally.empty > 25 && tally.witnesses > 250, "{tally:?}");
}

#[test]
fn differences_of_resource_policies_agree_with_brute_force() {
    let statements = || prop::collection::vec(statement(true), 1..4);
    let callers: Vec<(Principal, Option<&str>)> = vec![
        (user(), Some("000000000001")),
        (session(), Some("000000000001")),
        (Principal::Account { account: OTHER.into() }, Some("000000000001")),
        (Principal::Service { name: "ec2.amazonaws.com".into() }, None),
        (Principal::Service { name: "s3.amazonaws.com".into() }, None),
        (Principal::Anonymous, None),
    ];
    let mut tally = Tally::default();
    run(700, &(statements(), statements()), |(old, new)| {
        let (left, right) = (compile(Kind::Resource, &old), compile(Kind::Resource, &new));
        let space = Space::granted(right).minus(&Space::granted(left));
        let answer = search().with_owner(Owner::Stranger).find(&space);
        let all: Vec<&str> = old.iter().chain(&new).map(String::as_str).collect();
        let contexts = contexts(&all, 40);
        tally.check(&space, &answer, requests(&callers, &contexts), &format!("{old:#?}\n{new:#?}"));
    });
    assert!(tally.empty > 50 && tally.witnesses > 150, "{tally:?}");
}

/// With a world as small as the brute force's, a witness is found exactly where brute force finds one.
#[test]
fn within_facts_the_answer_is_the_brute_force() {
    let statements = || prop::collection::vec(statement(false), 1..3);
    let language = Language::regex("[abc]{0,2}").unwrap();
    let facts = || {
        let mut facts = Facts::none();
        facts.set("k:a", KeyFact::text(Presence::Always, language.clone()));
        facts.share("k:a");
        facts.set("k:b", KeyFact::text(Presence::Sometimes, language.clone()));
        for key in ["k:n", "k:d", "k:i", "k:r"] {
            facts.set(key, KeyFact::never());
        }
        facts
    };
    let mut words = vec![String::new()];
    for letter in ["a", "b", "c"] {
        words.push(letter.to_owned());
        words.extend(["a", "b", "c"].map(|second| format!("{letter}{second}")));
    }
    let contexts: Vec<Context> = words
        .iter()
        .flat_map(|a| {
            words.iter().map(Some).chain([None]).map(move |b| {
                let mut context = Context::new();
                context.insert("k:a", a.as_str());
                if let Some(b) = b {
                    context.insert("k:b", b.as_str());
                }
                context
            })
        })
        .collect();
    let callers = vec![(user(), None)];
    let (mut empty, mut found) = (0, 0);
    run(1_000, &(statements(), statements()), |(old, new)| {
        let (left, right) = (compile(Kind::Identity, &old), compile(Kind::Identity, &new));
        let space = Space::granted(right).minus(&Space::granted(left));
        let answer = Search::new().with_facts(|_| Some(facts())).with_callers(vec![user()]).find(&space);
        let brute = requests(&callers, &contexts).any(|request| space.contains(&request, None));
        match &answer {
            Answer::Empty => empty += 1,
            Answer::Witness(witness) => {
                found += 1;
                assert!(language.contains(match witness.request.context.get("k:a") {
                    Some(Value::One(text)) => text,
                    other => panic!("{other:?}"),
                }));
            }
            Answer::NotDecided { causes } => panic!("{causes:?}"),
        }
        // The actions and resources of the brute force are one of each sort that the statements tell apart.
        assert_eq!(answer.witness().is_some(), brute, "{answer:?}\n{old:#?}\n{new:#?}");
    });
    assert!(empty > 200 && found > 200, "{empty} {found}");
}
