//! What is asked for: a configured role, or a trust policy in a file.

use std::path::Path;
use std::sync::Arc;

use stagedoor_config::{Role, Snapshot};
use stagedoor_policy::{Document, Kind, Limits, Policy, PolicySet, PrincipalType, render};

use crate::failure::Failure;
use crate::{configuration, input, output};

/// The account of a policy in a file that names none for the issuer.
const ANY_ACCOUNT: &str = "123456789012";
/// A web identity provider that AWS knows by its host.
const BUILT_IN: [&str; 2] = ["accounts.google.com", "cognito-identity.amazonaws.com"];

/// What is asked for.
pub(crate) enum Subject {
    /// A role of a configuration.
    Role(Arc<Snapshot>, Arc<Role>),
    /// A trust policy in a file.
    Policy { name: String, document: Document, trust: PolicySet },
}

impl Subject {
    /// The role of the configuration in `directory`.
    ///
    /// # Errors
    /// When the configuration is faulty or has no such role.
    pub(crate) fn role(directory: &Path, name: &str) -> Result<Self, Failure> {
        let snapshot = Arc::new(configuration::load(directory)?);
        match find(&snapshot, name) {
            Some(role) => Ok(Self::Role(snapshot, role)),
            None => {
                let names: Vec<String> =
                    snapshot.roles.iter().map(|role| format!("`{}`", role.name)).collect();
                Err(Failure::input(format!("no role `{name}` in `{}`", directory.display()))
                    .help(format!("there are {}", names.join(", "))))
            }
        }
    }

    /// The trust policy in a file.
    ///
    /// # Errors
    /// When it cannot be read or is faulty.
    pub(crate) fn policy(path: &Path) -> Result<Self, Failure> {
        let input = input::read("the policy", path, Limits::BYTES)?;
        let shown =
            if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        Self::source(&shown, &input.text)
    }

    /// A trust policy as text; `shown` names it.
    ///
    /// # Errors
    /// With every fault of it, underlined.
    pub(crate) fn source(shown: &str, source: &str) -> Result<Self, Failure> {
        let document = Document::parse(Kind::Trust, source).map_err(|diagnostics| {
            Failure::input(format!("`{shown}` is no trust policy")).above(render(
                shown,
                source,
                &diagnostics,
                output::color(),
            ))
        })?;
        let name = shown.rsplit('/').next().unwrap_or(shown);
        let trust = PolicySet::new().trust(Policy::compile(name, &document));
        Ok(Self::Policy { name: shown.to_owned(), document, trust })
    }

    pub(crate) fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Role(snapshot, _) => Some(snapshot),
            Self::Policy { .. } => None,
        }
    }

    /// The trust policy alone.
    pub(crate) fn trust(&self) -> &PolicySet {
        match self {
            Self::Role(_, role) => &role.trust,
            Self::Policy { trust, .. } => trust,
        }
    }

    /// The trust policy as written.
    pub(crate) fn document(&self) -> &Document {
        match self {
            Self::Role(_, role) => &role.trust_document,
            Self::Policy { document, .. } => document,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Role(_, role) => &role.name,
            Self::Policy { name, .. } => name,
        }
    }

    /// The role's ARN, where it is known.
    pub(super) fn arn(&self) -> Option<&str> {
        match self {
            Self::Role(_, role) => Some(&role.arn),
            Self::Policy { .. } => None,
        }
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.snapshot().map(|snapshot| snapshot.settings.region.as_str())
    }

    /// The role as the resource of a request, and its account.
    pub(super) fn resource(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Role(snapshot, role) => (Some(role.arn.clone()), Some(snapshot.settings.account.clone())),
            Self::Policy { .. } => (None, None),
        }
    }

    /// How policies name the issuer at `url`. A policy in a file says itself in which account the issuer is
    /// registered.
    pub(crate) fn provider(&self, url: &str) -> String {
        let prefix = url.split_once("://").map_or(url, |(_, rest)| rest);
        match self {
            Self::Role(snapshot, _) => {
                format!("arn:aws:iam::{}:oidc-provider/{prefix}", snapshot.settings.account)
            }
            Self::Policy { document, .. } => provider_in(document, prefix),
        }
    }
}

/// The role of this name or ARN.
pub(crate) fn find(snapshot: &Snapshot, name: &str) -> Option<Arc<Role>> {
    snapshot.roles.by_arn(name).or_else(|| snapshot.roles.by_name(name)).cloned()
}

/// The issuer's ARN in the partition and account in which the document has it or, failing that, has any issuer.
fn provider_in(document: &Document, prefix: &str) -> String {
    let names: Vec<&str> = document
        .statements()
        .iter()
        .filter_map(|statement| statement.principals.as_ref())
        .flat_map(|principals| &principals.names)
        .filter(|(kind, _)| *kind == PrincipalType::Federated)
        .map(|(_, name)| &*name.value)
        .collect();
    if BUILT_IN.contains(&prefix) && (names.contains(&prefix) || names.is_empty()) {
        return prefix.to_owned();
    }
    let split = |name: &&'_ str| {
        name.split_once(":oidc-provider/").map(|(start, rest)| (start.to_owned(), rest.to_owned()))
    };
    let arns: Vec<(String, String)> = names.iter().filter_map(split).collect();
    let plain = |text: &str| text.trim_end_matches('/').to_lowercase();
    let exact = arns.iter().find(|(_, rest)| rest == prefix);
    let near = || arns.iter().find(|(_, rest)| plain(rest) == plain(prefix));
    let start = exact.or_else(near).or_else(|| arns.first()).map(|(start, _)| start.clone());
    let start = start.unwrap_or_else(|| format!("arn:aws:iam::{ANY_ACCOUNT}"));
    format!("{start}:oidc-provider/{prefix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_read_off_the_policy() {
        let provider = |federated: &str, url: &str| {
            let source = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {{"Federated": {federated}}}}}}}"#
            );
            Subject::source("trust.json", &source).unwrap().provider(url)
        };
        let two = r#"["arn:aws:iam::111111111111:oidc-provider/gitlab.com",
                      "arn:aws-cn:iam::222222222222:oidc-provider/gitlab.example.com/"]"#;
        for (url, wanted) in [
            ("https://gitlab.com", "arn:aws:iam::111111111111:oidc-provider/gitlab.com"),
            ("https://gitlab.example.com", "arn:aws-cn:iam::222222222222:oidc-provider/gitlab.example.com"),
            ("https://other.example.com", "arn:aws:iam::111111111111:oidc-provider/other.example.com"),
        ] {
            assert_eq!(provider(two, url), wanted);
        }
        assert_eq!(
            provider(r#""accounts.google.com""#, "https://accounts.google.com"),
            "accounts.google.com"
        );
        assert_eq!(
            provider(r#""accounts.google.com""#, "https://gitlab.com"),
            "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
        );
    }
}
