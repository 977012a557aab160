//! What can be said of a token's claims before there is a token.

use std::collections::BTreeMap;

use stagedoor_policy::Value;

use crate::language::{Form, Language, Relation, relate};
use crate::source::Place;

/// What a claim can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Prediction {
    /// Exactly this.
    Exact(Value),
    /// A string of this language.
    Language(Language, Doubt),
    /// One of these.
    Choice(Vec<Prediction>, Doubt),
    /// Not in the token.
    Absent,
    /// Cannot be said: why.
    Unknown(String),
}

/// Why there is more than one possibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It differs from run to run: with what.
    Varies(String),
    /// It is fixed but not known here: why.
    Hidden(String),
}

/// A claim's prediction, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    /// What it can be.
    pub(crate) prediction: Prediction,
    /// The line of the pipeline that decides it.
    pub(crate) place: Option<Place>,
    /// What about that line.
    pub(crate) because: String,
}

/// The claims of a token to be, by name. A claim that is not listed is a matter of the provider's catalogue entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Claims(BTreeMap<String, Claim>);

impl Prediction {
    pub(crate) fn exact(text: impl Into<String>) -> Self {
        Self::Exact(Value::One(text.into()))
    }

    /// A language, exact if it holds one fixed string.
    pub(crate) fn of(language: Language, doubt: Doubt) -> Self {
        match language.text() {
            Some(text) => Self::exact(text),
            None => Self::Language(language, doubt),
        }
    }

    /// A string that differs from run to run and fits `form`.
    pub(crate) fn varies(form: Form, with: &str) -> Self {
        Self::of(Language::of(form), Doubt::Varies(with.to_owned()))
    }

    /// The same with `before` in front and `after` behind; what is no string becomes unknown.
    pub(crate) fn between(&self, before: &str, after: &str) -> Self {
        match self {
            Self::Exact(Value::One(text)) => Self::exact(format!("{before}{text}{after}")),
            Self::Language(language, doubt) => {
                let wrapped = language.between(&Form::lit(before), &Form::lit(after));
                Self::Language(wrapped, doubt.clone())
            }
            Self::Choice(options, doubt) => {
                let options = options.iter().map(|option| option.between(before, after)).collect();
                Self::Choice(options, doubt.clone())
            }
            Self::Unknown(why) => Self::Unknown(why.clone()),
            Self::Exact(Value::Many(_)) | Self::Absent => {
                Self::Unknown("one of its parts is not in the token".to_owned())
            }
        }
    }

    /// As people read it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Exact(Value::One(text)) => format!("`{text}`"),
            Self::Exact(Value::Many(texts)) => {
                format!("[{}]", texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", "))
            }
            Self::Language(language, _) => language.shown(),
            Self::Choice(options, _) => options.iter().map(Self::shown).collect::<Vec<_>>().join(" or "),
            Self::Absent => "nothing".to_owned(),
            Self::Unknown(why) => format!("unknown: {why}"),
        }
    }

    /// A value that the claim can have; none if it is absent or nothing is known.
    pub(crate) fn sample(&self) -> Option<Value> {
        match self {
            Self::Exact(value) => Some(value.clone()),
            Self::Language(language, _) => language.sample().map(Value::One),
            Self::Choice(options, _) => options.iter().find_map(Self::sample),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether a token with this value could be meant; what is unknown could be anything.
    pub(crate) fn admits(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Unknown(_), _) | (Self::Absent, None) => true,
            (Self::Exact(one), Some(value)) => one.values() == value.values(),
            (Self::Language(language, _), Some(Value::One(text))) => language.contains(text),
            (Self::Choice(options, _), value) => options.iter().any(|option| option.admits(value)),
            _ => false,
        }
    }

    /// Whether nothing at all can be meant.
    pub(crate) fn is_impossible(&self) -> bool {
        matches!(self, Self::Language(language, _) if language.is_empty())
    }

    /// How its strings lie to a form; none if it is no language.
    pub(crate) fn relate(&self, wanted: &Form) -> Option<(Relation, &Doubt)> {
        match self {
            Self::Language(language, doubt) => Some((relate(language, wanted), doubt)),
            _ => None,
        }
    }
}

impl Doubt {
    pub(crate) fn varies(with: impl Into<String>) -> Self {
        Self::Varies(with.into())
    }

    pub(crate) fn hidden(why: impl Into<String>) -> Self {
        Self::Hidden(why.into())
    }

    /// The graver of two: what is hidden outweighs what varies.
    #[must_use]
    pub(crate) fn or(self, other: &Self) -> Self {
        match (&self, other) {
            (Self::Varies(_), Self::Hidden(_)) => other.clone(),
            _ => self,
        }
    }
}

impl Claim {
    pub(crate) fn new(prediction: Prediction) -> Self {
        Self { prediction, place: None, because: String::new() }
    }

    /// Names the line that decides it.
    #[must_use]
    pub(crate) fn at(mut self, place: &Place, because: impl Into<String>) -> Self {
        self.place = Some(place.clone());
        self.because = because.into();
        self
    }

    /// Names a line if there is one.
    #[must_use]
    pub(crate) fn maybe_at(self, place: Option<&Place>, because: impl Into<String>) -> Self {
        match place {
            Some(place) => self.at(place, because),
            None => self,
        }
    }
}

impl Claims {
    pub(crate) fn get(&self, name: &str) -> Option<&Claim> {
        self.0.get(name)
    }

    pub(crate) fn set(&mut self, name: &str, claim: Claim) {
        self.0.insert(name.to_owned(), claim);
    }

    pub(crate) fn put(&mut self, name: &str, prediction: Prediction) {
        self.set(name, Claim::new(prediction));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Claim)> {
        self.0.iter().map(|(name, claim)| (name.as_str(), claim))
    }
}

/// Strings put together from parts that may vary: a `sub`.
#[derive(Debug, Clone)]
pub(crate) struct Composed {
    forms: Vec<Part>,
    doubt: Option<Doubt>,
    unknown: Option<String>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Language(Language),
    Choice(Vec<Prediction>),
}

impl Composed {
    pub(crate) fn new() -> Self {
        Self { forms: Vec::new(), doubt: None, unknown: None }
    }

    #[must_use]
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.forms.push(Part::Text(text.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn part(mut self, prediction: &Prediction) -> Self {
        match prediction {
            Prediction::Exact(Value::One(text)) => self.forms.push(Part::Text(text.clone())),
            Prediction::Language(language, doubt) => {
                self.forms.push(Part::Language(language.clone()));
                self.doubt = Some(doubt.clone().or(self.doubt.as_ref().unwrap_or(doubt)));
            }
            Prediction::Choice(options, doubt) => {
                self.forms.push(Part::Choice(options.clone()));
                self.doubt = Some(doubt.clone().or(self.doubt.as_ref().unwrap_or(doubt)));
            }
            Prediction::Unknown(why) => self.unknown = Some(why.clone()),
            Prediction::Exact(Value::Many(_)) | Prediction::Absent => {
                self.unknown = Some("one of its parts is not in the token".to_owned());
            }
        }
        self
    }

    /// The whole. Exact where at most one part is a language with exceptions; else a little too large.
    pub(crate) fn done(self) -> Prediction {
        if let Some(why) = self.unknown {
            return Prediction::Unknown(why);
        }
        let mut wholes = vec![Language::of(Form::lit(""))];
        for part in &self.forms {
            let ends: Vec<Language> = match part {
                Part::Text(text) => vec![Language::of(Form::lit(text.as_str()))],
                Part::Language(language) => vec![language.clone()],
                Part::Choice(options) => {
                    options.iter().flat_map(|option| option.sampled_languages()).collect()
                }
            };
            wholes =
                wholes.iter().flat_map(|whole| ends.iter().map(|end| whole.then(end))).take(64).collect();
        }
        let doubt = self.doubt.unwrap_or_else(|| Doubt::varies("nothing"));
        let mut options: Vec<Prediction> =
            wholes.into_iter().map(|whole| Prediction::of(whole, doubt.clone())).collect();
        match options.len() {
            1 => options.remove(0),
            _ => Prediction::Choice(options, doubt),
        }
    }
}

impl Prediction {
    /// The languages of its strings.
    fn sampled_languages(&self) -> Vec<Language> {
        match self {
            Self::Exact(Value::One(text)) => vec![Language::of(Form::lit(text.as_str()))],
            Self::Language(language, _) => vec![language.clone()],
            Self::Choice(options, _) => options.iter().flat_map(Self::sampled_languages).collect(),
            Self::Exact(Value::Many(_)) | Self::Absent | Self::Unknown(_) => Vec::new(),
        }
    }
}
