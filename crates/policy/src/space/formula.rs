//! Policies as formulas over elementary conditions.

use super::problem::{Atom, Literal, Problem};
use crate::combine::{Parts, PolicySet};
use crate::compile::{Named, Rule};
use crate::condition::Test;
use crate::context::Context;
use crate::glob::Pattern;
use crate::{Effect, Policy, Principal};

/// A formula without negations but on literals.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    True,
    False,
    Literal(Literal),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

impl Formula {
    pub(super) fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Formula::True => {}
                Formula::False => return Formula::False,
                Formula::All(parts) => kept.extend(parts),
                part => kept.push(part),
            }
        }
        match kept.len() {
            0 => Formula::True,
            1 => kept.pop().unwrap_or(Formula::True),
            _ => Formula::All(kept),
        }
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Formula::False => {}
                Formula::True => return Formula::True,
                Formula::Any(parts) => kept.extend(parts),
                part => kept.push(part),
            }
        }
        match kept.len() {
            0 => Formula::False,
            1 => kept.pop().unwrap_or(Formula::False),
            _ => Formula::Any(kept),
        }
    }

    pub(super) fn negated(self) -> Formula {
        match self {
            Formula::True => Formula::False,
            Formula::False => Formula::True,
            Formula::Literal(literal) => Formula::Literal(literal.negated()),
            Formula::All(parts) => Formula::any(parts.into_iter().map(Formula::negated)),
            Formula::Any(parts) => Formula::all(parts.into_iter().map(Formula::negated)),
        }
    }
}

/// How policy variables are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Variables<'c> {
    /// They have these values.
    Resolved(&'c Context),
    /// They can be anything: the formula is true of more requests than the policies.
    Free,
}

/// Whose requests, and in which account the resource is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) principal: &'a Principal,
    /// Whether the resource is of the caller's account.
    pub(super) same_account: bool,
}

/// Makes formulas of the policies of a question.
pub(super) struct Writer<'p, 'f, 'a> {
    pub(super) problem: &'p mut Problem<'f>,
    pub(super) caller: Caller<'a>,
    pub(super) variables: Variables<'a>,
    /// Whether the first (0) or the second (1) request is meant.
    pub(super) request: u8,
    /// Whether the caller has a permissions boundary in the set at hand.
    pub(super) bounded: bool,
}

impl Writer<'_, '_, '_> {
    fn literal(&mut self, atom: Atom) -> Formula {
        Formula::Literal(self.problem.literal(self.request, atom))
    }

    /// The requests of one action, given in lower case.
    pub(super) fn action(&mut self, action: &str) -> Formula {
        self.literal(Atom::Action([Pattern::Exact(action.into())].into()))
    }

    /// The requests that a set of policies allows. `sts:GetCallerIdentity` is left out.
    pub(super) fn allowed(&mut self, set: &PolicySet) -> Formula {
        let parts = set.parts();
        self.bounded = self.caller.principal.is_of_account() && !parts.boundary.is_empty();
        let of_account = self.caller.principal.is_of_account();
        let trust = self.in_trust(&parts);
        let mut branches = Vec::new();
        for (asked, in_trust) in trust {
            let denied = self.denials(&parts, in_trust);
            let resource = if in_trust { parts.trust } else { parts.resource };
            let granted = if of_account {
                self.granted_in_account(&parts, resource, in_trust)
            } else {
                self.granting(resource, |_| true)
            };
            branches.push(Formula::all([asked, granted, denied.negated()]));
        }
        Formula::any(branches)
    }

    /// The requests that a statement denies.
    pub(super) fn denied(&mut self, set: &PolicySet) -> Formula {
        let parts = set.parts();
        self.bounded = self.caller.principal.is_of_account() && !parts.boundary.is_empty();
        let mut branches = Vec::new();
        for (asked, in_trust) in self.in_trust(&parts) {
            branches.push(Formula::all([asked, self.denials(&parts, in_trust)]));
        }
        Formula::any(branches)
    }

    /// Whether the trust policy decides rather than resource policies; with a trust policy, it depends on the action.
    fn in_trust(&mut self, parts: &Parts<'_>) -> Vec<(Formula, bool)> {
        if parts.trust.is_empty() {
            return vec![(Formula::True, false)];
        }
        let sts = self.literal(Atom::Action([Pattern::Prefix("sts:".into())].into()));
        vec![(sts.clone(), true), (sts.negated(), false)]
    }

    fn denials(&mut self, parts: &Parts<'_>, in_trust: bool) -> Formula {
        let mut all: Vec<&[Policy]> = vec![parts.rcp, if in_trust { parts.trust } else { parts.resource }];
        if self.caller.principal.is_of_account() {
            all.extend(parts.scp.iter().map(Vec::as_slice));
            all.extend([parts.identity, parts.boundary, parts.session]);
        }
        let denials: Vec<Formula> = all.into_iter().map(|policies| self.denying(policies)).collect();
        Formula::any(denials)
    }

    fn granted_in_account(&mut self, parts: &Parts<'_>, resource: &[Policy], in_trust: bool) -> Formula {
        let within: Vec<Formula> = parts
            .scp
            .iter()
            .filter(|level| !level.is_empty())
            .map(|level| self.granting(level, |_| true))
            .collect();
        let boundaries: Vec<Formula> =
            parts.boundary.iter().map(|one| self.granting(std::slice::from_ref(one), |_| true)).collect();
        let session = match parts.session {
            [] => Formula::True,
            session => self.granting(session, |_| true),
        };
        let limits = Formula::all(boundaries.into_iter().chain([session]));
        let any = self.granting(resource, |_| true);
        let identity = self.granting(parts.identity, |_| true);
        let root = matches!(self.caller.principal, Principal::Account { .. }) && self.caller.same_account;
        let identity = if root { Formula::True } else { identity };
        let granted = if self.caller.same_account {
            let directly = self.granting(resource, |named| named == Named::Directly);
            let by_identity = self.granting(resource, |named| named == Named::ByIdentity);
            let needed = if in_trust { any } else { Formula::True };
            let limited = Formula::any([by_identity, Formula::all([identity, needed])]);
            Formula::any([directly, Formula::all([limits, limited])])
        } else {
            Formula::all([any, identity, limits])
        };
        Formula::all(within.into_iter().chain([granted]))
    }

    /// Some allowing statement that names the caller in a passing way matches.
    fn granting(&mut self, policies: &[Policy], pass: impl Fn(Named) -> bool) -> Formula {
        let mut branches = Vec::new();
        for rule in policies.iter().flat_map(Policy::rules).filter(|rule| rule.effect == Effect::Allow) {
            if rule.names_principal(self.caller.principal, self.bounded).is_some_and(&pass) {
                branches.push(self.matching(rule));
            }
        }
        Formula::any(branches)
    }

    fn denying(&mut self, policies: &[Policy]) -> Formula {
        let mut branches = Vec::new();
        for rule in policies.iter().flat_map(Policy::rules).filter(|rule| rule.effect == Effect::Deny) {
            if rule.names_principal(self.caller.principal, self.bounded).is_some() {
                branches.push(self.matching(rule));
            }
        }
        Formula::any(branches)
    }

    /// Action, resource and conditions of a statement.
    pub(super) fn matching(&mut self, rule: &Rule) -> Formula {
        let mut parts = Vec::new();
        let actions = &rule.actions;
        let listed = if actions.patterns.contains(&Pattern::Any) {
            Formula::True
        } else {
            self.literal(Atom::Action(actions.patterns.clone()))
        };
        parts.push(if actions.negated { listed.negated() } else { listed });
        if let Some(resources) = &rule.resources {
            parts.push(self.resources(&resources.patterns, resources.negated, rule.effect));
        }
        for test in &rule.tests {
            parts.push(self.test(test));
        }
        Formula::all(parts)
    }

    fn resources(&mut self, patterns: &[Pattern], negated: bool, effect: Effect) -> Formula {
        if patterns.contains(&Pattern::Any) {
            return if negated { Formula::False } else { Formula::True };
        }
        let variable = |pattern: &&Pattern| pattern.variables().next().is_some();
        if !patterns.iter().any(|pattern| variable(&pattern)) {
            let listed = self.literal(Atom::Resource(patterns.into()));
            return if negated { listed.negated() } else { listed };
        }
        match self.variables {
            Variables::Resolved(context) => {
                let resolved: Vec<Pattern> =
                    patterns.iter().filter_map(|pattern| pattern.resolved(context)).collect();
                if negated && effect == Effect::Allow && resolved.len() < patterns.len() {
                    return Formula::False;
                }
                self.resources(&resolved, negated, effect)
            }
            Variables::Free if negated => {
                self.literal(Atom::Opaque(format!("not resource {effect:?} {patterns:?}")))
            }
            Variables::Free => {
                let plain: Vec<Pattern> =
                    patterns.iter().filter(|pattern| !variable(pattern)).cloned().collect();
                let mut branches = Vec::new();
                if !plain.is_empty() {
                    branches.push(self.literal(Atom::Resource(plain.into())));
                }
                for pattern in patterns.iter().filter(variable) {
                    let opaque = self.literal(Atom::Opaque(format!("resource {pattern:?}")));
                    let wide = match pattern.widened() {
                        Some(wide) => self.literal(Atom::Resource([wide].into())),
                        None => Formula::False,
                    };
                    branches.push(Formula::all([opaque, wide]));
                }
                Formula::any(branches)
            }
        }
    }

    fn test(&mut self, test: &Test) -> Formula {
        if test.variables().is_empty() {
            return self.literal(Atom::Test(test.clone()));
        }
        match self.variables {
            Variables::Resolved(context) => self.literal(Atom::Test(test.resolved(context))),
            Variables::Free => self.literal(Atom::Opaque(format!("{test:?}"))),
        }
    }
}
