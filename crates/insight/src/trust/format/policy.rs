//! AWS's JSON.

use serde_json::{Map, Value, json};

use super::super::{Test, Trust};

/// The trust policy.
pub(in crate::trust) fn json(trust: &Trust) -> String {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": trust.provider_arn() },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions(trust, trust.prefix()),
        }],
    });
    format!("{document:#}\n")
}

/// The `Condition` block, with keys of an issuer that is called `prefix`.
pub(super) fn conditions(trust: &Trust, prefix: &str) -> Value {
    let mut blocks: Map<String, Value> = Map::new();
    let mut add = |operator: &str, claim: &str, value: Value| {
        let block = blocks.entry(operator).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert(format!("{prefix}:{claim}"), value);
        }
    };
    let one_or_more = |values: &[String]| match values {
        [only] => json!(only),
        several => json!(several),
    };
    add("StringEquals", "aud", json!(trust.audience));
    for check in &trust.checks {
        match &check.test {
            Test::Equals(values) => add("StringEquals", &check.claim, one_or_more(values)),
            Test::Like(values) => add("StringLike", &check.claim, one_or_more(values)),
            Test::Holds(value) => add("ForAnyValue:StringEquals", &check.claim, json!(value)),
            Test::False => add("Bool", &check.claim, json!("false")),
        }
    }
    Value::Object(blocks)
}
