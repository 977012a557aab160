//! What each vendor puts into a token, and where it publishes its keys.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stagedoor_identity::Provider;

/// The invented ids in the example claims, for policies that have to name them.
pub mod ids {
    /// Bitbucket: the workspace, in its audience without braces.
    pub const BITBUCKET_WORKSPACE: &str = "11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10";
    /// Bitbucket: the repository, with braces.
    pub const BITBUCKET_REPOSITORY: &str = "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}";
    /// Bitbucket: the deployment environment `production`, with braces.
    pub const BITBUCKET_ENVIRONMENT: &str = "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}";
    /// CircleCI: the organisation, which is also the audience.
    pub const CIRCLECI_ORGANIZATION: &str = "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11";
    /// CircleCI: the project.
    pub const CIRCLECI_PROJECT: &str = "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70";
    /// CircleCI: the user in the subject.
    pub const CIRCLECI_USER: &str = "e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70";
}

/// A vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Bitbucket Pipelines.
    Bitbucket,
    /// CircleCI, the issuer of an organisation.
    CircleCi,
    /// GitLab CI.
    GitLab,
    /// GitHub Actions.
    GitHub,
    /// Any other OpenID provider: only the registered claims.
    Oidc,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Bitbucket, Self::CircleCi, Self::GitLab, Self::GitHub, Self::Oidc];

    /// The name that a configuration uses: `bitbucket`, `circleci`, `gitlab`, `github`, `oidc`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bitbucket => "bitbucket",
            Self::CircleCi => "circleci",
            Self::GitLab => "gitlab",
            Self::GitHub => "github",
            Self::Oidc => "oidc",
        }
    }

    /// The vendor with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The path in the vendor's issuer URL, with a leading and without a trailing slash; empty for the root.
    #[must_use]
    pub fn issuer_path(self) -> String {
        match self {
            Self::Bitbucket => "/2.0/workspaces/acme/pipelines-config/identity/oidc".to_owned(),
            Self::CircleCi => format!("/org/{}", ids::CIRCLECI_ORGANIZATION),
            Self::GitLab | Self::GitHub | Self::Oidc => String::new(),
        }
    }

    /// Where the vendor publishes its keys, relative to the issuer URL.
    #[must_use]
    pub fn jwks_path(self) -> &'static str {
        match self {
            Self::Bitbucket => "/keys.json",
            Self::CircleCi => "/.well-known/jwks-pub.json",
            Self::GitLab => "/oauth/discovery/keys",
            Self::GitHub => "/.well-known/jwks",
            Self::Oidc => "/jwks",
        }
    }

    /// The claims of a typical token of the vendor, from the catalogue, as issuer `url` would make it at `now`: its
    /// times are moved, all else is left.
    #[must_use]
    pub fn example_claims(self, url: &str, now: Timestamp) -> Map<String, Value> {
        let example = match self {
            Self::Oidc => Some(json!({ "aud": "stagedoor", "sub": "someone", "iat": 0, "exp": 3600 })),
            _ => Provider::by_kind(self.name()).map(Provider::example_claims),
        };
        let mut claims = match example {
            Some(Value::Object(claims)) => claims,
            _ => Map::new(),
        };
        let issued = claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
        for name in ["iat", "nbf", "exp"] {
            if let Some(time) = claims.get_mut(name)
                && let Some(then) = time.as_i64()
            {
                *time = (now.as_second() + (then - issued)).into();
            }
        }
        claims.insert("iss".to_owned(), url.into());
        claims
    }

    /// The subject that the vendor derives from other claims; none when it derives none or a claim is missing.
    pub(crate) fn subject(self, claims: &Map<String, Value>) -> Option<String> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        match self {
            Self::Bitbucket => {
                let (repository, step) = (text("repositoryUuid")?, text("stepUuid")?);
                Some(match text("deploymentEnvironmentUuid") {
                    Some(environment) => format!("{repository}:{environment}:{step}"),
                    None => format!("{repository}:{step}"),
                })
            }
            Self::CircleCi => {
                let (org, project) =
                    (text("oidc.circleci.com/org-id")?, text("oidc.circleci.com/project-id")?);
                let user = ids::CIRCLECI_USER;
                let first = format!("org/{org}/project/{project}/user/{user}");
                Some(match (text("oidc.circleci.com/vcs-origin"), text("oidc.circleci.com/vcs-ref")) {
                    (Some(origin), Some(git_ref)) => format!("{first}/vcs-origin/{origin}/vcs-ref/{git_ref}"),
                    _ => first,
                })
            }
            Self::GitLab => {
                let (project, ref_type, git_ref) = (text("project_path")?, text("ref_type")?, text("ref")?);
                Some(format!("project_path:{project}:ref_type:{ref_type}:ref:{git_ref}"))
            }
            Self::GitHub => {
                let (owner, name) = text("repository")?.split_once('/')?;
                let (owner_id, id) = (text("repository_owner_id")?, text("repository_id")?);
                let context = match (text("environment"), text("event_name")) {
                    (Some(environment), _) => format!("environment:{}", environment.replace(':', "%3A")),
                    (None, Some("pull_request")) => "pull_request".to_owned(),
                    (None, _) => format!("ref:{}", text("ref")?),
                };
                Some(format!("repo:{owner}@{owner_id}/{name}@{id}:{context}"))
            }
            Self::Oidc => None,
        }
    }
}
