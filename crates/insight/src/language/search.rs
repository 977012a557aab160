//! How a language and a wanted form lie to each other.

use std::collections::{HashSet, VecDeque};

use super::form::sample_character;
use super::nfa::Nfa;
use super::{Class, Form, Language};

/// The most points of the product that are visited.
const VISIT_LIMIT: usize = 60_000;

/// How a language lies to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Every member fits.
    Inside {
        /// A member.
        example: String,
    },
    /// No member fits.
    Outside {
        /// A member.
        example: String,
    },
    /// Some fit and some don't.
    Overlaps {
        /// A member that fits.
        inside: String,
        /// A member that does not.
        outside: String,
    },
    /// The language has no member.
    Empty,
    /// It would take too long to find out.
    TooComplex,
}

/// Decides how `language` lies to `wanted`, exactly.
pub(crate) fn relate(language: &Language, wanted: &Form) -> Relation {
    let Some(product) = Product::build(language, Some(wanted)) else { return Relation::TooComplex };
    let characters = product.characters();
    let begin = product.begin();
    let mut seen: HashSet<Vec<Vec<u32>>> = HashSet::from([begin.clone()]);
    let mut trail: Vec<(usize, char)> = vec![(0, '\0')];
    let mut queue = VecDeque::from([(begin, 0)]);
    let (mut inside, mut outside) = (None, None);
    while let Some((point, number)) = queue.pop_front() {
        if product.member(&point) {
            let slot = if product.wanted(&point) { &mut inside } else { &mut outside };
            slot.get_or_insert(number);
            if inside.is_some() && outside.is_some() {
                break;
            }
        }
        for character in &characters {
            let next = product.step(&point, *character);
            if product.dead(&next) || seen.contains(&next) {
                continue;
            }
            if seen.len() == VISIT_LIMIT {
                return Relation::TooComplex;
            }
            seen.insert(next.clone());
            trail.push((number, *character));
            queue.push_back((next, trail.len() - 1));
        }
    }
    let spell = |number: usize| spell(&trail, number);
    match (inside.map(spell), outside.map(spell)) {
        (Some(inside), Some(outside)) => Relation::Overlaps { inside, outside },
        (Some(example), None) => Relation::Inside { example },
        (None, Some(example)) => Relation::Outside { example },
        (None, None) => Relation::Empty,
    }
}

/// Whether a string is in a language; false if that is too complex to say.
pub(super) fn accepts(language: &Language, text: &str) -> bool {
    let Some(product) = Product::build(language, None) else { return false };
    let end = text.chars().fold(product.begin(), |point, character| product.step(&point, character));
    product.member(&end)
}

fn spell(trail: &[(usize, char)], mut number: usize) -> String {
    let mut characters = Vec::new();
    while number != 0 {
        let Some((before, character)) = trail.get(number) else { break };
        characters.push(*character);
        number = *before;
    }
    characters.iter().rev().collect()
}

/// All automata side by side: those to fit, those not to fit, and the wanted one.
struct Product {
    all: Vec<Nfa>,
    none: Vec<Nfa>,
    wanted: Option<Nfa>,
}

impl Product {
    fn build(language: &Language, wanted: Option<&Form>) -> Option<Self> {
        let (all, none) = language.forms();
        Some(Self {
            all: all.iter().map(Nfa::build).collect::<Option<_>>()?,
            none: none.iter().map(Nfa::build).collect::<Option<_>>()?,
            wanted: wanted.map_or(Some(None), |form| Nfa::build(form).map(Some))?,
        })
    }

    fn each(&self) -> impl Iterator<Item = &Nfa> {
        self.all.iter().chain(&self.none).chain(&self.wanted)
    }

    fn begin(&self) -> Vec<Vec<u32>> {
        self.each().map(Nfa::begin).collect()
    }

    fn step(&self, point: &[Vec<u32>], character: char) -> Vec<Vec<u32>> {
        self.each().zip(point).map(|(nfa, states)| nfa.step(states, character)).collect()
    }

    fn member(&self, point: &[Vec<u32>]) -> bool {
        let mut states = point.iter();
        self.all.iter().zip(states.by_ref()).all(|(nfa, states)| nfa.accepts(states))
            && self.none.iter().zip(states).all(|(nfa, states)| !nfa.accepts(states))
    }

    fn wanted(&self, point: &[Vec<u32>]) -> bool {
        self.wanted.as_ref().zip(point.last()).is_some_and(|(nfa, states)| nfa.accepts(states))
    }

    /// Whether nothing can fit any more.
    fn dead(&self, point: &[Vec<u32>]) -> bool {
        point.iter().take(self.all.len()).any(Vec::is_empty)
    }

    /// One character for each set of characters that no automaton tells apart.
    fn characters(&self) -> Vec<char> {
        let mut starts: Vec<u32> = vec![0];
        for (low, high) in self.each().flat_map(Nfa::classes).flat_map(Class::ranges) {
            starts.push(u32::from(*low));
            starts.push(u32::from(*high) + 1);
        }
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).copied().chain([u32::from(char::MAX) + 1]);
        let mut characters: Vec<char> = starts
            .iter()
            .zip(ends)
            .filter_map(|(start, end)| {
                let range = (*start..end).find_map(char::from_u32)?;
                let last = (*start..end).rev().find_map(char::from_u32)?;
                Some(sample_character(&Class::of(vec![(range, last)])))
            })
            .collect();
        // Letters before other characters, so that examples read well.
        characters.sort_by_key(|character| (!character.is_ascii_alphanumeric(), *character));
        characters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{bitbucket, iam};
    use super::*;

    fn of(pattern: &str) -> Language {
        Language::of(iam(pattern))
    }

    #[test]
    fn relations_are_exact() {
        let inside = |example: &str| Relation::Inside { example: example.to_owned() };
        let outside = |example: &str| Relation::Outside { example: example.to_owned() };
        assert_eq!(relate(&of("a"), &iam("a")), inside("a"));
        assert_eq!(relate(&of("a"), &iam("?")), inside("a"));
        assert_eq!(relate(&of("a"), &iam("A")), outside("a"));
        assert_eq!(relate(&of("a"), &iam("A").folded()), inside("a"));
        assert_eq!(relate(&of("refs/heads/*"), &iam("refs/*")), inside("refs/heads/"));
        assert_eq!(
            relate(&of("refs/*"), &iam("refs/tags/*")),
            Relation::Overlaps { inside: "refs/tags/".to_owned(), outside: "refs/".to_owned() }
        );
        assert_eq!(relate(&of("*").but(iam("main")), &iam("main")), outside(""));
        assert_eq!(relate(&of("main").but(iam("m*")), &iam("x")), Relation::Empty);
        assert_eq!(relate(&of("*a").and(iam("b*")), &iam("b*a")), inside("ba"));
    }

    #[test]
    fn parts_can_be_wrapped() {
        let branches = Language::of(bitbucket("release/*")).but(iam("release/1"));
        let refs = branches.between(&Form::lit("refs/heads/"), &Form::lit(""));
        assert!(refs.contains("refs/heads/release/2"));
        assert!(!refs.contains("refs/heads/release/1"));
        assert!(!refs.contains("refs/heads/release/a/b"));
        assert_eq!(refs.shown(), "`refs/heads/release/*` except `refs/heads/release/1`");
    }

    #[test]
    fn a_uuid_fits_no_shorter_text() {
        let sample = "5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f";
        let sub = Language::of(Form::Sequence(vec![Form::lit("{r}:{"), Form::uuid(sample), Form::lit("}")]));
        assert_eq!(sub.shown(), "`{r}:{*}`");
        assert_eq!(sub.sample().unwrap(), format!("{{r}}:{{{sample}}}"));
        assert!(matches!(relate(&sub, &iam("{r}:*")), Relation::Inside { .. }));
        assert!(matches!(relate(&sub, &iam("{r}:*:*")), Relation::Outside { .. }));
    }

    #[test]
    fn hostile_patterns_are_given_up() {
        let wanted = iam(&format!("*a{}", "?".repeat(20)));
        assert_eq!(relate(&Language::anything(), &wanted), Relation::TooComplex);
    }

    /// The plain definition of an IAM pattern.
    fn fits(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| fits(rest, &text[at..])),
            Some(('?', rest)) => !text.is_empty() && fits(rest, &text[1..]),
            Some((character, rest)) => text.first() == Some(character) && fits(rest, &text[1..]),
        }
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    proptest! {
        #[test]
        fn membership_is_the_definition(pattern in "[ab*?]{0,6}", text in "[abc]{0,6}") {
            prop_assert_eq!(of(&pattern).contains(&text), fits(&chars(&pattern), &chars(&text)));
        }

        #[test]
        fn examples_prove_the_relation(left in "[ab*?]{0,5}", not in "[ab*]{0,3}", right in "[ab*?]{0,5}") {
            let language = of(&left).but(iam(&not));
            let member = |text: &str| fits(&chars(&left), &chars(text)) && !fits(&chars(&not), &chars(text));
            let wanted = |text: &str| fits(&chars(&right), &chars(text));
            match relate(&language, &iam(&right)) {
                Relation::Inside { example } => prop_assert!(member(&example) && wanted(&example)),
                Relation::Outside { example } => prop_assert!(member(&example) && !wanted(&example)),
                Relation::Overlaps { inside, outside } => {
                    prop_assert!(member(&inside) && wanted(&inside));
                    prop_assert!(member(&outside) && !wanted(&outside));
                }
                Relation::Empty => {}
                Relation::TooComplex => prop_assert!(false),
            }
        }

        #[test]
        fn inside_and_outside_hold_for_every_text(left in "[ab*?]{0,5}", right in "[ab*?]{0,5}", text in "[ab]{0,6}") {
            let member = fits(&chars(&left), &chars(&text));
            let wanted = fits(&chars(&right), &chars(&text));
            match relate(&of(&left), &iam(&right)) {
                Relation::Inside { .. } => prop_assert!(!member || wanted),
                Relation::Outside { .. } => prop_assert!(!member || !wanted),
                Relation::Empty => prop_assert!(!member),
                Relation::Overlaps { .. } | Relation::TooComplex => {}
            }
        }
    }
}
