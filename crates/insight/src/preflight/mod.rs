//! Whether each job of a pipeline will get its role, said before it runs.
//!
//! A job's tokens are predicted as sets, one for each trigger; the trust policy is evaluated over each set in four
//! values (providers' facts change, so what is not certain stays unknown and is never guessed). A concrete token of the
//! set is decided by the policy engine as well, and both must agree.

pub(crate) mod admits;
mod case;
mod engine;
mod git;
pub(crate) mod judge;
pub(crate) mod lock;
pub(crate) mod prediction;
mod verdict;

use std::sync::Arc;

use stagedoor_identity::Profile;
use stagedoor_policy::{Diagnostic, Document, Kind, Severity};

pub use git::fill as fill_from_git;
pub use lock::{Bitbucket, CircleCi, GitHub, GitLab, LOCK_FILE, Lock};

use crate::finding::Finding;
use crate::pipeline::{self, Files};
use crate::source::{Folder, Place, Source};

/// A trust policy that a job may meet.
#[derive(Debug, Clone)]
pub struct TrustPolicy {
    /// The role's name or ARN; none for a policy that stands for whatever role a job names.
    pub role: Option<String>,
    /// The policy's text, which findings point into.
    pub source: Arc<Source>,
    /// The policy.
    pub document: Document,
}

/// An issuer of the configuration.
#[derive(Debug, Clone)]
pub struct KnownIssuer {
    /// The exact `iss`.
    pub url: String,
    /// The audiences of which a token must carry one.
    pub audiences: Vec<String>,
}

/// What pipelines are judged against.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose condition keys there are.
    pub profile: Profile,
    /// The trust policies.
    pub policies: Vec<TrustPolicy>,
    /// What lies outside of the files.
    pub lock: Lock,
    /// The issuers of the configuration; none if there is no configuration.
    pub issuers: Option<Vec<KnownIssuer>>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The pipeline files that were read.
    pub files: Vec<String>,
    /// Every verdict and every other finding, file by file.
    pub findings: Vec<Finding>,
    /// What was taken for granted, one sentence each.
    pub assumptions: Vec<String>,
}

impl TrustPolicy {
    /// Reads a trust policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(role: Option<String>, path: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let document = Document::parse(Kind::Trust, text)?;
        Ok(Self::new(role, path, document))
    }

    /// A policy that is parsed already.
    #[must_use]
    pub fn new(role: Option<String>, path: &str, document: Document) -> Self {
        Self { role, source: Source::new(path, document.source()), document }
    }

    fn place(&self, span: stagedoor_policy::Span) -> Place {
        Place::new(&self.source, span)
    }

    /// Whether it is the policy of the role with this ARN (or name).
    fn is_for(&self, arn: &str) -> bool {
        let name = |role: &str| role.rsplit('/').next().unwrap_or(role).to_owned();
        match &self.role {
            None => true,
            Some(role) if role.starts_with("arn:") => role == arn,
            Some(role) => *role == name(arn),
        }
    }
}

impl Report {
    /// How many findings have this identifier.
    #[must_use]
    pub fn count(&self, id: &str) -> usize {
        self.findings.iter().filter(|finding| finding.id == id).count()
    }

    /// Whether some finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Judges all pipelines of a repository.
#[must_use]
pub fn run(folder: &Folder, options: &Options) -> Report {
    let mut files = Files::of(folder);
    let pipelines = pipeline::read(&mut files, &options.lock);
    let (files, findings) = files.done();
    let mut report = Report { files, findings, assumptions: Vec::new() };
    for pipeline in pipelines {
        report.findings.extend(pipeline.findings.iter().cloned());
        report.assumptions.extend(pipeline.assumptions.iter().cloned());
        report.findings.extend(verdict::of(&pipeline, options));
        report.findings.extend(admits::of(&pipeline, options));
    }
    report.assumptions.sort();
    report.assumptions.dedup();
    report
}
