//! A token's claims: strict decoding, and typed access.

use serde_json::{Map, Value};
use stagedoor_policy::Context;

use crate::context::{self, Profile};
use crate::jws::{self, Header};
use crate::provenance::Provenance;
use crate::provider::Provider;
use crate::refusal::{TokenRefusal, excerpt};
use crate::{aws, json};

/// The claims of a token, in the token's order. Says nothing about whether anyone signed them.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a token without checking its signature, for offline explanation.
    ///
    /// # Errors
    /// [`TokenRefusal::TooLarge`] and [`TokenRefusal::Malformed`].
    pub fn decode_unverified(token: &str) -> Result<(Header, Claims), TokenRefusal> {
        let parts = jws::Compact::split(token)?;
        Ok((parts.header()?, parts.claims()?))
    }

    /// Reads a JSON object of claims, as strictly as a token's payload. Used for claims in a file.
    ///
    /// # Errors
    /// [`TokenRefusal::TooLarge`] beyond 16 KiB and [`TokenRefusal::Malformed`].
    pub fn from_json(text: &str) -> Result<Claims, TokenRefusal> {
        jws::check_size(text.len())?;
        Claims::from_bytes(text.as_bytes())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Claims, TokenRefusal> {
        json::object(bytes)
            .map(Claims)
            .map_err(|problem| TokenRefusal::Malformed { part: "payload", problem })
    }

    /// The claim of exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The claim at `path`: a name, or names of nested objects joined by `/`. A name that itself holds
    /// slashes is found first.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Value> {
        fn find<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
            if let Some(value) = map.get(path) {
                return Some(value);
            }
            path.match_indices('/').find_map(|(slash, _)| {
                let inner = map.get(path.get(..slash)?)?.as_object()?;
                find(inner, path.get(slash + 1..)?)
            })
        }
        find(&self.0, path)
    }

    /// Puts what was verified of a nested token in its place.
    pub(crate) fn replace(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Takes out claims that hold credentials.
    pub(crate) fn remove(&mut self, names: &[&str]) {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
    }

    /// All claims, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The claims as a JSON object.
    #[must_use]
    pub const fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The `iss` claim, if it is a string.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.get("iss").and_then(Value::as_str)
    }

    /// The audiences: a string is one, an array of strings as many as it has.
    ///
    /// # Errors
    /// No `aud`, an empty one, or one of another type.
    pub fn audiences(&self) -> Result<Vec<String>, TokenRefusal> {
        let invalid = |value: &Value| TokenRefusal::ClaimInvalid {
            claim: "aud".to_owned(),
            found: describe(value),
            wanted: "a string or an array of strings, not empty".to_owned(),
        };
        match self.get("aud") {
            None => Err(missing("aud")),
            Some(Value::String(one)) if !one.is_empty() => Ok(vec![one.clone()]),
            Some(value @ Value::Array(several)) if !several.is_empty() => several
                .iter()
                .map(|entry| match entry {
                    Value::String(text) if !text.is_empty() => Ok(text.clone()),
                    _ => Err(invalid(value)),
                })
                .collect(),
            Some(value) => Err(invalid(value)),
        }
    }

    /// The condition keys of these claims for the issuer at `issuer_url`, taking every audience as
    /// configured. With a configured issuer use [`crate::Issuer::context`].
    ///
    /// # Errors
    /// Two claims that would be one condition key, and what AWS refuses under [`Profile::Aws`].
    pub fn context(&self, issuer_url: &str, profile: Profile) -> Result<Context, TokenRefusal> {
        context::build(self, issuer_url, Provider::of_url(issuer_url), None, profile)
    }

    /// What the claims tell about the repository and the run, as `provider` lays them out.
    #[must_use]
    pub fn provenance(&self, provider: &Provider) -> Provenance {
        Provenance::of(self, provider)
    }

    /// The session tags that the token asks for (`https://aws.amazon.com/tags`), nested or flattened.
    ///
    /// # Errors
    /// A claim of that name in neither shape, or over AWS's limits.
    pub fn session_tags(&self) -> Result<Option<aws::SessionTags>, TokenRefusal> {
        aws::session_tags(self)
    }

    /// The source identity that the token asks for (`https://aws.amazon.com/source_identity`).
    ///
    /// # Errors
    /// It is not a string of 2 to 64 characters of `[A-Za-z0-9_+=,.@-]`.
    pub fn source_identity(&self) -> Result<Option<String>, TokenRefusal> {
        aws::source_identity(self)
    }

    /// The only role ARNs that the token may assume (`https://aws.amazon.com/roles`), if it says so.
    ///
    /// # Errors
    /// The claim is neither a string nor an array of strings.
    pub fn authorized_roles(&self) -> Result<Option<Vec<String>>, TokenRefusal> {
        aws::authorized_roles(self)
    }
}

pub(crate) fn missing(claim: &str) -> TokenRefusal {
    TokenRefusal::ClaimMissing { claim: claim.to_owned(), also: None }
}

/// A value as an error message shows it: its type, and its text if short.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Array(values) if values.is_empty() => "an empty array".to_owned(),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::Array(_) | Value::Object(_) | Value::Null => json::kind(value).to_owned(),
        _ => format!("{} `{}`", json::kind(value), excerpt(&context::text(value))),
    }
}
