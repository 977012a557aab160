//! The one type of finding that every check of this crate reports and every output format shows.

use serde_json::{Map, Value};
use stagedoor_policy::Severity;

use crate::source::Place;

/// One thing worth telling, with its places.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable identifier in `snake_case`; never reused for another meaning.
    pub id: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// One lower-case sentence without a final period; user input stands in backticks.
    pub message: String,
    /// The place it is about; none if there is no text to show.
    pub primary: Option<Mark>,
    /// Other places that matter, perhaps in other files.
    pub related: Vec<Mark>,
    /// What to know and what to do next, one sentence each.
    pub help: Vec<String>,
    /// The same facts for programs.
    pub properties: Map<String, Value>,
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Place,
    /// What about it; may be empty, then the place is only underlined.
    pub label: String,
}

impl Mark {
    /// A place with words.
    pub fn new(place: Place, label: impl Into<String>) -> Self {
        Self { place, label: label.into() }
    }
}

impl Finding {
    /// A finding without places.
    pub fn new(id: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: Vec::new(),
            properties: Map::new(),
        }
    }

    /// Sets the place it is about.
    #[must_use]
    pub fn at(mut self, place: Place, label: impl Into<String>) -> Self {
        self.primary = Some(Mark::new(place, label));
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Mark::new(place, label));
        self
    }

    /// Adds a sentence of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn property(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }
}
