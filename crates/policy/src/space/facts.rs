//! What requests can look like at all.

mod global;

use std::collections::BTreeMap;

use super::language::Language;

/// What is known of the requests of one caller: which condition keys there are and what their values can be. A set of
/// requests is searched within it, so that no answer rests on a request that nobody could make.
#[derive(Debug, Clone)]
pub struct Facts {
    keys: BTreeMap<String, KeyFact>,
    spellings: BTreeMap<String, String>,
    families: BTreeMap<String, KeyFact>,
    foreign: Option<KeyFact>,
    templates: Vec<Template>,
    shared: Vec<String>,
    actions: Vec<String>,
    action_language: Language,
    resource: ResourceFact,
}

/// What is known of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFact {
    /// Whether requests carry it.
    pub presence: Presence,
    /// Whether it has one value or a list of them.
    pub arity: Arity,
    /// What a value can be.
    pub values: Values,
    /// Values that people would recognise, the most usual first.
    pub samples: Vec<String>,
}

/// Whether requests carry a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Each does.
    Always,
    /// Some do.
    Sometimes,
    /// None does.
    Never,
}

/// How many values a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// A list.
    Many,
    /// Not known.
    Either,
}

/// What a value can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// A text of this language.
    Text(Language),
    /// A date, or seconds since 1970.
    Date,
    /// An IP address.
    Address,
}

/// What a request's resource can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceFact {
    /// Any text, or none.
    Anything,
    /// An ARN, or none for actions without a resource.
    Arn,
    /// This one.
    Only(String),
}

/// Keys whose values are made of shared parts, in one of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The ways; each request follows one.
    pub forms: Vec<Form>,
}

/// One way to make the values of several keys: a row of segments of which each key takes a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What people call requests of this form.
    pub name: String,
    /// The parts.
    pub segments: Vec<Segment>,
    /// Which key is which stretch of segments; each has one value, always.
    pub spans: Vec<Span>,
    /// Keys that in this form differ from what is known of them elsewhere.
    pub keys: Vec<(String, KeyFact)>,
}

/// A stretch of segments that is the value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The key.
    pub key: String,
    /// The first segment.
    pub from: usize,
    /// The segment after the last.
    pub to: usize,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is, such as `repository`; empty for fixed text.
    pub name: String,
    /// What it can be.
    pub language: Language,
    /// What people would recognise, the most usual first.
    pub samples: Vec<String>,
}

impl KeyFact {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Self {
            presence: Presence::Sometimes,
            arity: Arity::Either,
            values: Values::Text(Language::any()),
            samples: Vec::new(),
        }
    }

    /// No request carries the key.
    pub fn never() -> Self {
        Self { presence: Presence::Never, ..Self::unknown() }
    }

    /// A single-valued key with texts of a language.
    pub fn text(presence: Presence, language: Language) -> Self {
        Self { presence, arity: Arity::One, values: Values::Text(language), samples: Vec::new() }
    }

    /// A single-valued key with this value in every request.
    pub fn fixed(value: &str) -> Self {
        Self::text(Presence::Always, Language::text(value)).with_samples([value])
    }

    /// Adds values that people would recognise.
    #[must_use]
    pub fn with_samples<S: Into<String>>(mut self, samples: impl IntoIterator<Item = S>) -> Self {
        self.samples.extend(samples.into_iter().map(Into::into));
        self
    }

    /// The key has a list of values.
    #[must_use]
    pub fn many(self) -> Self {
        Self { arity: Arity::Many, ..self }
    }

    /// The key may have one value or a list.
    #[must_use]
    pub fn one_or_many(self) -> Self {
        Self { arity: Arity::Either, ..self }
    }
}

impl Facts {
    /// Nothing is known: any key, with any value, any action and resource.
    pub fn none() -> Self {
        Self {
            keys: BTreeMap::new(),
            spellings: BTreeMap::new(),
            families: BTreeMap::new(),
            foreign: None,
            templates: Vec::new(),
            shared: Vec::new(),
            actions: Vec::new(),
            action_language: Language::any(),
            resource: ResourceFact::Anything,
        }
    }

    /// What AWS says of its global condition keys, of actions (`service:name`) and of resources (ARNs).
    pub fn aws() -> Self {
        global::facts()
    }

    /// States what is known of a key.
    pub fn set(&mut self, key: &str, fact: KeyFact) {
        self.spell(key);
        self.keys.insert(key.to_lowercase(), fact);
    }

    pub(super) fn spell(&mut self, key: &str) {
        self.spellings.entry(key.to_lowercase()).or_insert_with(|| key.to_owned());
    }

    /// A key as it was first written here; as given if it was not.
    pub fn spelling<'k>(&'k self, key: &'k str) -> &'k str {
        self.spellings.get(&key.to_lowercase()).map_or(key, String::as_str)
    }

    /// States what is known of all keys that begin with `prefix` and are not set one by one.
    pub fn set_family(&mut self, prefix: &str, fact: KeyFact) {
        self.families.insert(prefix.to_lowercase(), fact);
    }

    /// States what is known of the keys of issuers (their prefix has a dot or a slash, or is `localhost`) that are
    /// neither set nor in a family.
    pub fn set_other_issuers(&mut self, fact: KeyFact) {
        self.foreign = Some(fact);
    }

    /// Adds keys that are made of shared parts. A key belongs to one template at most.
    pub fn add_template(&mut self, template: Template) {
        template.keys().for_each(|key| self.spell(key));
        self.templates.push(template);
    }

    /// The templates.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// Keeps only the forms of the first template whose names pass; for questions about one form.
    #[must_use]
    pub fn only_forms(mut self, pass: impl Fn(&str) -> bool) -> Self {
        if let Some(template) = self.templates.first_mut() {
            template.forms.retain(|form| pass(&form.name));
        }
        self
    }

    /// Narrows a segment of every form of the first template that has it.
    #[must_use]
    pub fn with_segment(mut self, name: &str, language: &Language) -> Self {
        for form in self.templates.first_mut().map_or(&mut [][..], |template| &mut template.forms) {
            for segment in form.segments.iter_mut().filter(|segment| segment.name == name) {
                segment.language = language.clone();
                segment.samples.clear();
            }
        }
        self
    }

    /// The keys with this prefix come from the caller's proof of identity: two requests of one caller agree on them.
    pub fn share(&mut self, prefix: &str) {
        self.shared.push(prefix.to_lowercase());
    }

    /// Whether two requests of one caller agree on a key.
    pub fn is_shared(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        self.shared.iter().any(|prefix| key.starts_with(prefix))
    }

    /// States what the requests' resource can be.
    pub fn set_resource(&mut self, fact: ResourceFact) {
        self.resource = fact;
    }

    /// States what an action can be, in lower case.
    pub fn set_action_language(&mut self, language: Language) {
        self.action_language = language;
    }

    /// Adds actions that people would recognise.
    pub fn add_actions<S: Into<String>>(&mut self, actions: impl IntoIterator<Item = S>) {
        self.actions.extend(actions.into_iter().map(Into::into));
    }

    /// What is known of a key.
    pub fn key(&self, key: &str) -> KeyFact {
        let key = key.to_lowercase();
        if let Some(fact) = self.keys.get(&key) {
            return fact.clone();
        }
        let family = self.families.iter().filter(|(prefix, _)| key.starts_with(&***prefix));
        if let Some((_, fact)) = family.max_by_key(|(prefix, _)| prefix.len()) {
            return fact.clone();
        }
        match &self.foreign {
            Some(fact) if of_issuer(&key) => fact.clone(),
            _ => KeyFact::unknown(),
        }
    }

    /// The keys that are known one by one, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &KeyFact)> {
        self.keys.iter().map(|(key, fact)| (&**key, fact))
    }

    pub(super) fn template_of(&self, key: &str) -> Option<usize> {
        self.templates.iter().position(|template| template.keys().any(|own| own.eq_ignore_ascii_case(key)))
    }

    pub(super) fn action_samples(&self) -> &[String] {
        &self.actions
    }

    pub(super) fn action_language(&self) -> &Language {
        &self.action_language
    }

    pub(super) fn resource(&self) -> &ResourceFact {
        &self.resource
    }
}

impl Template {
    /// The keys that follow the template in some form.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().flat_map(|form| {
            let spans = form.spans.iter().map(|span| &*span.key);
            spans.chain(form.keys.iter().map(|(key, _)| &**key))
        })
    }
}

/// Whether a key is a claim of an identity provider: services' prefixes are plain words.
fn of_issuer(key: &str) -> bool {
    let prefix = key.split(':').next().unwrap_or_default();
    prefix.contains(['.', '/']) || prefix == "localhost"
}
