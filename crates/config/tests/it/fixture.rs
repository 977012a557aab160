//! Configuration directories made for a test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use stagedoor_config::{Report, Snapshot, load};
use stagedoor_policy::Severity;
use tempfile::TempDir;

/// A small configuration that has no faults and no warnings.
pub(crate) const BASE: &[(&str, &str)] = &[
    (
        "stagedoor.toml",
        "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"http://127.0.0.1:8010\"\n",
    ),
    ("issuers/gitlab.toml", "kind = \"gitlab\"\naudiences = [\"sts.amazonaws.com\"]\n"),
    ("roles/reader/role.toml", "description = \"reads\"\n"),
    ("roles/reader/trust.json", TRUST),
    ("roles/reader/permissions/orders.json", PERMISSION),
    ("gates/orders.toml", GATE),
];

pub(crate) const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/gitlab.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {"gitlab.com:project_id": "20"}}
  }]
}
"#;

pub(crate) const PERMISSION: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "execute-api:Invoke",
    "Resource": "arn:aws:execute-api:us-east-1:123456789012:orders/live/*"
  }]
}
"#;

pub(crate) const GATE: &str =
    "kind = \"http\"\nlisten = \"127.0.0.1:8020\"\nupstream = \"http://127.0.0.1:8030\"\n";

/// A configuration directory that goes away with the value.
pub(crate) struct Fixture {
    directory: TempDir,
}

impl Fixture {
    /// [`BASE`] with `changes`: files added or replaced, or removed where there is no content.
    pub(crate) fn new(changes: &[(&str, Option<&str>)]) -> Self {
        let fixture = Self { directory: tempfile::tempdir().unwrap() };
        for (path, content) in BASE {
            fixture.write(path, content);
        }
        for (path, content) in changes {
            match content {
                Some(content) => fixture.write(path, content),
                None => fs::remove_file(fixture.path(path)).unwrap(),
            }
        }
        fixture
    }

    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn load(&self) -> Result<Snapshot, Report> {
        load(self.root())
    }

    /// The report, of a snapshot or of a refusal.
    pub(crate) fn report(&self) -> Report {
        self.load().map_or_else(|report| report, |snapshot| snapshot.warnings)
    }
}

/// Each finding as `file:line:column severity id`.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    let line = |(file, found): (&stagedoor_config::FileReport, &stagedoor_policy::Diagnostic)| {
        let at = file.position(found.primary.span.start);
        let severity = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        format!("{}:{}:{} {severity} {}", file.path, at.line, at.column, found.id)
    };
    report.findings().map(line).collect()
}
