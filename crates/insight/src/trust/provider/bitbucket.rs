//! Bitbucket Pipelines.

use stagedoor_identity::Provider;

use super::super::field::{Missing, Values};
use super::super::{Target, Test, Trust};
use super::{begin, items, trade};

pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    let parameters =
        [("workspace", values.get("workspace")), ("workspace_uuid", values.get("workspace-uuid"))];
    let mut trust = begin(provider, values, &parameters)?;
    let braced = |text: &str| format!("{{{}}}", text.trim_matches(['{', '}']));
    let repository = braced(values.get("repository"));
    let environment = values.some("environment").map(braced);
    let step = "{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}";
    trust.fact("repositoryUuid", Some(&repository));
    trust.fact("deploymentEnvironmentUuid", environment.as_deref());
    trust.fact("stepUuid", Some(step));
    let sub = match &environment {
        Some(environment) => format!("{repository}:{environment}:{step}"),
        None => format!("{repository}:{step}"),
    };
    trust.fact("sub", Some(&sub));
    if target.is_aws() {
        let (pattern, why) = match &environment {
            Some(environment) => (
                format!("{repository}:{environment}:*"),
                "the repository, then the deployment environment, then any step, whose UUID is new in each run",
            ),
            None => (
                format!("{repository}:*"),
                "the repository, then any step; also steps with a deployment, whose environment comes in between",
            ),
        };
        trust.check("sub", Test::Like(vec![pattern]), why);
        if let Some(branch) = values.some("branch") {
            trust.warn(format!(
                "AWS cannot test the branch `{branch}`: it sees only `aud` and `sub` of Bitbucket's tokens, and neither \
                 names a branch; restrict the environment to the branch in Bitbucket instead"
            ));
        }
    } else {
        trust.equals(
            "workspaceUuid",
            &braced(values.get("workspace-uuid")),
            "the workspace by its UUID: its name, which is in the issuer, can be given up and taken by others",
        );
        trust.equals("repositoryUuid", &repository, "the repository; stays when it is renamed");
        if let Some(environment) = &environment {
            let why = "the deployment environment; steps without `deployment` have none";
            trust.equals("deploymentEnvironmentUuid", environment, why);
        }
        if let Some(branch) = values.some("branch") {
            trust.equals(
                "branchName",
                branch,
                "the branch; anyone who can push can make branches, but not this one",
            );
            trust.warn("what `branchName` holds in pull-request and tag pipelines is not documented");
        }
    }
    match &environment {
        Some(_) => trust.notes.push(
            "the environment is as strong as its branch restriction: set it in Repository settings › Deployments"
                .to_owned(),
        ),
        None if values.some("branch").is_none() || target.is_aws() => {
            trust.warn("without an environment every step of every branch and pull request can get the role");
        }
        None => {}
    }
    if target == Target::Azure {
        trust.warn("Entra compares `sub` as a whole, and Bitbucket's ends with the step's UUID, which is new in each run");
    }
    let deployment = if environment.is_some() { "          deployment: production\n" } else { "" };
    let branch = values.some("branch").unwrap_or("main");
    let lines = items(&trade(&trust, target, "$BITBUCKET_STEP_OIDC_TOKEN"), 12);
    let text = format!(
        "pipelines:\n  branches:\n    {branch}:\n      - step:\n          name: deploy\n          oidc: \
         true\n{deployment}          script:\n{lines}"
    );
    trust.pipeline("bitbucket-pipelines.yml", text);
    Ok(trust)
}
