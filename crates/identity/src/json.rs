//! Strict JSON objects: no duplicate names, bounded depth, no number that would lose digits.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting read; no provider nests deeper than four.
pub(crate) const DEPTH_LIMIT: usize = 16;

/// Integers beyond this are not exact as a 64-bit float.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// Parses one JSON object and nothing after it; the caller has bounded its length.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    match value {
        Value::Object(map) => Ok(map),
        other => Err(format!("it is {} instead of a JSON object", kind(&other))),
    }
}

/// The JSON type of a value, with its article.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Strict, E> {
        if self.depth >= DEPTH_LIMIT {
            return Err(E::custom(format_args!("it is nested deeper than {DEPTH_LIMIT} levels")));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= EXACT_FLOAT {
            return Err(E::custom("a number is too large to be kept exactly"));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if map.contains_key(&name) {
                let shown = crate::refusal::excerpt(&name);
                return Err(A::Error::custom(format_args!("the name `{shown}` occurs twice")));
            }
            let value = entries.next_value_seed(inner)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_duplicates_at_every_level() {
        assert_eq!(
            object(br#"{"a":1,"a":2}"#),
            Err("the name `a` occurs twice at line 1 column 10".to_owned())
        );
        assert!(object(br#"{"a":[{"b":1,"\u0062":2}]}"#).is_err());
    }

    #[test]
    fn refuses_depth_beyond_the_limit() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(object(nested(DEPTH_LIMIT - 1).as_bytes()).is_ok());
        assert!(object(nested(DEPTH_LIMIT).as_bytes()).is_err());
        assert!(object("[".repeat(16_000).as_bytes()).is_err());
    }

    #[test]
    fn refuses_what_is_not_one_object() {
        for text in
            ["", "[]", "\"a\"", "null", "{} {}", "{}x", "{\"a\":1", "\u{feff}{}", "{\"a\":01}", "{'a':1}"]
        {
            assert!(object(text.as_bytes()).is_err(), "{text}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn refuses_numbers_that_lose_digits() {
        assert!(object(b"{\"a\":18446744073709551615}").is_ok());
        assert!(object(b"{\"a\":18446744073709551616}").is_err());
        assert!(object(b"{\"a\":1e400}").is_err());
        assert!(object(b"{\"a\":9007199254740993.0}").is_err());
    }
}
