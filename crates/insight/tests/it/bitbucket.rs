//! Preflight of Bitbucket pipelines.

use stagedoor_insight::output;

use crate::setting::{Setting, admitted};

const ISSUER: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
const LOCK: &str = r#"
[bitbucket]
workspace = "acme"
workspace_uuid = "11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10"
repository = "shop"
repository_uuid = "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}"
[bitbucket.environments]
production = "{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}"
"#;
const PRODUCTION: &str = r#"{
    "StringEquals": {"IDP:aud": "ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10"},
    "StringLike": {"IDP:sub": "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}:*"}
  }"#;

fn setting(pipeline: &str) -> Setting {
    Setting::new(LOCK).file("bitbucket-pipelines.yml", pipeline).trust("deploy", ISSUER, PRODUCTION)
}

#[test]
fn a_deployment_step_gets_its_role_and_others_do_not() {
    let setting = setting(include_str!("../fixtures/bitbucket/deploy.yml"));
    assert_eq!(
        setting.verdicts(),
        [
            "16: `branches › main › deploy` will get `arn:aws:iam::123456789012:role/deploy` on a push to `main`",
            "29: `branches › develop › deploy early` will be refused `arn:aws:iam::123456789012:role/deploy` on a push to \
         `develop`: `sub` will be \
         `{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{*}`, and StringLike wants \
         `{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}:*`",
        ]
    );
}

#[test]
fn a_refusal_is_underlined_in_both_files() {
    let setting = setting(include_str!("../fixtures/bitbucket/deploy.yml"));
    let report = setting.report();
    let refused: Vec<_> =
        report.findings.iter().filter(|finding| finding.id == "preflight_refused").cloned().collect();
    let text = output::text(&refused, false);
    assert!(text.contains("bitbucket-pipelines.yml:29"), "{text}");
    assert!(text.contains("no `deployment`, so no environment in `sub`"), "{text}");
    assert!(text.contains("deploy.json:7"), "{text}");
    assert!(text.contains("this is wanted"), "{text}");
}

#[test]
fn what_else_a_policy_lets_in_is_shown_with_tokens() {
    let exact = setting(include_str!("../fixtures/bitbucket/deploy.yml"));
    assert_eq!(admitted(&exact.report()), ["a step of any branch that declares the same `deployment`"]);
    let wide = Setting::new(LOCK)
        .file("bitbucket-pipelines.yml", include_str!("../fixtures/bitbucket/deploy.yml"))
        .trust("deploy", ISSUER, r#"{"StringLike": {"IDP:sub": "*"}}"#);
    assert_eq!(
        admitted(&wide.report()),
        [
            "a step without `deployment` on any branch of the repository",
            "a step of any other deployment environment",
            "a step of any branch that declares the same `deployment`",
            "any other repository of the workspace",
        ]
    );
}
