//! Asking the policy engine about parts of a policy, so that there is one meaning of them only.

use serde_json::{Map, Value as Json, json};
use stagedoor_policy::{
    Condition, Context, Document, Kind, Policy, PolicySet, Principal, PrincipalType, Request, Statement,
    Version,
};

pub(super) const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The provider that stands for any in single-condition policies.
const ANYONE: &str = "arn:aws:iam::123456789012:oidc-provider/issuer.example.com";

/// Whether a condition holds for a request with these keys; none if the engine does not take it on its own.
pub(super) fn holds(version: Version, condition: &Condition, context: Context) -> Option<bool> {
    let values: Vec<&str> = condition.values.iter().map(|value| &*value.value).collect();
    let mut keys = Map::new();
    keys.insert(condition.key.value.to_string(), json!(values));
    let mut block = Map::new();
    block.insert(condition.operator.value.to_string(), Json::Object(keys));
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": ANYONE },
        "Action": ACTION,
        "Condition": block,
    });
    allows(version, &statement, ANYONE, context)
}

/// Whether a statement is about this provider and about assuming a role with its tokens, whatever its effect and its
/// conditions.
pub(super) fn concerns(version: Version, statement: &Statement, provider: &str) -> Option<bool> {
    let mut value = Map::new();
    value.insert("Effect".to_owned(), json!("Allow"));
    let names: Vec<&str> = statement.actions.names.iter().map(|name| &*name.value).collect();
    value.insert(if statement.actions.negated { "NotAction" } else { "Action" }.to_owned(), json!(names));
    let principals = statement.principals.as_ref()?;
    let element = if principals.negated { "NotPrincipal" } else { "Principal" };
    value.insert(element.to_owned(), principal(&principals.names));
    allows(version, &Json::Object(value), provider, Context::new())
}

fn principal(names: &[(PrincipalType, stagedoor_policy::Spanned<Box<str>>)]) -> Json {
    if names.iter().any(|(kind, _)| *kind == PrincipalType::Any) {
        return json!("*");
    }
    let mut map = Map::new();
    for (kind, name) in names {
        let list = map.entry(kind.as_str()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(name.value));
        }
    }
    Json::Object(map)
}

fn allows(version: Version, statement: &Json, provider: &str, context: Context) -> Option<bool> {
    let text = json!({ "Version": version.as_str(), "Statement": [statement] }).to_string();
    let document = Document::parse(Kind::Trust, &text).ok()?;
    Some(decide(&document, provider, context).is_allow())
}

/// The engine's decision about one concrete token.
pub(super) fn decide(document: &Document, provider: &str, context: Context) -> stagedoor_policy::Decision {
    PolicySet::new().trust(Policy::compile("trust.json", document)).decide(&request(provider, context))
}

/// The engine's advice about one concrete token.
pub(super) fn nearest_change(document: &Document, provider: &str, context: Context) -> Option<String> {
    let set = PolicySet::new().trust(Policy::compile("trust.json", document));
    set.explain(&request(provider, context)).nearest_change().map(str::to_owned)
}

fn request(provider: &str, mut context: Context) -> Request {
    context.insert("aws:FederatedProvider", provider);
    Request {
        principal: Principal::Federated { provider: provider.to_owned() },
        action: ACTION.to_owned(),
        resource: None,
        resource_account: None,
        context,
    }
}
