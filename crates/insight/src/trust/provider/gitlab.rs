//! GitLab CI.

use stagedoor_identity::Provider;

use super::super::field::{Missing, Values};
use super::super::{Target, Test, Trust};
use super::{begin, items, trade};

pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    let host = values.get("host");
    let parameters: &[(&str, &str)] = if host == "gitlab.com" { &[] } else { &[("host", host)] };
    let mut trust = begin(provider, values, parameters)?;
    let (path, id) = (values.get("project"), values.get("project-id"));
    let (branch, environment) = (values.some("branch"), values.some("environment"));
    let keys = trust.can_test("project_id", target);
    trust.fact("project_path", Some(path));
    trust.fact("project_id", Some(id));
    trust.fact("namespace_path", path.rsplit_once('/').map(|(namespace, _)| namespace));
    trust.fact("ref", Some(branch.unwrap_or("main")));
    trust.fact("environment", environment);
    if target.is_aws() || target == Target::Azure {
        if keys {
            match branch {
                Some(branch) => {
                    let subject = format!("project_path:{path}:ref_type:branch:ref:{branch}");
                    trust.equals(
                        "sub",
                        &subject,
                        "the project and the branch; AWS demands a check of `sub` here",
                    );
                }
                None => {
                    let pattern = format!("project_path:{path}:ref_type:*");
                    trust.check(
                        "sub",
                        Test::Like(vec![pattern]),
                        "the project; AWS demands a check of `sub` here",
                    );
                }
            }
        } else {
            components(&mut trust, id, branch, environment, target);
        }
    }
    if keys {
        trust.equals("project_id", id, "the project by its id, which is never given to another");
        if let Some(namespace) = values.some("namespace-id") {
            trust.equals(
                "namespace_id",
                namespace,
                "the group; changes when the project is moved to another",
            );
        }
        let why = "a protected ref only; booleans are strings in these tokens";
        trust.equals("ref_protected", "true", why);
    }
    if !target.is_aws() && target != Target::Azure {
        match branch {
            Some(branch) => {
                trust.equals("ref_type", "branch", "a branch, not a tag of the same name");
                trust.equals("ref", branch, "the branch");
            }
            None => trust.warn("without --branch every protected branch and tag passes"),
        }
        if let Some(environment) = environment {
            trust.equals("environment", environment, "the job's environment");
        }
    } else if keys && environment.is_some() && target.is_aws() {
        trust.warn(
            "AWS has no key for `environment`; add `environment` to the components of `sub` to test it there",
        );
    }
    trust.notes.push(match branch {
        Some(branch) => format!("protect the branch `{branch}`: who may push to it can get the role"),
        None => "protect branches and tags: who may push to them can get the role".to_owned(),
    });
    let lines = items(&trade(&trust, target, "$ID_TOKEN"), 4);
    let job = environment.map_or_else(String::new, |name| format!("  environment: {name}\n"));
    let rule = match branch {
        Some(branch) => format!("  rules:\n    - if: $CI_COMMIT_BRANCH == \"{branch}\"\n"),
        None => String::new(),
    };
    let text = format!(
        "deploy:\n  image: amazon/aws-cli\n{job}{rule}  id_tokens:\n    ID_TOKEN:\n      aud: {}\n  script:\n{lines}",
        trust.audience
    );
    trust.pipeline(".gitlab-ci.yml", text);
    Ok(trust)
}

/// Where only `sub` can be tested, the project must put into it what matters.
fn components(trust: &mut Trust, id: &str, branch: Option<&str>, environment: Option<&str>, target: Target) {
    let mut names = vec!["project_id", "ref_type", "ref", "ref_protected"];
    let mut subject = match branch {
        Some(branch) => format!("project_id:{id}:ref_type:branch:ref:{branch}:ref_protected:true"),
        None => format!("project_id:{id}:ref_type:*:ref_protected:true"),
    };
    if let Some(environment) = environment {
        names.push("environment");
        subject += &format!(":environment:{environment}");
    }
    let why = "everything by `sub`, which is all that can be tested here";
    match branch {
        Some(_) => trust.equals("sub", &subject, why),
        None => trust.check("sub", Test::Like(vec![subject]), why),
    }
    if branch.is_none() && target == Target::Azure {
        trust.warn("Entra compares `sub` as a whole: --branch is needed");
    }
    trust.notes.push(format!(
        "let the project compose its `sub`: curl --request PUT --header \"PRIVATE-TOKEN: …\" \
         \"{}/api/v4/projects/{id}\" --data 'ci_id_token_sub_claim_components[]={}' (GitLab 18.7 or newer)",
        trust.issuer,
        names.join("&ci_id_token_sub_claim_components[]=")
    ));
    trust.warn("maintainers of the project can change the components of `sub`, though it always begins with the project");
}
