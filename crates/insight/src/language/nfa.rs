//! Automata (Thompson's construction).

use super::{Class, Form};

/// The most states an automaton may have.
const STATE_LIMIT: usize = 20_000;

/// A nondeterministic automaton.
pub(super) struct Nfa {
    states: Vec<State>,
    start: usize,
}

enum State {
    Accept,
    Take(Class, usize),
    Split(Vec<usize>),
}

impl Nfa {
    /// The automaton of a form; none if it would be too large.
    pub(super) fn build(form: &Form) -> Option<Self> {
        let mut nfa = Self { states: vec![State::Accept], start: 0 };
        nfa.start = nfa.form(form, 0)?;
        Some(nfa)
    }

    fn add(&mut self, state: State) -> Option<usize> {
        (self.states.len() < STATE_LIMIT).then(|| {
            self.states.push(state);
            self.states.len() - 1
        })
    }

    /// Adds the states of `form` that go on to `next`; returns where they begin.
    fn form(&mut self, form: &Form, next: usize) -> Option<usize> {
        match form {
            Form::Text(text) => text
                .chars()
                .rev()
                .try_fold(next, |next, character| self.add(State::Take(Class::one(character), next))),
            Form::Class(class) => self.add(State::Take(class.clone(), next)),
            Form::Sequence(parts) => parts.iter().rev().try_fold(next, |next, part| self.form(part, next)),
            Form::Either(parts) => {
                let starts = parts.iter().map(|part| self.form(part, next)).collect::<Option<Vec<_>>>()?;
                self.add(State::Split(starts))
            }
            Form::Named { form, .. } => self.form(form, next),
            Form::Repeat { form, min, max } => {
                let mut start = match max {
                    None => {
                        let repeat = self.add(State::Split(vec![next]))?;
                        let again = self.form(form, repeat)?;
                        if let Some(State::Split(targets)) = self.states.get_mut(repeat) {
                            targets.push(again);
                        }
                        repeat
                    }
                    Some(max) => {
                        let mut start = next;
                        for _ in *min..*max {
                            let once = self.form(form, start)?;
                            start = self.add(State::Split(vec![next, once]))?;
                        }
                        start
                    }
                };
                for _ in 0..*min {
                    start = self.form(form, start)?;
                }
                Some(start)
            }
        }
    }

    pub(super) fn begin(&self) -> Vec<u32> {
        self.closure(vec![self.start])
    }

    /// Where a character leads.
    pub(super) fn step(&self, states: &[u32], character: char) -> Vec<u32> {
        let next = states.iter().filter_map(|state| match self.states.get(*state as usize) {
            Some(State::Take(class, next)) if class.contains(character) => Some(*next),
            _ => None,
        });
        self.closure(next.collect())
    }

    #[expect(
        clippy::unused_self,
        reason = "state 0 accepts in every automaton; the question is still asked of one"
    )]
    pub(super) fn accepts(&self, states: &[u32]) -> bool {
        states.first() == Some(&0)
    }

    pub(super) fn classes(&self) -> impl Iterator<Item = &Class> {
        self.states.iter().filter_map(|state| match state {
            State::Take(class, _) => Some(class),
            _ => None,
        })
    }

    /// The states reachable without a character, sorted.
    fn closure(&self, mut stack: Vec<usize>) -> Vec<u32> {
        let mut seen = Vec::new();
        while let Some(state) = stack.pop() {
            let Ok(number) = u32::try_from(state) else { continue };
            let Err(at) = seen.binary_search(&number) else { continue };
            seen.insert(at, number);
            if let Some(State::Split(targets)) = self.states.get(state) {
                stack.extend(targets);
            }
        }
        // Splits were only passed through.
        seen.retain(|state| !matches!(self.states.get(*state as usize), Some(State::Split(_))));
        seen
    }
}
