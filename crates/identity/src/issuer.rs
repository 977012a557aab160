//! Configured issuers: who may sign, for which audience, with which keys.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use stagedoor_policy::Context;

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::context::{self, Profile};
use crate::provider::Provider;
use crate::refusal::TokenRefusal;

/// Where an issuer's verification keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// `<issuer>/.well-known/openid-configuration`, then its `jwks_uri`.
    Discovery,
    /// A JWKS at this URL, without discovery.
    JwksUri(String),
    /// A JWKS in this file, read again every few seconds.
    File(PathBuf),
    /// A JWKS written into the configuration.
    Inline(String),
}

/// One configured issuer. Make it with [`Issuer::new`] and set what differs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Issuer {
    /// The name in the configuration (the file's stem).
    pub name: String,
    /// The catalogue entry of its kind.
    pub provider: &'static Provider,
    /// The exact `iss` claim, compared byte for byte.
    pub url: String,
    /// The audiences of which a token must carry at least one; none refuses every token.
    pub audiences: Vec<String>,
    /// The algorithms that its tokens may use.
    pub algorithms: Vec<Algorithm>,
    /// The `typ` headers that its tokens may have, without case and without `application/`; if none, then
    /// absent, `JWT` or `at+jwt`.
    pub token_types: Vec<String>,
    /// Where its keys come from.
    pub keys: KeySource,
    /// Hosts on which its discovery document may put the `jwks_uri`, besides its own and its provider's.
    pub jwks_hosts: Vec<String>,
    /// Whether its key endpoints may resolve to private addresses. Link-local ones, where clouds serve
    /// machine credentials, are never asked.
    pub private_network: bool,
    /// Whether each of its tokens is good for one exchange only.
    pub single_use: bool,
    /// The longest `exp - iat` accepted.
    pub max_lifetime: Duration,
    /// PEM certificates trusted for its key endpoints instead of the platform's.
    pub ca_bundle: Option<Arc<str>>,
}

impl Issuer {
    /// An issuer with the algorithms and the lifetime cap of its provider, and keys by discovery.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        provider: &'static Provider,
        url: impl Into<String>,
        audiences: Vec<String>,
    ) -> Self {
        Issuer {
            name: name.into(),
            provider,
            url: url.into(),
            audiences,
            algorithms: provider.algorithms.to_vec(),
            token_types: provider.token_types.iter().map(|typ| (*typ).to_owned()).collect(),
            keys: KeySource::Discovery,
            jwks_hosts: Vec::new(),
            private_network: false,
            single_use: false,
            max_lifetime: provider.max_lifetime,
            ca_bundle: None,
        }
    }

    /// The URL without its scheme: the prefix of this issuer's condition keys.
    #[must_use]
    pub fn key_prefix(&self) -> &str {
        context::key_prefix(&self.url)
    }

    /// `arn:aws:iam::<account>:oidc-provider/<url without scheme>`.
    #[must_use]
    pub fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:oidc-provider/{}", self.key_prefix())
    }

    /// Whether `subject` is the last segment of the URL: what tells the issuer of a token without `iss`.
    pub(crate) fn signs_for(&self, subject: &str) -> bool {
        self.url.rsplit_once('/').is_some_and(|(_, last)| last == subject)
    }

    /// The condition keys that `claims` give under `profile`, with this issuer's audiences.
    ///
    /// # Errors
    /// Two claims that would be one condition key, and what AWS refuses under [`Profile::Aws`].
    pub fn context(&self, claims: &Claims, profile: Profile) -> Result<Context, TokenRefusal> {
        context::build(claims, &self.url, Some(self.provider), Some(&self.audiences), profile)
    }
}

/// Two configured issuers have the same name or the same URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "issuers `{first}` and `{second}` both have the {field} `{value}`; a token must belong to exactly one"
)]
pub struct DuplicateIssuer {
    /// The name of the first.
    pub first: String,
    /// The name of the second.
    pub second: String,
    /// What they share: `name` or `URL`.
    pub field: &'static str,
    /// The shared value.
    pub value: String,
}

fn duplicate(first: &Issuer, second: &Issuer, field: &'static str, value: &str) -> DuplicateIssuer {
    DuplicateIssuer { first: first.name.clone(), second: second.name.clone(), field, value: value.to_owned() }
}

/// The configured issuers, immutable, indexed by URL and by name.
#[derive(Clone, Debug, Default)]
pub struct Issuers {
    all: Vec<Arc<Issuer>>,
    by_url: HashMap<String, Arc<Issuer>>,
    by_prefix: HashMap<String, Arc<Issuer>>,
    by_name: HashMap<String, Arc<Issuer>>,
    /// Those whose tokens have no `iss`.
    unnamed: Vec<Arc<Issuer>>,
}

impl Issuers {
    /// Indexes the issuers.
    ///
    /// # Errors
    /// Two of them share a name, or a URL apart from its scheme: they would share an ARN.
    pub fn new(issuers: Vec<Issuer>) -> Result<Self, DuplicateIssuer> {
        let mut indexed = Issuers::default();
        for issuer in issuers {
            let issuer = Arc::new(issuer);
            let prefix = issuer.key_prefix().to_owned();
            if let Some(first) = indexed.by_prefix.insert(prefix, Arc::clone(&issuer)) {
                return Err(duplicate(&first, &issuer, "URL", &issuer.url));
            }
            if let Some(first) = indexed.by_name.insert(issuer.name.clone(), Arc::clone(&issuer)) {
                return Err(duplicate(&first, &issuer, "name", &issuer.name));
            }
            indexed.by_url.insert(issuer.url.clone(), Arc::clone(&issuer));
            if !issuer.provider.names_issuer {
                indexed.unnamed.push(Arc::clone(&issuer));
            }
            indexed.all.push(issuer);
        }
        Ok(indexed)
    }

    /// The issuer whose URL is exactly `url`.
    #[must_use]
    pub fn by_url(&self, url: &str) -> Option<&Arc<Issuer>> {
        self.by_url.get(url)
    }

    /// The issuer named `name` in the configuration.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Issuer>> {
        self.by_name.get(name)
    }

    /// The issuer whose [`Issuer::arn`] in `account` is exactly `arn`.
    #[must_use]
    pub fn by_arn(&self, account: &str, arn: &str) -> Option<&Arc<Issuer>> {
        let prefix =
            arn.strip_prefix("arn:aws:iam::")?.strip_prefix(account)?.strip_prefix(":oidc-provider/")?;
        self.by_prefix.get(prefix)
    }

    /// The issuers whose tokens have no `iss`.
    pub(crate) fn all_unnamed(&self) -> impl Iterator<Item = &Arc<Issuer>> {
        self.unnamed.iter()
    }

    /// All issuers, in the order given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Issuer>> {
        self.all.iter()
    }

    /// How many issuers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none, so that every token is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
