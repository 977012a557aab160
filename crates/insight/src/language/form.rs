//! How a set of strings is written.

use super::Class;

/// A regular expression, with words for people where a part has them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    /// A fixed text.
    Text(String),
    /// One character.
    Class(Class),
    /// One after the other.
    Sequence(Vec<Form>),
    /// One of several; none of them is the empty set.
    Either(Vec<Form>),
    /// Several times; without `max` any number of times.
    Repeat {
        /// What.
        form: Box<Form>,
        /// At least so often.
        min: u32,
        /// At most so often.
        max: Option<u32>,
    },
    /// A part that people know by another writing, and by an example.
    Named {
        /// What it is.
        form: Box<Form>,
        /// How it is shown.
        shown: String,
        /// A member that reads well.
        sample: String,
    },
}

impl Form {
    pub(crate) fn lit(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Every string, the empty one too.
    pub(crate) fn anything() -> Self {
        Self::any_of(Class::any(), 0)
    }

    /// At least `min` characters of a class.
    pub(crate) fn any_of(class: Class, min: u32) -> Self {
        Self::Repeat { form: Box::new(Self::Class(class)), min, max: None }
    }

    /// The form under a name.
    #[must_use]
    pub(crate) fn named(self, shown: impl Into<String>, sample: impl Into<String>) -> Self {
        Self::Named { form: Box::new(self), shown: shown.into(), sample: sample.into() }
    }

    /// A lower-case UUID, shown as `*`.
    pub(crate) fn uuid(sample: &str) -> Self {
        let hex = || Class::of(vec![('0', '9'), ('a', 'f')]);
        let group =
            |length| Self::Repeat { form: Box::new(Self::Class(hex())), min: length, max: Some(length) };
        let dash = || Self::lit("-");
        Self::Sequence(vec![
            group(8),
            dash(),
            group(4),
            dash(),
            group(4),
            dash(),
            group(4),
            dash(),
            group(12),
        ])
        .named("*", sample)
    }

    /// A decimal number, shown as `*`.
    pub(crate) fn number(sample: &str) -> Self {
        Self::any_of(Class::of(vec![('0', '9')]), 1).named("*", sample)
    }

    /// A name without slashes, shown as `*`.
    pub(crate) fn segment(sample: &str) -> Self {
        Self::any_of(Class::not('/'), 1).named("*", sample)
    }

    /// The one string that fits.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Sequence(parts) => parts.iter().map(Self::text).collect(),
            Self::Named { form, .. } => form.text(),
            Self::Either(_) | Self::Class(_) | Self::Repeat { .. } => None,
        }
    }

    /// As people write it: `*` where anything can stand.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Class(_) => "?".to_owned(),
            Self::Repeat { form, min, max } => match (form.shown().as_str(), min, max) {
                ("?", ..) => "*".to_owned(),
                (inner, 0, Some(1)) => format!("[{inner}]"),
                (inner, ..) => format!("({inner})*"),
            },
            Self::Sequence(parts) => parts.iter().map(Self::shown).collect(),
            Self::Either(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::shown).collect();
                format!("{{{}}}", parts.join(","))
            }
            Self::Named { shown, .. } => shown.clone(),
        }
    }

    /// A member, as readable as it gets.
    pub(crate) fn sample(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Class(class) => sample_character(class).to_string(),
            Self::Repeat { form, min, max } => {
                let times = if *min == 0 && max.is_none_or(|max| max > 0) { 1 } else { *min };
                form.sample().repeat(times.min(64) as usize)
            }
            Self::Sequence(parts) => parts.iter().map(Self::sample).collect(),
            Self::Either(parts) => parts.first().map(Self::sample).unwrap_or_default(),
            Self::Named { sample, .. } => sample.clone(),
        }
    }

    /// The same with letters in either case.
    pub(crate) fn folded(&self) -> Self {
        match self {
            Self::Text(text) => {
                Self::Sequence(text.chars().map(|character| Self::Class(Class::folded(character))).collect())
            }
            Self::Class(_) => self.clone(),
            Self::Repeat { form, min, max } => {
                Self::Repeat { form: Box::new(form.folded()), min: *min, max: *max }
            }
            Self::Sequence(parts) => Self::Sequence(parts.iter().map(Self::folded).collect()),
            Self::Either(parts) => Self::Either(parts.iter().map(Self::folded).collect()),
            Self::Named { form, shown, sample } => {
                Self::Named { form: Box::new(form.folded()), shown: shown.clone(), sample: sample.clone() }
            }
        }
    }
}

/// A letter if there is one, else a digit, else whatever there is.
pub(super) fn sample_character(class: &Class) -> char {
    let nice = ('a'..='z').chain('0'..='9').chain('A'..='Z').chain(['-', '.', '/', '_']);
    nice.into_iter()
        .find(|character| class.contains(*character))
        .or_else(|| class.ranges().first().map(|(low, _)| *low))
        .unwrap_or('?')
}
