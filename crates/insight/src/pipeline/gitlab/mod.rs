//! `.gitlab-ci.yml`.

mod claims;
mod expression;
mod include;
mod job;
mod matrix;
mod region;
mod resolve;
mod rules;
mod variables;

use stagedoor_identity::Provider;

use self::include::Config;
use super::{Files, Job, Pipeline};
use crate::finding::Finding;
use crate::preflight::Lock;

const FILE: &str = ".gitlab-ci.yml";

/// Reads the repository's pipeline, if it has one.
pub(super) fn read(files: &mut Files<'_>, lock: &Lock, provider: &'static Provider) -> Option<Pipeline> {
    if !files.has(FILE) {
        return None;
    }
    let mut findings: Vec<Finding> = Vec::new();
    let config: Config = include::load(files, FILE, &mut findings)?;
    let mut jobs: Vec<Job> = Vec::new();
    let mut assumptions = Vec::new();
    for name in config.job_names() {
        job::read(&config, &name, lock, &mut jobs, &mut findings, &mut assumptions);
    }
    if lock.gitlab.subject.is_none() {
        assumptions.push(
            "the project does not choose the components of `sub` (`gitlab.subject` in stagedoor.lock tells otherwise)"
                .to_owned(),
        );
    }
    let issuer = match (&lock.gitlab.issuer, &lock.gitlab.host) {
        (Some(issuer), _) => Ok(issuer.clone()),
        (None, Some(host)) => Ok(format!("https://{host}")),
        (None, None) => Err("the instance is not known (`gitlab.host` in stagedoor.lock)".to_owned()),
    };
    Some(Pipeline { provider, issuer, jobs, findings, assumptions })
}
