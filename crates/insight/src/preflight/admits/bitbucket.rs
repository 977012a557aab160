//! Others' tokens of a Bitbucket workspace.

use super::{Candidate, Token};

const OTHER: &str = "{00000000-0000-4000-8000-00000000000a}";
const RESTRICTION: &str = "the environment's own branch restriction";

pub(super) fn candidates(base: &Token) -> Vec<Candidate> {
    let repository = base.text("repositoryUuid").to_owned();
    let step = base.text("stepUuid").to_owned();
    let environment = base.text("deploymentEnvironmentUuid").to_owned();
    let sub = |repository: &str, environment: &str| match environment {
        "" => format!("{repository}:{step}"),
        _ => format!("{repository}:{environment}:{step}"),
    };
    let branch = base.with(&[("branchName", "attacker")]);
    let mut candidates = Vec::new();
    let plain = branch.without(&["deploymentEnvironmentUuid"]).with(&[("sub", &sub(&repository, ""))]);
    candidates.push(Candidate::new("a step without `deployment` on any branch of the repository", plain));
    let other = [("sub", sub(&repository, OTHER)), ("deploymentEnvironmentUuid", OTHER.to_owned())];
    let other: Vec<(&str, &str)> = other.iter().map(|(name, value)| (*name, value.as_str())).collect();
    candidates.push(Candidate::new("a step of any other deployment environment", branch.with(&other)));
    if !environment.is_empty() {
        let who = "a step of any branch that declares the same `deployment`";
        candidates.push(Candidate::new(who, branch.clone()).stopped_by(RESTRICTION));
    }
    let foreign = sub(OTHER, &environment);
    let foreign = branch.with(&[("sub", foreign.as_str()), ("repositoryUuid", OTHER)]);
    candidates.push(Candidate::new("any other repository of the workspace", foreign));
    candidates
}
