//! HashiCorp Vault and OpenBao.

use serde_json::{Map, Value, json};

use super::super::{Test, Trust};
use super::{quoted, reasons};

pub(super) fn write(trust: &Trust) -> String {
    let globbed = trust.checks.iter().any(|check| matches!(check.test, Test::Like(_)));
    let mut bound = Map::new();
    let mut warnings = String::new();
    for check in &trust.checks {
        let value = match &check.test {
            Test::Equals(values) | Test::Like(values) => match values.as_slice() {
                [only] => json!(only),
                several => json!(several),
            },
            Test::Holds(value) => json!(value),
            // Globs are for strings only, so a boolean cannot stand beside them.
            Test::False if globbed => {
                warnings += &format!(
                    "# WARNING: `{}` is a boolean, which Vault cannot test beside patterns: it is left out\n",
                    check.claim
                );
                continue;
            }
            Test::False => json!(false),
        };
        bound.insert(check.claim.clone(), value);
    }
    let role = json!({
        "role_type": "jwt",
        "user_claim": user(trust),
        "bound_audiences": [trust.audience],
        "bound_claims_type": if globbed { "glob" } else { "string" },
        "bound_claims": Value::Object(bound),
        "token_policies": ["default"],
        "token_ttl": "15m",
        "token_type": "batch",
    });
    let algorithms: Vec<String> = trust.provider.algorithms.iter().map(ToString::to_string).collect();
    format!(
        "#!/bin/sh\nset -eu\n{}{warnings}vault auth enable jwt\nvault write auth/jwt/config \\\n  \
         oidc_discovery_url={} \\\n  bound_issuer={} \\\n  jwt_supported_algs={}\nvault write auth/jwt/role/{} - \
         <<'ROLE'\n{role:#}\nROLE\n",
        reasons(trust, "# "),
        quoted(&trust.issuer),
        quoted(&trust.issuer),
        quoted(&algorithms.join(",")),
        trust.role,
    )
}

/// The claim that names an identity: an immutable id, so that there is one for each repository, not for each run.
fn user(trust: &Trust) -> &'static str {
    match trust.provider.kind {
        "bitbucket" => "repositoryUuid",
        "circleci" => "oidc.circleci.com/project-id",
        "github" => "repository_id",
        "gitlab" => "project_id",
        _ => "sub",
    }
}
