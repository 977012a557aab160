//! What the tokens of an issuer can look like at all, for questions about all of them.

use serde_json::Value as Json;
use stagedoor_identity::Issuer;
use stagedoor_identity::provider::{Form, Presence as Attested};
use stagedoor_policy::space::{Arity, Facts, KeyFact, Language, Presence, Values};

/// The action by which a token gets a role.
pub const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

/// What requests with a token of this issuer can look like: its claims are there and have the types that the catalogue
/// says, the audience is a configured one, and no other issuer's key is there.
///
/// Claims are taken to be independent of one another. So a token found may combine what its provider never would, but
/// none that it could issue is left out.
#[must_use]
pub fn facts(issuer: &Issuer) -> Facts {
    let mut facts = Facts::aws();
    let prefix = format!("{}:", issuer.key_prefix());
    facts.set_other_issuers(KeyFact::never());
    facts.set_family(&prefix, KeyFact::unknown());
    facts.share(&prefix);
    let example = issuer.provider.example_claims();
    for claim in issuer.provider.claims.iter().filter(|claim| !claim.name.contains('*')) {
        let presence = match claim.presence {
            Attested::Always => Presence::Always,
            Attested::When(_) | Attested::Uncertain(_) => Presence::Sometimes,
        };
        let regex = match claim.form {
            Form::Text | Form::List | Form::TextOrList => "(.|\n)*",
            Form::Number => "-?[0-9]+(\\.[0-9]+)?",
            Form::Boolean => "true|false",
            Form::Object => continue,
        };
        let language = Language::regex(regex).unwrap_or_else(|_| Language::any());
        let arity = match claim.form {
            Form::List => Arity::Many,
            Form::TextOrList => Arity::Either,
            _ => Arity::One,
        };
        let sample = example.get(claim.name).and_then(text);
        let fact = KeyFact { presence, arity, values: Values::Text(language), samples: Vec::new() };
        facts.set(&format!("{prefix}{}", claim.name), fact.with_samples(sample));
    }
    facts.set(&format!("{prefix}iss"), KeyFact::fixed(&issuer.url));
    let audiences = issuer.audiences.iter().map(|audience| Language::text(audience));
    if let Some(language) = audiences.reduce(|left, right| left.or(&right)) {
        let fact = KeyFact::text(Presence::Always, language).one_or_many();
        facts.set(&format!("{prefix}aud"), fact.with_samples(issuer.audiences.clone()));
    }
    facts.set_action_language(Language::text(&ASSUME.to_lowercase()));
    facts
}

/// A claim's value as a condition reads it.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
