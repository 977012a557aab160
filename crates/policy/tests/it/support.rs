//! What the tables are made of.

use std::cell::RefCell;
use std::collections::BTreeSet;

use stagedoor_policy::{
    Context, Document, Kind, Limits, Outcome, Policy, PolicySet, Principal, Request, Value,
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";

thread_local! {
    /// The cases that ran on this thread, while somebody counts.
    static COUNTED: RefCell<Option<BTreeSet<Case>>> = const { RefCell::new(None) };
}

/// A case that ran.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    pub(crate) rule: String,
    asked: String,
}

/// Runs tables and returns their cases, each once.
pub(crate) fn counting(run: impl FnOnce()) -> BTreeSet<Case> {
    COUNTED.set(Some(BTreeSet::new()));
    run();
    COUNTED.take().unwrap()
}

/// The ids of all rules, in the order of `rules.md`.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    include_str!("rules.md").lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next())
}

/// Cases of one rule, or of several; by `default`, of none of AWS's. Collects what went wrong, so that one run shows all of
/// it.
#[derive(Default)]
pub(crate) struct Table {
    rule: &'static str,
    wrong: Vec<String>,
    rows: usize,
}

impl Table {
    /// A table of cases of one rule of `rules.md`. A row may be about another: see [`Table::row`].
    pub(crate) fn of(rule: &'static str) -> Self {
        Self { rule, wrong: Vec::new(), rows: 0 }
    }

    /// One case. `note` says what is special about it; where it is the name of a rule, or begins with one and a colon,
    /// the case is about that rule. Then: what was asked, in full, what came out, and what should have.
    pub(crate) fn row<T: PartialEq + std::fmt::Debug>(
        &mut self,
        note: &str,
        asked: impl std::fmt::Display,
        got: T,
        wanted: T,
    ) {
        let named = note.split(':').next().filter(|name| name.contains('/') && !name.contains([' ', '`']));
        let rule = if self.rule.is_empty() { "" } else { named.unwrap_or(self.rule) };
        assert!(rule.is_empty() || rules().any(|known| known == rule), "`{rule}` is not in rules.md");
        self.rows += 1;
        if got != wanted {
            self.wrong.push(format!("{rule}: {note}\n    {asked}\n    got {got:?}, wanted {wanted:?}"));
        }
        COUNTED.with_borrow_mut(|counted| {
            if let Some(cases) = counted.as_mut().filter(|_| !rule.is_empty()) {
                cases.insert(Case { rule: rule.to_owned(), asked: format!("{asked} is {wanted:?}") });
            }
        });
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.rows > 0, "an empty table tests nothing");
            assert!(
                self.wrong.is_empty(),
                "{} of {} rows:\n{}",
                self.wrong.len(),
                self.rows,
                self.wrong.join("\n")
            );
        }
    }
}

#[track_caller]
pub(crate) fn document(kind: Kind, source: &str) -> Document {
    match Document::parse_within(kind, source, Limits::bytes(1 << 20)) {
        Ok(document) => document,
        Err(errors) => panic!("{}", stagedoor_policy::render("test.json", source, &errors, false)),
    }
}

/// Compiles `statements`, one object or several with commas, as a document of version 2012-10-17.
#[track_caller]
pub(crate) fn policy(kind: Kind, statements: &str) -> Policy {
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::compile(&format!("{kind:?}").to_lowercase(), &document(kind, &source))
}

pub(crate) fn user() -> Principal {
    Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/alice") }
}

pub(crate) fn session() -> Principal {
    Principal::AssumedRole {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/deploy"),
        session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"),
    }
}

pub(crate) fn federated_user() -> Principal {
    Principal::FederatedUser {
        arn: format!("arn:aws:sts::{ACCOUNT}:federated-user/bob"),
        user_arn: Some(format!("arn:aws:iam::{ACCOUNT}:user/alice")),
    }
}

/// A request by a user for an object in a bucket.
pub(crate) fn request(action: &str, resource: &str) -> Request {
    Request {
        principal: user(),
        action: action.into(),
        resource: (!resource.is_empty()).then(|| resource.into()),
        resource_account: None,
        context: Context::new(),
    }
}

pub(crate) fn get_object(principal: Principal) -> Request {
    Request { principal, ..request("s3:GetObject", "arn:aws:s3:::bucket/key") }
}

/// A context from `key=value` and `key=[a,b]`, separated by `;`.
pub(crate) fn context(text: &str) -> Context {
    text.split(';')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap();
            let value: Value = match value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
                Some("") => Value::Many(Vec::new()),
                Some(list) => list.split(',').map(str::to_owned).collect::<Vec<_>>().into(),
                None => value.into(),
            };
            (key, value)
        })
        .collect()
}

/// Whether an identity policy with these statements allows a request.
pub(crate) fn allows(statements: &str, request: &Request) -> bool {
    decide(&PolicySet::new().identity(policy(Kind::Identity, statements)), request) == Outcome::Allow
}

/// Decides, and checks on the way that the explanation says the same.
pub(crate) fn decide(set: &PolicySet, request: &Request) -> Outcome {
    let decision = set.decide(request);
    assert_eq!(set.explain(request).decision(), &decision, "explain and decide disagree");
    decision.outcome
}
