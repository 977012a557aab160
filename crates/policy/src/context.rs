//! Condition keys of a request.

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of a condition key.
///
/// Whether a key is single-valued or multi-valued is a property of the key, not of how many values it has at the
/// moment: operators treat the two differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A single-valued key.
    One(String),
    /// A multi-valued key, possibly empty.
    Many(Vec<String>),
}

impl Value {
    /// All values, in order.
    pub fn values(&self) -> &[String] {
        match self {
            Value::One(value) => std::slice::from_ref(value),
            Value::Many(values) => values,
        }
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::One(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::One(value.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::One(value.to_string())
    }
}

impl From<Vec<String>> for Value {
    fn from(values: Vec<String>) -> Self {
        Value::Many(values)
    }
}

impl From<Vec<&str>> for Value {
    fn from(values: Vec<&str>) -> Self {
        Value::Many(values.into_iter().map(str::to_owned).collect())
    }
}

/// The condition keys that a request carries. Names are case-insensitive; the spelling given first is kept for
/// display.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Sorted by `hash`, so that a lookup with a precomputed hash is a binary search over integers.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    folded: Box<str>,
    name: Box<str>,
    value: Value,
}

/// A condition key as compiled policies hold it: folded to lower case, with its hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    hash: u64,
    folded: Box<str>,
}

impl Key {
    pub(crate) fn new(name: &str) -> Self {
        let folded = fold(name);
        Self { hash: crate::hash::of(b'k', folded.as_bytes()), folded }
    }

    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

fn fold(name: &str) -> Box<str> {
    name.to_lowercase().into_boxed_str()
}

impl Context {
    pub(crate) const EMPTY: Context = Context { entries: Vec::new() };

    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, replacing any value it had.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let name = key.into();
        let Key { hash, folded } = Key::new(&name);
        let value = value.into();
        let at = self.entries.partition_point(|entry| (entry.hash, &entry.folded) < (hash, &folded));
        match self.entries.get_mut(at) {
            Some(entry) if entry.folded == folded => entry.value = value,
            _ => self.entries.insert(at, Entry { hash, folded, name: name.into_boxed_str(), value }),
        }
    }

    /// The value of a key, under any spelling of its name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.find(&Key::new(key))
    }

    /// The value of a compiled key; allocates nothing.
    pub(crate) fn find(&self, key: &Key) -> Option<&Value> {
        let from = self.entries.partition_point(|entry| entry.hash < key.hash);
        self.entries
            .get(from..)?
            .iter()
            .take_while(|entry| entry.hash == key.hash)
            .find(|entry| entry.folded == key.folded)
            .map(|entry| &entry.value)
    }

    /// Removes a key and returns the value it had.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let key = Key::new(key);
        let at = self.entries.iter().position(|entry| entry.folded == key.folded)?;
        Some(self.entries.remove(at).value)
    }

    /// All keys in alphabetical order, as first spelt.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let mut sorted: Vec<&Entry> = self.entries.iter().collect();
        sorted.sort_by(|left, right| left.folded.cmp(&right.folded));
        sorted.into_iter().map(|entry| (&*entry.name, &entry.value))
    }

    /// Takes over all keys of `other`, which win over keys already here.
    pub fn merge(&mut self, other: &Context) {
        for entry in &other.entries {
            self.insert(&*entry.name, entry.value.clone());
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.insert(key, value);
        }
        context
    }
}

impl PartialEq for Context {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && self
                .entries
                .iter()
                .zip(&other.entries)
                .all(|(a, b)| a.folded == b.folded && a.value == b.value)
    }
}

impl Eq for Context {}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Context;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of condition keys, each with a string or a list of strings")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Context, M::Error> {
                let mut context = Context::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    context.insert(name, value);
                }
                Ok(context)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_insensitive_and_values_are_not() {
        let mut context = Context::new();
        context.insert("aws:SourceIp", "203.0.113.9");
        assert_eq!(context.get("AWS:sourceip"), Some(&Value::One("203.0.113.9".into())));
        context.insert("AWS:SOURCEIP", "198.51.100.1");
        assert_eq!(context.len(), 1);
        assert_eq!(context.iter().collect::<Vec<_>>(), [("aws:SourceIp", &Value::from("198.51.100.1"))]);
    }

    #[test]
    fn through_json_and_back() {
        let text = r#"{"a:x":"1","a:y":["1","2"],"a:z":[]}"#;
        let context: Context = serde_json::from_str(text).unwrap();
        assert_eq!(context.get("A:Y"), Some(&Value::from(vec!["1", "2"])));
        assert_eq!(serde_json::to_string(&context).unwrap(), text);
        assert!(serde_json::from_str::<Context>(r#"{"a:x":1}"#).is_err());
    }

    #[test]
    fn merge_lets_the_other_side_win() {
        let mut left: Context = [("a:x", "1"), ("a:y", "2")].into_iter().collect();
        left.merge(&[("A:Y", "3"), ("a:z", "4")].into_iter().collect());
        assert_eq!(left, [("a:x", "1"), ("a:y", "3"), ("a:z", "4")].into_iter().collect());
    }

    #[test]
    fn iteration_is_alphabetical_whatever_the_order_of_insertion() {
        let names: Vec<String> = (0..40).map(|n| format!("k:{:02}", (n * 7) % 40)).collect();
        let context: Context = names.iter().map(|name| (name.clone(), "v")).collect();
        let listed: Vec<&str> = context.iter().map(|(name, _)| name).collect();
        assert!(listed.is_sorted());
        assert_eq!(listed.len(), 40);
    }
}
