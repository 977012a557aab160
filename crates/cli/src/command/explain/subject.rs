//! What is explained: a configured role, or a trust policy in a file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use stagedoor_config::{Role, Snapshot};
use stagedoor_identity::{Profile, TokenRefusal};
use stagedoor_policy::{Document, Kind, Policy, PolicySet, Principal, Request, render};

use super::evidence::Evidence;
use crate::configuration;
use crate::failure::{self, Failure};
use crate::output;

/// The account of a policy in a file that names none for the issuer.
const ANY_ACCOUNT: &str = "123456789012";

/// What is explained.
pub(super) enum Subject {
    /// A role of a configuration.
    Role(Box<Snapshot>, Arc<Role>),
    /// A trust policy in a file.
    Policy { name: String, trust: PolicySet, source: String },
}

impl Subject {
    /// The role of the configuration in `directory`.
    ///
    /// # Errors
    /// When the configuration is faulty or has no such role.
    pub(super) fn role(directory: &Path, name: &str) -> Result<Self, Failure> {
        let snapshot = configuration::load(directory)?;
        let role = snapshot.roles.by_arn(name).or_else(|| snapshot.roles.by_name(name)).cloned();
        let Some(role) = role else {
            let names: Vec<String> = snapshot.roles.iter().map(|role| format!("`{}`", role.name)).collect();
            return Err(Failure::input(format!("no role `{name}` in `{}`", directory.display()))
                .help(format!("there are {}", names.join(", "))));
        };
        Ok(Self::Role(Box::new(snapshot), role))
    }

    /// The trust policy in a file.
    ///
    /// # Errors
    /// When it cannot be read or is faulty.
    pub(super) fn policy(path: &Path) -> Result<Self, Failure> {
        let source =
            fs::read_to_string(path).map_err(|error| failure::file("read the policy", path, &error))?;
        let shown = path.display().to_string();
        let document = Document::parse(Kind::Trust, &source).map_err(|diagnostics| {
            Failure::input(format!("`{shown}` is no trust policy")).above(render(
                &shown,
                &source,
                &diagnostics,
                output::color(),
            ))
        })?;
        let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
        let trust = PolicySet::new().trust(Policy::compile(&name, &document));
        Ok(Self::Policy { name: shown, trust, source })
    }

    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Role(snapshot, _) => Some(snapshot),
            Self::Policy { .. } => None,
        }
    }

    pub(super) fn trust(&self) -> &PolicySet {
        match self {
            Self::Role(_, role) => &role.trust,
            Self::Policy { trust, .. } => trust,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Role(_, role) => &role.name,
            Self::Policy { name, .. } => name,
        }
    }

    /// The request that the trust policy decides.
    ///
    /// # Errors
    /// When the claims make no sound condition keys.
    pub(super) fn request(
        &self,
        evidence: &Evidence,
        issuer: &str,
        profile: Profile,
        session_name: &str,
    ) -> Result<Request, TokenRefusal> {
        // Of a verified token only the configured audiences count. Of any other it is worth seeing what it has.
        let known = self.snapshot().filter(|_| evidence.verified);
        let known = known.and_then(|snapshot| snapshot.issuers.by_url(issuer));
        let mut context = match known {
            Some(issuer) => issuer.context(&evidence.claims, profile)?,
            None => evidence.claims.context(issuer, profile)?,
        };
        let provider = self.provider_arn(issuer);
        context.insert("aws:FederatedProvider", provider.as_str());
        context.insert("sts:RoleSessionName", session_name);
        let (resource, resource_account) = match self {
            Self::Role(snapshot, role) => (Some(role.arn.clone()), Some(snapshot.settings.account.clone())),
            Self::Policy { .. } => (None, None),
        };
        Ok(Request {
            principal: Principal::Federated { provider },
            action: "sts:AssumeRoleWithWebIdentity".to_owned(),
            resource,
            resource_account,
            context,
        })
    }

    /// The ARN that policies know the issuer by. A policy in a file says itself in which account the
    /// issuer is registered.
    fn provider_arn(&self, issuer: &str) -> String {
        let prefix = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let account = match self {
            Self::Role(snapshot, _) => snapshot.settings.account.as_str(),
            Self::Policy { source, .. } => account_of(source, prefix).unwrap_or(ANY_ACCOUNT),
        };
        format!("arn:aws:iam::{account}:oidc-provider/{prefix}")
    }
}

/// The account of the issuer's ARN where a policy names it.
fn account_of<'a>(source: &'a str, prefix: &str) -> Option<&'a str> {
    let end = format!(":oidc-provider/{prefix}\"");
    let (before, _) = source.split_once(&end)?;
    let (_, account) = before.rsplit_once("arn:aws:iam::")?;
    let twelve = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    twelve.then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_read_off_the_policy() {
        let source = r#"{"Federated": ["arn:aws:iam::111111111111:oidc-provider/gitlab.com",
            "arn:aws:iam::222222222222:oidc-provider/gitlab.example.com"]}"#;
        assert_eq!(account_of(source, "gitlab.example.com"), Some("222222222222"));
        assert_eq!(account_of(source, "gitlab.com"), Some("111111111111"));
        assert_eq!(account_of(source, "example.com"), None);
    }
}
