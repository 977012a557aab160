//! Why a request was decided as it was.

mod element;
mod show;
mod slip;

use serde::Serialize;

use crate::compile::Rule;
use crate::context::Value;
use crate::subject::Subject;
use crate::{Decision, Effect, Kind, Outcome, Policy, PolicySet, Request, Span, StatementRef};

/// At most this many statements are explained.
const MOST: usize = 20;

/// What a caller knows about condition keys that the policy language does not: which keys an issuer has, which of them
/// AWS exposes, what values look like.
pub trait Hints {
    /// A sentence about a condition key that a policy tests and the request lacks.
    fn absent_key(&self, key: &str) -> Option<String> {
        let _ = key;
        None
    }

    /// A sentence about a condition key whose value is not the wanted one.
    fn unwanted_value(&self, key: &str, wanted: &[&str], has: &str) -> Option<String> {
        let _ = (key, wanted, has);
        None
    }
}

/// No knowledge.
impl Hints for () {}

/// A decision with its reasons. Serializes to JSON as `schema/explanation.schema.json` says.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    decision: Decision,
    principal: String,
    action: String,
    resource: Option<String>,
    /// The statements that matter, the one nearest to the other outcome first.
    statements: Vec<StatementReport>,
    /// How many more statements there are.
    omitted: usize,
    nearest_change: Option<String>,
    #[serde(skip)]
    policies: Vec<Policy>,
}

/// What one statement made of the request.
#[derive(Debug, Clone, Serialize)]
pub struct StatementReport {
    /// Which statement.
    pub statement: StatementRef,
    /// What kind of policy it stands in.
    pub kind: Kind,
    /// What it does when it matches.
    pub effect: Effect,
    /// Where it stands in its policy.
    pub span: Span,
    /// Whether it matched.
    pub matched: bool,
    /// The elements that did not match, in the order action, principal, resource, conditions.
    pub failures: Vec<Failure>,
    /// Index into the explanation's policies.
    #[serde(skip)]
    policy: usize,
}

/// An element of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Element {
    /// `Action` or `NotAction`.
    Action,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Resource` or `NotResource`.
    Resource,
    /// One key under one operator of `Condition`.
    Condition,
}

/// Why an element did not match.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// Which element.
    pub element: Element,
    /// Where it stands.
    pub span: Span,
    /// What is wrong, in one sentence with wanted and found.
    pub message: String,
    /// The operator of a condition.
    pub operator: Option<String>,
    /// The key of a condition.
    pub key: Option<String>,
    /// What the statement lists.
    pub wanted: Vec<String>,
    /// What the request has; `None` when it has nothing.
    pub has: Option<Value>,
    /// The smallest change that would make the element match.
    pub change: Option<String>,
    /// What tells the found value from the wanted one, when that can be said in a few words.
    pub difference: Option<String>,
    /// What the caller of `explain_with` knows about it.
    pub hint: Option<String>,
    /// How far the element is from matching.
    #[serde(skip)]
    cost: usize,
}

impl Explanation {
    /// What was decided: the same as [`PolicySet::decide`] decides.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The statements that matter. When allowed, those that granted; when explicitly denied, those that deny; otherwise
    /// those that might have allowed, the nearest first.
    pub fn statements(&self) -> &[StatementReport] {
        &self.statements
    }

    /// The smallest change to the request or to a statement that would have allowed the request.
    pub fn nearest_change(&self) -> Option<&str> {
        self.nearest_change.as_deref()
    }
}

pub(crate) fn explain(
    set: &PolicySet,
    request: &Request,
    subject: &Subject<'_>,
    decision: Decision,
    hints: &dyn Hints,
) -> Explanation {
    let policies: Vec<Policy> = set.policies().map(|(_, policy)| policy.clone()).collect();
    let mut reports = Vec::new();
    for (at, (kind, policy)) in set.policies().enumerate().filter(|(_, (kind, _))| matters(&decision, *kind))
    {
        for rule in policy.rules() {
            let matched = rule.matches(subject).is_some();
            let decisive = || {
                let this = Some(policy.reference(rule));
                this == decision.decided_by || this == decision.together_with
            };
            let relevant = match decision.outcome {
                Outcome::Allow => rule.effect == Effect::Allow && matched && decisive(),
                Outcome::ExplicitDeny => rule.effect == Effect::Deny && matched,
                Outcome::ImplicitDeny => rule.effect == Effect::Allow && !matched,
            };
            if relevant {
                let report = Reporter { policy, rule, request, subject, hints };
                reports.push(report.report(at, kind, matched));
            }
        }
    }
    reports.sort_by_key(StatementReport::distance);
    let omitted = reports.len().saturating_sub(MOST);
    reports.truncate(MOST);
    let nearest_change = match decision.outcome {
        Outcome::Allow => None,
        Outcome::ExplicitDeny => reports.first().map(|report| {
            format!("take the request out of {}, which denies it whatever else allows it", report.statement)
        }),
        Outcome::ImplicitDeny => reports.first().and_then(StatementReport::change),
    };
    Explanation {
        decision,
        principal: request.principal.name().to_owned(),
        action: request.action.clone(),
        resource: request.resource.clone(),
        statements: reports,
        omitted,
        nearest_change,
        policies,
    }
}

/// Whether policies of a kind can explain a decision.
fn matters(decision: &Decision, kind: Kind) -> bool {
    match decision.outcome {
        Outcome::ImplicitDeny => decision.kind == Some(kind),
        Outcome::Allow | Outcome::ExplicitDeny => true,
    }
}

/// Everything needed to explain one statement.
struct Reporter<'a> {
    policy: &'a Policy,
    rule: &'a Rule,
    request: &'a Request,
    subject: &'a Subject<'a>,
    hints: &'a dyn Hints,
}

impl Reporter<'_> {
    fn report(&self, policy: usize, kind: Kind, matched: bool) -> StatementReport {
        let written = self.policy.document().statements().get(self.rule.index as usize);
        StatementReport {
            statement: self.policy.reference(self.rule),
            kind,
            effect: self.rule.effect,
            span: written.map_or(Span::default(), |statement| statement.span),
            matched,
            failures: if matched { Vec::new() } else { written.map_or(Vec::new(), |s| self.failures(s)) },
            policy,
        }
    }
}

impl StatementReport {
    /// How far the statement is from matching.
    fn distance(&self) -> usize {
        self.failures.iter().map(|failure| failure.cost).sum()
    }

    /// What would have to change, when that is a single thought.
    fn change(&self) -> Option<String> {
        let changes: Vec<&str> =
            self.failures.iter().filter_map(|failure| failure.change.as_deref()).collect();
        if changes.is_empty() || changes.len() < self.failures.len() || changes.len() > 3 {
            return None;
        }
        Some(format!("{}: {}", self.statement, changes.join("; and ")))
    }
}
