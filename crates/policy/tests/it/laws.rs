//! Laws that hold for all policies and requests.

use proptest::prelude::*;
use stagedoor_policy::Outcome::{Allow, ExplicitDeny};
use stagedoor_policy::{Context, Document, Kind, Limits, Outcome, Policy, PolicySet, Principal, Request};

use crate::support::{ACCOUNT, OTHER};

/// A condition, its values as JSON.
fn condition() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLikeIfExists",
        "StringEqualsIgnoreCase",
        "ForAnyValue:StringLike",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
    ]);
    let value =
        prop::sample::select(vec!["a", "A", "b", "*", "a*", "?", "${k:b}", "${k:c, 'a'}", "${*}", ""]);
    let values = prop::collection::vec(value, 0..3);
    (operator, prop::sample::select(vec!["k:a", "k:b", "K:C"]), values).prop_map(|(operator, key, values)| {
        format!(r#"{{"{operator}":{{"{key}":{}}}}}"#, serde_json::json!(values))
    })
}

const ACTIONS: [&str; 7] = ["s3:GetObject", "s3:Get*", "S3:*", "ec2:Run?", "*", "sts:AssumeRole", "ec2:RunX"];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/${k:a}",
    "arn:aws:s3:::*/?",
    "arn:aws:s3:::c",
];

fn statement(with_principal: bool) -> impl Strategy<Value = String> {
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    let action = (any::<bool>(), prop::collection::vec(prop::sample::select(ACTIONS.to_vec()), 1..3));
    let resource =
        (prop::bool::weighted(0.2), prop::collection::vec(prop::sample::select(RESOURCES.to_vec()), 1..3));
    let principal = prop::sample::select(vec![
        r#""*""#.to_owned(),
        format!(r#"{{"AWS":"{ACCOUNT}"}}"#),
        format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:role/r"}}"#),
        format!(r#"{{"AWS":"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"}}"#),
        r#"{"Service":"ec2.amazonaws.com"}"#.to_owned(),
    ]);
    (effect, action, resource, principal, prop::option::of(condition())).prop_map(
        move |(effect, (not_action, actions), (not_resource, resources), principal, condition)| {
            let not =
                |negated: bool, name: &str| if negated { format!("Not{name}") } else { name.to_owned() };
            let mut parts = vec![
                format!(r#""Effect":"{effect}""#),
                format!(r#""{}":{}"#, not(not_action, "Action"), serde_json::json!(actions)),
                format!(r#""{}":{}"#, not(not_resource, "Resource"), serde_json::json!(resources)),
            ];
            parts.extend(with_principal.then(|| format!(r#""Principal":{principal}"#)));
            parts.extend(condition.map(|condition| format!(r#""Condition":{condition}"#)));
            format!("{{{}}}", parts.join(","))
        },
    )
}

fn statements(with_principal: bool) -> impl Strategy<Value = Vec<String>> {
    // Also more than the index is built for.
    prop_oneof![
        4 => prop::collection::vec(statement(with_principal), 1..5),
        1 => prop::collection::vec(statement(with_principal), 9..24),
    ]
}

fn source(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn compile(kind: Kind, statements: &[String]) -> Policy {
    let document = Document::parse_within(kind, &source(statements), Limits::bytes(1 << 20)).unwrap();
    Policy::compile(&format!("{kind:?}"), &document)
}

fn request() -> impl Strategy<Value = Request> {
    let principal = prop::sample::select(vec![
        Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/u") },
        Principal::AssumedRole {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r"),
            session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/s"),
        },
        Principal::Service { name: "ec2.amazonaws.com".into() },
        Principal::Anonymous,
    ]);
    let action = prop::sample::select(vec!["s3:GetObject", "s3:getobject", "ec2:RunX", "sts:AssumeRole"]);
    let resource = prop::sample::select(vec!["arn:aws:s3:::b/a", "arn:aws:s3:::b/*", "arn:aws:s3:::c", "*"]);
    let owner = prop::option::of(prop::sample::select(vec![ACCOUNT, OTHER]));
    let value = prop::sample::select(vec!["a", "A", "b", "*", "", "ab"]);
    let keys = prop::collection::btree_map(
        prop::sample::select(vec!["k:a", "k:b", "k:c"]),
        (value, any::<bool>()),
        0..3,
    );
    (principal, action, resource, owner, keys).prop_map(|(principal, action, resource, owner, keys)| {
        let mut context = Context::new();
        for (key, (value, many)) in keys {
            if many { context.insert(key, vec![value, "x"]) } else { context.insert(key, value) }
        }
        Request {
            principal,
            action: action.into(),
            resource: Some(resource.into()),
            resource_account: owner.map(str::to_owned),
            context,
        }
    })
}

#[derive(Debug, Clone)]
struct World {
    identity: Vec<String>,
    resource: Vec<String>,
    boundary: Option<Vec<String>>,
    session: Option<Vec<String>>,
    scp: Option<Vec<String>>,
}

impl World {
    fn set(&self) -> PolicySet {
        let mut set = PolicySet::new()
            .identity(compile(Kind::Identity, &self.identity))
            .resource(compile(Kind::Resource, &self.resource));
        if let Some(statements) = &self.boundary {
            set = set.boundary(compile(Kind::Boundary, statements));
        }
        if let Some(statements) = &self.session {
            set = set.session(compile(Kind::Session, statements));
        }
        if let Some(statements) = &self.scp {
            set = set.scp(compile(Kind::ServiceControl, statements));
        }
        set
    }

    fn decide(&self, request: &Request) -> Outcome {
        self.set().decide(request).outcome
    }
}

fn world() -> impl Strategy<Value = World> {
    (
        statements(false),
        statements(true),
        prop::option::of(statements(false)),
        prop::option::of(statements(false)),
        prop::option::of(statements(false)),
    )
        .prop_map(|(identity, resource, boundary, session, scp)| World {
            identity,
            resource,
            boundary,
            session,
            scp,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_matching_deny_always_wins(world in world(), request in request(), place in 0..4) {
        let everything = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#.to_owned();
        let everybody = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#.to_owned();
        let mut denied = world.clone();
        match place {
            0 => denied.resource.push(everybody),
            1 => denied.identity.push(everything),
            2 => denied.boundary.get_or_insert_default().push(everything),
            _ => denied.session.get_or_insert_default().push(everything),
        }
        let account = request.principal.account().is_some();
        prop_assume!(place == 0 || account);
        prop_assert_eq!(denied.decide(&request), ExplicitDeny);
    }

    #[test]
    fn adding_an_allow_never_removes_access(world in world(), request in request(), extra in statement(true)) {
        let before = world.decide(&request);
        let allow = extra.replace("\"Deny\"", "\"Allow\"");
        let mut more = world.clone();
        more.resource.push(allow);
        prop_assert!(before != Allow || more.decide(&request) == Allow);
    }

    #[test]
    fn adding_an_allow_to_the_identity_policy_never_removes_access(
        world in world(), request in request(), extra in statement(false),
    ) {
        let before = world.decide(&request);
        let mut more = world.clone();
        more.identity.push(extra.replace("\"Deny\"", "\"Allow\""));
        prop_assert!(before != Allow || more.decide(&request) == Allow);
    }

    #[test]
    fn adding_a_deny_never_adds_access(world in world(), request in request(), extra in statement(false)) {
        let before = world.decide(&request);
        let deny = extra.replace("\"Allow\"", "\"Deny\"");
        for place in 0..3 {
            let mut less = world.clone();
            match place {
                0 => less.identity.push(deny.clone()),
                1 => less.resource.push(deny.replacen('{', r#"{"Principal":"*","#, 1)),
                _ => less.scp.get_or_insert_default().push(deny.clone()),
            }
            prop_assert!(before == Allow || less.decide(&request) != Allow);
        }
    }

    #[test]
    fn a_boundary_a_session_policy_or_an_scp_never_adds_access(
        world in world(), request in request(), extra in statements(false),
    ) {
        let open = World { boundary: None, session: None, scp: None, ..world };
        let before = open.decide(&request);
        for limited in [
            World { boundary: Some(extra.clone()), ..open.clone() },
            World { session: Some(extra.clone()), ..open.clone() },
            World { scp: Some(extra.clone()), ..open.clone() },
        ] {
            prop_assert!(before == Allow || limited.decide(&request) != Allow);
        }
    }

    #[test]
    fn the_order_of_statements_is_irrelevant(world in world(), request in request()) {
        let mut turned = world.clone();
        turned.identity.reverse();
        turned.resource.reverse();
        prop_assert_eq!(world.decide(&request), turned.decide(&request));
    }

    #[test]
    fn one_policy_or_many_is_the_same(statements in statements(false), request in request()) {
        let together = PolicySet::new().identity(compile(Kind::Identity, &statements));
        let apart = statements
            .iter()
            .fold(PolicySet::new(), |set, one| set.identity(compile(Kind::Identity, std::slice::from_ref(one))));
        prop_assert_eq!(together.decide(&request).outcome, apart.decide(&request).outcome);
    }

    #[test]
    fn printing_and_parsing_is_the_identity(statements in statements(true), request in request()) {
        let first = Document::parse_within(Kind::Resource, &source(&statements), Limits::bytes(1 << 20)).unwrap();
        let printed = first.to_string();
        let second = Document::parse_within(Kind::Resource, &printed, Limits::bytes(1 << 20)).unwrap();
        prop_assert_eq!(&printed, &second.to_string());
        let decide = |document| PolicySet::new().resource(Policy::compile("p", document)).decide(&request);
        prop_assert_eq!(decide(&first), decide(&second));
    }

    #[test]
    fn explain_agrees_with_decide(world in world(), request in request()) {
        let set = world.set();
        let explanation = set.explain(&request);
        prop_assert_eq!(explanation.decision(), &set.decide(&request));
        for report in explanation.statements() {
            prop_assert_eq!(report.matched, report.failures.is_empty(), "{:?}", report);
        }
        prop_assert!(!explanation.summary().contains('\n'));
        explanation.render(false);
    }

    #[test]
    fn parsing_never_panics(text in any::<String>(), kind in prop::sample::select(vec![Kind::Trust, Kind::Identity])) {
        if let Err(errors) = Document::parse(kind, &text) {
            prop_assert!(!errors.is_empty());
            stagedoor_policy::render("x", &text, &errors, false);
        }
    }

    #[test]
    fn damaged_documents_never_panic(statements in statements(true), at in any::<prop::sample::Index>(), with in ".{0,3}") {
        let mut text = source(&statements);
        let at = at.index(text.len());
        text.replace_range(at..at + 1, &with);
        if let Err(errors) = Document::parse(Kind::Resource, &text) {
            prop_assert!(!errors.is_empty());
            stagedoor_policy::render("x", &text, &errors, false);
        }
    }
}
