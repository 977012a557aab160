//! Condition keys as JSON has them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value as Json;
use stagedoor_policy::{Context, Value};

/// The condition keys of a request: texts, numbers and booleans are single-valued, lists multi-valued.
#[derive(Default)]
pub(super) struct Keys(pub(super) Context);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Keys;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of condition keys")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut context = Context::new();
                while let Some((key, value)) = map.next_entry::<String, Json>()? {
                    if context.get(&key).is_some() {
                        let message = "twice in `context` (letter case does not count)";
                        return Err(A::Error::custom(format!("`{key}` stands {message}")));
                    }
                    match of_json(&value) {
                        Some(value) => context.insert(key, value),
                        None => {
                            return Err(A::Error::custom(format!(
                                "`context.{key}` must be a string, a number, a boolean, or a list of those"
                            )));
                        }
                    }
                }
                Ok(Keys(context))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

fn of_json(value: &Json) -> Option<Value> {
    match value {
        Json::Array(values) => values.iter().map(text).collect::<Option<Vec<String>>>().map(Value::Many),
        one => text(one).map(Value::One),
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
