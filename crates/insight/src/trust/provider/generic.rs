//! Every other kind: its subject, and claims that the answers name.

use stagedoor_identity::Provider;
use stagedoor_identity::provider::Mutability;

use super::super::field::{Missing, Values, flag};
use super::super::{Target, Test, Trust, Written};
use super::begin;

pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    let names: Vec<(String, &str)> = provider
        .parameters
        .iter()
        .filter(|parameter| parameter.name != "issuer")
        .filter_map(|parameter| Some((parameter.name, values.some(&flag(provider, parameter.name))?)))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let parameters: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let mut trust = begin(provider, values, &parameters)?;
    let subject = values.get("subject");
    if subject.contains(['*', '?']) {
        trust.check("sub", Test::Like(vec![subject.to_owned()]), "the subject");
        if subject.trim_end_matches('*').ends_with(|last: char| last.is_alphanumeric()) {
            trust.warn("the subject's `*` follows a name: a name that begins alike passes as well; end it at a delimiter");
        }
    } else {
        trust.equals("sub", subject, "the subject");
    }
    for (name, value) in values.all() {
        let Some(claim) = name.strip_prefix("claim:") else { continue };
        if target.is_aws() && !Provider::aws_keys(&trust.issuer).any(|key| key == claim) {
            trust.warn(format!("AWS has no key for `{claim}` of this issuer: it cannot be tested there"));
            continue;
        }
        let about = provider.claim(claim).map_or("a claim that you chose", |claim| claim.about);
        trust.equals(claim, value, about);
    }
    let shared = provider.form_of(&trust.issuer).is_some_and(|form| form.shared);
    let tested = |pin: &&&str| trust.checks.iter().any(|check| check.claim == **pin);
    if shared && !provider.pins.iter().any(|pin| tested(&pin)) {
        trust.warn(format!(
            "nothing pins the customer; test one of `{}` by --claim",
            provider.pins.join("`, `")
        ));
    }
    let by_name = |claim: &str| {
        provider
            .claim(claim)
            .is_some_and(|claim| matches!(claim.mutability, Mutability::Name | Mutability::AttackerChosen))
    };
    for claim in trust
        .checks
        .iter()
        .map(|check| check.claim.clone())
        .filter(|claim| by_name(claim))
        .collect::<Vec<_>>()
    {
        trust.notes.push(format!("`{claim}` is a name: it can be given up and taken by others"));
    }
    trust.notes.extend(provider.notes.iter().map(|note| (*note).to_owned()));
    trust.pipeline = Written { name: String::new(), text: String::new() };
    Ok(trust)
}
