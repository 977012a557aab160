//! Pipeline files: which job asks for a token, which role it names, and what its tokens can be.

mod bitbucket;
mod circleci;
mod files;
mod github;
mod gitlab;
mod outside;
mod script;

use stagedoor_identity::Provider;

use crate::finding::Finding;
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Claims};
use crate::source::Place;

pub(crate) use files::Files;

/// Every pipeline of a repository. What cannot be read is among the findings of `files`.
pub(crate) fn read(files: &mut Files<'_>, lock: &Lock) -> Vec<Pipeline> {
    let mut pipelines = Vec::new();
    let mut add = |kind: &str, pipeline: &mut dyn FnMut(&'static Provider) -> Option<Pipeline>| {
        pipelines.extend(Provider::by_kind(kind).and_then(pipeline));
    };
    add("bitbucket", &mut |provider| bitbucket::read(files, lock, provider));
    add("circleci", &mut |provider| circleci::read(files, lock, provider));
    add("github", &mut |provider| github::read(files, lock, provider));
    add("gitlab", &mut |provider| gitlab::read(files, lock, provider));
    pipelines
}

/// A pipeline as read.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// Who issues its tokens.
    pub(crate) provider: &'static Provider,
    /// The issuer's URL, or what is missing to tell it.
    pub(crate) issuer: Result<String, String>,
    /// The jobs that ask for a token or name a role.
    pub(crate) jobs: Vec<Job>,
    /// What was not understood.
    pub(crate) findings: Vec<Finding>,
    /// What was taken for granted.
    pub(crate) assumptions: Vec<String>,
}

/// A job, perhaps one of several that its matrix makes.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Its name as people find it in the file.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) place: Place,
    /// Whether it asks for a token.
    pub(crate) asks: Asks,
    /// The roles that it names.
    pub(crate) roles: Vec<RoleUse>,
    /// The tokens that it can carry, one entry for each trigger.
    pub(crate) runs: Vec<Run>,
}

/// Whether a job asks for a token.
#[derive(Debug, Clone)]
pub(crate) enum Asks {
    /// Here.
    Yes(Place),
    /// It does not, although it would need one.
    No {
        /// Where it should.
        place: Place,
        /// What is missing.
        missing: String,
    },
    /// That cannot be told.
    Unknown {
        /// Where.
        place: Place,
        /// Why.
        why: String,
    },
}

/// A role that a job names.
#[derive(Debug, Clone)]
pub(crate) struct RoleUse {
    /// The ARN, or why it cannot be told.
    pub(crate) role: Result<String, String>,
    /// Where it is named.
    pub(crate) place: Place,
    /// By what, such as `` `role-to-assume` ``.
    pub(crate) via: String,
    /// The claims that this way of asking decides, before those of the run.
    pub(crate) claims: Claims,
    /// The name of the session.
    pub(crate) session_name: Option<Claim>,
    /// A condition of the file that may keep this step from running, as written.
    pub(crate) guard: Option<String>,
}

/// What starts a job, and the token that it then has.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// In words: `a push to main`.
    pub(crate) trigger: String,
    /// Where the file says so.
    pub(crate) place: Place,
    /// The claims of the token.
    pub(crate) claims: Claims,
    /// A condition of the file that may keep the job from running, as written.
    pub(crate) guard: Option<String>,
}

impl RoleUse {
    pub(crate) fn new(role: Result<String, String>, place: Place, via: &str) -> Self {
        Self { role, place, via: via.to_owned(), claims: Claims::default(), session_name: None, guard: None }
    }
}
