//! `stagedoor.lock`: what a pipeline's tokens depend on that lives outside of the pipeline's file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stagedoor_policy::{Severity, Span};

use crate::finding::Finding;
use crate::source::{Place, Source};

/// The file's name, beside the pipeline.
pub const LOCK_FILE: &str = "stagedoor.lock";

/// The version of the format.
const VERSION: u32 = 1;

/// What is known of a repository beyond its files. Everything can be left out; what is needed and missing makes a
/// verdict unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of the format: 1.
    pub version: u32,
    /// Variables of the CI that are set outside of the file, not secret, such as `AWS_ROLE_ARN`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The same for jobs of one deployment environment, which go first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment_variables: BTreeMap<String, BTreeMap<String, String>>,
    /// Bitbucket.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bitbucket: Bitbucket,
    /// CircleCI.
    #[serde(default, skip_serializing_if = "is_default")]
    pub circleci: CircleCi,
    /// GitHub.
    #[serde(default, skip_serializing_if = "is_default")]
    pub github: GitHub,
    /// GitLab.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gitlab: GitLab,
}

/// A Bitbucket repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bitbucket {
    /// The workspace's name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The workspace's UUID, with or without braces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_uuid: Option<String>,
    /// The repository's name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The repository's UUID, with or without braces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_uuid: Option<String>,
    /// The UUIDs of the deployment environments, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environments: BTreeMap<String, String>,
}

/// A CircleCI project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CircleCi {
    /// The organization's UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The project's UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The repository as tokens name it, such as `github.com/acme/shop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The UUID of the pipeline definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_definition: Option<String>,
    /// The UUIDs of the contexts, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, String>,
    /// Whether builds of forked pull requests get secrets and tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fork_secrets: Option<bool>,
}

/// A GitHub repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GitHub {
    /// The issuer's URL, if it is not that of github.com.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The organization or user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The repository's name without its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The owner's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
    /// The repository's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
    /// The default branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// `private`, `internal` or `public`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Whether `sub` has the ids of owner and repository in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub immutable_subject: Option<bool>,
    /// The claim keys of a customised `sub`; `["repo", "context"]` is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Vec<String>>,
    /// The protected branches, as patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_branches: Option<Vec<String>>,
}

/// A GitLab project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GitLab {
    /// The instance's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The issuer's URL, if it is not that of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The project's path with its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_path: Option<String>,
    /// The project's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The namespace's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_id: Option<String>,
    /// The default branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The components of `sub`; `["project_path", "ref_type", "ref"]` is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Vec<String>>,
    /// The protected branches, `*` for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_branches: Option<Vec<String>>,
    /// The protected tags, `*` for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_tags: Option<Vec<String>>,
    /// The protected environments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_environments: Option<Vec<String>>,
    /// `private`, `internal` or `public`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            version: VERSION,
            variables: BTreeMap::new(),
            environment_variables: BTreeMap::new(),
            bitbucket: Bitbucket::default(),
            circleci: CircleCi::default(),
            github: GitHub::default(),
            gitlab: GitLab::default(),
        }
    }
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// What is wrong with it, underlined.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Box<Finding>> {
        let fault = |message: String, span: Span| {
            let place = Place::new(source, span);
            Box::new(Finding::new("lock_faulty", Severity::Error, message).at(place, ""))
        };
        let lock: Lock = toml::from_str(&source.text).map_err(|error| {
            let span = error.span().map_or(Span::new(0, 0), |range| Span::new(range.start, range.end));
            fault(format!("this is no lock file: {}", error.message()), span)
        })?;
        if lock.version != VERSION {
            let message =
                format!("the lock file has version {}; version {VERSION} is understood", lock.version);
            return Err(fault(
                message,
                Place::new(source, Span::new(0, source.text.len())).find("version").span,
            ));
        }
        Ok(lock)
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self) -> String {
        let body = toml::to_string(self).unwrap_or_default();
        format!(
            "# What the tokens of this repository's pipelines depend on and its files do not tell.\n\
             # Written by `stagedoor preflight --update`; safe to edit and to commit: nothing here is secret.\n{body}"
        )
    }

    /// Sets one entry by its dotted path, such as `github.owner_id` or `bitbucket.environments.production`.
    ///
    /// # Errors
    /// When there is no such entry, or the value does not do.
    pub fn set(&mut self, path: &str, value: &str) -> Result<(), String> {
        let root = toml::Table::try_from(&*self).map_err(|error| error.to_string())?;
        let parts: Vec<&str> = path.splitn(3, '.').collect();
        for candidate in candidates(value) {
            let mut root = root.clone();
            insert(&mut root, &parts, candidate)?;
            if let Ok(lock) = root.try_into::<Lock>() {
                *self = lock;
                return Ok(());
            }
        }
        Err(format!("the lock file has no entry `{path}` that takes `{value}`"))
    }

    /// A variable of the CI, for a job of an environment.
    pub(crate) fn variable(&self, name: &str, environment: Option<&str>) -> Option<&str> {
        let of_environment = environment
            .and_then(|environment| self.environment_variables.get(environment))
            .and_then(|variables| variables.get(name));
        of_environment.or_else(|| self.variables.get(name)).map(String::as_str)
    }
}

fn insert(table: &mut toml::Table, path: &[&str], value: toml::Value) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [last] => {
            table.insert((*last).to_owned(), value);
            Ok(())
        }
        [folder, rest @ ..] => {
            let entry = table.entry(*folder).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            let inner = entry.as_table_mut().ok_or_else(|| format!("`{folder}` is not a table"))?;
            insert(inner, rest, value)
        }
    }
}

/// A text as the types that an entry can have.
fn candidates(value: &str) -> Vec<toml::Value> {
    let list = value.split(',').filter(|item| !item.is_empty());
    let list = list.map(|item| toml::Value::String(item.trim().to_owned())).collect();
    let mut candidates = vec![toml::Value::String(value.to_owned()), toml::Value::Array(list)];
    candidates.extend(value.parse().ok().map(toml::Value::Boolean));
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_set_by_path_and_survive_the_file() {
        let mut lock = Lock::default();
        lock.set("github.owner_id", "9919001").unwrap();
        lock.set("github.immutable_subject", "true").unwrap();
        lock.set("gitlab.protected_branches", "main,release/*").unwrap();
        lock.set("bitbucket.environments.production", "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}").unwrap();
        lock.set("variables.AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy").unwrap();
        let again = Lock::parse(&Source::new(LOCK_FILE, lock.write())).unwrap();
        assert_eq!(again, lock);
        assert_eq!(again.github.owner_id.as_deref(), Some("9919001"));
        assert_eq!(again.github.immutable_subject, Some(true));
        assert_eq!(again.gitlab.protected_branches, Some(vec!["main".to_owned(), "release/*".to_owned()]));
        assert_eq!(again.variable("AWS_ROLE_ARN", None), Some("arn:aws:iam::123456789012:role/deploy"));
        let error = lock.set("github.owner_idd", "1").unwrap_err();
        assert_eq!(error, "the lock file has no entry `github.owner_idd` that takes `1`");
    }

    #[test]
    fn a_wrong_entry_is_underlined() {
        let source = Source::new(LOCK_FILE, "version = 1\n[github]\nowner_idd = \"1\"\n");
        let finding = Lock::parse(&source).unwrap_err();
        let place = finding.primary.unwrap().place;
        assert_eq!(place.text(), "owner_idd");
        let source = Source::new(LOCK_FILE, "version = 2\n");
        let finding = Lock::parse(&source).unwrap_err();
        assert_eq!(finding.message, "the lock file has version 2; version 1 is understood");
    }
}
