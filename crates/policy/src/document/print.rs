//! Documents as canonical JSON.

use std::fmt;

use serde_json::{Map, Value, json};

use super::Document;
use super::ast::{Names, PrincipalType, Principals, Statement};
use crate::Spanned;

impl fmt::Display for Document {
    /// Canonical JSON: elements in the usual order, `Statement` always an array, single values without brackets,
    /// condition values always strings, two spaces of indentation. Parsing the result gives the same document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.to_json()).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Document {
    /// The document as a JSON value, in the same canonical form as its `Display`.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        if let Some(version) = &self.inner.version {
            map.insert("Version".into(), version.value.as_str().into());
        }
        if let Some(id) = &self.inner.id {
            map.insert("Id".into(), (*id.value).into());
        }
        map.insert("Statement".into(), self.statements().iter().map(statement).collect());
        Value::Object(map)
    }
}

fn statement(statement: &Statement) -> Value {
    let mut map = Map::new();
    if let Some(sid) = &statement.sid {
        map.insert("Sid".into(), (*sid.value).into());
    }
    map.insert("Effect".into(), json!(statement.effect.value));
    if let Some(element) = &statement.principals {
        map.insert(if element.negated { "NotPrincipal" } else { "Principal" }.into(), principals(element));
    }
    let mut names = |name: &str, element: &Names| {
        let name = if element.negated { format!("Not{name}") } else { name.to_owned() };
        map.insert(name, one_or_many(element.names.iter()));
    };
    names("Action", &statement.actions);
    if let Some(resources) = &statement.resources {
        names("Resource", resources);
    }
    if !statement.conditions.is_empty() {
        let mut block = Map::new();
        for condition in &statement.conditions {
            let keys = block.entry(&*condition.operator.value).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(keys) = keys {
                keys.insert((*condition.key.value).into(), one_or_many(condition.values.iter()));
            }
        }
        map.insert("Condition".into(), Value::Object(block));
    }
    Value::Object(map)
}

fn principals(element: &Principals) -> Value {
    if element.names.iter().any(|(kind, _)| *kind == PrincipalType::Any) {
        return "*".into();
    }
    let mut map = Map::new();
    for (kind, _) in &element.names {
        let same = element.names.iter().filter(|(other, _)| other == kind).map(|(_, name)| name);
        map.insert(kind.as_str().into(), one_or_many(same));
    }
    Value::Object(map)
}

fn one_or_many<'a>(names: impl Iterator<Item = &'a Spanned<Box<str>>>) -> Value {
    let mut all: Vec<Value> = names.map(|name| (*name.value).into()).collect();
    if all.len() == 1 { all.remove(0) } else { Value::Array(all) }
}
