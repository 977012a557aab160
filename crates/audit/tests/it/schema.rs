//! The committed schema of a record, and readers and data of different ages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use stagedoor_audit::{
    Decision, Details, FederationData, Kind, Record, Resource, SessionContext, SessionIssuer, Statement,
    UserIdentity,
};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../schema/record.schema.json")).unwrap()
}

fn some<T: From<&'static str>>() -> Option<T> {
    Some("x".into())
}

/// A record with every member. Written without `..`, so that a new member
/// cannot be forgotten here.
fn largest() -> Record {
    let strings = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let values = Map::from_iter([("k".to_owned(), json!("v"))]);
    Record {
        event_version: "1.11".into(),
        user_identity: UserIdentity {
            kind: "WebIdentityUser".into(),
            principal_id: some(),
            arn: some(),
            account_id: some(),
            access_key_id: some(),
            user_name: some(),
            identity_provider: some(),
            session_context: Some(SessionContext {
                session_issuer: Some(SessionIssuer {
                    kind: "Role".into(),
                    principal_id: "x".into(),
                    arn: "x".into(),
                    account_id: "x".into(),
                    user_name: "x".into(),
                }),
                web_id_federation_data: Some(FederationData {
                    federated_provider: "x".into(),
                    attributes: strings.clone(),
                }),
                attributes: strings,
                source_identity: some(),
            }),
        },
        event_time: "2026-11-20T10:00:00Z".parse().unwrap(),
        event_source: "sts.amazonaws.com".into(),
        event_name: "AssumeRoleWithWebIdentity".into(),
        aws_region: "us-east-1".into(),
        source_ip_address: "192.0.2.7".into(),
        user_agent: "x".into(),
        error_code: some(),
        error_message: some(),
        request_parameters: values.clone(),
        response_elements: values,
        resources: vec![Resource { arn: "x".into(), account_id: some(), kind: some() }],
        request_id: "x".into(),
        event_id: "x".into(),
        event_type: "AwsApiCall".into(),
        recipient_account_id: "x".into(),
        stagedoor: Details {
            kind: Kind::Assume,
            decision: Decision::Allow,
            reason: some(),
            detail: some(),
            issuer: some(),
            provider: some(),
            repository: some(),
            reference: some(),
            commit: some(),
            run: some(),
            job: some(),
            environment: some(),
            pull_request: some(),
            actor: some(),
            claims: BTreeMap::from([("k".to_owned(), json!("v"))]),
            statement: Some(Statement { policy: "x".into(), index: 0, sid: some() }),
            snapshot: some(),
            session: some(),
            parent: some(),
            issued_at_index: Some(1),
            role: some(),
            gate: some(),
            action: some(),
            resource: some(),
            http_status: Some(200),
            latency_us: Some(1),
            token_sha256: some(),
            jti_sha256: some(),
            truncated: vec!["x".into()],
            personal_sha256: some(),
        },
    }
}

/// A record with no member that can be left out.
fn smallest() -> Record {
    let mut record = Record::new(Kind::Assume, "x", "x", "2026-11-20T10:00:00Z".parse().unwrap());
    record.event_type = String::new();
    record
}

/// Collects, for each object, the names of its members, as
/// `<object>.<member> <type>`.
fn members(value: &Value, path: &str, found: &mut Vec<String>) {
    let kind = match value {
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Array(elements) => {
            elements.iter().for_each(|element| members(element, &format!("{path}[]"), found));
            "array"
        }
        Value::Object(object) => {
            let free = ["claims", "requestParameters", "responseElements", "attributes"];
            if !free.iter().any(|name| path.ends_with(&format!(".{name}"))) {
                object.iter().for_each(|(name, value)| members(value, &format!("{path}.{name}"), found));
            }
            "object"
        }
        other => panic!("{other} at {path}"),
    };
    found.push(format!("{path} {kind}"));
}

/// Collects the same from the schema; only what is required, if asked for.
fn described(schema: &Value, root: &Value, path: &str, only_required: bool, found: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &root["$defs"][name.rsplit('/').next().unwrap()],
        None => schema,
    };
    if let Some(properties) = schema["properties"].as_object() {
        let required = schema["required"].as_array().unwrap();
        for (name, property) in properties {
            if !only_required || required.iter().any(|required| required == name) {
                described(property, root, &format!("{path}.{name}"), only_required, found);
            }
        }
    }
    if schema["type"] == "array" {
        described(&schema["items"], root, &format!("{path}[]"), only_required, found);
    }
    found.push(format!("{path} {}", schema["type"].as_str().unwrap()));
}

#[test]
fn the_schema_describes_every_member() {
    let (schema, record) = (schema(), serde_json::to_value(largest()).unwrap());
    let (mut written, mut wanted) = (Vec::new(), Vec::new());
    members(&record, "", &mut written);
    described(&schema, &schema, "", false, &mut wanted);
    written.sort();
    wanted.sort();
    assert_eq!(written, wanted);
}

#[test]
fn the_schema_requires_what_is_always_written() {
    let (schema, record) = (schema(), serde_json::to_value(smallest()).unwrap());
    let (mut written, mut wanted) = (Vec::new(), Vec::new());
    members(&record, "", &mut written);
    described(&schema, &schema, "", true, &mut wanted);
    written.sort();
    wanted.sort();
    assert_eq!(written, wanted);
}

#[test]
fn the_schema_names_every_kind() {
    let kinds = schema()["$defs"]["Details"]["properties"]["kind"]["enum"].clone();
    for kind in kinds.as_array().unwrap() {
        let read: Kind = serde_json::from_value(kind.clone()).unwrap();
        assert_eq!(read.as_str(), kind.as_str().unwrap());
    }
}

#[test]
fn the_commitment_is_the_last_member() {
    let text = serde_json::to_string(&largest()).unwrap();
    assert!(text.ends_with(r#""personal_sha256":"x"}}"#), "{text}");
}

#[test]
fn an_old_reader_takes_new_data() {
    let mut value = serde_json::to_value(largest()).unwrap();
    value["futureMember"] = json!({"deep": [1]});
    value["stagedoor"]["kind"] = json!("teleportation");
    value["stagedoor"]["future_member"] = json!(7);
    let read: Record = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(read.stagedoor.kind, Kind::Other);
    assert_eq!(read.stagedoor.repository, largest().stagedoor.repository);
    let raw = serde_json::to_vec(&value).unwrap();
    let entry = stagedoor_audit::Entry { index: 0, record: read, raw };
    assert_eq!(entry.json(), value, "what the reader does not know is shown all the same");
}

#[test]
fn a_new_reader_takes_old_data() {
    let oldest = json!({
        "eventVersion": "1.11", "eventTime": "2026-11-20T10:00:00Z", "eventName": "x", "eventID": "x",
        "stagedoor": {"kind": "assume", "decision": "deny"}
    });
    let read: Record = serde_json::from_value(oldest).unwrap();
    assert_eq!(read.stagedoor.decision, Decision::Deny);
    assert_eq!(read.stagedoor.repository, None);
}
