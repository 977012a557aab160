//! The answers that a policy is made from.

use std::collections::BTreeMap;

use stagedoor_identity::Provider;

use super::Target;

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name: that of the flag without `--`.
    pub name: String,
    /// What it is, and where to find it.
    pub about: String,
    /// An invented answer.
    pub example: String,
    /// Whether there must be an answer.
    pub required: bool,
}

/// An answer that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Missing {
    /// The name of the field.
    pub field: String,
    /// What is wanted.
    pub message: String,
    /// Whether there was no answer at all.
    pub absent: bool,
}

/// Checked answers.
#[derive(Debug, Clone)]
pub(super) struct Values(BTreeMap<String, String>);

impl Missing {
    pub(super) fn provider(kind: &str) -> Self {
        let kinds: Vec<String> =
            Provider::all().iter().map(|provider| format!("`{}`", provider.kind)).collect();
        Self {
            field: "provider".to_owned(),
            message: format!("there is no provider `{kind}`; there are {}", kinds.join(", ")),
            absent: false,
        }
    }

    pub(super) fn wrong(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), absent: false }
    }
}

impl Values {
    /// An answer; empty if there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// An answer that is there.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

const COMMON: &[(&str, &str, &str, bool)] = &[
    ("account", "the account in ARNs, twelve digits", "123456789012", false),
    ("role", "the role's name", "deploy", false),
];
const BITBUCKET: &[(&str, &str, &str, bool)] = &[
    ("workspace", "the workspace's name in URLs", "acme", true),
    (
        "workspace-uuid",
        "Repository settings › OpenID Connect",
        "{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}",
        true,
    ),
    ("repository", "the repository's UUID, same page", "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}", true),
    (
        "environment",
        "the deployment environment's UUID, same page",
        "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}",
        false,
    ),
    ("branch", "the branch", "main", false),
];
const CIRCLECI: &[(&str, &str, &str, bool)] = &[
    ("organization", "the organization's UUID", "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11", true),
    ("project", "the project's UUID", "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70", true),
    ("repository", "the repository as tokens name it", "github.com/acme/shop", false),
    ("branch", "the branch", "main", false),
    (
        "context",
        "the UUID of a context that the job must have",
        "b6f0a1d2-7c3e-4e55-9a10-4f2e6d8c0b1a",
        false,
    ),
];
const GITHUB: &[(&str, &str, &str, bool)] = &[
    ("repository", "the repository with its owner", "acme/shop", true),
    ("owner-id", "the owner's id: gh api users/OWNER --jq .id", "9919001", true),
    ("repository-id", "the repository's id: gh api repos/OWNER/NAME --jq .id", "771234567", true),
    ("environment", "the job's environment", "production", false),
    ("branch", "the branch", "main", false),
    (
        "issuer",
        "the issuer's URL, if it is not that of github.com",
        "https://token.actions.acme.ghe.com",
        false,
    ),
    ("audience", "the audience that jobs ask for", "sts.amazonaws.com", false),
];
const GITLAB: &[(&str, &str, &str, bool)] = &[
    ("host", "the instance's host", "gitlab.com", false),
    ("project", "the project's path", "acme/shop", true),
    ("project-id", "the project's id, on its overview page", "20", true),
    ("namespace-id", "the group's id, on its overview page", "72", false),
    ("branch", "the branch, which should be protected", "main", false),
    ("environment", "the job's environment", "production", false),
    ("audience", "the audience that jobs ask for", "sts.amazonaws.com", false),
];

/// The fields of a kind; of most kinds, what its issuer needs, and the subject.
pub(super) fn of(provider: &'static Provider) -> Vec<Field> {
    let own = match provider.kind {
        "bitbucket" => BITBUCKET,
        "circleci" => CIRCLECI,
        "github" => GITHUB,
        "gitlab" => GITLAB,
        _ => return generic(provider),
    };
    own.iter().chain(COMMON).map(field).collect()
}

fn field((name, about, example, required): &(&str, &str, &str, bool)) -> Field {
    Field {
        name: (*name).to_owned(),
        about: (*about).to_owned(),
        example: (*example).to_owned(),
        required: *required,
    }
}

/// The field of an issuer's parameter. Where that is called as one of ours, it has the kind in front.
pub(super) fn flag(provider: &Provider, parameter: &str) -> String {
    let name = parameter.replace('_', "-");
    let ours = COMMON.iter().any(|(known, ..)| *known == name);
    if ours { format!("{}-{name}", provider.kind) } else { name }
}

fn generic(provider: &Provider) -> Vec<Field> {
    let text = |claim: &str| match provider.example_claims().get(claim) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(list)) => {
            list.first().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    let mut fields: Vec<Field> = provider
        .parameters
        .iter()
        .map(|parameter| Field {
            name: flag(provider, parameter.name),
            about: parameter.about.to_owned(),
            example: parameter.example.to_owned(),
            required: parameter.required,
        })
        .filter(|field| field.name != "issuer")
        .collect();
    fields.push(field(&("issuer", "the exact `iss`, if the above does not imply it", &text("iss"), false)));
    fields.push(field(&("subject", "the subject; `*` is anything", &text("sub"), true)));
    fields.push(field(&("audience", "the audience of the tokens", &text("aud"), false)));
    fields.extend(COMMON.iter().map(field));
    fields
}

/// Checks the answers.
///
/// # Errors
/// Every answer that is missing, unknown or wrong.
pub(super) fn read(
    provider: &'static Provider,
    target: Target,
    answers: &BTreeMap<String, String>,
) -> Result<Values, Vec<Missing>> {
    let fields = of(provider);
    let mut wrong = Vec::new();
    let mut values = BTreeMap::new();
    for (name, value) in answers {
        if name.starts_with("claim:") || fields.iter().any(|field| field.name == *name) {
            if let Some(problem) = problem(name, value) {
                wrong.push(Missing::wrong(name, format!("--{name} `{value}`: {problem} is wanted")));
            }
            values.insert(name.clone(), value.clone());
        } else {
            let known: Vec<String> = fields.iter().map(|field| format!("--{}", field.name)).collect();
            let message = format!("`{}` takes no --{name}; it takes {}", provider.kind, known.join(", "));
            wrong.push(Missing::wrong(name, message));
        }
    }
    // An issuer that is given needs nothing to be derived from.
    let implied = |field: &Field| {
        let parameter =
            provider.parameters.iter().any(|parameter| flag(provider, parameter.name) == field.name);
        parameter && answers.contains_key("issuer")
    };
    for field in fields.iter().filter(|field| field.required && !implied(field)) {
        if values.contains_key(&field.name) {
            continue;
        }
        wrong.push(Missing {
            field: field.name.clone(),
            message: format!("--{} is needed: {}, such as `{}`", field.name, field.about, field.example),
            absent: true,
        });
    }
    let chooses = fields.iter().any(|field| field.name == "audience") && provider.audience.default.is_none();
    let chooses = chooses || provider.kind == "github";
    if chooses && !values.contains_key("audience") {
        match target.audience() {
            Some(audience) => {
                values.insert("audience".to_owned(), audience.to_owned());
            }
            None => wrong.push(Missing {
                field: "audience".to_owned(),
                message:
                    "--audience is needed: the audience that jobs ask for, such as `https://sts.example.com`"
                        .to_owned(),
                absent: true,
            }),
        }
    }
    if provider.kind == "gitlab" {
        values.entry("host".to_owned()).or_insert_with(|| "gitlab.com".to_owned());
    }
    values.entry("account".to_owned()).or_insert_with(|| "123456789012".to_owned());
    values.entry("role".to_owned()).or_insert_with(|| "deploy".to_owned());
    if wrong.is_empty() { Ok(Values(values)) } else { Err(wrong) }
}

/// What an answer should be and is not. Wildcards are for subjects only.
fn problem(name: &str, value: &str) -> Option<&'static str> {
    let all = |fits: fn(u8) -> bool| !value.is_empty() && value.bytes().all(fits);
    let bare = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(value);
    let is_uuid = || {
        let groups: Vec<&str> = bare.split('-').collect();
        groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && bare.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
    };
    let clean = !value.bytes().any(|byte| byte.is_ascii_control() || byte == b'"' || byte == b'\\');
    match name {
        "account" => (value.len() != 12 || !all(|byte| byte.is_ascii_digit())).then_some("twelve digits"),
        "role" => (value.len() > 64 || !all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b)))
            .then_some("a role's name of at most 64 of `A-Za-z0-9+=,.@_-`"),
        "workspace-uuid" | "organization" if bare.len() == 36 || name == "workspace-uuid" => {
            (!is_uuid()).then_some("a UUID in lower case")
        }
        "owner-id" | "repository-id" | "project-id" | "namespace-id" => {
            (!all(|byte| byte.is_ascii_digit())).then_some("a number")
        }
        "subject" => (value.is_empty() || value == "*" || !clean).then_some("a subject, more than `*`,"),
        _ if value.contains(['*', '?']) => Some("an exact value without `*` and `?`"),
        _ => (value.is_empty() || !clean).then_some("a value without quotes and control characters"),
    }
}
