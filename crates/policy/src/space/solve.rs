//! A model of a formula, or the proof that there is none.

use std::collections::BTreeSet;

use super::answer::Cause;
use super::formula::Formula;
use super::problem::{Literal, Problem, Status};

/// What literals say of each cell; those of a cell are sorted.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) cells: Vec<Vec<Literal>>,
}

/// How the search ended.
pub(super) enum Outcome<T> {
    Found(T),
    None,
    /// Nothing was found, but not everything could be decided.
    Unknown,
}

#[derive(Clone)]
struct State<'f> {
    assigned: Vec<Option<bool>>,
    model: Model,
    pending: Vec<&'f [Formula]>,
    uncertain: bool,
    depth: u32,
}

/// The most choices that are open at a time; each takes room on the stack.
const DEEPEST: u32 = 400;

/// Searches models of a formula until one is accepted.
pub(super) struct Solver<'s, 'p, T> {
    pub(super) problem: &'s mut Problem<'p>,
    /// What became of a model: a result, or why it is none.
    pub(super) accept: &'s mut dyn FnMut(&mut Problem<'p>, &Model) -> Result<T, Cause>,
    pub(super) causes: &'s mut BTreeSet<Cause>,
}

/// How a formula stands in a state.
#[derive(PartialEq)]
enum Standing {
    True,
    False,
    Open,
}

impl<T> Solver<'_, '_, T> {
    pub(super) fn solve(&mut self, formula: &Formula) -> Outcome<T> {
        let state = State {
            assigned: vec![None; self.problem.atom_count()],
            model: Model { cells: vec![Vec::new(); self.problem.cells().len()] },
            pending: Vec::new(),
            uncertain: false,
            depth: 0,
        };
        self.branch(state, formula)
    }

    /// Goes on with one more formula that must be true.
    fn branch<'f>(&mut self, mut state: State<'f>, formula: &'f Formula) -> Outcome<T> {
        let mut touched = BTreeSet::new();
        if !assert(&mut state, formula, self.problem, &mut touched) {
            return Outcome::None;
        }
        if !self.consistent(&mut state, touched) {
            return Outcome::None;
        }
        state.depth += 1;
        if state.depth > DEEPEST {
            self.causes.insert(Cause::Limit);
            return Outcome::Unknown;
        }
        self.go_on(state)
    }

    fn consistent(&mut self, state: &mut State<'_>, touched: BTreeSet<u32>) -> bool {
        for cell in touched {
            let Some(literals) = state.model.cells.get(cell as usize) else { continue };
            match self.problem.check(cell, literals) {
                Status::Possible => {}
                Status::Impossible => return false,
                Status::Unknown(cause) => {
                    self.causes.insert(cause);
                    state.uncertain = true;
                }
            }
        }
        true
    }

    fn go_on(&mut self, mut state: State<'_>) -> Outcome<T> {
        loop {
            if self.problem.steps == 0 {
                self.causes.insert(Cause::Limit);
                return Outcome::Unknown;
            }
            self.problem.steps -= 1;
            let mut best: Option<(usize, usize, Vec<usize>)> = None;
            let mut kept: Vec<&[Formula]> = Vec::new();
            let pending = std::mem::take(&mut state.pending);
            let mut left = pending.iter();
            for alternatives in left.by_ref() {
                let mut open = Vec::new();
                let mut satisfied = false;
                for (index, alternative) in alternatives.iter().enumerate() {
                    match self.standing(&state, alternative) {
                        Standing::True => {
                            satisfied = true;
                            break;
                        }
                        Standing::False => {}
                        Standing::Open => open.push(index),
                    }
                }
                if satisfied {
                    continue;
                }
                if open.is_empty() {
                    return Outcome::None;
                }
                let count = open.len();
                if best.as_ref().is_none_or(|(least, ..)| count < *least) {
                    best = Some((count, kept.len(), open));
                }
                kept.push(alternatives);
                if count == 1 {
                    break;
                }
            }
            kept.extend(left.copied());
            let Some((_, place, open)) = best else { return self.finish(&state) };
            let alternatives = kept.swap_remove(place);
            state.pending = kept;
            let chosen: Vec<&Formula> = open.iter().filter_map(|index| alternatives.get(*index)).collect();
            if let [only] = chosen.as_slice() {
                let mut touched = BTreeSet::new();
                if !assert(&mut state, only, self.problem, &mut touched)
                    || !self.consistent(&mut state, touched)
                {
                    return Outcome::None;
                }
                continue;
            }
            let mut unknown = false;
            for alternative in chosen {
                match self.branch(state.clone(), alternative) {
                    Outcome::Found(found) => return Outcome::Found(found),
                    Outcome::Unknown => unknown = true,
                    Outcome::None => {}
                }
                if self.problem.steps == 0 {
                    self.causes.insert(Cause::Limit);
                    return Outcome::Unknown;
                }
            }
            return if unknown { Outcome::Unknown } else { Outcome::None };
        }
    }

    fn finish(&mut self, state: &State<'_>) -> Outcome<T> {
        if state.uncertain {
            return Outcome::Unknown;
        }
        match (self.accept)(self.problem, &state.model) {
            Ok(found) => Outcome::Found(found),
            Err(cause) => {
                self.causes.insert(cause);
                Outcome::Unknown
            }
        }
    }

    fn standing(&mut self, state: &State<'_>, formula: &Formula) -> Standing {
        match formula {
            Formula::True => Standing::True,
            Formula::False => Standing::False,
            Formula::Literal(literal) => self.literal(state, *literal),
            Formula::All(parts) => {
                let mut all = true;
                for part in parts {
                    match self.standing(state, part) {
                        Standing::False => return Standing::False,
                        Standing::Open => all = false,
                        Standing::True => {}
                    }
                }
                if all { Standing::True } else { Standing::Open }
            }
            Formula::Any(parts) => {
                let mut none = true;
                for part in parts {
                    match self.standing(state, part) {
                        Standing::True => return Standing::True,
                        Standing::Open => none = false,
                        Standing::False => {}
                    }
                }
                if none { Standing::False } else { Standing::Open }
            }
        }
    }

    fn literal(&mut self, state: &State<'_>, literal: Literal) -> Standing {
        if let Some(value) = state.assigned.get(literal.atom()).copied().flatten() {
            return if value == literal.wanted() { Standing::True } else { Standing::False };
        }
        let cell = self.problem.cell_of(literal);
        let known = state.model.cells.get(cell as usize).map_or(&[][..], Vec::as_slice);
        let with = |literal: Literal| {
            let mut all = known.to_vec();
            insert(&mut all, literal);
            all
        };
        if self.problem.check(cell, &with(literal)) == Status::Impossible {
            return Standing::False;
        }
        // Without anything known of the cell, nothing follows but from the facts.
        if self.problem.check(cell, &with(literal.negated())) == Status::Impossible {
            return Standing::True;
        }
        Standing::Open
    }
}

fn insert(literals: &mut Vec<Literal>, literal: Literal) {
    if let Err(place) = literals.binary_search(&literal) {
        literals.insert(place, literal);
    }
}

/// Takes a formula for true; `false` when it contradicts what is known already.
fn assert<'f>(
    state: &mut State<'f>,
    formula: &'f Formula,
    problem: &Problem<'_>,
    touched: &mut BTreeSet<u32>,
) -> bool {
    match formula {
        Formula::True => true,
        Formula::False => false,
        Formula::All(parts) => parts.iter().all(|part| assert(state, part, problem, touched)),
        Formula::Any(parts) => {
            state.pending.push(parts);
            true
        }
        Formula::Literal(literal) => {
            let Some(slot) = state.assigned.get_mut(literal.atom()) else { return false };
            match *slot {
                Some(value) => value == literal.wanted(),
                None => {
                    *slot = Some(literal.wanted());
                    let cell = problem.cell_of(*literal);
                    if let Some(literals) = state.model.cells.get_mut(cell as usize) {
                        insert(literals, *literal);
                    }
                    touched.insert(cell);
                    true
                }
            }
        }
    }
}
