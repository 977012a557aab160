//! The catalogue of token providers: one file each, as data.

mod auth0;
mod aws;
mod azure_devops;
mod backstage;
mod backstage_plugin;
mod bitbucket;
mod buildkite;
mod circleci;
mod cognito;
mod cursor;
mod derive;
mod entra;
mod fly;
mod github;
mod gitlab;
mod google;
mod jenkins;
mod kubernetes;
mod model;
mod oidc;
mod okta;
mod semaphore;
mod spacelift;
mod spiffe;
mod subject;
mod terraform;
mod vercel;
mod warp;

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::algorithm::Algorithm;

pub use derive::{Derived, Parameter, ParameterError, Shape};
pub(crate) use derive::{distance, fits, is_loopback};
pub use model::{
    Audience, Claim, Demand, Form, IssuerForm, Mutability, Presence, ProvenanceMap, Source, Subject,
    Substitute,
};
use model::{always, sometimes, uncertain};

/// Every provider, by kind.
const ALL: &[&Provider] = &[
    &auth0::AUTH0,
    &aws::AWS,
    &azure_devops::AZURE_DEVOPS,
    &backstage::BACKSTAGE,
    &backstage_plugin::BACKSTAGE_PLUGIN,
    &bitbucket::BITBUCKET,
    &buildkite::BUILDKITE,
    &circleci::CIRCLECI,
    &cognito::COGNITO,
    &cursor::CURSOR,
    &entra::ENTRA,
    &fly::FLY,
    &github::GITHUB,
    &gitlab::GITLAB,
    &google::GOOGLE,
    &jenkins::JENKINS,
    &kubernetes::KUBERNETES,
    &oidc::OIDC,
    &okta::OKTA,
    &semaphore::SEMAPHORE,
    &spacelift::SPACELIFT,
    &spiffe::SPIFFE,
    &terraform::TERRAFORM,
    &vercel::VERCEL,
    &warp::WARP,
];

/// What is known of one token provider. `'static` data, taken from [`Provider::all`] or [`Provider::by_kind`].
#[non_exhaustive]
pub struct Provider {
    /// The `kind` in an issuer's configuration.
    pub kind: &'static str,
    /// Its own name.
    pub title: &'static str,
    /// The issuer URLs it uses; the first whose parameters are all given applies.
    pub issuers: &'static [IssuerForm],
    /// What an issuer of this kind can be configured with.
    pub parameters: &'static [Parameter],
    /// Whether its tokens have an `iss`. Those of an issuer without are found by `sub`, which must be the
    /// last segment of the issuer's URL.
    pub names_issuer: bool,
    /// Where its keys are below the issuer's URL, if it has no discovery document.
    pub keys_at: Option<&'static str>,
    /// Hosts besides the issuer's own on which its discovery documents put the `jwks_uri`.
    pub jwks_hosts: &'static [&'static str],
    /// The algorithms its tokens may use unless configured otherwise.
    pub algorithms: &'static [Algorithm],
    /// The `typ` headers of its tokens, without `application/`; if none, then absent, `JWT` or `at+jwt`.
    pub token_types: &'static [&'static str],
    /// Its audience.
    pub audience: Audience,
    /// Claims that hold a credential or part of one: they become no condition keys and are not kept.
    pub secrets: &'static [&'static str],
    /// How long its tokens live.
    pub lifetime: &'static str,
    /// The longest `exp - iat` accepted unless configured otherwise.
    pub max_lifetime: Duration,
    /// The forms of `sub`.
    pub subjects: &'static [Subject],
    /// Whether someone can change the form of `sub` outside the pipeline file.
    pub subject_customisable: bool,
    /// Its claims.
    pub claims: &'static [Claim],
    /// Claims of which one must be pinned where the issuer is shared, best first.
    pub pins: &'static [&'static str],
    /// Claims that must be present or have a certain value, besides those of every token.
    pub demands: &'static [Demand],
    /// Where the claims tell about the repository and the run.
    pub provenance: ProvenanceMap,
    /// What forks and pull requests can get.
    pub forks: &'static str,
    /// What else a reader must know.
    pub notes: &'static [&'static str],
    /// The provider's documentation.
    pub documentation: &'static [&'static str],
    /// The claims of a typical token, as JSON.
    pub(crate) example: &'static str,
}

impl Provider {
    /// The whole catalogue, in alphabetical order of kinds.
    #[must_use]
    pub fn all() -> &'static [&'static Provider] {
        ALL
    }

    /// The entry of a kind.
    #[must_use]
    pub fn by_kind(kind: &str) -> Option<&'static Provider> {
        ALL.iter().copied().find(|provider| provider.kind == kind)
    }

    /// The `kind` in an issuer's configuration.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The entry whose issuers have URLs like `url`, if its host tells; where two have, the one that it is
    /// more usual for.
    #[must_use]
    pub fn of_url(url: &str) -> Option<&'static Provider> {
        let rank = |provider: &Provider| {
            provider
                .issuers
                .iter()
                .position(|form| derive::names_host(form.url) && derive::fits(form.url, url))
        };
        ALL.iter()
            .copied()
            .filter_map(|provider| Some((rank(provider)?, provider)))
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, provider)| provider)
    }

    /// The form of this provider's issuer URLs that `url` has.
    #[must_use]
    pub fn form_of(&self, url: &str) -> Option<&'static IssuerForm> {
        let exact = self.issuers.iter().find(|form| form.url == url);
        exact.or_else(|| self.issuers.iter().find(|form| derive::fits(form.url, url)))
    }

    /// The entry of a claim, by its name as a condition key has it.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&'static Claim> {
        self.claims.iter().find(|claim| claim.name == name)
    }

    /// The claims of the issuer at `url`, besides `aud`, that AWS exposes as condition keys.
    pub fn aws_keys(url: &str) -> impl Iterator<Item = &'static str> {
        crate::aws::keys::of_issuer(crate::context::key_prefix(url))
    }

    /// The date of the AWS reference that [`Provider::aws_keys`] follows.
    #[must_use]
    pub const fn aws_keys_as_of() -> &'static str {
        crate::aws::keys::AS_OF
    }

    /// The claims of a typical token, with invented ids.
    #[must_use]
    pub fn example_claims(&self) -> Value {
        serde_json::from_str(self.example).unwrap_or(Value::Null)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider").field(&self.kind).finish()
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Provider {}
