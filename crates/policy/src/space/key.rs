//! What a condition key must hold for some conditions to be true and others to be false.

use super::answer::Cause;
use super::facts::{Arity, KeyFact, Presence, Values};
use super::language::Language;
use super::points;
use super::text::{self, Demand, Found, TextSet};
use crate::SetOperator;
use crate::condition::{Test, Wanted};
use crate::context::{Context, Value};

/// A condition without variables, prepared.
#[derive(Debug)]
pub(super) struct KeyTest {
    pub(super) test: Test,
    /// Its values as a set of texts; `None` if they are dates or addresses.
    set: Option<TextSet>,
}

/// A condition and whether it must be true.
pub(super) type Literal<'a> = (&'a KeyTest, bool);

impl KeyTest {
    pub(super) fn new(test: Test) -> Self {
        let set = TextSet::values(&test);
        Self { test, set }
    }

    fn is_null(&self) -> bool {
        matches!(self.test.wanted(), Wanted::Null { .. })
    }

    /// The answer when the request does not carry the key.
    fn when_absent(&self) -> bool {
        match self.test.wanted() {
            Wanted::Null { absent, .. } => *absent,
            _ => self.test.operator.when_absent(),
        }
    }

    fn includes(&self, text: &str) -> bool {
        self.test.includes(text, &Context::EMPTY)
    }

    /// What a single value must be for the condition to be `wanted`: included or not; the outer `None` if it cannot be,
    /// the inner one if it is whatever the value.
    pub(super) fn demand(&self, wanted: bool) -> Option<Option<bool>> {
        match self.test.wanted() {
            Wanted::Null { present, .. } => (*present == wanted).then_some(None),
            _ => Some(Some(wanted != self.test.operator.negated)),
        }
    }

    pub(super) fn set(&self) -> Option<&TextSet> {
        self.set.as_ref()
    }

    pub(super) fn suggestions(&self) -> Vec<String> {
        self.set.as_ref().map(TextSet::suggestions).unwrap_or_default()
    }
}

/// A demand on one value: to be included by a condition (`true`), or not to be.
type Inclusion<'a> = (&'a KeyTest, bool);

/// What the key can hold; `Found::Yes(None)` is a request without it.
pub(super) fn find(
    key: &str,
    literals: &[Literal<'_>],
    fact: &KeyFact,
    steps: &mut usize,
) -> Found<Option<Value>> {
    let mut unknown = None;
    if fact.presence != Presence::Always
        && literals.iter().all(|(test, wanted)| test.when_absent() == *wanted)
    {
        return Found::Yes(None);
    }
    if fact.presence == Presence::Never {
        return Found::No;
    }
    if fact.arity != Arity::Many {
        match find_one(key, literals, fact, steps) {
            Found::Yes(value) => return Found::Yes(Some(Value::One(value))),
            Found::Unknown(cause) => unknown = Some(cause),
            Found::No => {}
        }
    }
    if fact.arity != Arity::One {
        match find_many(key, literals, fact, steps) {
            Found::Yes(values) => return Found::Yes(Some(Value::Many(values))),
            Found::Unknown(cause) => unknown = Some(cause),
            Found::No => {}
        }
    }
    unknown.map_or(Found::No, Found::Unknown)
}

fn find_one(key: &str, literals: &[Literal<'_>], fact: &KeyFact, steps: &mut usize) -> Found<String> {
    let mut inclusions = Vec::new();
    for (test, wanted) in literals {
        match test.demand(*wanted) {
            None => return Found::No,
            Some(None) => {}
            Some(Some(include)) => inclusions.push((*test, include)),
        }
    }
    find_value(key, &inclusions, fact, steps)
}

fn find_many(key: &str, literals: &[Literal<'_>], fact: &KeyFact, steps: &mut usize) -> Found<Vec<String>> {
    let mut each: Vec<Inclusion<'_>> = Vec::new();
    let mut some: Vec<Inclusion<'_>> = Vec::new();
    for (test, wanted) in literals {
        if test.is_null() {
            if test.demand(*wanted).is_none() {
                return Found::No;
            }
            continue;
        }
        let include = *wanted != test.test.operator.negated;
        match (test.test.operator.set, wanted) {
            // A list needs a set operator.
            (None, true) => return Found::No,
            (None, false) => {}
            (Some(SetOperator::ForAllValues), true) | (Some(SetOperator::ForAnyValue), false) => {
                each.push((test, include));
            }
            (Some(SetOperator::ForAllValues), false) | (Some(SetOperator::ForAnyValue), true) => {
                some.push((test, include));
            }
        }
    }
    let all: Vec<Inclusion<'_>> = each.iter().chain(&some).copied().collect();
    if let Found::Yes(value) = find_value(key, &all, fact, steps) {
        return Found::Yes(vec![value]);
    }
    if some.is_empty() {
        return find_value(key, &each, fact, steps).map(|value| vec![value]);
    }
    let mut values = Vec::new();
    for one in some {
        let demands: Vec<Inclusion<'_>> = each.iter().copied().chain([one]).collect();
        match find_value(key, &demands, fact, steps) {
            Found::Yes(value) => values.push(value),
            Found::No => return Found::No,
            Found::Unknown(cause) => return Found::Unknown(cause),
        }
    }
    values.dedup();
    Found::Yes(values)
}

/// One value that meets all demands.
fn find_value(key: &str, demands: &[Inclusion<'_>], fact: &KeyFact, steps: &mut usize) -> Found<String> {
    let fits = |text: &str| demands.iter().all(|(test, include)| test.includes(text) == *include);
    let texts: Vec<Demand<'_>> =
        demands.iter().filter_map(|(test, include)| Some((test.set()?, *include))).collect();
    let points = demands.len() - texts.len();
    let any = Language::any();
    let language = match &fact.values {
        Values::Text(language) => {
            if points == 0 {
                return text::find(&texts, language, steps);
            }
            language
        }
        Values::Date | Values::Address => &any,
    };
    let of_domain = |text: &str| match &fact.values {
        Values::Text(language) => language.contains(text),
        Values::Date => points::is_date(text),
        Values::Address => points::is_address(text),
    };
    let mut candidates = points::candidates(demands.iter().map(|(test, _)| &test.test));
    candidates.push("x".to_owned());
    candidates.extend(demands.iter().flat_map(|(test, _)| test.suggestions()));
    let exact = texts.iter().filter(|(_, include)| *include).filter_map(|(set, _)| set.choice());
    let exact = exact.filter(|choice| choice.wild().is_empty() && !choice.is_any());
    let listed: Vec<&str> =
        exact.clone().min_by_key(|choice| choice.len()).into_iter().flat_map(|c| c.exact()).collect();
    let few = exact.count() > 0;
    if let Some(found) = listed
        .iter()
        .copied()
        .chain(candidates.iter().map(|text| &**text))
        .find(|text| fits(text) && of_domain(text))
    {
        return Found::Yes(found.to_owned());
    }
    // Points tell everything unless texts are compared as well; a short list of texts tells everything too.
    if few || texts.is_empty() && (language.is_any()) {
        return Found::No;
    }
    if let Found::Yes(text) = text::find(&texts, language, steps)
        && fits(&text)
        && of_domain(&text)
    {
        return Found::Yes(text);
    }
    Found::Unknown(Cause::MixedKey { key: key.to_owned() })
}

/// The value found, or one that people would recognise and that does as well.
pub(super) fn polished(found: Option<Value>, literals: &[Literal<'_>], fact: &KeyFact) -> Option<Value> {
    let Some(Value::One(_)) = &found else { return found };
    let demands: Vec<(&KeyTest, bool)> =
        literals.iter().filter_map(|(test, wanted)| Some((*test, test.demand(*wanted)??))).collect();
    let of_domain = |text: &str| match &fact.values {
        Values::Text(language) => language.contains(text),
        Values::Date => points::is_date(text),
        Values::Address => points::is_address(text),
    };
    let fits = |text: &String| {
        of_domain(text) && demands.iter().all(|(test, include)| test.includes(text) == *include)
    };
    let suggestions = literals.iter().filter(|(_, wanted)| *wanted).flat_map(|(test, _)| test.suggestions());
    let better = fact.samples.iter().cloned().chain(suggestions).find(|text| !text.is_empty() && fits(text));
    better.map(Value::One).or(found)
}
