//! Asking for a request of a set.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, Cause, Witness};
use super::facts::{Facts, KeyFact};
use super::formula::{Caller, Formula, Variables, Writer};
use super::problem::{Assignment, Part, Problem, usual};
use super::solve::{Model, Outcome, Solver};
use super::{Node, Space, callers};
use crate::compile::{Named, Rule};
use crate::condition::Wanted;
use crate::context::Context;
use crate::glob::Pattern;
use crate::{Effect, Policy, Principal, Request, arn};

/// In which account the resource of each request is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Owner {
    /// In the caller's.
    #[default]
    Caller,
    /// In an account that no policy names: only what a resource or trust policy grants to others is found.
    Stranger,
    /// In this one.
    Account(String),
}

/// What is known of the requests of each caller.
type KnownOf<'f> = Box<dyn Fn(&Principal) -> Option<Facts> + 'f>;

/// How to look for a request.
pub struct Search<'f> {
    facts: KnownOf<'f>,
    callers: Option<Vec<Principal>>,
    owner: Owner,
    steps: usize,
}

impl Default for Search<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// The most values that are tried for policy variables.
const TRIES: usize = 48;

impl<'f> Search<'f> {
    /// Among all requests that AWS's global condition keys allow, of any caller.
    pub fn new() -> Self {
        Self {
            facts: Box::new(|_| Some(Facts::aws())),
            callers: None,
            owner: Owner::Caller,
            steps: 2_000_000,
        }
    }

    /// What is known of the requests of a caller; `None` if there is no such caller.
    #[must_use]
    pub fn with_facts(self, facts: impl Fn(&Principal) -> Option<Facts> + 'f) -> Self {
        Self { facts: Box::new(facts), ..self }
    }

    /// The only callers to be looked at, the most interesting first.
    #[must_use]
    pub fn with_callers(self, callers: Vec<Principal>) -> Self {
        Self { callers: Some(callers), ..self }
    }

    /// In which account the resource is.
    #[must_use]
    pub fn with_owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// The most steps to be done for one caller (two million unless set); each is a fraction of a microsecond to a few
    /// microseconds long.
    #[must_use]
    pub fn with_steps(self, steps: usize) -> Self {
        Self { steps, ..self }
    }

    /// The callers that the policies of a set can tell apart, the most usual first.
    pub fn callers(space: &Space) -> Vec<Principal> {
        let policies = space.policies();
        callers::candidates(policies.iter().flat_map(|policy| policy.rules()))
    }

    /// A request of the set.
    pub fn find(&self, space: &Space) -> Answer {
        let policies = space.policies();
        let rules: Vec<&Rule> = policies.iter().flat_map(|policy| policy.rules()).collect();
        let known = match &self.callers {
            Some(callers) => callers.clone(),
            None => callers::candidates(rules.iter().copied()),
        };
        let mut seen: BTreeSet<Vec<Option<Named>>> = BTreeSet::new();
        let mut causes = BTreeSet::new();
        let same_kind = |principal: &Principal| principal.is_of_account();
        for principal in &known {
            let mut signature: Vec<Option<Named>> = rules
                .iter()
                .flat_map(|rule| [false, true].map(|bounded| rule.names_principal(principal, bounded)))
                .collect();
            signature.push(same_kind(principal).then_some(Named::Directly));
            signature.push(matches!(principal, Principal::Account { .. }).then_some(Named::Directly));
            signature.push(self.same_account(principal, &policies).then_some(Named::Directly));
            // Issuers differ in what their tokens look like.
            let issuer = matches!(principal, Principal::Federated { .. });
            if !issuer && self.callers.is_none() && !seen.insert(signature) {
                continue;
            }
            let Some(mut facts) = (self.facts)(principal) else { continue };
            keys_written(&policies).for_each(|key| facts.spell(key));
            if let Some(witness) = self.of_caller(space, &rules, &policies, principal, &facts, &mut causes) {
                return Answer::Witness(Box::new(witness));
            }
        }
        if causes.is_empty() {
            Answer::Empty
        } else {
            Answer::NotDecided { causes: causes.into_iter().collect() }
        }
    }

    /// The account of the resource.
    fn owner(&self, principal: &Principal, policies: &[&Policy]) -> Option<String> {
        match &self.owner {
            Owner::Caller => principal.account().map(str::to_owned),
            Owner::Account(account) => Some(account.clone()),
            Owner::Stranger => {
                let mut accounts: BTreeSet<String> = policies
                    .iter()
                    .flat_map(|policy| policy.rules())
                    .filter_map(|rule| rule.principals.as_ref())
                    .flat_map(|principals| principals.listed())
                    .map(|(_, name)| if name.starts_with("arn:") { arn::account(name) } else { name })
                    .map(str::to_owned)
                    .collect();
                accounts.extend(principal.account().map(str::to_owned));
                // Two strangers are strangers to each other.
                accounts.insert(callers::unused(&accounts));
                Some(callers::unused(&accounts))
            }
        }
    }

    fn same_account(&self, principal: &Principal, policies: &[&Policy]) -> bool {
        match self.owner(principal, policies) {
            Some(owner) => principal.account() == Some(&*owner),
            None => true,
        }
    }

    fn of_caller(
        &self,
        space: &Space,
        rules: &[&Rule],
        policies: &[&Policy],
        principal: &Principal,
        facts: &Facts,
        causes: &mut BTreeSet<Cause>,
    ) -> Option<Witness> {
        let asked = Asked {
            space,
            principal,
            same_account: self.same_account(principal, policies),
            owner: self.owner(principal, policies),
        };
        let variables = variables(rules);
        if variables.is_empty() {
            let mut steps = self.steps;
            return match asked.solve(facts, Variables::Resolved(&Context::EMPTY), &mut steps, causes) {
                Outcome::Found(witness) => Some(witness),
                _ => None,
            };
        }
        // First with the variables free: what is empty then is empty.
        let mut ignored = BTreeSet::new();
        let mut steps = self.steps;
        match asked.solve(facts, Variables::Free, &mut steps, &mut ignored) {
            Outcome::None => return None,
            Outcome::Found(witness) => return Some(witness),
            Outcome::Unknown => {}
        }
        for context in contexts(&variables, rules, facts) {
            let mut narrowed = facts.clone();
            for key in variables.keys() {
                let fact = match context.get(key) {
                    Some(value) => KeyFact::fixed(value.values().first().map_or("", String::as_str)),
                    None => KeyFact::never(),
                };
                narrowed.set(key, fact);
            }
            let found = asked.solve(&narrowed, Variables::Resolved(&context), &mut steps, &mut ignored);
            if let Outcome::Found(witness) = found {
                return Some(witness);
            }
        }
        if ignored.contains(&Cause::Limit) {
            causes.insert(Cause::Limit);
        }
        causes.extend(variables.into_keys().map(|key| Cause::Variable { key }));
        None
    }
}

/// A question about one caller.
struct Asked<'a> {
    space: &'a Space,
    principal: &'a Principal,
    same_account: bool,
    owner: Option<String>,
}

impl Asked<'_> {
    fn solve(
        &self,
        facts: &Facts,
        variables: Variables<'_>,
        steps: &mut usize,
        causes: &mut BTreeSet<Cause>,
    ) -> Outcome<Witness> {
        let mut problem = Problem::new(facts, *steps);
        let caller = Caller { principal: self.principal, same_account: self.same_account };
        let mut writer = Writer { problem: &mut problem, caller, variables, request: 0, bounded: false };
        let formula = Formula::all([write(self.space, &mut writer), never_identity(&mut writer)]);
        let formula = match writer.problem.cells().iter().any(|(request, _)| *request == 1) {
            true => {
                writer.request = 1;
                Formula::all([formula, never_identity(&mut writer)])
            }
            false => formula,
        };
        let mut accept = |problem: &mut Problem<'_>, model: &Model| self.accept(problem, model, variables);
        let outcome = Solver { problem: &mut problem, accept: &mut accept, causes }.solve(&formula);
        *steps = problem.steps;
        outcome
    }

    /// Makes the requests of a model and has the engine decide them.
    fn accept(
        &self,
        problem: &mut Problem<'_>,
        model: &Model,
        variables: Variables<'_>,
    ) -> Result<Witness, Cause> {
        let blank = || Request {
            principal: self.principal.clone(),
            action: String::new(),
            resource: None,
            resource_account: self.owner.clone(),
            context: Context::new(),
        };
        let mut first = blank();
        let mut second: Option<Request> = None;
        let mut keys = Vec::new();
        for (cell, (number, part)) in problem.cells().to_vec().iter().enumerate() {
            let literals = model.cells.get(cell).map_or(&[][..], Vec::as_slice);
            let found = match problem.find(u32::try_from(cell).unwrap_or(u32::MAX), literals, true) {
                super::text::Found::Yes(found) => found,
                super::text::Found::No => return Err(Cause::Disagreement),
                super::text::Found::Unknown(cause) => return Err(cause),
            };
            let request = if *number == 0 { &mut first } else { second.get_or_insert_with(blank) };
            match found {
                Assignment::Action(action) => request.action = action,
                Assignment::Resource(resource) => request.resource = resource,
                Assignment::Nothing => {}
                Assignment::Keys(values) => {
                    for (key, value) in values {
                        if let Some(value) = value {
                            request.context.insert(problem.facts.spelling(&key), value);
                        }
                        keys.push(key);
                    }
                }
            }
            if matches!(part, Part::Opaque(_)) && !matches!(variables, Variables::Free) {
                return Err(Cause::Disagreement);
            }
        }
        for (key, value) in usual(problem.facts, &keys, &mut problem.steps) {
            first.context.insert(problem.facts.spelling(&key), value);
        }
        if let Variables::Resolved(context) = variables {
            let mut all = context.clone();
            all.merge(&first.context);
            first.context = all;
        }
        if let Some(second) = &mut second {
            for (key, value) in first.context.iter().filter(|(key, _)| problem.facts.is_shared(key)) {
                second.context.insert(key, value.clone());
            }
        }
        if self.space.contains(&first, second.as_ref()) {
            Ok(Witness { request: first, second })
        } else {
            Err(Cause::Disagreement)
        }
    }
}

/// Nothing forbids `sts:GetCallerIdentity`, so no question is about it.
fn never_identity(writer: &mut Writer<'_, '_, '_>) -> Formula {
    writer.action("sts:getcalleridentity").negated()
}

fn write(space: &Space, writer: &mut Writer<'_, '_, '_>) -> Formula {
    match &*space.node {
        Node::Decided(policies, Effect::Allow) => writer.allowed(policies),
        Node::Decided(policies, Effect::Deny) => writer.denied(policies),
        Node::Covered(policy) => {
            let rules: Vec<Formula> = policy.rules().iter().map(|rule| writer.matching(rule)).collect();
            Formula::any(rules)
        }
        Node::All(spaces) => {
            Formula::all(spaces.iter().map(|space| write(space, writer)).collect::<Vec<_>>())
        }
        Node::Any(spaces) => {
            Formula::any(spaces.iter().map(|space| write(space, writer)).collect::<Vec<_>>())
        }
        Node::Not(space) => write(space, writer).negated(),
        Node::Second(space) => {
            let before = std::mem::replace(&mut writer.request, 1);
            let formula = write(space, writer);
            writer.request = before;
            formula
        }
    }
}

/// The keys that policy variables refer to, in lower case, with their defaults.
fn variables(rules: &[&Rule]) -> BTreeMap<String, ()> {
    let mut all = BTreeMap::new();
    for rule in rules {
        let resources = rule.resources.iter().flat_map(|resources| resources.patterns.iter());
        let of_resources = resources.flat_map(Pattern::variables);
        let of_tests = rule.tests.iter().flat_map(|test| test.variables());
        all.extend(of_resources.chain(of_tests).map(|variable| (variable.key().to_owned(), ())));
    }
    all
}

/// Values to try for the keys of variables.
fn contexts(variables: &BTreeMap<String, ()>, rules: &[&Rule], facts: &Facts) -> Vec<Context> {
    let mut all = vec![Context::new()];
    for (index, key) in variables.keys().enumerate() {
        let fact = facts.key(key);
        let mut values: Vec<Option<String>> = fact.samples.iter().take(1).cloned().map(Some).collect();
        if values.is_empty() {
            values.push(Some(format!("example{}", index + 1)));
        }
        for test in rules.iter().flat_map(|rule| rule.tests.iter()).filter(|test| test.key.folded() == key) {
            if let Wanted::Strings { exact, .. } = test.wanted() {
                values.extend(exact.iter().take(2).map(|text| Some(String::from(&**text))));
            }
        }
        values.push(None);
        values.dedup();
        let mut next = Vec::new();
        for context in &all {
            for value in &values {
                let mut context = context.clone();
                if let Some(value) = value {
                    context.insert(key.as_str(), value.as_str());
                }
                next.push(context);
            }
        }
        next.truncate(TRIES);
        all = next;
    }
    all
}

/// The condition keys of policies as their authors wrote them.
fn keys_written<'p>(policies: &'p [&Policy]) -> impl Iterator<Item = &'p str> {
    let statements = policies.iter().flat_map(|policy| policy.document().statements());
    statements.flat_map(|statement| &statement.conditions).map(|condition| &*condition.key.value)
}
