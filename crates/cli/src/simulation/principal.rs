//! Who asks: an ARN, a name, or an object that says what it is.

use serde_json::{Map, Value};
use stagedoor_policy::{Arn, Principal};

use super::Fault;
use super::question::shown;

/// The web identity providers that AWS knows by URL.
const BUILT_IN: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

const WANTED: &str = "the ARN of a user, role, session, federated user, root user or identity provider, an account id, a \
                      service such as `ec2.amazonaws.com`, or an object with `type`";

/// Reads `request.principal`.
pub(super) fn read(value: &Value) -> Result<Principal, Fault> {
    match value {
        Value::String(text) => {
            of_text(text).ok_or_else(|| wrong(&format!("must be {WANTED}, found `{}`", shown(text))))
        }
        Value::Object(object) => of_object(object),
        _ => Err(wrong(&format!("must be {WANTED}"))),
    }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong(problem: &str) -> Fault {
    Fault::invalid(format!("`request.principal` {problem}"))
}

fn of_text(text: &str) -> Option<Principal> {
    if matches!(text, "*" | "anonymous") {
        return Some(Principal::Anonymous);
    }
    if is_account(text) {
        return Some(Principal::Account { account: text.to_owned() });
    }
    if BUILT_IN.contains(&text) {
        return Some(Principal::Federated { provider: text.to_owned() });
    }
    let Ok(arn) = Arn::parse(text) else {
        let service = text.contains('.') && !text.contains([':', '/', '*', ' ']);
        return service.then(|| Principal::Service { name: text.to_owned() });
    };
    let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let found = match (arn.service(), kind) {
        ("iam", "root") => Principal::Account { account: arn.account().to_owned() },
        ("iam", "user") => Principal::User { arn: text.to_owned() },
        ("iam", "role") => Principal::Role { arn: text.to_owned() },
        ("iam", "oidc-provider" | "saml-provider") => Principal::Federated { provider: text.to_owned() },
        ("sts", "federated-user") => Principal::FederatedUser { arn: text.to_owned(), user_arn: None },
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            if role.is_empty() || session.is_empty() {
                return None;
            }
            let (partition, account) = (arn.partition(), arn.account());
            let role_arn = format!("arn:{partition}:iam::{account}:role/{role}");
            Principal::AssumedRole { role_arn, session_arn: text.to_owned() }
        }
        _ => return None,
    };
    let whole = kind == "root" || !name.is_empty();
    (whole && is_account(arn.account())).then_some(found)
}

/// `{"type": …}` with the fields of that type, or the words of policies: `{"type": "Federated", "id": …}`.
fn of_object(object: &Map<String, Value>) -> Result<Principal, Fault> {
    let mut fields = Fields { object, taken: vec!["type"] };
    let Some(kind) = object.get("type").and_then(Value::as_str) else {
        return Err(wrong("needs `type`, a string, when it is an object"));
    };
    let folded: String = kind.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let found = match folded.as_str() {
        "anonymous" => Principal::Anonymous,
        "account" | "root" => Principal::Account { account: fields.text(&["account", "id", "arn"])? },
        "user" => Principal::User { arn: fields.text(&["arn", "id"])? },
        "role" => Principal::Role { arn: fields.text(&["arn", "role_arn", "id"])? },
        "assumedrole" | "session" => {
            let session_arn = fields.text(&["session_arn", "arn", "id"])?;
            match (fields.optional("role_arn")?, of_text(&session_arn)) {
                (Some(role_arn), _) => Principal::AssumedRole { role_arn, session_arn },
                (None, Some(session @ Principal::AssumedRole { .. })) => session,
                _ => {
                    return Err(wrong(
                        "must name a session `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`",
                    ));
                }
            }
        }
        "federateduser" => Principal::FederatedUser {
            arn: fields.text(&["arn", "id"])?,
            user_arn: fields.optional("user_arn")?,
        },
        "federated" | "oidc" | "webidentity" => {
            Principal::Federated { provider: fields.text(&["provider", "arn", "id"])? }
        }
        "service" => Principal::Service { name: fields.text(&["name", "service", "id"])? },
        "aws" => read(&Value::String(fields.text(&["arn", "account", "id"])?))?,
        _ => {
            return Err(wrong(&format!(
                "has the unknown type `{}`; there are anonymous, account, user, role, assumed_role, federated_user, \
                 federated, service and aws",
                shown(kind)
            )));
        }
    };
    fields.finish()?;
    match &found {
        Principal::Account { account } if !is_account(account) => match of_text(account) {
            Some(root @ Principal::Account { .. }) => Ok(root),
            _ => Err(wrong(&format!("must name an account of 12 digits, found `{}`", shown(account)))),
        },
        _ => Ok(found),
    }
}

struct Fields<'o> {
    object: &'o Map<String, Value>,
    taken: Vec<&'static str>,
}

impl Fields<'_> {
    /// The first of these fields that is there.
    fn text(&mut self, names: &[&'static str]) -> Result<String, Fault> {
        for name in names {
            if let Some(text) = self.optional(name)? {
                return Ok(text);
            }
        }
        Err(wrong(&format!("of this type needs `{}`", names.first().copied().unwrap_or_default())))
    }

    fn optional(&mut self, name: &'static str) -> Result<Option<String>, Fault> {
        self.taken.push(name);
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(wrong(&format!("`.{name}` must be a string that is not empty"))),
        }
    }

    fn finish(&self) -> Result<(), Fault> {
        match self.object.keys().find(|key| !self.taken.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(wrong(&format!("of this type has no field `{}`", shown(key)))),
        }
    }
}
