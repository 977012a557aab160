//! The catalogue of token providers: one file each, as data.

mod bitbucket;
mod circleci;
mod derive;
mod github;
mod gitlab;
mod oidc;

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::algorithm::Algorithm;

pub(crate) use derive::is_loopback;
pub use derive::{Derived, Parameter, ParameterError, Shape};

/// Every provider, by kind.
const ALL: &[&Provider] =
    &[&bitbucket::BITBUCKET, &circleci::CIRCLECI, &github::GITHUB, &gitlab::GITLAB, &oidc::OIDC];

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
    /// Hosts besides the issuer's own on which its discovery documents put the `jwks_uri`.
    pub jwks_hosts: &'static [&'static str],
    /// The algorithms its tokens may use unless configured otherwise.
    pub algorithms: &'static [Algorithm],
    /// The `typ` headers of its tokens, without `application/`; if none, then absent, `JWT` or `at+jwt`.
    pub token_types: &'static [&'static str],
    /// Its audience.
    pub audience: Audience,
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

/// One form of a provider's issuer URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerForm {
    /// The URL, with parameters in braces.
    pub url: &'static str,
    /// Whether all customers of the provider share it, so that the audience alone proves nothing.
    pub shared: bool,
    /// Whether it holds a name that can be given up and taken by someone else.
    pub name_based: bool,
    /// When the provider uses it.
    pub when: &'static str,
}

/// What a provider puts into `aud`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The default, with parameters in braces; absent where each job or application chooses.
    pub default: Option<&'static str>,
    /// Whether it can be an array.
    pub array: bool,
    /// How a job chooses it; absent where it cannot.
    pub chosen_by: Option<&'static str>,
}

/// One form of `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The form, with parts in braces that vary; other braces are doubled.
    pub template: &'static str,
    /// When it applies.
    pub when: &'static str,
}

/// One claim of a provider's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name, nested names joined by `/`.
    pub name: &'static str,
    /// Its JSON type.
    pub form: Form,
    /// Who determines its value, and whether it stays.
    pub mutability: Mutability,
    /// When it is present.
    pub presence: Presence,
    /// What it says.
    pub about: &'static str,
}

/// The JSON type of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`, not as a string.
    Boolean,
    /// An array of strings.
    List,
    /// A string or an array of strings.
    TextOrList,
    /// An array of objects, or an object.
    Object,
}

/// Who determines a claim's value, and whether it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// An identifier that is never given to anything else.
    ImmutableId,
    /// A name that can be changed, and taken by someone else.
    Name,
    /// A setting that administrators control.
    Setting,
    /// Different for each run or token.
    Run,
    /// A value that anyone who can push or start a run can choose.
    AttackerChosen,
}

/// When a claim is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In every token.
    Always,
    /// In some tokens: when.
    When(&'static str),
    /// Seen by third parties only, or sources conflict: do not rely on it.
    Uncertain(&'static str),
}

/// A demand that a provider's tokens must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The claim must be a string that is one of these.
    OneOf(&'static str, &'static [&'static str]),
    /// The claim must be a non-empty string.
    Text(&'static str),
}

/// Which claims make a [`crate::Provenance`]; the first source present is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name in `Provenance`")]
pub struct ProvenanceMap {
    pub repository: &'static [Source],
    pub reference: &'static [Source],
    pub commit: &'static [Source],
    pub run: &'static [Source],
    pub job: &'static [Source],
    pub environment: &'static [Source],
    pub pull_request: &'static [Source],
    pub actor: &'static [Source],
}

impl ProvenanceMap {
    /// Nothing is known.
    pub(crate) const NONE: ProvenanceMap = ProvenanceMap {
        repository: &[],
        reference: &[],
        commit: &[],
        run: &[],
        job: &[],
        environment: &[],
        pull_request: &[],
        actor: &[],
    };
}

/// Where one field of a [`crate::Provenance`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The value of a claim.
    Claim(&'static str),
    /// The part of a claim's value after the first `before` and up to the next `after` (the rest if empty).
    Between {
        /// The claim.
        claim: &'static str,
        /// What precedes the part.
        before: &'static str,
        /// What follows it.
        after: &'static str,
    },
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

/// An entry for a claim that every token has.
const fn always(name: &'static str, form: Form, mutability: Mutability, about: &'static str) -> Claim {
    Claim { name, form, mutability, presence: Presence::Always, about }
}

/// An entry for a claim that only some tokens have.
const fn sometimes(
    name: &'static str,
    form: Form,
    mutability: Mutability,
    when: &'static str,
    about: &'static str,
) -> Claim {
    Claim { name, form, mutability, presence: Presence::When(when), about }
}

/// An entry for a claim that is not well attested.
const fn uncertain(
    name: &'static str,
    form: Form,
    mutability: Mutability,
    why: &'static str,
    about: &'static str,
) -> Claim {
    Claim { name, form, mutability, presence: Presence::Uncertain(why), about }
}
