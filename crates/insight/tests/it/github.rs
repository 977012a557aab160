//! Preflight of GitHub workflows.

use crate::setting::{Setting, admitted};

const ISSUER: &str = "token.actions.githubusercontent.com";
const LOCK: &str = r#"
[variables]
ROLE = "arn:aws:iam::123456789012:role/production"
[github]
owner = "acme"
owner_id = "9919001"
repository = "shop"
repository_id = "771234567"
default_branch = "main"
immutable_subject = false
"#;

/// A policy on `aud` and `sub`.
fn on_sub(sub: &str) -> String {
    format!(
        r#"{{"StringEquals": {{"IDP:aud": "sts.amazonaws.com"}},
    "StringLike": {{"IDP:sub": "{sub}"}}}}"#
    )
}

fn setting(lock: &str) -> Setting {
    Setting::new(lock)
        .trust("deploy", ISSUER, &on_sub("repo:acme/shop:ref:refs/heads/main"))
        .trust("main", ISSUER, &on_sub("repo:acme/shop:ref:refs/heads/main"))
        .trust("production", ISSUER, &on_sub("repo:acme/shop:environment:production"))
}

#[test]
fn triggers_permissions_and_conditions() {
    let setting =
        setting(LOCK).file(".github/workflows/deploy.yml", include_str!("../fixtures/github/deploy.yml"));
    assert_eq!(
        setting.verdicts(),
        [
            "3: whether `deploy.yml › ship` gets `arn:aws:iam::123456789012:role/deploy` on a push to \
         `{main,release/**}` except `release/old` depends on the pushed branch",
            "5: `deploy.yml › ship` will be refused `arn:aws:iam::123456789012:role/deploy` on a pull request: `sub` will \
         be `repo:acme/shop:pull_request`, and StringLike wants `repo:acme/shop:ref:refs/heads/main`",
            "24: `deploy.yml › production` will get `arn:aws:iam::123456789012:role/production` on a push to \
         `{main,release/**}` except `release/old`",
            "27: `deploy.yml › forgotten` will get no role: it does not ask for a token",
        ]
    );
}

#[test]
fn reusable_workflows_take_permissions_and_inputs_from_their_callers() {
    let setting = setting(LOCK)
        .file(".github/workflows/caller.yml", include_str!("../fixtures/github/caller.yml"))
        .file(".github/workflows/called.yml", include_str!("../fixtures/github/called.yml"))
        .file(".github/actions/login/action.yml", include_str!("../fixtures/github/action.yml"));
    assert_eq!(
        setting.verdicts(),
        [
            "16: `caller.yml › elsewhere` calls `acme/shared/.github/workflows/deploy.yml@v1`, which is not here",
            "7: `caller.yml › granted (production) › apply` will get `arn:aws:iam::123456789012:role/production` on a push to `main`",
            "8: `caller.yml › granted (staging) › apply` will be refused `arn:aws:iam::123456789012:role/production` on a push to \
         `main`: `sub` will be `repo:acme/shop:environment:staging`, and StringLike wants \
         `repo:acme/shop:environment:production`",
            "11: `caller.yml › withheld › apply` will get no role: it does not ask for a token",
        ]
    );
}

#[test]
fn pull_request_target_looks_like_main_and_unknown_things_stay_unknown() {
    let setting =
        setting(LOCK).file(".github/workflows/target.yml", include_str!("../fixtures/github/target.yml"));
    assert_eq!(
        setting.verdicts(),
        [
            "8: `target.yml › label` will get `arn:aws:iam::123456789012:role/main` on a pull request \
         (`pull_request_target`)",
            "1: whether `target.yml › label` gets `arn:aws:iam::123456789012:role/main` on a start by hand on a branch \
         depends on the branch on which someone starts it",
            "1: `target.yml › label` will be refused `arn:aws:iam::123456789012:role/main` on a start by hand on a tag: \
         `sub` will be `repo:acme/shop:ref:refs/tags/*`, and StringLike wants `repo:acme/shop:ref:refs/heads/main`",
            "12: `target.yml › hidden` will be refused `arn:aws:iam::123456789012:role/production` on a pull request \
         (`pull_request_target`), a start by hand on a branch and a start by hand on a tag, unless \
         `if: github.actor == 'jane' || inputs.force` keeps it from running: `sub` will be \
         `repo:acme/shop:environment:Production`, and StringLike wants `repo:acme/shop:environment:production`",
            "18: whether `target.yml › dynamic` gets `arn:aws:iam::123456789012:role/production` on a pull request \
         (`pull_request_target`), a start by hand on a branch and a start by hand on a tag cannot be known: \
         `needs.plan.outputs.environment` is known only when the workflow runs",
        ]
    );
}

#[test]
fn the_form_of_sub_must_be_known() {
    let lock = LOCK.replace("immutable_subject = false\n", "");
    let workflow = include_str!("../fixtures/github/called.yml").replace("workflow_call", "push");
    let workflow = workflow
        .replace("jobs:", "permissions: write-all\njobs:")
        .replace("${{ inputs.environment }}", "production");
    let files = |setting: Setting| {
        setting
            .file(".github/workflows/w.yml", &workflow)
            .file(".github/actions/login/action.yml", include_str!("../fixtures/github/action.yml"))
    };
    let unknown = files(setting(&lock)).verdicts();
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].contains("cannot be known: whether `sub` has the ids"), "{unknown:?}");
    let refused = files(setting(&LOCK.replace("= false", "= true"))).verdicts();
    assert!(
        refused[0].contains("`sub` will be `repo:acme@9919001/shop@771234567:environment:production`"),
        "{refused:?}"
    );
    let customised = LOCK.to_owned() + "subject = [\"repo\", \"context\", \"job_workflow_ref\"]\n";
    let refused = files(setting(&customised)).verdicts();
    assert!(
        refused[0].contains(
            "`repo:acme/shop:environment:production:job_workflow_ref:acme/shop/.github/workflows/w.yml@refs/heads/*`"
        ),
        "{refused:?}"
    );
}

#[test]
fn what_else_a_policy_lets_in() {
    let with = |sub: &str| {
        let workflow = include_str!("../fixtures/github/deploy.yml")
            .replace("[main, 'release/**', '!release/old']", "[main]");
        let workflow = workflow.replace("  pull_request:\n", "");
        let setting = Setting::new(LOCK).file(".github/workflows/deploy.yml", &workflow);
        admitted(&setting.trust("deploy", ISSUER, &on_sub(sub)).report())
    };
    let reused = "whoever registers the same names again after they are given up";
    let target = "a workflow on `pull_request_target`, also for forks";
    assert_eq!(with("repo:acme/shop:ref:refs/heads/main"), [target, reused]);
    assert_eq!(
        with("repo:acme/shop*:ref:refs/heads/main"),
        [target, "a repository whose name begins alike", reused,]
    );
    assert_eq!(
        with("repo:acme*"),
        [
            "a push to any other branch",
            "a branch whose name begins alike",
            "a push of any tag",
            "a pull request of the repository",
            "any other environment",
            target,
            "any other repository of the owner",
            "a repository whose name begins alike",
            "an owner whose name begins alike",
            reused,
        ]
    );
}

#[test]
fn the_repository_can_be_its_own_action() {
    let workflow = "on: {push: {branches: [main]}}\npermissions: write-all\njobs:\n  a:\n    steps:\n      \
                    - {uses: ./, with: {role: \"arn:aws:iam::1:role/main\"}}\n";
    let setting = setting(LOCK)
        .file(".github/workflows/w.yml", workflow)
        .file("action.yml", include_str!("../fixtures/github/action.yml"));
    assert_eq!(
        setting.verdicts(),
        ["7: `w.yml › a` will get `arn:aws:iam::1:role/main` on a push to `main`"]
    );
}
