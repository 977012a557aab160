//! Safe trust policies from a few answers, in the languages of those who enforce them.
//!
//! What a policy should test is decided once, as [`Check`]s with their reasons; a [`Target`] writes them down. Targets
//! at AWS can test only the claims that AWS exposes for the issuer; what then stays open is found by the policy engine
//! and told as warnings.

mod field;
mod format;
mod provider;

use std::collections::BTreeMap;

use stagedoor_identity::{Profile, Provider};
use stagedoor_policy::{Document, Kind};

pub use field::{Field, Missing};

use crate::preflight::admits;

/// In which language a policy is written, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// AWS's JSON, for AWS.
    Aws,
    /// AWS's JSON with every claim, for Stagedoor.
    Stagedoor,
    /// Terraform, for AWS.
    Terraform,
    /// CloudFormation, for AWS.
    CloudFormation,
    /// The Cloud Development Kit in TypeScript, for AWS.
    Cdk,
    /// A shell script with gcloud, for Google Cloud.
    Gcloud,
    /// A shell script with vault, for Vault and OpenBao.
    Vault,
    /// A federated credential, for Entra.
    Azure,
}

impl Target {
    /// Whether the one who enforces it is AWS, which exposes some claims only.
    #[must_use]
    pub const fn is_aws(self) -> bool {
        matches!(self, Target::Aws | Target::Terraform | Target::CloudFormation | Target::Cdk)
    }

    /// The audience that tokens for it usually have, where a job can choose.
    const fn audience(self) -> Option<&'static str> {
        match self {
            Target::Aws | Target::Terraform | Target::CloudFormation | Target::Cdk => {
                Some("sts.amazonaws.com")
            }
            Target::Azure => Some("api://AzureADTokenExchange"),
            Target::Stagedoor | Target::Gcloud | Target::Vault => None,
        }
    }
}

/// One claim that must have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The claim.
    pub claim: String,
    /// What it must be.
    pub test: Test,
    /// Why, in a sentence.
    pub why: String,
}

/// What a claim must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of these.
    Equals(Vec<String>),
    /// Fits one of these, in which `*` is anything.
    Like(Vec<String>),
    /// A list that holds this.
    Holds(String),
    /// The boolean `false`.
    False,
}

/// A file that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What should be trusted, and all that belongs to it.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Who issues the tokens.
    pub provider: &'static Provider,
    /// The exact `iss`.
    pub issuer: String,
    /// The audience.
    pub audience: String,
    /// The account in ARNs.
    pub account: String,
    /// The role's name.
    pub role: String,
    /// What tokens must be, beside their audience.
    pub checks: Vec<Check>,
    /// What cannot be expressed, or is weaker than it looks.
    pub warnings: Vec<String>,
    /// What to do elsewhere, one sentence each.
    pub notes: Vec<String>,
    /// The job that asks for the token and names the role.
    pub pipeline: Written,
    /// What the issuer's configuration needs besides.
    settings: Vec<(String, String)>,
    /// Claims of the tokens that are meant, beside those that are tested; none where such a token lacks the claim.
    pub(crate) facts: Vec<(String, Option<String>)>,
}

/// Decides what to trust.
///
/// # Errors
/// Every answer that is missing or wrong.
pub fn new(kind: &str, target: Target, answers: &BTreeMap<String, String>) -> Result<Trust, Vec<Missing>> {
    let provider = Provider::by_kind(kind).ok_or_else(|| vec![Missing::provider(kind)])?;
    let values = field::read(provider, target, answers)?;
    let mut trust = provider::decide(provider, target, &values)?;
    if target.is_aws() || target == Target::Stagedoor {
        let others = trust.others(target);
        trust.warnings.extend(others);
    }
    Ok(trust)
}

/// What the answers to a kind are.
#[must_use]
pub fn fields(kind: &str) -> Vec<Field> {
    Provider::by_kind(kind).map(field::of).unwrap_or_default()
}

impl Trust {
    /// Writes it down: the policy first.
    ///
    /// # Errors
    /// When the target cannot express it at all: why.
    pub fn write(&self, target: Target) -> Result<Vec<Written>, String> {
        format::write(self, target)
    }

    /// The trust policy in AWS's JSON.
    #[must_use]
    pub fn policy(&self) -> String {
        format::policy::json(self)
    }

    /// The issuer without its scheme.
    pub(crate) fn prefix(&self) -> &str {
        self.issuer.split_once("://").map_or(self.issuer.as_str(), |(_, rest)| rest)
    }

    /// Whether the target can test a claim.
    fn can_test(&self, claim: &str, target: Target) -> bool {
        target != Target::Azure
            && (!target.is_aws() || Provider::aws_keys(&self.issuer).any(|key| key == claim))
    }

    pub(crate) fn provider_arn(&self) -> String {
        format!("arn:aws:iam::{}:oidc-provider/{}", self.account, self.prefix())
    }

    /// Whom the finished policy lets in besides, as the engine decides it.
    fn others(&self, target: Target) -> Vec<String> {
        let Ok(document) = Document::parse(Kind::Trust, &self.policy()) else { return Vec::new() };
        let profile = if target.is_aws() { Profile::Aws } else { Profile::Stagedoor };
        admits::of_new(self, &document, profile)
    }
}
