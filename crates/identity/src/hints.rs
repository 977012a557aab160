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

    /// Whether `key` is one that tokens of this issuer can have under the profile at all.
    #[must_use]
    pub fn can_have(&self, key: &str) -> bool {
        self.claim_of(key).is_some_and(|claim| self.profile == Profile::Stagedoor || self.exposed(claim))
    }

    /// Why no token of this issuer ever has `key`, if that is certain: AWS does not expose it, the provider's tokens
    /// have no such claim, or it is another issuer's.
    #[must_use]
    pub fn never_has(&self, key: &str) -> Option<String> {
        match self.claim_of(key) {
            Some(claim) => {
                let catalogued = self.provider.filter(|provider| provider.kind != "oidc");
                let unknown = catalogued.is_some_and(|provider| self.known(provider, claim).is_none());
                let generic = self.exposed(claim) && self.profile == Profile::Aws;
                if !self.can_have(key) || (unknown && !generic) { self.absent_claim(claim) } else { None }
            }
            None => {
                let (prefix, _) = key.split_once(':')?;
                prefix.contains(['.', '/']).then(|| self.other_issuer(prefix)).flatten()
            }
        }
    }

    fn exposed(&self, claim: &str) -> bool {
        let mut exposed = ["aud", "oaud"].into_iter().chain(Provider::aws_keys(self.url));
        exposed.any(|name| name.eq_ignore_ascii_case(claim))
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
