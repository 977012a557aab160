//! A repository in a temporary folder, judged.

#![expect(clippy::unwrap_used, reason = "a setting that cannot be set up fails its test")]

use std::path::Path;

use stagedoor_identity::Profile;
use stagedoor_insight::preflight::{KnownIssuer, Lock, Options, Report, TrustPolicy, run};
use stagedoor_insight::{Finding, Folder, Source};

/// The bare claims of a policy's issuer in the account of all tests.
pub(crate) const ACCOUNT: &str = "123456789012";

/// A repository to be.
pub(crate) struct Setting {
    folder: tempfile::TempDir,
    lock: Lock,
    policies: Vec<TrustPolicy>,
    profile: Profile,
    issuers: Option<Vec<KnownIssuer>>,
}

impl Setting {
    pub(crate) fn new(lock: &str) -> Self {
        let text = format!("version = 1\n{lock}");
        let lock = Lock::parse(&Source::new("stagedoor.lock", text)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { folder, lock, policies: Vec::new(), profile: Profile::Aws, issuers: None }
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(Path::new(path));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// A trust policy of one statement for an issuer.
    pub(crate) fn trust(self, role: &str, issuer: &str, condition: &str) -> Self {
        let condition = condition.replace("IDP", issuer);
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{
  "Effect": "Allow",
  "Principal": {{"Federated": "arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}},
  "Action": "sts:AssumeRoleWithWebIdentity",
  "Condition": {condition}
}}]}}"#
        );
        self.policy(role, &text)
    }

    pub(crate) fn policy(mut self, role: &str, text: &str) -> Self {
        let policy = TrustPolicy::parse(Some(role.to_owned()), &format!("{role}.json"), text).unwrap();
        self.policies.push(policy);
        self
    }

    pub(crate) fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    pub(crate) fn issuer(mut self, url: &str, audiences: &[&str]) -> Self {
        let audiences = audiences.iter().map(|audience| (*audience).to_owned()).collect();
        self.issuers.get_or_insert_default().push(KnownIssuer { url: url.to_owned(), audiences });
        self
    }

    pub(crate) fn report(&self) -> Report {
        let options = Options {
            profile: self.profile,
            policies: self.policies.clone(),
            lock: self.lock.clone(),
            issuers: self.issuers.clone(),
        };
        run(&Folder::new(self.folder.path()), &options)
    }

    /// The findings that are verdicts, as `line: message`.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let findings = self.report().findings;
        let verdict = |finding: &&Finding| finding.id != "preflight_admits";
        findings.iter().filter(verdict).map(line).collect()
    }
}

/// `4: message`.
pub(crate) fn line(finding: &Finding) -> String {
    let line =
        finding.primary.as_ref().map_or(0, |mark| mark.place.source.position(mark.place.span.start).line);
    format!("{line}: {}", finding.message)
}

/// Whom the policies let in beside the jobs.
pub(crate) fn admitted(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().filter(|finding| finding.id == "preflight_admits");
    let tokens = findings.filter_map(|finding| finding.properties.get("admits")?.as_array()).flatten();
    tokens.filter_map(|token| token.get("who")?.as_str().map(str::to_owned)).collect()
}
