//! Preflight of CircleCI pipelines.

use stagedoor_identity::Profile;

use crate::setting::{Setting, admitted};

const ORG: &str = "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11";
const PROJECT: &str = "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70";
const ISSUER: &str = "oidc.circleci.com/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11";
const LOCK: &str = r#"
[circleci]
organization = "8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11"
project = "3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70"
repository = "github.com/acme/shop"
[circleci.contexts]
prod = "b6f0a1d2-7c3e-4e55-9a10-4f2e6d8c0b1a"
"#;

fn on_sub(end: &str) -> String {
    format!(
        r#"{{"StringEquals": {{"IDP:aud": "{ORG}", "IDP:oidc.circleci.com/project-id": "{PROJECT}"}},
    "StringLike": {{"IDP:sub": "org/{ORG}/project/{PROJECT}/user/{end}"}}}}"#
    )
}

fn setting() -> Setting {
    let main = on_sub("*/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main");
    let any = on_sub("*");
    Setting::new(LOCK).trust("deploy", ISSUER, &main).trust("us", ISSUER, &main).trust("pull", ISSUER, &any)
}

#[test]
fn jobs_are_read_through_commands_orbs_parameters_and_filters() {
    let setting = setting().file(".circleci/config.yml", include_str!("../fixtures/circleci/deploy.yml"));
    let role = |name: &str| format!("`arn:aws:iam::123456789012:role/{name}`");
    let (deploy, us) = (role("deploy"), role("us"));
    let sub = |end: &str| format!("`org/{ORG}/project/{PROJECT}/user/*{end}`");
    let wanted = sub("/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main");
    assert_eq!(
        setting.verdicts(),
        [
            format!("17: `main › build` will get {} on a push to any branch", role("pull")),
            format!("10: `main › deploy` will get {deploy} on a push to `main`"),
            format!(
                "56: `main › release` will be refused {deploy} on a push of the tag `/v\\d+/`: `sub` will be {}, and \
             StringLike wants {wanted}",
                sub("/vcs-origin/github.com/acme/shop/vcs-ref/refs/tags//v\\d+/")
            ),
            format!(
                "10: whether `main › deploy-eu` gets its role cannot be known: no trust policy is given for {}",
                role("eu")
            ),
            format!(
                "63: whether `main › deploy-us` gets {us} on a push to `{{main,/release-.*/}}` depends on the branch"
            ),
            format!(
                "44: `on-branch › script` will be refused {deploy} on a push to `main`: `sub` will be {}, and StringLike \
             wants {wanted}",
                sub("")
            ),
            format!(
                "74: `nightly › ecr/build_and_push_image` will be refused {deploy} on a push to `develop`, unless `when: \
             << pipeline.parameters.nightly >>` keeps it from running: `sub` will be {}, and StringLike wants {wanted}",
                sub("/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/develop")
            ),
        ]
    );
}

#[test]
fn dynamic_configuration_is_unknown() {
    let pipeline = "version: 2.1\nsetup: true\nworkflows: {}\n";
    assert_eq!(
        setting().file(".circleci/config.yml", pipeline).verdicts(),
        ["2: the configuration is made at run time (`setup: true`), and its jobs are not known",]
    );
}

#[test]
fn what_is_not_documented_is_unknown() {
    let pipeline = "
orbs: {x: other/orb@1}
jobs:
  minted:
    machine: true
    steps:
      - run: |
          circleci run oidc get --claims '{\"aud\":\"sts.amazonaws.com\"}' > token
          AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN=arn:aws:iam::1:role/deploy aws s3 ls
  root:
    machine: true
    steps:
      - run: AWS_ROLE_ARN=arn:aws:iam::1:role/deploy T=$(circleci run oidc get --root-issuer) aws s3 ls
workflows:
  w:
    jobs:
      - minted: {filters: {branches: {only: main}}}
      - root
      - x/deploy: {role-arn: \"arn:aws:iam::1:role/pull\"}
";
    assert_eq!(
        setting().file(".circleci/config.yml", pipeline).verdicts(),
        [
            "9: `w › minted` will be refused `arn:aws:iam::1:role/deploy` on a push to `main`: `aud` will be \
         `sts.amazonaws.com`, and StringEquals wants `8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11`",
            "13: whether `w › root` gets its role cannot be known: its role cannot be told: its token comes from the root \
         issuer, which all organizations share",
            "19: `w › x/deploy` will get `arn:aws:iam::1:role/pull` on a push to any branch",
        ]
    );
}

#[test]
fn contexts_are_known_by_their_uuids() {
    let policy = r#"{"ForAnyValue:StringEquals": {
        "IDP:oidc.circleci.com/context-ids": "b6f0a1d2-7c3e-4e55-9a10-4f2e6d8c0b1a"},
        "Bool": {"IDP:oidc.circleci.com/ssh-rerun": "false"}}"#;
    let with = |context: &str| {
        let pipeline = format!(
            "orbs: {{aws: circleci/aws-cli@5.4.1}}\njobs:\n  d:\n    machine: true\n    steps:\n      - aws/setup: \
             {{role_arn: \"arn:aws:iam::1:role/r\"}}\nworkflows:\n  w:\n    jobs:\n      - d: {{context: {context}}}\n"
        );
        let setting = Setting::new(LOCK).trust("r", ISSUER, policy).profile(Profile::Stagedoor);
        let verdicts = setting.file(".circleci/config.yml", &pipeline).verdicts();
        verdicts.first().unwrap().clone()
    };
    assert_eq!(with("[prod]"), "6: `w › d` will get `arn:aws:iam::1:role/r` on a push to any branch");
    assert!(with("[]").contains("will be refused"), "{}", with("[]"));
    assert!(with("other").contains("cannot be known: the UUID of the context `other`"), "{}", with("other"));
}

#[test]
fn what_else_a_policy_lets_in() {
    let setting = setting().file(".circleci/config.yml", include_str!("../fixtures/circleci/deploy.yml"));
    let others = admitted(&setting.report());
    assert_eq!(
        others,
        [
            "a job without the context",
            "a re-run with SSH, whose shell holds the token",
            "a fork whose branch is named like the end of `sub`",
            "a re-run with SSH, whose shell holds the token",
            "a fork whose branch is named like the end of `sub`",
            "a push of any tag",
            "a re-run with SSH, whose shell holds the token",
            "a custom webhook of the project",
            "a fork's pull request, if forks get secrets",
            "a fork whose branch is named like the end of `sub`",
        ]
    );
}
