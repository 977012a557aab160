//! Explanations keep to their committed schema.

use serde_json::Value;
use stagedoor_policy::{Context, Kind, PolicySet, Request};

use crate::support::{context, get_object, policy, session};

/// Checks the part of JSON Schema that the schema uses; panics on a keyword it does not know.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$ref" => {
                check(root, root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap(), value, at)?
            }
            "anyOf" => {
                let fits =
                    rule.as_array().unwrap().iter().any(|schema| check(root, schema, value, at).is_ok());
                fits.then_some(()).ok_or(format!("{at}: {value} fits none of {rule}"))?;
            }
            "enum" => {
                rule.as_array().unwrap().contains(value).then_some(()).ok_or(format!("{at}: {value}"))?
            }
            "type" => {
                let name = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let fits = rule.as_str() == Some(name)
                    || rule.as_array().is_some_and(|names| names.contains(&name.into()));
                fits.then_some(()).ok_or(format!("{at}: {value} is not of type {rule}"))?;
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    value.get(name.as_str().unwrap()).ok_or(format!("{at}: no {name}"))?;
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let schema = rule.get(name).ok_or(format!("{at}: unknown field {name}"))?;
                    check(root, schema, value, &format!("{at}/{name}"))?;
                }
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    check(root, rule, item, &format!("{at}[]"))?;
                }
            }
            "$schema" | "$defs" | "title" | "description" | "additionalProperties" => {}
            other => panic!("{other}"),
        }
    }
    Ok(())
}

fn keeps_to_schema(set: &PolicySet, request: &Request) {
    let schema: Value = serde_json::from_str(include_str!("../../schema/explanation.schema.json")).unwrap();
    let value = serde_json::to_value(set.explain(request)).unwrap();
    assert_eq!(check(&schema, &schema, &value, ""), Ok(()), "{value:#}");
}

#[test]
fn explanations_of_every_outcome() {
    let allow = r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k:a":"1"},
        "ForAnyValue:StringLike":{"k:b":["x","y*"]},"NumericLessThan":{"k:n":5}}}"#;
    let deny = r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}"#;
    let trust = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
    let set = PolicySet::new()
        .identity(policy(Kind::Identity, &format!("{allow},{deny}")))
        .resource(policy(Kind::Resource, trust))
        .boundary(policy(Kind::Boundary, allow));
    let good = context("k:a=1;k:b=[y1];k:n=4");
    let across = |context: Context| Request {
        resource_account: Some("444455556666".into()),
        context,
        ..get_object(session())
    };
    keeps_to_schema(&set, &across(good.clone()));
    keeps_to_schema(&set, &across(context("k:a=2;k:b=[z,w]")));
    keeps_to_schema(&set, &Request { action: "s3:PutObject".into(), ..across(good.clone()) });
    keeps_to_schema(
        &set,
        &Request { action: "sts:GetCallerIdentity".into(), resource: None, ..across(good) },
    );
}
