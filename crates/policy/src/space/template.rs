//! Keys that share parts, decided together: the claims of one token.

use super::answer::Cause;
use super::facts::{Facts, Form, Template};
use super::key::{self, KeyTest, Literal};
use super::product::{Track, shortest};
use super::text::Found;
use crate::context::Value;

/// The value of each key; `None` for one that the request does not carry.
pub(super) type Values = Vec<(String, Option<Value>)>;

/// Conditions on the keys of a template, by key in lower case.
pub(super) type Literals<'a> = [(&'a str, Literal<'a>)];

/// Values for all keys of a template that make the conditions what they must be, following one of its forms.
pub(super) fn find(
    template: &Template,
    literals: &Literals<'_>,
    facts: &Facts,
    polish: bool,
    steps: &mut usize,
) -> Found<Values> {
    let mut unknown = None;
    for form in &template.forms {
        match find_form(template, form, literals, facts, polish, steps) {
            Found::No => {}
            Found::Unknown(cause) => unknown = Some(cause),
            found => return found,
        }
    }
    unknown.map_or(Found::No, Found::Unknown)
}

fn find_form(
    template: &Template,
    form: &Form,
    literals: &Literals<'_>,
    facts: &Facts,
    polish: bool,
    steps: &mut usize,
) -> Found<Values> {
    let span_of = |key: &str| form.spans.iter().find(|span| span.key.eq_ignore_ascii_case(key));
    let mut tracks = Vec::new();
    let mut on_spans: Vec<(usize, usize, &KeyTest, bool)> = Vec::new();
    for (key, (test, wanted)) in literals {
        let Some(span) = span_of(key) else { continue };
        match (test.demand(*wanted), test.set()) {
            (None, _) => return Found::No,
            (Some(None), _) => {}
            (Some(Some(_)), None) => return Found::Unknown(Cause::MixedKey { key: (*key).to_owned() }),
            (Some(Some(include)), Some(set)) => {
                on_spans.push((span.from, span.to, test, include));
                tracks.push(Track { nfa: set.nfa(), negated: !include, from: span.from, to: span.to });
            }
        }
    }
    let mut values: Values = Vec::new();
    let mut keys: Vec<String> = template.keys().map(str::to_lowercase).collect();
    keys.sort();
    keys.dedup();
    for key in keys.into_iter().filter(|key| span_of(key).is_none()) {
        let own: Vec<Literal<'_>> =
            literals.iter().filter(|(name, _)| *name == key).map(|(_, literal)| *literal).collect();
        let special = form.keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key));
        let fact = special.map_or_else(|| facts.key(&key), |(_, fact)| fact.clone());
        let mut found = key::find(&key, &own, &fact, steps);
        if polish {
            found = found.map(|value| key::polished(value, &own, &fact));
        }
        match found {
            Found::Yes(value) => values.push((key, value)),
            Found::No => return Found::No,
            Found::Unknown(cause) => return Found::Unknown(cause),
        }
    }
    let segments: Vec<_> = form.segments.iter().map(|segment| segment.language.nfa()).collect();
    let mut words = match shortest(&segments, &tracks, steps) {
        Ok(Some(words)) => words,
        Ok(None) => return Found::No,
        Err(_) => return Found::Unknown(Cause::Limit),
    };
    if polish {
        let fits = |words: &[String]| {
            on_spans.iter().all(|(from, to, test, include)| {
                let text = words.get(*from..*to).map(<[String]>::concat).unwrap_or_default();
                test.set().is_some_and(|set| set.contains(&text) == *include)
            })
        };
        make_natural(form, &mut words, fits);
    }
    for span in &form.spans {
        let text = words.get(span.from..span.to).map(<[String]>::concat).unwrap_or_default();
        values.push((span.key.to_lowercase(), Some(Value::One(text))));
    }
    Found::Yes(values)
}

/// Replaces each part by what people would recognise, as long as everything still fits.
fn make_natural(form: &Form, words: &mut Vec<String>, fits: impl Fn(&[String]) -> bool) {
    for (index, segment) in form.segments.iter().enumerate() {
        let Some(found) = words.get(index).cloned() else { continue };
        let longer: Vec<String> = if found.chars().count() < 2 {
            Vec::new()
        } else if found.ends_with(char::is_alphanumeric) {
            ["-evil", "-other", "x"].map(|more| format!("{found}{more}")).into()
        } else {
            ["main", "evil", "x"].map(|more| format!("{found}{more}")).into()
        };
        let candidates = segment.samples.iter().chain(&longer);
        for candidate in candidates.filter(|text| segment.language.contains(text)) {
            let mut changed = words.clone();
            if let Some(word) = changed.get_mut(index) {
                word.clone_from(candidate);
            }
            if fits(&changed) {
                *words = changed;
                break;
            }
        }
    }
}
