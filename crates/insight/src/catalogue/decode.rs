//! A token, claim by claim. Nothing is verified here.

use serde_json::Value;
use stagedoor_identity::{Claims, Provider, TokenRefusal};

use super::mutability;

/// A token that was read, not verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The fields of its header.
    pub header: Vec<(String, Value)>,
    /// Who seems to have issued it.
    pub provider: Option<&'static Provider>,
    /// Its claims in order.
    pub claims: Vec<DecodedClaim>,
}

/// A claim in the light of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedClaim {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// What it says, if the catalogue knows.
    pub about: Option<&'static str>,
    /// Who decides it: `immutable id`, `name`, `setting`, `run` or `attacker-chosen`.
    pub decided_by: Option<&'static str>,
    /// Whether anyone who can push or start a run can choose it.
    pub attacker_chosen: bool,
}

/// Reads a token without checking its signature, which is left out.
///
/// # Errors
/// The token is too large or no token.
pub fn decode(token: &str) -> Result<Decoded, TokenRefusal> {
    let (header, claims) = Claims::decode_unverified(token)?;
    let header = header.as_object().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let provider = claims.issuer().and_then(Provider::of_url);
    let entry = |name: &str| {
        let claim = provider?.claims.iter().find(|claim| match claim.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => claim.name == name,
        });
        claim.or_else(|| provider?.claims.iter().find(|claim| claim.name.split('/').next() == Some(name)))
    };
    let claims = claims.iter().map(|(name, value)| {
        let entry = entry(name);
        let decided_by = entry.map(|entry| mutability(entry.mutability));
        DecodedClaim {
            name: name.to_owned(),
            value: value.clone(),
            about: entry.map(|entry| entry.about),
            decided_by,
            attacker_chosen: decided_by == Some("attacker-chosen"),
        }
    });
    Ok(Decoded { header, provider, claims: claims.collect() })
}
