//! Documents as immutable programs: patterns parsed, keys hashed, statements indexed.

mod index;
mod names;
mod principals;

use std::sync::Arc;

use self::index::Index;
pub(crate) use self::index::IndexKeys;
use self::names::{Actions, Resources};
pub(crate) use self::principals::Named;
use self::principals::Principals;
use crate::condition::Test;
use crate::subject::Subject;
use crate::{Document, Effect, Principal, Statement, Version};

/// A compiled document.
#[derive(Debug)]
pub(crate) struct Program {
    rules: Box<[Rule]>,
    index: Index,
}

/// A compiled statement. Its parts stand in the same order as in the document.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) index: u32,
    pub(crate) effect: Effect,
    pub(crate) sid: Option<Arc<str>>,
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Actions,
    pub(crate) resources: Option<Resources>,
    pub(crate) tests: Box<[Test]>,
}

/// What a program says about a request: the first matching statement of each effect.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Verdict<'p> {
    pub(crate) deny: Option<&'p Rule>,
    /// The allowing statement that names the principal most directly, and how.
    pub(crate) allow: Option<(Named, &'p Rule)>,
}

impl Program {
    pub(crate) fn compile(document: &Document) -> Self {
        let variables = document.version() == Version::V2012;
        let statements = document.statements().iter().zip(0..);
        let rules: Box<[Rule]> = statements.map(|(s, index)| Rule::compile(s, index, variables)).collect();
        let index = Index::build(&rules);
        Self { rules, index }
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Evaluates the statements that could matter. Which of several matching statements is reported does not depend
    /// on the order of evaluation: the most direct, then the first in the document.
    pub(crate) fn evaluate<'p>(&'p self, subject: &Subject<'_>) -> Verdict<'p> {
        let mut verdict = Verdict::default();
        self.index.candidates(self.rules.len(), subject, |index| {
            if let Some(rule) = self.rules.get(index as usize) {
                verdict.consider(rule, subject);
            }
        });
        verdict
    }
}

impl<'p> Verdict<'p> {
    #[inline]
    fn consider(&mut self, rule: &'p Rule, subject: &Subject<'_>) {
        match rule.effect {
            Effect::Deny => {
                let earlier = self.deny.is_none_or(|found| rule.index < found.index);
                if earlier && rule.matches(subject).is_some() {
                    self.deny = Some(rule);
                }
            }
            Effect::Allow => {
                let settled =
                    |(named, found): (Named, &Rule)| named == Named::Directly && found.index < rule.index;
                if self.allow.is_some_and(settled) {
                    return;
                }
                if let Some(named) = rule.matches(subject) {
                    let better = |(best, found): (Named, &Rule)| {
                        named > best || named == best && rule.index < found.index
                    };
                    if self.allow.is_none_or(better) {
                        self.allow = Some((named, rule));
                    }
                }
            }
        }
    }
}

impl Rule {
    fn compile(statement: &Statement, index: u32, variables: bool) -> Self {
        Self {
            index,
            effect: statement.effect.value,
            sid: statement.sid.as_ref().map(|sid| Arc::from(&*sid.value)),
            principals: statement.principals.as_ref().map(Principals::compile),
            actions: Actions::compile(&statement.actions),
            resources: statement.resources.as_ref().map(|element| Resources::compile(element, variables)),
            tests: statement
                .conditions
                .iter()
                .map(|condition| {
                    let values = condition.values.iter().map(|value| &*value.value);
                    Test::compile(condition.parsed, &condition.key.value, values, variables)
                })
                .collect(),
        }
    }

    /// Whether the statement applies, and if so how it names the principal.
    #[inline]
    pub(crate) fn matches(&self, subject: &Subject<'_>) -> Option<Named> {
        if !self.covers_action(subject) {
            return None;
        }
        let named = self.names(subject)?;
        (self.covers_resource(subject) && self.tests.iter().all(|test| test.holds(subject.context())))
            .then_some(named)
    }

    pub(crate) fn covers_action(&self, subject: &Subject<'_>) -> bool {
        self.actions.cover(subject.action())
    }

    /// A statement without principals applies to whoever its policy is attached to.
    pub(crate) fn names(&self, subject: &Subject<'_>) -> Option<Named> {
        self.names_principal(subject.principal(), subject.bounded())
    }

    /// As [`Rule::names`], without a request; `bounded` says whether the principal has a permissions boundary.
    pub(crate) fn names_principal(&self, principal: &Principal, bounded: bool) -> Option<Named> {
        match &self.principals {
            Some(principals) => principals.name(principal, bounded, self.effect),
            None => Some(Named::Directly),
        }
    }

    /// A statement without resources applies to whatever its policy is attached to.
    pub(crate) fn covers_resource(&self, subject: &Subject<'_>) -> bool {
        match &self.resources {
            Some(resources) => resources.cover(subject.resource(), subject.context(), self.effect),
            None => true,
        }
    }
}
