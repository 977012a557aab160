//! What each vendor puts into a token, and where it publishes its keys.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

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

    /// How long the vendor's token lives, in seconds.
    #[must_use]
    pub fn lifetime(self) -> i64 {
        match self {
            Self::GitHub => 300,
            _ => 3600,
        }
    }

    /// The claims of an example token of issuer `url`, made at `now`: a deployment to production from `main`.
    #[must_use]
    pub fn example_claims(self, url: &str, now: Timestamp) -> Map<String, Value> {
        let mut claims = match self.own_claims() {
            Value::Object(claims) => claims,
            _ => Map::new(),
        };
        let issued = now.as_second();
        claims.insert("iss".to_owned(), url.into());
        claims.insert("iat".to_owned(), issued.into());
        match self {
            Self::GitLab => drop(claims.insert("nbf".to_owned(), (issued - 5).into())),
            Self::GitHub => drop(claims.insert("nbf".to_owned(), (issued - 300).into())),
            Self::Bitbucket | Self::CircleCi | Self::Oidc => {}
        }
        claims.insert("exp".to_owned(), (issued + self.lifetime()).into());
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
                let repository = text("repository")?;
                let context = match (text("environment"), text("event_name")) {
                    (Some(environment), _) => format!("environment:{}", environment.replace(':', "%3A")),
                    (None, Some("pull_request")) => "pull_request".to_owned(),
                    (None, _) => format!("ref:{}", text("ref")?),
                };
                Some(format!("repo:{repository}:{context}"))
            }
            Self::Oidc => None,
        }
    }

    fn own_claims(self) -> Value {
        match self {
            Self::Bitbucket => json!({
                "aud": format!("ari:cloud:bitbucket::workspace/{}", ids::BITBUCKET_WORKSPACE),
                "sub": format!(
                    "{}:{}:{{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}}",
                    ids::BITBUCKET_REPOSITORY,
                    ids::BITBUCKET_ENVIRONMENT
                ),
                "workspaceUuid": format!("{{{}}}", ids::BITBUCKET_WORKSPACE),
                "repositoryUuid": ids::BITBUCKET_REPOSITORY,
                "pipelineUuid": "{2e11aa22-3344-4556-8778-99aabbccddee}",
                "pipelineRunUuid": "{9b10cc22-3344-4556-8778-99aabbccddee}",
                "stepUuid": "{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}",
                "deploymentEnvironmentUuid": ids::BITBUCKET_ENVIRONMENT,
                "branchName": "main",
            }),
            Self::CircleCi => json!({
                "aud": ids::CIRCLECI_ORGANIZATION,
                "sub": format!(
                    "org/{}/project/{}/user/{}/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main",
                    ids::CIRCLECI_ORGANIZATION,
                    ids::CIRCLECI_PROJECT,
                    ids::CIRCLECI_USER
                ),
                "oidc.circleci.com/context-ids": ["b6f0a1d2-7c3e-4e55-9a10-4f2e6d8c0b1a"],
                "oidc.circleci.com/job-id": "0f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a",
                "oidc.circleci.com/org-id": ids::CIRCLECI_ORGANIZATION,
                "oidc.circleci.com/pipeline-definition-id": "6a5b4c3d-2e1f-4a0b-9c8d-7e6f5a4b3c2d",
                "oidc.circleci.com/pipeline-id": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
                "oidc.circleci.com/project-id": ids::CIRCLECI_PROJECT,
                "oidc.circleci.com/ssh-rerun": false,
                "oidc.circleci.com/vcs-origin": "github.com/acme/shop",
                "oidc.circleci.com/vcs-ref": "refs/heads/main",
                "oidc.circleci.com/workflow-id": "9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b",
            }),
            Self::GitLab => json!({
                "aud": "sts.amazonaws.com",
                "sub": "project_path:acme/shop:ref_type:branch:ref:main",
                "namespace_id": "72", "namespace_path": "acme",
                "project_id": "20", "project_path": "acme/shop",
                "job_project_id": "20", "job_project_path": "acme/shop",
                "job_namespace_id": "72", "job_namespace_path": "acme",
                "user_id": "17", "user_login": "jane", "user_email": "jane@acme.dev",
                "user_access_level": "maintainer",
                "pipeline_id": "574", "pipeline_source": "push", "job_id": "302",
                "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main", "ref_protected": "true",
                "environment": "production", "environment_protected": "true",
                "deployment_tier": "production", "environment_action": "start",
                "runner_id": 41, "runner_environment": "gitlab-hosted",
                "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
                "project_visibility": "private",
                "ci_config_ref_uri": "gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main",
                "ci_config_sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
                "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
            }),
            Self::GitHub => json!({
                "aud": "sts.amazonaws.com",
                "sub": "repo:acme/shop:environment:production",
                "jti": "1f0b3a6e-8a3c-4c71-9d0a-3a0a8d3c5b10",
                "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true",
                "sha": "8f1d0c3be7a94c7e0b1c2d3e4f5a6b7c8d9e0f1a",
                "repository": "acme/shop", "repository_id": "771234567",
                "repository_owner": "acme", "repository_owner_id": "9919001",
                "repository_visibility": "private",
                "run_id": "1795168801", "run_number": "42", "run_attempt": "1", "check_run_id": "55501234567",
                "actor": "jane", "actor_id": "583231", "workflow": "Deploy",
                "head_ref": "", "base_ref": "", "event_name": "push",
                "environment": "production",
                "workflow_ref": "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
                "workflow_sha": "8f1d0c3be7a94c7e0b1c2d3e4f5a6b7c8d9e0f1a",
                "job_workflow_ref": "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
                "job_workflow_sha": "8f1d0c3be7a94c7e0b1c2d3e4f5a6b7c8d9e0f1a",
                "runner_environment": "github-hosted", "enterprise": "acme-inc", "enterprise_id": "4242",
            }),
            Self::Oidc => json!({ "aud": "stagedoor", "sub": "someone" }),
        }
    }
}
