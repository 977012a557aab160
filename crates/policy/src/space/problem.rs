//! Conditions as literals over cells: what is decided on its own, once for each combination.

use std::collections::HashMap;

use super::answer::Cause;
use super::facts::{Facts, ResourceFact};
use super::key::{self, KeyTest, Literal as KeyLiteral};
use super::language::Language;
use super::template;
use super::text::{self, Demand, Found, TextSet};
use crate::condition::Test;
use crate::context::Value;
use crate::glob::Pattern;

/// What a condition looks at. Cells are independent of one another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Action,
    Resource,
    /// In lower case.
    Key(String),
    /// A template, by its place among the facts.
    Template(usize),
    /// A condition that is not looked into.
    Opaque(String),
}

/// A part of the first or of the second request.
pub(super) type Cell = (u8, Part);

/// An elementary condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Atom {
    /// The action, in lower case, matches one of the patterns.
    Action(Box<[Pattern]>),
    /// The resource matches one of the patterns.
    Resource(Box<[Pattern]>),
    /// A condition without variables.
    Test(Test),
    /// True or false, nothing is known.
    Opaque(String),
}

/// An atom, or its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Literal(u32);

impl Literal {
    pub(super) fn new(atom: u32, wanted: bool) -> Self {
        Self(atom << 1 | u32::from(wanted))
    }

    pub(super) fn atom(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub(super) fn wanted(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn negated(self) -> Self {
        Self(self.0 ^ 1)
    }
}

#[derive(Debug)]
enum Prepared {
    Texts { set: TextSet, any: bool },
    Key { name: String, test: KeyTest },
    Opaque,
}

#[derive(Debug)]
struct Entry {
    cell: u32,
    prepared: Prepared,
}

/// What a cell must be.
#[derive(Debug, Clone)]
pub(super) enum Assignment {
    Action(String),
    /// `None` for a request without a resource.
    Resource(Option<String>),
    Keys(template::Values),
    Nothing,
}

/// Whether a cell can be as some literals want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    Possible,
    Impossible,
    Unknown(Cause),
}

/// The atoms of a question, and what is known of their combinations.
pub(super) struct Problem<'f> {
    pub(super) facts: &'f Facts,
    atoms: Vec<Entry>,
    index: HashMap<(u8, Atom), u32>,
    cells: Vec<Cell>,
    cell_index: HashMap<Cell, u32>,
    known: HashMap<(u32, Vec<Literal>), Status>,
    /// The steps that may still be done.
    pub(super) steps: usize,
}

impl<'f> Problem<'f> {
    pub(super) fn new(facts: &'f Facts, steps: usize) -> Self {
        Self {
            facts,
            atoms: Vec::new(),
            index: HashMap::new(),
            cells: Vec::new(),
            cell_index: HashMap::new(),
            known: HashMap::new(),
            steps,
        }
    }

    /// The literal that wants `atom` to be true of the first (0) or second (1) request.
    pub(super) fn literal(&mut self, request: u8, atom: Atom) -> Literal {
        let request = match &atom {
            Atom::Test(test) if self.facts.is_shared(test.key.folded()) => 0,
            _ => request,
        };
        if let Some(known) = self.index.get(&(request, atom.clone())) {
            return Literal::new(*known, true);
        }
        let part = match &atom {
            Atom::Action(_) => Part::Action,
            Atom::Resource(_) => Part::Resource,
            Atom::Test(test) => match self.facts.template_of(test.key.folded()) {
                Some(template) => Part::Template(template),
                None => Part::Key(test.key.folded().to_owned()),
            },
            Atom::Opaque(name) => Part::Opaque(name.clone()),
        };
        let cell = self.cell((request, part));
        let prepared = match &atom {
            Atom::Action(patterns) | Atom::Resource(patterns) => Prepared::Texts {
                set: TextSet::patterns(patterns.iter()),
                any: patterns.contains(&Pattern::Any),
            },
            Atom::Test(test) => {
                Prepared::Key { name: test.key.folded().to_owned(), test: KeyTest::new(test.clone()) }
            }
            Atom::Opaque(_) => Prepared::Opaque,
        };
        let number = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX >> 1);
        self.atoms.push(Entry { cell, prepared });
        self.index.insert((request, atom), number);
        Literal::new(number, true)
    }

    fn cell(&mut self, cell: Cell) -> u32 {
        if let Some(known) = self.cell_index.get(&cell) {
            return *known;
        }
        let number = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.push(cell.clone());
        self.cell_index.insert(cell, number);
        number
    }

    pub(super) fn atom_count(&self) -> usize {
        self.atoms.len()
    }

    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn cell_of(&self, literal: Literal) -> u32 {
        self.atoms.get(literal.atom()).map_or(0, |entry| entry.cell)
    }

    /// Whether a cell can be as all of `literals` (sorted) want it.
    pub(super) fn check(&mut self, cell: u32, literals: &[Literal]) -> Status {
        if let [only] = literals
            && matches!(self.atoms.get(only.atom()).map(|entry| &entry.prepared), Some(Prepared::Opaque))
        {
            return Status::Possible;
        }
        if let Some(status) = self.known.get(&(cell, literals.to_vec())) {
            return status.clone();
        }
        let status = match self.find(cell, literals, false) {
            Found::Yes(_) => Status::Possible,
            Found::No => Status::Impossible,
            Found::Unknown(cause) => Status::Unknown(cause),
        };
        self.known.insert((cell, literals.to_vec()), status.clone());
        status
    }

    /// What a cell can be; with `polish`, something that people would recognise.
    pub(super) fn find(&mut self, cell: u32, literals: &[Literal], polish: bool) -> Found<Assignment> {
        let mut steps = self.steps;
        let found = self.search(cell, literals, polish, &mut steps);
        self.steps = steps;
        found
    }

    fn search(&self, cell: u32, literals: &[Literal], polish: bool, steps: &mut usize) -> Found<Assignment> {
        let entries = literals.iter().filter_map(|literal| {
            self.atoms.get(literal.atom()).map(|entry| (&entry.prepared, literal.wanted()))
        });
        let Some((_, part)) = self.cells.get(cell as usize) else { return Found::Yes(Assignment::Nothing) };
        match part {
            Part::Opaque(_) => Found::Yes(Assignment::Nothing),
            Part::Action => {
                let demands = texts(entries);
                let found = text::find(&demands, self.facts.action_language(), steps);
                found.map(|action| {
                    Assignment::Action(if polish { self.natural_action(&demands, action) } else { action })
                })
            }
            Part::Resource => self.resource(entries, polish, steps).map(Assignment::Resource),
            Part::Key(name) => {
                let own: Vec<KeyLiteral<'_>> =
                    keys(entries).into_iter().map(|(_, literal)| literal).collect();
                let fact = self.facts.key(name);
                key::find(name, &own, &fact, steps).map(|value| {
                    let value = if polish { key::polished(value, &own, &fact) } else { value };
                    Assignment::Keys(vec![(name.clone(), value)])
                })
            }
            Part::Template(number) => {
                let Some(template) = self.facts.templates().get(*number) else { return Found::No };
                template::find(template, &keys(entries), self.facts, polish, steps).map(Assignment::Keys)
            }
        }
    }

    fn resource<'p>(
        &self,
        entries: impl Iterator<Item = (&'p Prepared, bool)> + Clone,
        polish: bool,
        steps: &mut usize,
    ) -> Found<Option<String>> {
        let demands = texts(entries.clone());
        let fits = |text: &str| demands.iter().all(|(set, wanted)| set.contains(text) == *wanted);
        // `*` in a request means that there is no resource.
        let not_star = TextSet::patterns([Pattern::Exact("*".into())].iter());
        let language = match self.facts.resource() {
            ResourceFact::Only(resource) => {
                return if fits(resource) { Found::Yes(Some(resource.clone())) } else { Found::No };
            }
            ResourceFact::Anything => Language::any(),
            ResourceFact::Arn => arn(),
        };
        if polish {
            let suggestions =
                demands.iter().filter(|(_, wanted)| *wanted).flat_map(|(set, _)| set.suggestions());
            if let Some(text) =
                suggestions.into_iter().find(|text| fits(text) && language.contains(text) && text != "*")
            {
                return Found::Yes(Some(text));
            }
        }
        let mut demands = demands.clone();
        demands.push((&not_star, false));
        match text::find(&demands, &language, steps) {
            Found::Yes(text) => return Found::Yes(Some(text)),
            Found::Unknown(cause) => return Found::Unknown(cause),
            Found::No => {}
        }
        let without = entries.clone().all(|(prepared, wanted)| match prepared {
            Prepared::Texts { any, .. } => *any == wanted,
            _ => true,
        });
        if without { Found::Yes(None) } else { Found::No }
    }

    fn natural_action(&self, demands: &[Demand<'_>], found: String) -> String {
        let fits = |action: &String| {
            let folded = action.to_ascii_lowercase();
            demands.iter().all(|(set, wanted)| set.contains(&folded) == *wanted)
                && self.facts.action_language().contains(&folded)
        };
        let samples = self.facts.action_samples().iter().cloned();
        samples.into_iter().find(fits).unwrap_or(found)
    }
}

fn arn() -> Language {
    static ARN: std::sync::OnceLock<Language> = std::sync::OnceLock::new();
    let regex = "arn:[^:]+:[^:]+:[^:]*:[^:]*:.+";
    ARN.get_or_init(|| Language::regex(regex).unwrap_or_else(|_| Language::any())).clone()
}

fn texts<'p>(entries: impl Iterator<Item = (&'p Prepared, bool)>) -> Vec<Demand<'p>> {
    let text = |(prepared, wanted): (&'p Prepared, bool)| match prepared {
        Prepared::Texts { set, .. } => Some((set, wanted)),
        _ => None,
    };
    entries.filter_map(text).collect()
}

fn keys<'p>(entries: impl Iterator<Item = (&'p Prepared, bool)>) -> Vec<(&'p str, KeyLiteral<'p>)> {
    let key = |(prepared, wanted): (&'p Prepared, bool)| match prepared {
        Prepared::Key { name, test } => Some((&**name, (test, wanted))),
        _ => None,
    };
    entries.filter_map(key).collect()
}

/// Keys that every request of the caller carries, with natural values, where no condition asked for them.
pub(super) fn usual(facts: &Facts, keys: &[String], steps: &mut usize) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, fact) in facts.keys() {
        let asked = keys.iter().any(|key| key == name) || facts.template_of(name).is_some();
        if asked || fact.presence != super::facts::Presence::Always || !facts.is_shared(name) {
            continue;
        }
        if let Found::Yes(value) = key::find(name, &[], fact, steps)
            && let Some(value) = key::polished(value, &[], fact)
        {
            all.push((name.to_owned(), value));
        }
    }
    all
}
