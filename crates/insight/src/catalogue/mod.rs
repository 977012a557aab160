//! What is known of token providers, for people and programs; and single tokens in that light.

mod decode;
mod page;
mod sections;

use serde_json::{Value, json};
use stagedoor_identity::Provider;
use stagedoor_identity::provider::{Form, Mutability, Presence};

pub use decode::{Decoded, DecodedClaim, decode};
pub use page::{index, page, text};

/// One line for each provider: kind, name, issuer, whether that is shared by all its customers.
#[must_use]
pub fn overview() -> Vec<Vec<String>> {
    let row = |provider: &&Provider| {
        let issuers: Vec<&str> = provider.issuers.iter().map(|form| form.url).collect();
        let shared = provider.issuers.iter().any(|form| form.shared);
        vec![
            provider.kind.to_owned(),
            provider.title.to_owned(),
            if shared { "shared" } else { "" }.to_owned(),
            issuers.last().copied().unwrap_or_default().to_owned(),
        ]
    };
    Provider::all().iter().map(row).collect()
}

/// An entry as JSON.
#[must_use]
pub fn json(provider: &Provider) -> Value {
    json!({
        "kind": provider.kind,
        "title": provider.title,
        "issuers": provider.issuers.iter().map(|form| json!({
            "url": form.url,
            "shared": form.shared,
            "name_based": form.name_based,
            "when": form.when,
        })).collect::<Vec<_>>(),
        "parameters": provider.parameters.iter().map(|parameter| json!({
            "name": parameter.name,
            "required": parameter.required,
            "about": parameter.about,
            "example": parameter.example,
        })).collect::<Vec<_>>(),
        "algorithms": provider.algorithms.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "token_types": provider.token_types,
        "audience": {
            "default": provider.audience.default,
            "array": provider.audience.array,
            "chosen_by": provider.audience.chosen_by,
        },
        "lifetime": provider.lifetime,
        "subjects": provider.subjects.iter().map(|subject| json!({
            "template": subject.template,
            "when": subject.when,
        })).collect::<Vec<_>>(),
        "subject_customisable": provider.subject_customisable,
        "claims": provider.claims.iter().map(|claim| {
            let (presence, why) = match claim.presence {
                Presence::Always => ("always", None),
                Presence::When(when) => ("sometimes", Some(when)),
                Presence::Uncertain(why) => ("uncertain", Some(why)),
            };
            json!({
                "name": claim.name,
                "type": form(claim.form),
                "decided_by": mutability(claim.mutability),
                "presence": presence,
                "presence_note": why,
                "about": claim.about,
                "aws_key": exposed(provider, claim.name),
            })
        }).collect::<Vec<_>>(),
        "aws_keys_as_of": Provider::aws_keys_as_of(),
        "pins": provider.pins,
        "forks": provider.forks,
        "notes": provider.notes,
        "documentation": provider.documentation,
        "example": provider.example_claims(),
    })
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::Text => "string",
        Form::Number => "number",
        Form::Boolean => "boolean",
        Form::List => "list of strings",
        Form::TextOrList => "string or list of strings",
        Form::Object => "object",
    }
}

const fn mutability(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ImmutableId => "immutable id",
        Mutability::Name => "name",
        Mutability::Setting => "setting",
        Mutability::Run => "run",
        Mutability::AttackerChosen => "attacker-chosen",
    }
}

/// Whether AWS has a key for a claim of some issuer of the provider.
fn exposed(provider: &Provider, claim: &str) -> bool {
    let example = provider.example_claims();
    let urls = example
        .get("iss")
        .and_then(Value::as_str)
        .into_iter()
        .chain(provider.issuers.iter().map(|form| form.url));
    claim == "aud" || urls.into_iter().any(|url| Provider::aws_keys(url).any(|key| key == claim))
}
