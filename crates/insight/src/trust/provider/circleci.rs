//! CircleCI.

use stagedoor_identity::Provider;

use super::super::field::{Missing, Values};
use super::super::{Target, Test, Trust};
use super::{begin, items, trade};

const PROJECT: &str = "oidc.circleci.com/project-id";
const ORIGIN: &str = "oidc.circleci.com/vcs-origin";
const REF: &str = "oidc.circleci.com/vcs-ref";
const CONTEXTS: &str = "oidc.circleci.com/context-ids";
const USER: &str = "e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70";
const SSH: &str = "oidc.circleci.com/ssh-rerun";

pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    let (organization, project) = (values.get("organization"), values.get("project"));
    let mut trust = begin(provider, values, &[("organization", organization)])?;
    let (repository, branch) = (values.some("repository"), values.some("branch"));
    let origin = repository.unwrap_or("github.com/acme/shop");
    let reference = format!("refs/heads/{}", branch.unwrap_or("main"));
    trust.fact("oidc.circleci.com/org-id", Some(organization));
    trust.fact(ORIGIN, Some(origin));
    trust.fact(REF, Some(&reference));
    trust.fact(
        "sub",
        Some(&format!(
            "org/{organization}/project/{project}/user/{USER}/vcs-origin/{origin}/vcs-ref/{reference}"
        )),
    );
    trust.equals(PROJECT, project, "the project by its UUID, which is never given to another");
    if target.is_aws() {
        at_aws(&mut trust, organization, project, repository, branch, values.some("context"));
    } else {
        match repository {
            Some(repository) => {
                trust.equals(ORIGIN, repository, "the repository that the change comes from: not a fork")
            }
            None => {
                trust.warn("without --repository builds of forks pass, if the project gives them secrets")
            }
        }
        match branch {
            Some(branch) => trust.equals(REF, &format!("refs/heads/{branch}"), "the branch"),
            None => trust.warn("without --branch every branch and tag of the project passes"),
        }
        if let Some(context) = values.some("context") {
            let why = "the job must have the context, whose security groups decide who may use it";
            trust.check(CONTEXTS, Test::Holds(context.to_owned()), why);
        }
        trust.check(SSH, Test::False, "not a re-run with SSH, whose shell holds the token");
    }
    if target == Target::Azure {
        trust.warn("Entra compares `sub` as a whole, and CircleCI's holds the user: there is one credential for each user");
    }
    trust.notes.push(
        "who may write to the project can run any configuration on any branch through the API; restrict a context by \
         `pipeline.config_source` to keep them out"
            .to_owned(),
    );
    let branch = branch.unwrap_or("main");
    let steps = match target.is_aws() {
        true => format!(
            "      - aws-cli/setup:\n          role_arn: {}\n          region: us-east-1\n",
            trust.role_arn()
        ),
        false => {
            let lines = items(&trade(&trust, target, "$CIRCLE_OIDC_TOKEN_V2"), 0);
            let lines: String = lines
                .lines()
                .map(|line| format!("            {}\n", line.trim_start_matches("- ")))
                .collect();
            format!("      - run:\n          command: |\n{lines}")
        }
    };
    let orb = if target.is_aws() { "orbs:\n  aws-cli: circleci/aws-cli@5.4.1\n" } else { "" };
    let text = format!(
        "version: 2.1\n{orb}jobs:\n  deploy:\n    docker:\n      - image: cimg/aws:2026.01\n    steps:\n{steps}\
         workflows:\n  deploy:\n    jobs:\n      - deploy:\n          filters: {{ branches: {{ only: {branch} }} }}\n"
    );
    trust.pipeline(".circleci/config.yml", text);
    Ok(trust)
}

fn at_aws(
    trust: &mut Trust,
    organization: &str,
    project: &str,
    repository: Option<&str>,
    branch: Option<&str>,
    context: Option<&str>,
) {
    let start = format!("org/{organization}/project/{project}/user/*");
    match (repository, branch) {
        (Some(repository), Some(branch)) => trust.check(
            "sub",
            Test::Like(vec![format!("{start}/vcs-origin/{repository}/vcs-ref/refs/heads/{branch}")]),
            "the second token's form, with the repository and the branch; any user",
        ),
        (Some(repository), None) => trust.check(
            "sub",
            Test::Like(vec![format!("{start}/vcs-origin/{repository}/vcs-ref/*")]),
            "the second token's form, with the repository; any user and ref",
        ),
        _ => {
            let why = "both tokens' forms; any user and ref, but not CircleCI's streaming of audit logs";
            trust.check("sub", Test::Like(vec![start]), why);
            if branch.is_some() {
                trust.warn("--branch has no effect at AWS without --repository: `sub` holds both or none");
            }
        }
    }
    if context.is_some() {
        trust.warn("AWS cannot test contexts: it has no key for `context-ids`");
    }
}
