//! TOML tables read key by key, with every fault of the file collected.
//!
//! Serde stops at the first fault; reading the spanned tree by hand finds all of them at once.

use stagedoor_policy::{Diagnostic, Span, Spanned};
use toml::de::{DeTable, DeValue};

use crate::{report::Report, source::Source, suggest::nearest};

/// Parses `source` and gives its root table to `read`; without a sound syntax nothing is read.
pub(crate) fn read_toml<T>(
    source: &Source,
    what: &'static str,
    report: &mut Report,
    read: impl FnOnce(&mut Section<'_>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Option<T> {
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    let mut faults = Vec::new();
    for error in &errors {
        let span = error.span().map_or(Span::new(0, 0), |s| Span::new(s.start, s.end));
        let fault = Diagnostic::error("toml_syntax", span, error.message().to_lowercase_first());
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    let value = if errors.is_empty() {
        let mut section = Section { what, span: Span::new(0, 0), table: root.get_ref(), known: Vec::new() };
        read(&mut section, &mut faults)
    } else {
        None
    };
    let sound = faults.iter().all(|f| f.severity != stagedoor_policy::Severity::Error);
    report.add(&source.path, &source.text, faults);
    value.filter(|_| sound)
}

trait LowercaseFirst {
    fn to_lowercase_first(&self) -> String;
}

impl LowercaseFirst for str {
    fn to_lowercase_first(&self) -> String {
        let mut chars = self.chars();
        let first = chars.next().map(|c| c.to_lowercase().to_string());
        first.unwrap_or_default() + chars.as_str()
    }
}

/// A table whose keys are taken one by one; [`Section::finish`] reports those that nobody took.
pub(crate) struct Section<'t> {
    what: &'static str,
    span: Span,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

impl<'t> Section<'t> {
    fn take(&mut self, key: &'static str) -> Option<(&'t DeValue<'t>, Span)> {
        self.known.push(key);
        let value = self.table.get(key)?;
        Some((value.get_ref(), Span::new(value.span().start, value.span().end)))
    }

    /// The keys as written, each with its place.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&'t str, Span)> + use<'t> {
        self.table.iter().map(|(key, _)| (&**key.get_ref(), Span::new(key.span().start, key.span().end)))
    }

    /// Where the key's value stands, or the table if it has no such key.
    pub(crate) fn place(&self, key: &str) -> Span {
        self.table.get(key).map_or(self.span, |value| Span::new(value.span().start, value.span().end))
    }

    /// Reports the key if it is absent.
    pub(crate) fn require(&self, key: &'static str, example: &str, faults: &mut Vec<Diagnostic>) {
        if !self.table.contains_key(key) {
            let message = format!("{} needs the key `{key}`", self.what);
            let fault = Diagnostic::error("missing_key", self.span, message);
            faults.push(fault.help(format!("add `{key} = {example}`")));
        }
    }

    /// A string.
    pub(crate) fn text(
        &mut self,
        key: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<&'t str>> {
        let (value, span) = self.take(key)?;
        match value {
            DeValue::String(text) => Some(Spanned::new(&**text, span)),
            other => {
                faults.push(wrong_type(key, "a string", other, span));
                None
            }
        }
    }

    /// A string that `parse` understands; `wanted` says what it understands.
    pub(crate) fn parsed<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        faults: &mut Vec<Diagnostic>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let (value, span) = self.take(key)?;
        let DeValue::String(text) = value else {
            faults.push(wrong_type(key, wanted, value, span));
            return None;
        };
        match parse(text) {
            Some(value) => Some(Spanned::new(value, span)),
            None => {
                let message = format!("`{key}` must be {wanted}; found `{}`", excerpt(text));
                faults.push(Diagnostic::error("invalid_value", span, message));
                None
            }
        }
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, key: &'static str, faults: &mut Vec<Diagnostic>) -> Option<bool> {
        let (value, span) = self.take(key)?;
        if let DeValue::Boolean(value) = value {
            return Some(*value);
        }
        faults.push(wrong_type(key, "`true` or `false`", value, span));
        None
    }

    /// An array of strings.
    pub(crate) fn texts(
        &mut self,
        key: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Spanned<&'t str>>> {
        let (value, span) = self.take(key)?;
        let DeValue::Array(items) = value else {
            let fault = wrong_type(key, "an array of strings", value, span);
            faults.push(match value {
                DeValue::String(text) => fault.help(format!("write `{key} = [\"{}\"]`", excerpt(text))),
                _ => fault,
            });
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            let span = Span::new(item.span().start, item.span().end);
            match item.get_ref() {
                DeValue::String(text) => texts.push(Spanned::new(&**text, span)),
                other => faults.push(wrong_type(key, "an array of strings", other, span)),
            }
        }
        Some(texts)
    }

    /// A table with keys of its own; `what` names it in messages.
    pub(crate) fn section(
        &mut self,
        key: &'static str,
        what: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Section<'t>> {
        let (value, span) = self.take(key)?;
        if let DeValue::Table(table) = value {
            return Some(Section { what, span, table, known: Vec::new() });
        }
        faults.push(wrong_type(key, "a table", value, span));
        None
    }

    /// An array of tables (`[[key]]`), each with keys of its own; `what` names one in messages.
    pub(crate) fn sections(
        &mut self,
        key: &'static str,
        what: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Vec<Section<'t>> {
        let Some((value, span)) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            let help = format!("write `[[{key}]]`");
            faults.push(wrong_type(key, "an array of tables", value, span).help(help));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items {
            let span = Span::new(item.span().start, item.span().end);
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section { what, span, table, known: Vec::new() }),
                other => faults.push(wrong_type(key, "an array of tables", other, span)),
            }
        }
        sections
    }

    /// A table of any values under keys that the user chooses, as JSON; dates become strings.
    pub(crate) fn values(
        &mut self,
        key: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<serde_json::Map<String, serde_json::Value>> {
        let (value, span) = self.take(key)?;
        match json(value) {
            Some(serde_json::Value::Object(values)) => Some(values),
            Some(_) => {
                faults.push(wrong_type(key, "a table", value, span));
                None
            }
            None => {
                let message = format!("a number in `{key}` is too large or not finite");
                faults.push(Diagnostic::error("invalid_value", span, message));
                None
            }
        }
    }

    /// Whether the key is there, whatever its value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the table stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// A table of strings under keys that the user chooses, with the place of each key.
    pub(crate) fn map(
        &mut self,
        key: &'static str,
        faults: &mut Vec<Diagnostic>,
    ) -> Vec<(Spanned<&'t str>, Spanned<&'t str>)> {
        let Some(section) = self.section(key, "a table", faults) else { return Vec::new() };
        let mut pairs = Vec::new();
        for ((name, place), (_, value)) in section.keys().zip(section.table.iter()) {
            let span = Span::new(value.span().start, value.span().end);
            match value.get_ref() {
                DeValue::String(text) => {
                    pairs.push((Spanned::new(name, place), Spanned::new(&**text, span)));
                }
                other => faults.push(wrong_type(name, "a string", other, span)),
            }
        }
        pairs
    }

    /// Reports every key that was not asked for.
    pub(crate) fn finish(&self, faults: &mut Vec<Diagnostic>) {
        for (key, span) in self.keys().filter(|(key, _)| !self.known.contains(key)) {
            let message = format!("unknown key `{}`", excerpt(key));
            let fault =
                Diagnostic::error("unknown_key", span, message).label(format!("not a key of {}", self.what));
            faults.push(match nearest(key, self.known.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help(format!("the keys of {} are `{}`", self.what, self.known.join("`, `"))),
            });
        }
    }
}

/// The first 64 characters, control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    for (index, character) in text.chars().enumerate() {
        match character {
            _ if index == 64 => {
                shown.push('…');
                break;
            }
            control if control.is_control() => shown.extend(control.escape_default()),
            plain => shown.push(plain),
        }
    }
    shown
}

/// A value as JSON, unless it holds a number that JSON cannot.
fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    use serde_json::Value;
    Some(match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Integer(number) => Value::from(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => {
            Value::from(number.as_str().parse::<f64>().ok().filter(|number| number.is_finite())?)
        }
        DeValue::Array(items) => {
            items.iter().map(|item| json(item.get_ref())).collect::<Option<Vec<Value>>>()?.into()
        }
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), json(value.get_ref())?)))
                .collect::<Option<_>>()?,
        ),
    })
}

/// A value that is of the right type and says something wrong.
pub(crate) fn invalid(key: &str, wanted: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid_value", span, format!("`{key}` must be {wanted}"))
}

fn wrong_type(key: &str, wanted: &str, found: &DeValue<'_>, span: Span) -> Diagnostic {
    let key = excerpt(key);
    let found = match found {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    };
    Diagnostic::error("wrong_type", span, format!("`{key}` must be {wanted}, found {found}"))
        .label(format!("this is {found}"))
}
