//! Preflight of GitLab pipelines.

use stagedoor_identity::Profile;

use crate::setting::{Setting, admitted};

const ISSUER: &str = "gitlab.com";
const LOCK: &str = r#"
[gitlab]
host = "gitlab.com"
project_path = "acme/shop"
project_id = "20"
namespace_id = "72"
default_branch = "main"
protected_branches = ["main", "release/*"]
protected_tags = []
"#;
const MAIN: &str = r#"{"StringEquals": {
    "IDP:aud": "sts.amazonaws.com",
    "IDP:sub": "project_path:acme/shop:ref_type:branch:ref:main",
    "IDP:ref_protected": "true"}}"#;

fn setting() -> Setting {
    Setting::new(LOCK).trust("deploy", ISSUER, MAIN).trust("us", ISSUER, MAIN)
}

fn one(job: &str) -> String {
    let default = "default:\n  id_tokens: {T: {aud: sts.amazonaws.com}}\n";
    let script = "  variables: {AWS_ROLE_ARN: \"arn:aws:iam::1:role/deploy\"}\n  script: [x]\n";
    format!("{default}job:\n{script}{job}")
}

#[test]
fn jobs_are_read_with_all_that_they_extend_include_and_refer_to() {
    let setting = setting()
        .file(".gitlab-ci.yml", include_str!("../fixtures/gitlab/deploy.yml"))
        .file("ci/base.yml", include_str!("../fixtures/gitlab/base.yml"));
    let role = |name: &str| format!("`arn:aws:iam::123456789012:role/{name}`");
    let (deploy, eu, us) = (role("deploy"), role("eu"), role("us"));
    assert_eq!(
        setting.verdicts(),
        [
            "49: `child` cannot be judged: it starts a child pipeline, which is not followed".to_owned(),
            format!("7: `production` will get {deploy} on a push to `main`"),
            format!(
                "24: `review` will be refused {deploy} on a push to `/^release/\\d+$/`: `sub` will be \
             `project_path:acme/shop:ref_type:branch:ref:/^release/\\d+$/`, and StringEquals wants \
             `project_path:acme/shop:ref_type:branch:ref:main`"
            ),
            format!(
                "23: whether `review` gets {deploy} on a merge request from any branch depends on the branch"
            ),
            format!(
                "27: `release` will be refused {deploy} on a push of any tag: `sub` will be \
             `project_path:acme/shop:ref_type:tag:ref:*`, and StringEquals wants \
             `project_path:acme/shop:ref_type:branch:ref:main`"
            ),
            "28: `no-token` will get no role: it does not ask for a token".to_owned(),
            format!(
                "40: whether `per-region: [eu]` gets its role cannot be known: no trust policy is given for {eu}"
            ),
            format!("40: `per-region: [us]` will get {us} on a push to `main`"),
            format!("45: `by-rule` will get {us} on a push to `main`"),
            format!(
                "46: `by-rule` will be refused {deploy} on a push to `*` except `main`, unless `rules:changes` keeps it \
             from running: `sub` will be `project_path:acme/shop:ref_type:branch:ref:*` except \
             `project_path:acme/shop:ref_type:branch:ref:main`, and StringEquals wants \
             `project_path:acme/shop:ref_type:branch:ref:main`"
            ),
        ]
    );
    assert_eq!(setting.report().assumptions.len(), 2);
}

#[test]
fn includes_that_are_not_here_leave_doubts() {
    let pipeline = "include:\n  - project: acme/ci\n    file: base.yml\njob:\n  \
                    script: [aws sts assume-role-with-web-identity --role-arn x --web-identity-token $T]\n";
    assert_eq!(
        setting().file(".gitlab-ci.yml", pipeline).verdicts(),
        [
            "2: the project `acme/ci` is included and not here",
            "4: whether `job` gets its role cannot be known: it has no `id_tokens`, but the project `acme/ci` may set it",
        ]
    );
    let pipeline = "include: {component: gitlab.com/a/b@1}\njob: {extends: .x, script: [x]}\n";
    assert_eq!(
        setting().file(".gitlab-ci.yml", pipeline).verdicts(),
        [
            "1: the component `gitlab.com/a/b@1` is included and not here",
            "2: `job` cannot be judged: `.x`, which it extends, is not here; the component `gitlab.com/a/b@1` may have it",
        ]
    );
}

#[test]
fn circles_are_refused_with_a_line() {
    let setting = setting()
        .file(".gitlab-ci.yml", "include: /a.yml\n")
        .file("a.yml", "x: 1\ninclude: [/.gitlab-ci.yml]\n");
    assert_eq!(
        setting.verdicts(),
        ["2: `.gitlab-ci.yml` includes itself: .gitlab-ci.yml → a.yml → .gitlab-ci.yml",]
    );
    let circle = "a: {extends: b, script: [x]}\nb: {extends: a}\n.r: !reference [.r]\nc: {script: [!reference [.r]]}\n";
    assert_eq!(
        Setting::new(LOCK).file(".gitlab-ci.yml", circle).verdicts(),
        [
            "1: `a` cannot be judged: `extends` goes deeper than 11 levels, perhaps in a circle",
            "2: `b` cannot be judged: `extends` goes deeper than 11 levels, perhaps in a circle",
            "4: `c` cannot be judged: `!reference` goes deeper than 10 levels, perhaps in a circle",
        ]
    );
}

#[test]
fn a_list_of_audiences_is_refused_by_aws_only() {
    let several = one("  only: [main]\n  except: [schedules, web, api, triggers, pipelines]\n")
        .replace("aud: sts.amazonaws.com", "aud: [sts.amazonaws.com, https://door.example.com]");
    let aws = setting().file(".gitlab-ci.yml", &several).verdicts();
    assert_eq!(
        aws,
        [
            "2: `job` will be refused `arn:aws:iam::1:role/deploy` on a push to `main`: AWS refuses a token with 2 \
         audiences and no `azp`: [`sts.amazonaws.com`, `https://door.example.com`]",
        ]
    );
    let ours = setting()
        .file(".gitlab-ci.yml", &several)
        .profile(Profile::Stagedoor)
        .issuer("https://gitlab.com", &["sts.amazonaws.com"])
        .verdicts();
    assert_eq!(ours, ["4: `job` will get `arn:aws:iam::1:role/deploy` on a push to `main`"]);
}

#[test]
fn keys_that_aws_does_not_have_are_told() {
    let policy = r#"{"StringEquals": {"IDP:project_path": "acme/shop"}}"#;
    let pipeline = one("  rules: [{if: $CI_COMMIT_TAG}]\n");
    let with = |profile| {
        let setting = Setting::new(LOCK).trust("deploy", ISSUER, policy).profile(profile);
        setting.file(".gitlab-ci.yml", &pipeline).verdicts()
    };
    assert_eq!(
        with(Profile::Aws),
        [
            "4: `job` will be refused `arn:aws:iam::1:role/deploy` on a push of any tag: there is no `project_path`: AWS \
         has no condition key `project_path` for tokens of GitLab CI",
        ]
    );
    assert_eq!(
        with(Profile::Stagedoor),
        ["4: `job` will get `arn:aws:iam::1:role/deploy` on a push of any tag"]
    );
}

#[test]
fn variables_of_the_project_override_those_of_the_file() {
    let lock = format!("[variables]\nAWS_ROLE_ARN = \"arn:aws:iam::1:role/other\"\n{LOCK}");
    let setting = Setting::new(&lock).file(".gitlab-ci.yml", &one("  only: [tags]\n"));
    assert_eq!(
        setting.verdicts(),
        [
            "4: whether `job` gets its role cannot be known: no trust policy is given for `arn:aws:iam::1:role/other`",
        ]
    );
}

#[test]
fn components_of_sub_that_the_token_lacks_are_dropped() {
    let lock = format!("{LOCK}subject = [\"project_id\", \"environment\", \"ref_protected\"]\n");
    let policy = r#"{"StringEquals": {"IDP:sub": "project_id:20:environment:prod:ref_protected:true"}}"#;
    let with = |environment: &str| {
        let rules = "  rules: [{if: '$CI_COMMIT_BRANCH == \"main\" && $CI_PIPELINE_SOURCE == \"push\"'}]\n";
        let setting = Setting::new(&lock).trust("deploy", ISSUER, policy);
        setting.file(".gitlab-ci.yml", &one(&format!("{environment}{rules}"))).verdicts()
    };
    assert_eq!(
        with("  environment: prod\n"),
        ["4: `job` will get `arn:aws:iam::1:role/deploy` on a push to `main`"]
    );
    assert!(with("").first().unwrap().contains("`sub` will be `project_id:20:ref_protected:true`"));
}

#[test]
fn what_else_a_policy_lets_in() {
    let pipeline = one("  only: [main]\n");
    let with = |policy: &str| {
        let setting = Setting::new(LOCK).trust("deploy", ISSUER, policy);
        admitted(&setting.file(".gitlab-ci.yml", &pipeline).report())
    };
    let reused = "whoever registers the same path again after it is given up";
    assert_eq!(with(MAIN), [reused]);
    assert_eq!(
        with(&MAIN.replace("\n    \"IDP:ref_protected\": \"true\"}", "\n    \"IDP:project_id\": \"20\"}")),
        ["the same ref if it is not protected any more",]
    );
    let group = r#"{"StringLike": {"IDP:sub": "project_path:acme/*:ref_type:branch:ref:main"}}"#;
    assert_eq!(
        with(group),
        [
            "the same ref if it is not protected any more",
            "any other project of the group",
            "a project whose name begins alike",
            "a project of a subgroup",
            reused,
        ]
    );
}
