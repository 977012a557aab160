//! Automata made deterministic step by step, over the characters that matter together.

use std::collections::HashMap;

use super::nfa::{Class, Nfa};

/// The characters, grouped by what all automata at hand make of them.
#[derive(Debug)]
pub(super) struct Alphabet {
    /// The most natural character of each group, the more natural groups first.
    faces: Vec<char>,
}

impl Alphabet {
    pub(super) fn of<'a>(automata: impl Iterator<Item = &'a Nfa>) -> Self {
        let mut classes: Vec<&Class> = automata
            .flat_map(|nfa| nfa.states())
            .flat_map(|state| state.steps.iter().map(|(class, _)| class))
            .filter(|class| **class != Class::Any)
            .collect();
        classes.sort_by_key(|class| match class {
            Class::One(one) => (0, *one, 0),
            Class::Ranges(ranges) => (1, '\0', ranges.as_ptr() as usize),
            Class::Any => (2, '\0', 0),
        });
        classes.dedup();
        let mut cuts = vec![0_u32];
        for class in &classes {
            match class {
                Class::Any => {}
                Class::One(one) => cuts.extend([u32::from(*one), u32::from(*one) + 1]),
                Class::Ranges(ranges) => {
                    for (from, to) in &**ranges {
                        cuts.extend([u32::from(*from), u32::from(*to) + 1]);
                    }
                }
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        let ends = cuts.iter().skip(1).copied().chain([u32::from(char::MAX) + 1]);
        let ranges: Vec<&Class> =
            classes.iter().filter(|class| matches!(class, Class::Ranges(_))).copied().collect();
        let singles: std::collections::HashSet<char> = classes
            .iter()
            .filter_map(|class| if let Class::One(one) = class { Some(*one) } else { None })
            .collect();
        // Intervals that no class tells apart are one group; a single character is always its own.
        let mut groups: HashMap<Vec<bool>, char> = HashMap::new();
        let mut faces: Vec<char> = singles.iter().copied().collect();
        for (from, end) in cuts.iter().zip(ends) {
            let Some(face) = face(*from, end - 1) else { continue };
            if end - from == 1 && singles.contains(&face) {
                continue;
            }
            let signature = ranges.iter().map(|class| class.contains(face)).collect();
            let best = groups.entry(signature).or_insert(face);
            if rank(face) < rank(*best) {
                *best = face;
            }
        }
        faces.extend(groups.into_values());
        faces.sort_by_key(|face| rank(*face));
        Self { faces }
    }

    pub(super) fn faces(&self) -> &[char] {
        &self.faces
    }
}

/// How unusual a character is in a token or a name.
fn rank(character: char) -> (u8, u32) {
    let code = u32::from(character);
    match character {
        'x'..='z' => (0, code),
        'a'..='w' => (1, code),
        '0'..='9' => (2, code),
        'A'..='Z' => (3, code),
        '-' | '_' | '.' => (4, code),
        '/' | ':' => (5, code),
        '!'..='~' => (6, code),
        ' ' => (7, code),
        '\u{a1}'..='\u{ff}' => (8, code),
        '\u{100}'..='\u{d7ff}' => (9, code),
        '\u{e000}'.. => (10, code),
        _ => (11, code),
    }
}

/// The most natural character from `from` to `to`.
fn face(from: u32, to: u32) -> Option<char> {
    const FAVOURITES: [char; 12] = ['x', 'a', '0', 'X', 'A', '-', '.', '/', '!', ' ', '\u{e0}', '\u{100}'];
    let inside = |character: char| (from..=to).contains(&u32::from(character));
    FAVOURITES
        .into_iter()
        .find(|character| inside(*character))
        .or_else(|| {
            let mut best: Option<char> = None;
            for character in (from..=to.min(from.saturating_add(512))).filter_map(char::from_u32) {
                if best.is_none_or(|best| rank(character) < rank(best)) {
                    best = Some(character);
                }
            }
            best
        })
        // The gap of the surrogates.
        .or_else(|| char::from_u32(from.max(0xe000)).filter(|character| inside(*character)))
}

/// The state from which nothing is accepted any more.
pub(super) const DEAD: u32 = 0;
/// The state from which everything is accepted.
pub(super) const ALL: u32 = 1;
/// A step that was not computed yet.
const UNKNOWN: u32 = u32::MAX;

/// A deterministic automaton that grows as it is used.
#[derive(Debug)]
pub(super) struct Machine<'n> {
    nfa: &'n Nfa,
    /// Which states accept whatever follows.
    universal: Vec<bool>,
    sets: Vec<Vec<u32>>,
    known: HashMap<Vec<u32>, u32>,
    accepting: Vec<bool>,
    table: Vec<Vec<u32>>,
    symbols: usize,
}

impl<'n> Machine<'n> {
    pub(super) fn new(nfa: &'n Nfa, symbols: usize) -> Self {
        let universal = nfa
            .states()
            .iter()
            .zip(0..)
            .map(|(state, at)| {
                state.steps.iter().any(|(class, to)| *class == Class::Any && *to == at) && {
                    let mut set = vec![at];
                    nfa.close(&mut set);
                    set.iter().any(|at| nfa.states().get(*at as usize).is_some_and(|state| state.accepting))
                }
            })
            .collect();
        let row = |to| vec![to; symbols];
        Self {
            nfa,
            universal,
            sets: vec![Vec::new(), Vec::new()],
            known: HashMap::new(),
            accepting: vec![false, true],
            table: vec![row(DEAD), row(ALL)],
            symbols,
        }
    }

    pub(super) fn start(&mut self) -> u32 {
        self.intern(vec![0])
    }

    pub(super) fn accepts(&self, state: u32) -> bool {
        self.accepting.get(state as usize).copied().unwrap_or(false)
    }

    pub(super) fn step(&mut self, state: u32, symbol: usize, face: char) -> u32 {
        let known = self.table.get(state as usize).and_then(|row| row.get(symbol)).copied();
        match known {
            Some(UNKNOWN) => {}
            Some(to) => return to,
            None => return DEAD,
        }
        let states = self.nfa.states();
        let set = self.sets.get(state as usize).map_or(&[][..], Vec::as_slice);
        let next: Vec<u32> = set
            .iter()
            .filter_map(|at| states.get(*at as usize))
            .flat_map(|state| &state.steps)
            .filter(|(class, _)| class.contains(face))
            .map(|(_, to)| *to)
            .collect();
        let to = self.intern(next);
        if let Some(slot) = self.table.get_mut(state as usize).and_then(|row| row.get_mut(symbol)) {
            *slot = to;
        }
        to
    }

    fn intern(&mut self, mut set: Vec<u32>) -> u32 {
        self.nfa.close(&mut set);
        if set.is_empty() {
            return DEAD;
        }
        if set.iter().any(|at| self.universal.get(*at as usize).copied().unwrap_or(false)) {
            return ALL;
        }
        if let Some(state) = self.known.get(&set) {
            return *state;
        }
        let state = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let states = self.nfa.states();
        self.accepting
            .push(set.iter().any(|at| states.get(*at as usize).is_some_and(|state| state.accepting)));
        self.table.push(vec![UNKNOWN; self.symbols]);
        self.known.insert(set.clone(), state);
        self.sets.push(set);
        state
    }
}
