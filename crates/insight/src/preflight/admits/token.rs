//! A concrete token.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stagedoor_identity::{Profile, Provider};
use stagedoor_policy::{Context, Value};

use super::super::case::Case;
use super::super::prediction::{Claims, Prediction};
use crate::language::{Language, iam};
use crate::trust::{Test, Trust};

/// Claims as condition keys have them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token(BTreeMap<String, Value>);

impl Token {
    /// The provider's example.
    pub(super) fn example(provider: &Provider) -> Self {
        let claims = provider.example_claims();
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let claims = claims.as_object().into_iter().flatten().filter_map(|(name, value)| match value {
            Json::Object(_) | Json::Null => None,
            Json::Array(values) => Some((name.clone(), Value::Many(values.iter().map(text).collect()))),
            other => Some((name.clone(), Value::One(text(other)))),
        });
        Self(claims.collect())
    }

    /// The example with what is predicted.
    pub(super) fn predicted(&self, claims: &Claims) -> Self {
        let mut token = self.clone();
        for (name, claim) in claims.iter() {
            match (&claim.prediction, claim.prediction.sample()) {
                (Prediction::Absent, _) => token.0.remove(name),
                (_, Some(value)) => token.0.insert(name.to_owned(), value),
                (_, None) => None,
            };
        }
        token
    }

    /// A token that a new policy is meant for: the provider's example with what is tested.
    pub(super) fn trusted(trust: &Trust) -> Self {
        let mut token = Self::example(trust.provider);
        token.0.insert("iss".to_owned(), Value::One(trust.issuer.clone()));
        token.0.insert("aud".to_owned(), Value::One(trust.audience.clone()));
        for (claim, value) in &trust.facts {
            match value {
                Some(value) => token.0.insert(claim.clone(), Value::One(value.clone())),
                None => token.0.remove(claim),
            };
        }
        for check in &trust.checks {
            let value = match &check.test {
                Test::Equals(values) => values.last().cloned().map(Value::One),
                Test::Like(values) => {
                    let known = token.text(&check.claim).to_owned();
                    let fits = values.iter().any(|value| Language::of(iam(value)).contains(&known));
                    if fits { None } else { values.first().map(|value| Value::One(value.replace('*', "x"))) }
                }
                Test::Holds(value) => Some(Value::Many(vec![value.clone()])),
                Test::False => Some(Value::One("false".to_owned())),
            };
            if let Some(value) = value {
                token.0.insert(check.claim.clone(), value);
            }
        }
        token
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim's text; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::One(text)) => text,
            _ => "",
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The token with other claims.
    #[must_use]
    pub(super) fn with(&self, claims: &[(&str, &str)]) -> Self {
        let mut token = self.clone();
        for (name, value) in claims {
            token.0.insert((*name).to_owned(), Value::One((*value).to_owned()));
        }
        token
    }

    /// The token with other values of the claims that it has.
    #[must_use]
    pub(super) fn changed(&self, claims: &[(&str, &str)]) -> Self {
        let present: Vec<(&str, &str)> = claims.iter().filter(|(name, _)| self.has(name)).copied().collect();
        self.with(&present)
    }

    /// The token without some claims.
    #[must_use]
    pub(super) fn without(&self, names: &[&str]) -> Self {
        let mut token = self.clone();
        for name in names {
            token.0.remove(*name);
        }
        token
    }

    /// The condition keys that it has under the case's profile.
    pub(super) fn context(&self, case: &Case) -> Context {
        let exposed = |name: &str| case.profile == Profile::Stagedoor || case.exposed(name);
        self.0
            .iter()
            .filter(|(name, _)| exposed(name))
            .map(|(name, value)| (format!("{}:{name}", case.prefix()), value.clone()))
            .collect()
    }

    pub(super) fn json(&self) -> Json {
        self.0
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::One(text) => Json::from(text.as_str()),
                    Value::Many(texts) => Json::from(texts.clone()),
                };
                (name.clone(), value)
            })
            .collect()
    }

    /// The claims that differ from those of another token, `sub` first.
    pub(super) fn difference(&self, other: &Self) -> String {
        let mut names: Vec<&String> =
            self.0.keys().filter(|name| self.0.get(*name) != other.0.get(*name)).collect();
        names.sort_by_key(|name| (name.as_str() != "sub", name.as_str()));
        let mut parts: Vec<String> =
            names.iter().map(|name| format!("`{name}` = `{}`", self.text(name))).collect();
        let absent = other.0.keys().filter(|name| !self.has(name));
        parts.extend(absent.map(|name| format!("no `{name}`")));
        parts.join(", ")
    }
}
