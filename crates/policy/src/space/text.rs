//! What several demands on one text leave over.

use std::cell::OnceCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Cause;
use super::choice::{Choice, Wild};
use super::language::Language;
use super::nfa::Nfa;
use super::number;
use super::product::{Track, shortest};
use crate::condition::{Test, Wanted};
use crate::context::Context;
use crate::glob::Pattern;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// There is one.
    Yes(T),
    /// There is none.
    No,
    /// It could not be decided.
    Unknown(Cause),
}

impl<T> Found<T> {
    pub(super) fn map<U>(self, with: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Found::Yes(found) => Found::Yes(with(found)),
            Found::No => Found::No,
            Found::Unknown(cause) => Found::Unknown(cause),
        }
    }
}

/// A set of texts that a policy speaks of.
#[derive(Debug)]
pub(super) struct TextSet {
    source: Source,
    nfa: OnceCell<Nfa>,
}

#[derive(Debug)]
enum Source {
    Patterns(Choice),
    /// Which values a condition includes, negation not counted; its operator compares texts or numbers.
    Values(Test),
}

impl TextSet {
    pub(super) fn patterns<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Self {
        Self { source: Source::Patterns(Choice::of(patterns)), nfa: OnceCell::new() }
    }

    /// The values that a condition without variables includes; `None` if they are dates or addresses.
    pub(super) fn values(test: &Test) -> Option<Self> {
        let exact = |text: &str| Pattern::Exact(text.into());
        let source = match test.wanted() {
            Wanted::Strings { exact: texts, patterns } => {
                let exact: Vec<Pattern> = texts.iter().map(|text| exact(text)).collect();
                Source::Patterns(Choice::of(exact.iter().chain(patterns)))
            }
            Wanted::Bytes(all) => {
                let all: Vec<Pattern> = all.iter().map(|bytes| exact(&STANDARD.encode(bytes))).collect();
                Source::Patterns(Choice::of(all.iter()))
            }
            Wanted::Folded(_) | Wanted::Arns(_) | Wanted::Numbers(..) | Wanted::Bools { .. } => {
                Source::Values(test.clone())
            }
            Wanted::Dates(..) | Wanted::Networks(_) | Wanted::Null { .. } => return None,
        };
        Some(Self { source, nfa: OnceCell::new() })
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        match &self.source {
            Source::Patterns(choice) => choice.contains(text),
            Source::Values(test) => test.includes(text, &Context::EMPTY),
        }
    }

    pub(super) fn choice(&self) -> Option<&Choice> {
        match &self.source {
            Source::Patterns(choice) => Some(choice),
            Source::Values(_) => None,
        }
    }

    pub(super) fn nfa(&self) -> &Nfa {
        self.nfa.get_or_init(|| {
            let mut nfa = Nfa::nothing();
            match &self.source {
                Source::Patterns(choice) if choice.is_any() => nfa.add_pattern(&Pattern::Any),
                Source::Patterns(choice) => {
                    choice.exact().for_each(|text| nfa.add_text(text));
                    choice.wild().iter().for_each(|wild| nfa.add_pattern(&wild.pattern));
                }
                Source::Values(test) => match test.wanted() {
                    Wanted::Folded(patterns) => {
                        for pattern in patterns {
                            if let Pattern::Exact(text) = pattern {
                                nfa.add_folded(text);
                            }
                        }
                    }
                    Wanted::Arns(patterns) => patterns.iter().for_each(|pattern| nfa.add_arn(pattern)),
                    Wanted::Numbers(relation, numbers) => {
                        numbers.iter().for_each(|wanted| number::add(&mut nfa, *relation, wanted));
                    }
                    Wanted::Bools { truth, falsehood } => {
                        let words = [("true", *truth), ("false", *falsehood)];
                        words
                            .iter()
                            .filter(|(_, listed)| *listed)
                            .for_each(|(word, _)| nfa.add_ascii_folded(word));
                    }
                    _ => {}
                },
            }
            nfa
        })
    }

    /// A few texts of the set that people would write.
    pub(super) fn suggestions(&self) -> Vec<String> {
        const FILLERS: [&str; 6] = ["main", "example", "-other", "x", "1", ""];
        let mut all = Vec::new();
        match &self.source {
            Source::Patterns(choice) => {
                all.extend(choice.exact().take(8).map(str::to_owned));
                for wild in choice.wild().iter().take(8) {
                    all.extend(FILLERS.iter().map(|filler| wild.filled(filler)));
                }
            }
            Source::Values(test) => match test.wanted() {
                Wanted::Folded(patterns) => {
                    all.extend(patterns.iter().take(8).filter_map(|pattern| match pattern {
                        Pattern::Exact(text) => Some(String::from(&**text)),
                        _ => None,
                    }));
                }
                Wanted::Numbers(_, numbers) => {
                    all.extend(numbers.iter().take(8).map(|text| String::from(&**text)))
                }
                Wanted::Bools { .. } => all.extend(["true".to_owned(), "false".to_owned()]),
                _ => {}
            },
        }
        all
    }
}

/// A demand on a text: to be in a set (`true`), or not to be.
pub(super) type Demand<'a> = (&'a TextSet, bool);

fn meets(demands: &[Demand<'_>], domain: &Language, text: &str) -> bool {
    demands.iter().all(|(set, wanted)| set.contains(text) == *wanted) && domain.contains(text)
}

/// A text of `domain` that meets all demands.
pub(super) fn find(demands: &[Demand<'_>], domain: &Language, steps: &mut usize) -> Found<String> {
    // Sets of patterns to be in, the one with the fewest patterns first.
    let mut positive: Vec<&Choice> =
        demands.iter().filter(|(_, wanted)| *wanted).filter_map(|(set, _)| set.choice()).collect();
    positive.retain(|choice| !choice.is_any());
    let negative: Vec<&Choice> =
        demands.iter().filter(|(_, wanted)| !*wanted).filter_map(|(set, _)| set.choice()).collect();
    if negative.iter().any(|choice| choice.is_any()) {
        return Found::No;
    }
    let Some(base) = positive.iter().copied().min_by_key(|choice| choice.len()) else {
        for text in ["x", "main", "true", "1"] {
            if meets(demands, domain, text) {
                return Found::Yes(text.to_owned());
            }
        }
        return search(demands, domain, steps);
    };
    for text in base.exact() {
        if meets(demands, domain, text) {
            return Found::Yes(text.to_owned());
        }
    }
    let mut unknown = None;
    for wild in base.wild() {
        if negative.iter().any(|choice| choice.includes(wild)) {
            continue;
        }
        if positive.iter().any(|choice| !choice.includes(wild) && choice.near(wild).is_empty()) {
            continue;
        }
        let filled = ["x", "example", ""].into_iter().map(|filler| wild.filled(filler));
        if let Some(text) = filled.into_iter().find(|text| meets(demands, domain, text)) {
            return Found::Yes(text);
        }
        match search_below(wild, demands, domain, steps) {
            Found::No => {}
            Found::Unknown(cause) => unknown = Some(cause),
            found => return found,
        }
    }
    unknown.map_or(Found::No, Found::Unknown)
}

/// A text that matches `wild` and meets all demands.
fn search_below(wild: &Wild, demands: &[Demand<'_>], domain: &Language, steps: &mut usize) -> Found<String> {
    let only = |patterns: &[Pattern]| TextSet::patterns(patterns.iter());
    let own = only(std::slice::from_ref(&wild.pattern));
    let mut narrowed = Vec::new();
    let mut excluded = Vec::new();
    let mut others: Vec<Demand<'_>> = Vec::new();
    for (set, wanted) in demands {
        match (set.choice(), wanted) {
            (Some(choice), true) if choice.includes(wild) => {}
            (Some(choice), true) => narrowed.push(only(&choice.near(wild))),
            (Some(choice), false) => excluded.extend(choice.near(wild)),
            (None, _) => others.push((set, *wanted)),
        }
    }
    let excluded = only(&excluded);
    others.push((&own, true));
    others.extend(narrowed.iter().map(|set| (set, true)));
    others.push((&excluded, false));
    search(&others, domain, steps)
}

fn search(demands: &[Demand<'_>], domain: &Language, steps: &mut usize) -> Found<String> {
    let tracks: Vec<Track<'_>> = demands
        .iter()
        .map(|(set, wanted)| Track { nfa: set.nfa(), negated: !*wanted, from: 0, to: 1 })
        .collect();
    match shortest(&[domain.nfa()], &tracks, steps) {
        Ok(Some(words)) => Found::Yes(words.into_iter().next().unwrap_or_default()),
        Ok(None) => Found::No,
        Err(_) => Found::Unknown(Cause::Limit),
    }
}
