//! What the catalogue knows about condition keys, for explanations.

mod absent;
mod unwanted;

use stagedoor_policy::Hints;

use crate::claims::Claims;
use crate::context::{Profile, key_prefix};
use crate::provider::Provider;
use crate::refusal::excerpt;

/// Knowledge of an issuer for [`stagedoor_policy::PolicySet::explain_with`]: which claims its tokens have, which of
/// them AWS exposes, and what their values look like.
#[derive(Clone, Copy, Debug)]
pub struct KeyHints<'a> {
    url: &'a str,
    provider: Option<&'static Provider>,
    profile: Profile,
    claims: Option<&'a Claims>,
    audiences: Option<&'a [String]>,
}

impl<'a> KeyHints<'a> {
    /// Hints for tokens of the issuer at `url`; its provider is guessed from the URL.
    #[must_use]
    pub fn new(url: &'a str, profile: Profile) -> Self {
        Self { url, provider: Provider::of_url(url), profile, claims: None, audiences: None }
    }

    /// With the provider as configured.
    #[must_use]
    pub fn provider(self, provider: &'static Provider) -> Self {
        Self { provider: Some(provider), ..self }
    }

    /// With the claims that are judged.
    #[must_use]
    pub fn claims(self, claims: &'a Claims) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// With the issuer's configured audiences.
    #[must_use]
    pub fn audiences(self, audiences: &'a [String]) -> Self {
        Self { audiences: Some(audiences), ..self }
    }

    /// The claim that `key` names, if it is a key of this issuer. Key names have no letter case.
    #[must_use]
    pub fn claim_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let prefix = key_prefix(self.url);
        let (start, rest) = (key.get(..prefix.len())?, key.get(prefix.len()..)?);
        let claim = rest.strip_prefix(':').filter(|claim| !claim.is_empty())?;
        start.eq_ignore_ascii_case(prefix).then_some(claim)
    }

    /// The provider's name, or the issuer's URL.
    fn title(&self) -> String {
        match self.provider {
            Some(provider) if provider.kind != "oidc" => provider.title.to_owned(),
            _ => format!("`{}`", excerpt(self.url)),
        }
    }
}

impl Hints for KeyHints<'_> {
    fn absent_key(&self, key: &str) -> Option<String> {
        match (self.claim_of(key), key.split_once(':')) {
            (Some(claim), _) => self.absent_claim(claim),
            (None, Some((service, name))) if !service.contains(['.', '/']) => {
                self.absent_elsewhere(service, name, key)
            }
            (None, Some((prefix, _))) => self.other_issuer(prefix),
            (None, None) => None,
        }
    }

    fn unwanted_value(&self, key: &str, wanted: &[&str], has: &str) -> Option<String> {
        let claim = self.claim_of(key)?;
        match claim.to_ascii_lowercase().as_str() {
            "aud" => self.unwanted_audience(wanted, has),
            "sub" => self.unwanted_subject(wanted, has),
            _ => self.unwanted_claim(claim, wanted),
        }
    }
}
