//! Sets of strings, exactly: what a claim can be, and what a condition wants.
//!
//! A [`Language`] is everything that fits all of some forms and none of others. [`Language::relate`] decides whether
//! it lies inside of a wanted form, outside of it, or overlaps it, by one breadth-first search over the product of
//! their automata, and gives an example of each side.

mod class;
mod form;
mod glob;
mod nfa;
mod regex;
mod search;

pub(crate) use class::Class;
pub(crate) use form::Form;
pub(crate) use glob::{bitbucket, file_glob, github, gitlab, iam};
pub(crate) use regex::{full_match, part_match};
pub(crate) use search::{Relation, relate};

/// Everything that fits all of `all` and none of `none`. Without any form it is every string.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Language {
    all: Vec<Form>,
    none: Vec<Form>,
}

impl Language {
    /// Everything that fits a form.
    pub(crate) fn of(form: Form) -> Self {
        Self { all: vec![form], none: Vec::new() }
    }

    /// Every string.
    pub(crate) fn anything() -> Self {
        Self::of(Form::anything())
    }

    /// What also fits `form`.
    #[must_use]
    pub(crate) fn and(mut self, form: Form) -> Self {
        self.all.push(form);
        self
    }

    /// What does not fit `form`.
    #[must_use]
    pub(crate) fn but(mut self, form: Form) -> Self {
        self.none.push(form);
        self
    }

    /// Every member with `before` in front and `after` behind. Exact where both are fixed texts or there is only one
    /// form; else the forms to avoid are dropped, which makes the language larger, never smaller.
    #[must_use]
    pub(crate) fn between(&self, before: &Form, after: &Form) -> Self {
        let wrap = |form: &Form| Form::Sequence(vec![before.clone(), form.clone(), after.clone()]);
        let fixed = before.text().is_some() && after.text().is_some();
        let none = if fixed { self.none.iter().map(wrap).collect() } else { Vec::new() };
        Self { all: self.all.iter().map(wrap).collect(), none }
    }

    /// Every member with every member of `other` behind. Exact where one of the two is a fixed text; else the forms to
    /// avoid, and all but the narrowest to fit, are dropped, which makes the language larger, never smaller.
    #[must_use]
    pub(crate) fn then(&self, other: &Self) -> Self {
        let empty = Form::lit("");
        match (self.text(), other.text()) {
            (Some(before), Some(after)) => Self::of(Form::Text(before + &after)),
            (Some(before), None) => other.between(&Form::Text(before), &empty),
            (None, Some(after)) => self.between(&empty, &Form::Text(after)),
            (None, None) => Self::of(Form::Sequence(vec![self.narrowest(), other.narrowest()])),
        }
    }

    fn narrowest(&self) -> Form {
        let size = |form: &&Form| form.shown().replace('*', "").len();
        self.all.iter().max_by_key(size).cloned().unwrap_or_else(Form::anything)
    }

    /// The one string that is in it, if it is written as one.
    pub(crate) fn text(&self) -> Option<String> {
        match (self.all.as_slice(), self.none.as_slice()) {
            ([only], []) => only.text(),
            _ => None,
        }
    }

    /// As people write it, in backticks: the narrowest form, `*` where anything can stand, and what is left out.
    pub(crate) fn shown(&self) -> String {
        let positive = self.all.iter().map(Form::shown).max_by_key(|shown| shown.replace('*', "").len());
        let positive = positive.unwrap_or_else(|| "*".to_owned());
        let not: Vec<String> = self.none.iter().map(|form| format!("`{}`", form.shown())).collect();
        match not.is_empty() {
            true => format!("`{positive}`"),
            false => format!("`{positive}` except {}", not.join(", ")),
        }
    }

    /// A member, one that reads well if there is one; none if the language is empty or too complex.
    pub(crate) fn sample(&self) -> Option<String> {
        let nice = self.all.iter().map(Form::sample).find(|sample| self.contains(sample));
        nice.or_else(|| match relate(self, &Form::anything()) {
            Relation::Inside { example } | Relation::Overlaps { inside: example, .. } => Some(example),
            Relation::Outside { .. } | Relation::Empty | Relation::TooComplex => None,
        })
    }

    /// Whether a string is in it.
    pub(crate) fn contains(&self, text: &str) -> bool {
        search::accepts(self, text)
    }

    /// Whether nothing is in it; false when that is too complex to say.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(relate(self, &Form::anything()), Relation::Empty)
    }

    pub(crate) fn forms(&self) -> (&[Form], &[Form]) {
        (&self.all, &self.none)
    }
}
