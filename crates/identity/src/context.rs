//! Claims as condition keys.

use serde_json::Value as Json;
use stagedoor_policy::{Context, Value};

use crate::aws::keys as aws_keys;
use crate::claims::{Claims, describe, missing};
use crate::provider::Provider;
use crate::refusal::{TokenRefusal, excerpt};

/// Whose rules turn claims into condition keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Every claim is a key; `aud` holds the configured audiences that the token carries, `oaud` all.
    #[default]
    Stagedoor,
    /// Only the keys that AWS exposes for the issuer, with its `azp` rule.
    Aws,
}

/// An issuer URL without its scheme.
pub(crate) fn key_prefix(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The condition keys of `claims`; `configured` restricts `aud` under [`Profile::Stagedoor`].
pub(crate) fn build(
    claims: &Claims,
    issuer_url: &str,
    provider: Option<&Provider>,
    configured: Option<&[String]>,
    profile: Profile,
) -> Result<Context, TokenRefusal> {
    let prefix = key_prefix(issuer_url);
    match profile {
        Profile::Stagedoor => every_claim(claims, prefix, provider, configured),
        Profile::Aws if claims.get("aud").is_none() && substitute(claims, provider).is_some() => {
            Err(missing("aud"))
        }
        Profile::Aws => exposed_by_aws(claims, prefix),
    }
}

/// The token's audiences, by what its provider has in place of `aud` if there is none.
pub(crate) fn audiences(claims: &Claims, provider: Option<&Provider>) -> Result<Vec<String>, TokenRefusal> {
    match substitute(claims, provider) {
        Some(audience) if claims.get("aud").is_none() => Ok(vec![audience.to_owned()]),
        _ => claims.audiences(),
    }
}

fn substitute<'a>(claims: &'a Claims, provider: Option<&Provider>) -> Option<&'a str> {
    let substitute = provider?.audience.substitute?;
    let (name, value) = substitute.when;
    let applies = claims.get(name).and_then(Json::as_str) == Some(value);
    claims.get(substitute.claim).and_then(Json::as_str).filter(|audience| applies && !audience.is_empty())
}

fn every_claim(
    claims: &Claims,
    prefix: &str,
    provider: Option<&Provider>,
    configured: Option<&[String]>,
) -> Result<Context, TokenRefusal> {
    let mut context = Context::new();
    if claims.get("aud").is_some() || substitute(claims, provider).is_some() {
        let all = audiences(claims, provider)?;
        let accepted = match configured {
            Some(wanted) => all.iter().filter(|audience| wanted.contains(audience)).cloned().collect(),
            None => all.clone(),
        };
        insert(&mut context, prefix, "aud", one_or_many(accepted))?;
        insert(&mut context, prefix, "oaud", one_or_many(all))?;
    }
    let secrets = provider.map_or(&[][..], |provider| provider.secrets);
    for (name, value) in claims.iter().filter(|(name, _)| *name != "aud" && !secrets.contains(name)) {
        flatten(&mut context, prefix, name, value)?;
    }
    Ok(context)
}

fn flatten(context: &mut Context, prefix: &str, name: &str, value: &Json) -> Result<(), TokenRefusal> {
    match value {
        Json::Null => Ok(()),
        Json::Object(inner) => inner
            .iter()
            .try_for_each(|(field, value)| flatten(context, prefix, &format!("{name}/{field}"), value)),
        other => insert(context, prefix, name, key_value(other)),
    }
}

fn insert(context: &mut Context, prefix: &str, name: &str, value: Value) -> Result<(), TokenRefusal> {
    let key = format!("{prefix}:{name}");
    if context.get(&key).is_some() {
        return Err(TokenRefusal::ClaimInvalid {
            claim: excerpt(name),
            found: "one of two claims for the same condition key (names differ in case or nesting only)"
                .to_owned(),
            wanted: "one claim for each condition key".to_owned(),
        });
    }
    context.insert(key, value);
    Ok(())
}

fn exposed_by_aws(claims: &Claims, prefix: &str) -> Result<Context, TokenRefusal> {
    let mut context = Context::new();
    if claims.get("aud").is_some() {
        let audiences = claims.audiences()?;
        let party = match claims.get("azp") {
            None => None,
            Some(Json::String(party)) => Some(party.clone()),
            Some(other) => {
                return Err(TokenRefusal::ClaimInvalid {
                    claim: "azp".to_owned(),
                    found: describe(other),
                    wanted: "a string".to_owned(),
                });
            }
        };
        if audiences.len() > 1 && party.is_none() {
            return Err(TokenRefusal::AuthorizedPartyMissing { audiences: audiences.len() });
        }
        let all = one_or_many(audiences);
        insert(&mut context, prefix, "aud", party.map_or_else(|| all.clone(), Value::One))?;
        insert(&mut context, prefix, "oaud", all)?;
    }
    for name in aws_keys::of_issuer(prefix) {
        match claims.at(name) {
            None | Some(Json::Null | Json::Object(_)) => {}
            Some(value) => insert(&mut context, prefix, name, key_value(value))?,
        }
    }
    Ok(context)
}

fn one_or_many(mut values: Vec<String>) -> Value {
    match values.pop() {
        Some(only) if values.is_empty() => Value::One(only),
        Some(last) => {
            values.push(last);
            Value::Many(values)
        }
        None => Value::Many(values),
    }
}

fn key_value(value: &Json) -> Value {
    match value {
        Json::Array(values) => {
            Value::Many(values.iter().filter(|entry| !entry.is_null()).map(text).collect())
        }
        other => Value::One(text(other)),
    }
}

/// A scalar as a condition reads it; an array or object inside an array as compact JSON.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
