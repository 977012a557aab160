//! Holds JSON values to the committed schemas, with as much of JSON Schema as those use.

use serde_json::{Map, Value};

/// Every keyword that [`faults`] knows; a schema with another one would be checked by halves.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "title",
    "description",
    "type",
    "required",
    "additionalProperties",
    "properties",
    "items",
    "minItems",
    "minimum",
    "enum",
    "anyOf",
    "pattern",
];

/// The schema of this name, checked for keywords that nobody would hold a value to.
pub(crate) fn committed(name: &str) -> Value {
    let schema = at(&format!("docs/schema/{name}"));
    assert_eq!(schema["$id"], format!("https://stagedoor.dev/schema/{name}"));
    schema
}

/// The schema at this path below the repository's root.
pub(crate) fn at(path: &str) -> Value {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    known_keywords(&schema);
    schema
}

fn known_keywords(schema: &Value) {
    let Value::Object(object) = schema else { return };
    for (key, value) in object {
        assert!(KEYWORDS.contains(&key.as_str()), "the keyword `{key}` is not checked");
        match (key.as_str(), value) {
            ("properties" | "$defs", Value::Object(named)) => named.values().for_each(known_keywords),
            ("anyOf", Value::Array(several)) => several.iter().for_each(known_keywords),
            ("items" | "additionalProperties", one) => known_keywords(one),
            _ => {}
        }
    }
}

/// Fails with every place where `value` is not as `schema` says.
#[track_caller]
pub(crate) fn assert_fits(schema: &Value, value: &Value) {
    let found = faults(schema, value);
    assert!(found.is_empty(), "{}\n{value:#}", found.join("\n"));
}

/// Every place where `value` is not as `schema` says.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Checker { root: schema, faults: &mut faults }.check(schema, value, "");
    faults
}

struct Checker<'a> {
    root: &'a Value,
    faults: &'a mut Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, schema: &Value, value: &Value, at: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.root.pointer(reference.strip_prefix('#').unwrap()).unwrap();
            self.check(target, value, at);
        }
        let mut fault = |text: String| self.faults.push(format!("`{at}` {text}"));
        if !schema["type"].is_null() && !has_type(&schema["type"], value) {
            return fault(format!("is not of type {}", schema["type"]));
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            fault(format!("is {value}"));
        }
        if let (Some(minimum), Some(number)) = (schema["minimum"].as_i64(), value.as_i64())
            && number < minimum
        {
            fault(format!("is {number}"));
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
            && !fits(pattern, text)
        {
            fault(format!("is `{text}`"));
        }
        if let Some(several) = schema["anyOf"].as_array() {
            let tried: Vec<Vec<String>> = several
                .iter()
                .map(|schema| {
                    let mut faults = Vec::new();
                    Checker { root: self.root, faults: &mut faults }.check(schema, value, at);
                    faults
                })
                .collect();
            if !tried.iter().any(Vec::is_empty) {
                self.faults.push(format!("`{at}` is none of: {}", tried.concat().join(" | ")));
            }
        }
        match value {
            Value::Object(object) => self.object(schema, object, at),
            Value::Array(items) => {
                if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
                    self.faults.push(format!("`{at}` has too few items"));
                }
                for (index, item) in items.iter().enumerate() {
                    self.check(&schema["items"], item, &format!("{at}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, schema: &Value, object: &Map<String, Value>, at: &str) {
        for required in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(required.as_str().unwrap()) {
                self.faults.push(format!("`{at}` has no {required}"));
            }
        }
        for (key, value) in object {
            let at = format!("{at}/{key}");
            match (&schema["properties"][key], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => self.faults.push(format!("`{at}` is not in the schema")),
                (Value::Null, more) => self.check(more, value, &at),
                (known, _) => self.check(known, value, &at),
            }
        }
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(several) => several.iter().any(|wanted| has_type(wanted, value)),
        wanted => match wanted.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("the type `{other}`"),
        },
    }
}

/// The two patterns that the schemas have.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[0-9]{12}$" => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "^[^:]+:.+$" => {
            text.split_once(':').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        }
        other => panic!("the pattern `{other}`"),
    }
}

#[test]
fn the_checker_finds_faults() {
    let schema = committed("simulate-answer.json");
    for (value, wanted) in [
        (
            serde_json::json!({"id": 1, "decision": "maybe", "decided_by": [], "reasons": ["x"]}),
            "`/decision` is \"maybe\"",
        ),
        (serde_json::json!({"id": 1, "decision": "allow", "decided_by": [], "reasons": []}), "too few"),
        (serde_json::json!({"decision": "allow", "decided_by": [], "reasons": ["x"]}), "has no \"id\""),
        (
            serde_json::json!({"id": 1, "error": {"code": "malformed_json", "message": "x", "line": 0}}),
            "`/error/line` is 0",
        ),
        (
            serde_json::json!({"id": 1, "error": {"code": "malformed_json", "message": "x", "line": 1, "more": 2}}),
            "not in the schema",
        ),
        (serde_json::json!([]), "not of type"),
    ] {
        let found = faults(&schema, &value).join("\n");
        assert!(found.contains(wanted), "{value}: {found}");
    }
}
