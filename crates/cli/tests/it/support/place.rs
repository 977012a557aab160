//! A configuration directory with one local issuer, one role and one gate.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stagedoor_rehearsal::{Issuer, Kind, Options, ids};
use tempfile::TempDir;

/// The role of every place.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

/// The issuer of a place.
pub(crate) struct Place {
    directory: TempDir,
    pub(crate) issuer: Issuer,
}

/// A Bitbucket workspace whose repository's production environment may assume [`ROLE`], which may
/// do everything but DELETE at the gate `app`.
pub(crate) async fn bitbucket(upstream: &str) -> Place {
    let issuer = Issuer::start(Kind::Bitbucket, Options::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let prefix = bare(issuer.url());
    let trust = trust(
        &prefix,
        &json!({
            "StringEquals": { format!("{prefix}:aud"): issuer.audience() },
            "StringLike": {
                format!("{prefix}:sub"): format!("{}:{}:*", ids::BITBUCKET_REPOSITORY, ids::BITBUCKET_ENVIRONMENT)
            },
        }),
    );
    write(
        directory.path(),
        &format!(
            "kind = \"bitbucket\"\nissuer = \"{}\"\naudiences = [\"{}\"]\n",
            issuer.url(),
            issuer.audience()
        ),
        &trust,
        upstream,
    );
    Place { directory, issuer }
}

/// The trust policy of an issuer, in IAM's JSON.
pub(crate) fn trust(prefix: &str, condition: &Value) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Production",
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:aws:iam::123456789012:oidc-provider/{prefix}") },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }],
    })
}

/// A URL without its scheme.
pub(crate) fn bare(url: &str) -> String {
    url.split_once("://").unwrap().1.to_owned()
}

/// Writes the directory; every listener takes a free port.
pub(crate) fn write(directory: &Path, issuer: &str, trust: &Value, upstream: &str) {
    let permissions = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "NoDelete",
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": [
                "arn:aws:execute-api:us-east-1:123456789012:app/live/GET/*",
                "arn:aws:execute-api:us-east-1:123456789012:app/live/POST/*",
            ],
        }],
    });
    let files = [
        (
            "stagedoor.toml",
            "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"http://127.0.0.1:8010\"\n\n\
             [listen]\napi = \"127.0.0.1:0\"\n"
                .to_owned(),
        ),
        ("issuers/issuer.toml", issuer.to_owned()),
        ("roles/deploy/role.toml", "description = \"deploys\"\n".to_owned()),
        ("roles/deploy/trust.json", format!("{trust:#}\n")),
        ("roles/deploy/permissions/app.json", format!("{permissions:#}\n")),
        ("gates/app.toml", format!("kind = \"http\"\nlisten = \"127.0.0.1:0\"\nupstream = \"{upstream}\"\n")),
    ];
    for (name, text) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Place {
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file below the directory.
    pub(crate) fn put(&self, name: &str, text: &str) {
        fs::write(self.directory().join(name), text).unwrap();
    }

    /// Reads a file below the directory.
    pub(crate) fn get(&self, name: &str) -> String {
        fs::read_to_string(self.directory().join(name)).unwrap()
    }

    /// A token in a file, with a line end as shells leave it. It lies outside the directory.
    pub(crate) fn token_file(&self, patch: &Value) -> TokenFile {
        TokenFile::new(&self.issuer.token(patch).unwrap())
    }
}

/// A token in a file of its own.
pub(crate) struct TokenFile {
    directory: TempDir,
}

impl TokenFile {
    pub(crate) fn new(token: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("token"), format!("{token}\n")).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("token")
    }
}
