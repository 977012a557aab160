//! The whole configuration at one moment.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use stagedoor_identity::Issuers;
use stagedoor_policy::Policy;

use crate::{Gate, Invariant, Report, Roles, Settings, diff, digest::Digest};

/// A configuration that was checked whole and does not change; a reload makes another.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The configuration directory, absolute.
    pub directory: PathBuf,
    /// The hex SHA-256 over the paths and contents of all files that were read: it changes with any
    /// of them. Files named by `jwks_file` and `password_file` are read later and not part of it.
    pub digest: String,
    /// `stagedoor.toml`.
    pub settings: Settings,
    /// `issuers/`.
    pub issuers: Arc<Issuers>,
    /// `roles/`.
    pub roles: Roles,
    /// `gates/`, by name.
    pub gates: Vec<Gate>,
    /// `boundaries/`, compiled under names such as `boundaries/developers.json`, by name.
    pub boundaries: BTreeMap<String, Policy>,
    /// `invariants/`, by name.
    pub invariants: Vec<Invariant>,
    /// What was found that is no error.
    pub warnings: Report,
    pub(crate) files: Digest,
}

impl Snapshot {
    /// The policy with the ARN `arn:aws:iam::<account>:policy/<name>`: a file of `boundaries/`, which is what AWS
    /// calls a managed policy.
    #[must_use]
    pub fn policy_by_arn(&self, arn: &str) -> Option<&Policy> {
        let rest = arn.strip_prefix("arn:aws:iam::")?.strip_prefix(self.settings.account.as_str())?;
        self.boundaries.get(rest.strip_prefix(":policy/")?)
    }

    /// What changed from `old` to `new`, for a record or a log line:
    /// `roles added: a; roles changed: b (trust.json); settings changed`, or `nothing changed`.
    #[must_use]
    pub fn diff(old: &Snapshot, new: &Snapshot) -> String {
        diff::summary(&old.files, &new.files, |role, after| {
            let snapshot = if after { new } else { old };
            snapshot.roles.by_name(role).is_some()
        })
    }
}
