//! Automata of what policies and facts say about a text.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Class as HirClass, Hir, HirKind};

use crate::condition::ArnPattern;
use crate::glob::Pattern;
use crate::variable::Token;

/// What a step reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Any,
    One(char),
    /// Inclusive, sorted.
    Ranges(Arc<[(char, char)]>),
}

impl Class {
    fn not_colon() -> Self {
        Class::Ranges([('\0', '9'), (';', char::MAX)].into())
    }

    pub(super) fn contains(&self, character: char) -> bool {
        match self {
            Class::Any => true,
            Class::One(one) => *one == character,
            Class::Ranges(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) accepting: bool,
    /// Steps that read nothing.
    pub(super) jumps: Vec<u32>,
    pub(super) steps: Vec<(Class, u32)>,
}

/// A nondeterministic automaton. State 0 is the start.
#[derive(Debug, Clone)]
pub(super) struct Nfa {
    states: Vec<State>,
}

impl Nfa {
    /// Accepts nothing.
    pub(super) fn nothing() -> Self {
        Self { states: vec![State::default()] }
    }

    /// The texts of a regular expression.
    pub(super) fn language(hir: &Hir) -> Self {
        let mut nfa = Self::nothing();
        let at = nfa.branch();
        let end = nfa.hir(at, hir);
        nfa.accept(end);
        nfa
    }

    pub(super) fn states(&self) -> &[State] {
        &self.states
    }

    fn add(&mut self) -> u32 {
        self.states.push(State::default());
        u32::try_from(self.states.len() - 1).unwrap_or(u32::MAX)
    }

    fn step(&mut self, from: u32, class: Class, to: u32) {
        if let Some(state) = self.states.get_mut(from as usize) {
            state.steps.push((class, to));
        }
    }

    fn jump(&mut self, from: u32, to: u32) {
        if let Some(state) = self.states.get_mut(from as usize) {
            state.jumps.push(to);
        }
    }

    fn accept(&mut self, at: u32) {
        if let Some(state) = self.states.get_mut(at as usize) {
            state.accepting = true;
        }
    }

    /// A new branch from the start.
    fn branch(&mut self) -> u32 {
        let at = self.add();
        self.jump(0, at);
        at
    }

    fn text(&mut self, mut at: u32, text: &str) -> u32 {
        for character in text.chars() {
            let next = self.add();
            self.step(at, Class::One(character), next);
            at = next;
        }
        at
    }

    pub(super) fn add_text(&mut self, text: &str) {
        let at = self.branch();
        let end = self.text(at, text);
        self.accept(end);
    }

    /// A pattern without variables.
    pub(super) fn add_pattern(&mut self, pattern: &Pattern) {
        let at = self.branch();
        if let Some(end) = self.pattern(at, pattern, &Class::Any) {
            self.accept(end);
        }
    }

    /// A pattern whose wildcards read `class`.
    fn pattern(&mut self, mut at: u32, pattern: &Pattern, class: &Class) -> Option<u32> {
        for token in pattern.tokens()? {
            match token {
                Token::Literal(text) => at = self.text(at, &text),
                Token::Star => {
                    let next = self.add();
                    self.jump(at, next);
                    self.step(next, class.clone(), next);
                    at = next;
                }
                Token::One => {
                    let next = self.add();
                    self.step(at, class.clone(), next);
                    at = next;
                }
                Token::Variable(_) => return None,
            }
        }
        Some(at)
    }

    pub(super) fn add_arn(&mut self, pattern: &ArnPattern) {
        let at = self.branch();
        match pattern {
            ArnPattern::Malformed => {}
            ArnPattern::Whole(whole) => {
                let is_arn = |text: &str| crate::arn::split(text).is_some_and(|[scheme, ..]| scheme == "arn");
                if let Pattern::Exact(text) = whole
                    && is_arn(text)
                {
                    let end = self.text(at, text);
                    self.accept(end);
                }
            }
            ArnPattern::Parts(parts) => {
                let [scheme, middle @ .., last] = &**parts;
                if !scheme.matches(b"arn", &crate::Context::EMPTY) {
                    return;
                }
                let mut end = Some(self.text(at, "arn:"));
                for part in middle {
                    end = end.and_then(|at| self.pattern(at, part, &Class::not_colon()));
                    end = end.map(|at| self.text(at, ":"));
                }
                if let Some(end) = end.and_then(|at| self.pattern(at, last, &Class::Any)) {
                    self.accept(end);
                }
            }
        }
    }

    /// `text`, any of its ASCII letters in either case.
    pub(super) fn add_ascii_folded(&mut self, text: &str) {
        let mut at = self.branch();
        for character in text.chars() {
            let next = self.add();
            self.step(at, Class::One(character.to_ascii_lowercase()), next);
            self.step(at, Class::One(character.to_ascii_uppercase()), next);
            at = next;
        }
        self.accept(at);
    }

    /// Every text with the same lower case as `text`.
    pub(super) fn add_folded(&mut self, text: &str) {
        let lower: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let states: Vec<u32> =
            std::iter::once(self.branch()).chain(lower.iter().map(|_| self.add())).collect();
        for (index, (from, character)) in states.iter().zip(&lower).enumerate() {
            for (reads, expansion) in preimages(*character) {
                let fits = lower.get(index..).is_some_and(|rest| rest.starts_with(&expansion));
                if let Some(to) = states.get(index + expansion.len()).filter(|_| fits) {
                    self.step(*from, Class::One(reads), *to);
                }
            }
        }
        if let Some(end) = states.last() {
            self.accept(*end);
        }
    }

    /// A deterministic automaton, given by its steps over some characters.
    pub(super) fn add_machine<S: Clone + Eq + std::hash::Hash>(
        &mut self,
        start: S,
        characters: &[char],
        step: impl Fn(&S, char) -> Option<S>,
        accepts: impl Fn(&S) -> bool,
    ) {
        let at = self.branch();
        let mut known = HashMap::from([(start.clone(), at)]);
        let mut open = vec![(start, at)];
        while let Some((state, at)) = open.pop() {
            if accepts(&state) {
                self.accept(at);
            }
            for character in characters {
                let Some(next) = step(&state, *character) else { continue };
                let to = match known.get(&next) {
                    Some(to) => *to,
                    None => {
                        let to = self.add();
                        known.insert(next.clone(), to);
                        open.push((next, to));
                        to
                    }
                };
                self.step(at, Class::One(*character), to);
            }
        }
    }

    fn hir(&mut self, at: u32, hir: &Hir) -> u32 {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => at,
            HirKind::Literal(literal) => self.text(at, &String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => {
                let ranges: Arc<[(char, char)]> = match class {
                    HirClass::Unicode(class) => {
                        class.ranges().iter().map(|range| (range.start(), range.end())).collect()
                    }
                    HirClass::Bytes(class) => class
                        .ranges()
                        .iter()
                        .map(|range| (char::from(range.start()), char::from(range.end())))
                        .collect(),
                };
                let class = match &*ranges {
                    [('\0', char::MAX)] => Class::Any,
                    [(one, same)] if one == same => Class::One(*one),
                    _ => Class::Ranges(ranges),
                };
                let next = self.add();
                self.step(at, class, next);
                next
            }
            HirKind::Capture(capture) => self.hir(at, &capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(at, |at, part| self.hir(at, part)),
            HirKind::Alternation(parts) => {
                let ends: Vec<u32> = parts
                    .iter()
                    .map(|part| {
                        let start = self.add();
                        self.jump(at, start);
                        self.hir(start, part)
                    })
                    .collect();
                let end = self.add();
                for from in ends {
                    self.jump(from, end);
                }
                end
            }
            HirKind::Repetition(repeated) => {
                let mut at = (0..repeated.min).fold(at, |at, _| self.hir(at, &repeated.sub));
                match repeated.max {
                    None => {
                        let start = self.add();
                        self.jump(at, start);
                        if let HirKind::Class(_) = repeated.sub.kind() {
                            // A loop on one state, so that what accepts everything is seen to do so.
                            let probe = self.hir(start, &repeated.sub);
                            self.merge(start, probe);
                            return start;
                        }
                        let end = self.hir(start, &repeated.sub);
                        self.jump(end, start);
                        start
                    }
                    Some(max) => {
                        let end = self.add();
                        for _ in repeated.min..max {
                            self.jump(at, end);
                            at = self.hir(at, &repeated.sub);
                        }
                        self.jump(at, end);
                        end
                    }
                }
            }
        }
    }

    /// Turns the steps of `at` to `away` into loops.
    fn merge(&mut self, at: u32, away: u32) {
        if let Some(state) = self.states.get_mut(at as usize) {
            for (_, to) in &mut state.steps {
                if *to == away {
                    *to = at;
                }
            }
        }
    }

    /// Adds all that a set of states reaches without reading; sorted, without duplicates.
    pub(super) fn close(&self, set: &mut Vec<u32>) {
        let mut index = 0;
        let mut seen: std::collections::HashSet<u32> = set.iter().copied().collect();
        while let Some(at) = set.get(index).copied() {
            for to in self.states.get(at as usize).map_or(&[][..], |state| &state.jumps) {
                if seen.insert(*to) {
                    set.push(*to);
                }
            }
            index += 1;
        }
        set.sort_unstable();
        set.dedup();
    }

    pub(super) fn accepts(&self, text: &str) -> bool {
        let mut set = vec![0];
        self.close(&mut set);
        for character in text.chars() {
            let mut next = Vec::new();
            for at in set {
                for (class, to) in self.states.get(at as usize).map_or(&[][..], |state| &state.steps) {
                    if class.contains(character) {
                        next.push(*to);
                    }
                }
            }
            self.close(&mut next);
            if next.is_empty() {
                return false;
            }
            set = next;
        }
        set.iter().any(|at| self.states.get(*at as usize).is_some_and(|state| state.accepting))
    }
}

/// A character and its lower case, which may be several.
type Lowered = (char, Vec<char>);

/// The characters whose lower case begins with `lower`, each with its whole lower case.
fn preimages(lower: char) -> Vec<Lowered> {
    static CHANGED: OnceLock<HashMap<char, Vec<Lowered>>> = OnceLock::new();
    let changed = CHANGED.get_or_init(|| {
        let mut map: HashMap<char, Vec<Lowered>> = HashMap::new();
        for character in '\0'..=char::MAX {
            let expansion: Vec<char> = character.to_lowercase().collect();
            if expansion != [character]
                && let Some(first) = expansion.first()
            {
                map.entry(*first).or_default().push((character, expansion.clone()));
            }
        }
        map
    });
    let mut all = changed.get(&lower).cloned().unwrap_or_default();
    if lower.to_lowercase().eq([lower]) {
        all.push((lower, vec![lower]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_the_engines() {
        let texts = ["aK", "AK", "a\u{212a}", "straße", "İx", "i\u{307}X", "ſ", "Å", "ss", "ǆ", "ǅ", "ΑΣ"];
        for wanted in texts {
            let mut nfa = Nfa::nothing();
            nfa.add_folded(wanted);
            for text in texts {
                let same =
                    wanted.chars().flat_map(char::to_lowercase).eq(text.chars().flat_map(char::to_lowercase));
                assert_eq!(nfa.accepts(text), same, "{wanted} and {text}");
            }
        }
    }
}
