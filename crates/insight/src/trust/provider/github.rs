//! GitHub Actions.

use stagedoor_identity::Provider;

use super::super::field::{Missing, Values};
use super::super::{Target, Test, Trust};
use super::{begin, trade};

pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    let mut trust = begin(provider, values, &[])?;
    let full = values.get("repository");
    let (owner_id, repository_id) = (values.get("owner-id"), values.get("repository-id"));
    let Some((owner, name)) =
        full.split_once('/').filter(|(owner, name)| !owner.is_empty() && !name.is_empty())
    else {
        return Err(vec![Missing::wrong(
            "repository",
            format!("--repository `{full}`: OWNER/NAME is wanted"),
        )]);
    };
    let (environment, branch) = (values.some("environment"), values.some("branch"));
    let context = match (environment, branch) {
        (Some(environment), _) => format!("environment:{}", environment.replace(':', "%3A")),
        (None, Some(branch)) => format!("ref:refs/heads/{branch}"),
        (None, None) => {
            let message =
                "--environment or --branch is needed: else every branch and pull request could get the role";
            return Err(vec![Missing {
                field: "branch".to_owned(),
                message: message.to_owned(),
                absent: true,
            }]);
        }
    };
    let (by_ids, by_ref) = (trust.can_test("repository_id", target), trust.can_test("ref", target));
    trust.fact("repository", Some(full));
    trust.fact("repository_owner", Some(owner));
    trust.fact("repository_id", Some(repository_id));
    trust.fact("repository_owner_id", Some(owner_id));
    trust.fact("environment", environment);
    trust.fact("ref", Some(&format!("refs/heads/{}", branch.unwrap_or("main"))));
    let immutable = format!("repo:{owner}@{owner_id}/{name}@{repository_id}:{context}");
    let classic = format!("repo:{full}:{context}");
    if target == Target::Azure {
        trust.equals("sub", &classic, "the repository and the environment or branch, exactly");
        trust.warn(format!(
            "repositories made, renamed or moved since 15 July 2026 have `{immutable}` instead: add a second credential"
        ));
    } else if target.is_aws() {
        let why = "the repository and the environment or branch, in the form with ids of newer repositories and in the \
                   older one";
        trust.check("sub", Test::Equals(vec![immutable, classic]), why);
    }
    if by_ids {
        trust.equals(
            "repository_owner_id",
            owner_id,
            "the owner by id: a name can be given up and taken by others",
        );
        trust.equals("repository_id", repository_id, "the repository by id, for the same reason");
    } else if target.is_aws() {
        trust.warn(
            "AWS has no keys for the ids of this issuer: whoever registers the same names gets the role",
        );
    }
    if !target.is_aws() && target != Target::Azure {
        if let Some(environment) = environment {
            trust.equals("environment", environment, "the job's environment, whose protection rules apply");
        }
        let events = ["push", "workflow_dispatch", "schedule", "release"].map(str::to_owned).to_vec();
        let why =
            "not `pull_request_target` and its like, which run on the default branch with others' content";
        trust.check("event_name", Test::Equals(events), why);
    } else if environment.is_none() && target == Target::Azure {
        trust.warn(
            "`pull_request_target`, `workflow_run` and `issue_comment` on the default branch have the same `sub` as a \
             push, and only `event_name` tells them apart, which cannot be tested here; use an environment with required reviewers",
        );
    }
    if let (Some(branch), true) = (branch, by_ref) {
        trust.equals(
            "ref",
            &format!("refs/heads/{branch}"),
            "the branch, also where `sub` names the environment",
        );
    } else if let (Some(_), Some(branch)) = (environment, branch) {
        trust.warn(format!(
            "the branch `{branch}` cannot be tested beside the environment: `sub` holds one of them"
        ));
    }
    if environment.is_some() {
        trust.notes.push(
            "the environment is as strong as its protection rules: set branches and reviewers".to_owned(),
        );
    }
    let job = environment.map_or_else(String::new, |name| format!("    environment: {name}\n"));
    let step = match target {
        Target::Stagedoor | Target::Vault => {
            let lines = trade(&trust, target, "$TOKEN");
            let lines: String = lines.iter().map(|line| format!("          {line}\n")).collect();
            format!(
                "      - run: |\n          TOKEN=$(curl -sSf -H \"Authorization: bearer \
                 $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \"$ACTIONS_ID_TOKEN_REQUEST_URL&audience={}\" | jq -r \
                 .value)\n{lines}",
                trust.audience
            )
        }
        Target::Gcloud => "      - uses: google-github-actions/auth@v3\n        with:\n          \
                           workload_identity_provider: ${{ vars.WORKLOAD_IDENTITY_PROVIDER }}\n"
            .to_owned(),
        Target::Azure => "      - uses: azure/login@v2\n        with:\n          client-id: ${{ vars.AZURE_CLIENT_ID }}\n          \
                          tenant-id: ${{ vars.AZURE_TENANT_ID }}\n          allow-no-subscriptions: true\n"
            .to_owned(),
        _ => format!(
            "      - uses: aws-actions/configure-aws-credentials@v6\n        with:\n          role-to-assume: {}\n          \
             aws-region: us-east-1\n",
            trust.role_arn()
        ),
    };
    let branch = branch.unwrap_or("main");
    let text = format!(
        "name: deploy\non:\n  push:\n    branches: [{branch}]\npermissions:\n  id-token: write\n  contents: read\njobs:\n  \
         deploy:\n    runs-on: ubuntu-24.04\n{job}    steps:\n{step}"
    );
    trust.pipeline(".github/workflows/deploy.yml", text);
    Ok(trust)
}
