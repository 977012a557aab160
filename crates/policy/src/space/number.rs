//! Numbers as texts: every text that stands in a relation to a number is a regular language.

use std::cmp::Ordering;

use super::nfa::Nfa;
use crate::Relation;
use crate::condition::Decimal;

const CHARACTERS: [char; 13] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '-', '+'];

/// How far a text is read, next to the digits of the number it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Reading {
    started: bool,
    negative: bool,
    point: bool,
    digits: bool,
    zero: bool,
    /// Digits of the whole part after leading zeros, at most one more than the number has.
    whole: usize,
    /// Digits of the fraction, at most as many as the number has.
    fraction: usize,
    /// How the digits so far compare, the lengths of the whole parts not counted.
    order: Ordering,
}

/// Adds the texts that stand in `relation` to `number`.
pub(super) fn add(nfa: &mut Nfa, relation: Relation, number: &str) {
    let Some(number) = Decimal::parse(number) else { return };
    let (whole, fraction) = number.digits();
    let start = Reading {
        started: false,
        negative: false,
        point: false,
        digits: false,
        zero: true,
        whole: 0,
        fraction: 0,
        order: Ordering::Equal,
    };
    let read = |state: &Reading, character: char| -> Option<Reading> {
        let mut next = Reading { started: true, ..state.clone() };
        match character {
            '-' | '+' if !state.started => next.negative = character == '-',
            '-' | '+' => return None,
            '.' if state.point => return None,
            '.' => {
                next.point = true;
                next.order = length_first(state, whole.len());
                next.whole = 0;
            }
            digit => {
                let digit = u8::try_from(digit).ok()?;
                next.digits = true;
                next.zero = state.zero && digit == b'0';
                if state.point {
                    next.order = state.order.then_with(|| match fraction.get(state.fraction) {
                        Some(wanted) => digit.cmp(wanted),
                        None => digit.cmp(&b'0'),
                    });
                    next.fraction = (state.fraction + 1).min(fraction.len());
                } else if state.whole > 0 || digit != b'0' {
                    if let Some(wanted) = whole.get(state.whole) {
                        next.order = state.order.then_with(|| digit.cmp(wanted));
                    }
                    next.whole = (state.whole + 1).min(whole.len() + 1);
                }
            }
        }
        Some(next)
    };
    let accepts = |state: &Reading| {
        if !state.digits {
            return false;
        }
        let mut magnitude = if state.point { state.order } else { length_first(state, whole.len()) };
        if state.fraction < fraction.len() {
            magnitude = magnitude.then(Ordering::Less);
        }
        let negative = state.negative && !state.zero;
        relation.holds(match (negative, number.is_negative()) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
        })
    };
    nfa.add_machine(start, &CHARACTERS, read, accepts);
}

fn length_first(state: &Reading, length: usize) -> Ordering {
    state.whole.cmp(&length).then(state.order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_comparison() {
        let texts = [
            "",
            "-",
            ".",
            "0",
            "-0",
            "+0",
            "00",
            "0.0",
            "1",
            "-1",
            "+1",
            "01",
            "1.",
            ".5",
            "0.5",
            "0.50",
            "0.55",
            "0.05",
            "-0.5",
            "9",
            "10",
            "11",
            "99",
            "100",
            "12.3",
            "12.30",
            "12.31",
            "12.29",
            "-12.3",
            "1e3",
            "1.2.3",
            "--1",
            "1-",
            "123456789012345678901234567890",
            "10.0",
            "9.99",
            "x",
        ];
        for wanted in texts.iter().filter(|text| Decimal::parse(text).is_some()) {
            for relation in [
                Relation::Equal,
                Relation::Less,
                Relation::LessOrEqual,
                Relation::Greater,
                Relation::GreaterOrEqual,
            ] {
                let mut nfa = Nfa::nothing();
                add(&mut nfa, relation, wanted);
                for text in texts {
                    let holds = Decimal::parse(text)
                        .is_some_and(|has| relation.holds(has.compare(Decimal::parse(wanted).unwrap())));
                    assert_eq!(nfa.accepts(text), holds, "{text} {relation:?} {wanted}");
                }
            }
        }
    }
}
