//! The claims that AWS exposes as condition keys, by issuer.
//!
//! State of the Service Authorization Reference for AWS STS of [`AS_OF`]. What is not listed is absent
//! when AWS evaluates a trust policy, whatever the token carries.

/// The date of the reference that the table follows.
pub(crate) const AS_OF: &str = "2026-08-22";

/// Keys of every issuer, besides `aud` and `oaud`, which have rules of their own.
const GENERIC: &[&str] = &["sub", "amr", "email"];

struct Row {
    /// Issuer without scheme; `*` is one path segment or one or more host labels.
    issuer: &'static str,
    claims: &'static [&'static str],
}

const GITHUB: &[&str] = &[
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

const BUILDKITE: &[&str] = &[
    "organization_slug",
    "organization_id",
    "pipeline_slug",
    "pipeline_id",
    "cluster_name",
    "cluster_id",
    "build_branch",
];

const TABLE: &[Row] = &[
    Row { issuer: "token.actions.githubusercontent.com", claims: GITHUB },
    Row { issuer: "token.actions.githubusercontent.com/*", claims: GITHUB },
    Row { issuer: "token.actions.*.ghe.com", claims: GITHUB },
    Row { issuer: "github.com/enterprises/*", claims: GITHUB },
    Row {
        issuer: "gitlab.com",
        claims: &[
            "namespace_id",
            "project_id",
            "user_id",
            "user_login",
            "user_email",
            "user_access_level",
            "ref_protected",
            "pipeline_source",
            "runner_environment",
        ],
    },
    Row { issuer: "agent.buildkite.com", claims: BUILDKITE },
    Row { issuer: "agent.*.buildkite.dev", claims: BUILDKITE },
    Row { issuer: "agent.*.buildkite.site", claims: BUILDKITE },
    Row { issuer: "oidc.circleci.com/org/*", claims: &["oidc.circleci.com/project-id"] },
    Row { issuer: "accounts.google.com", claims: &["google/organization_number"] },
    Row { issuer: "www.amazon.com", claims: &["app_id", "user_id"] },
    Row { issuer: "graph.facebook.com", claims: &["app_id", "id"] },
    Row { issuer: "idcs-*.identity.oraclecloud.com", claims: &["rpst_id"] },
];

/// The claims besides `aud` that are condition keys of the issuer at `prefix` (URL without scheme).
pub(crate) fn of_issuer(prefix: &str) -> impl Iterator<Item = &'static str> {
    GENERIC.iter().chain(specific(prefix)).copied()
}

/// The claims that only this issuer has as condition keys.
pub(crate) fn specific(prefix: &str) -> &'static [&'static str] {
    TABLE.iter().find(|row| matches(row.issuer, prefix)).map_or(&[], |row| row.claims)
}

fn matches(pattern: &str, prefix: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == prefix,
        Some((start, end)) => prefix
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|middle| !middle.is_empty() && !middle.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_have_exactly_their_own_keys() {
        assert_eq!(specific("gitlab.com").len(), 9);
        assert_eq!(specific("gitlab.example.com"), [] as [&str; 0]);
        assert_eq!(specific("token.actions.githubusercontent.com/acme").len(), 10);
        assert_eq!(specific("token.actions.githubusercontent.com/acme/more"), [] as [&str; 0]);
        assert_eq!(specific("token.actions.acme.ghe.com").len(), 10);
        assert_eq!(specific("ghes.example.com/_services/token"), [] as [&str; 0]);
        assert_eq!(specific("oidc.circleci.com/org/8c5f"), ["oidc.circleci.com/project-id"]);
        assert_eq!(specific("oidc.circleci.com"), [] as [&str; 0]);
        assert_eq!(
            specific("api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"),
            [] as [&str; 0]
        );
    }

    #[test]
    fn the_reference_has_a_date() {
        assert!(AS_OF.parse::<jiff::civil::Date>().is_ok());
    }
}
