//! The policies of a line: one or several, with names or without, as objects or as text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use stagedoor_policy::{Document, Kind, Limits, Policy};

use super::{Fault, Finding};

/// The largest policy: 1 MiB. AWS's quotas are no matter of a decision.
const LARGEST: usize = 1 << 20;

/// A policy as the line has it.
pub(super) struct Written<'l> {
    name: String,
    text: Cow<'l, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped<'l> {
    name: Option<String>,
    #[serde(borrow)]
    policy: &'l RawValue,
}

/// The policies of a field: a policy, a list of policies, or (`nested`) a list of such lists, one for each level of
/// the organization.
pub(super) fn levels<'l>(
    field: &str,
    text: &'l RawValue,
    nested: bool,
) -> Result<Vec<Vec<Written<'l>>>, Fault> {
    if text.get() == "null" {
        return Ok(Vec::new());
    }
    if !is_list(text) {
        return Ok(vec![vec![one(field, text)?]]);
    }
    let entries = list(field, text)?;
    if nested && !entries.is_empty() && entries.iter().all(|entry| is_list(entry)) {
        let level =
            |(at, level): (usize, &&'l RawValue)| each(&format!("{field}[{at}]"), list(field, level)?);
        return entries.iter().enumerate().map(level).collect();
    }
    Ok(vec![each(field, entries)?])
}

impl Written<'_> {
    /// Compiles the policy; its faults go to `faults`.
    pub(super) fn compile(self, kind: Kind, faults: &mut Vec<Finding>) -> Option<Policy> {
        match Document::parse_within(kind, &self.text, Limits::bytes(LARGEST)) {
            Ok(document) => Some(Policy::compile(&self.name, &document)),
            Err(found) => {
                let finding = |diagnostic| Finding { policy: self.name.clone(), diagnostic };
                faults.extend(found.into_iter().map(finding));
                None
            }
        }
    }
}

fn is_list(text: &RawValue) -> bool {
    text.get().starts_with('[')
}

fn list<'l>(field: &str, text: &'l RawValue) -> Result<Vec<&'l RawValue>, Fault> {
    serde_json::from_str(text.get()).map_err(|error| Fault::invalid(format!("`{field}`: {error}")))
}

fn each<'l>(field: &str, entries: Vec<&'l RawValue>) -> Result<Vec<Written<'l>>, Fault> {
    entries.into_iter().enumerate().map(|(at, entry)| one(&format!("{field}[{at}]"), entry)).collect()
}

fn one<'l>(field: &str, text: &'l RawValue) -> Result<Written<'l>, Fault> {
    let wrong = |error: &dyn fmt::Display| Fault::invalid(format!("`{field}`: {error}"));
    match text.get().as_bytes().first() {
        Some(b'{') if is_wrapped(text.get()) => {
            let wrapped: Wrapped<'l> = serde_json::from_str(text.get()).map_err(|error| wrong(&error))?;
            let name = wrapped.name.filter(|name| !name.is_empty()).unwrap_or_else(|| field.to_owned());
            Ok(Written { name, text: document(wrapped.policy).ok_or_else(|| wrong(&WANTED))? })
        }
        _ => Ok(Written { name: field.to_owned(), text: document(text).ok_or_else(|| wrong(&WANTED))? }),
    }
}

const WANTED: &str = "wanted a policy document, as an object or as text";

/// The document's text: an object as written, or the contents of a string.
fn document(text: &RawValue) -> Option<Cow<'_, str>> {
    match text.get().as_bytes().first() {
        Some(b'{') => Some(Cow::Borrowed(text.get())),
        Some(b'"') => serde_json::from_str(text.get()).ok().map(Cow::Owned),
        _ => None,
    }
}

/// Whether an object is `{"name": …, "policy": …}` and not the policy itself.
fn is_wrapped(text: &str) -> bool {
    struct HasPolicy;
    impl<'de> Visitor<'de> for HasPolicy {
        type Value = bool;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let mut found = false;
            while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                found |= key == "policy";
                map.next_value::<IgnoredAny>()?;
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(HasPolicy).unwrap_or(false)
}
