//! A configuration directory, its issuer and service, and the clients that people have.

use crate::upstream::Upstream;
use serde_json::json;
use stagedoor_audit::{Query, Record};
use stagedoor_rehearsal::{Issuer, Kind, Options as IssuerOptions};
use stagedoor_server::{Options, Running, Server, StartError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// Temporary credentials.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

/// A directory that a server can be started on, and what it speaks of.
pub(crate) struct House {
    directory: TempDir,
    pub(crate) issuer: Issuer,
    pub(crate) upstream: Upstream,
}

/// What `curl` got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl House {
    pub(crate) async fn build() -> Self {
        let house = Self {
            directory: tempfile::tempdir().unwrap(),
            issuer: Issuer::start(Kind::GitLab, IssuerOptions::default()).await.unwrap(),
            upstream: Upstream::start("orders").await,
        };
        house.settings("127.0.0.1:0");
        let url = house.issuer.url();
        let audience = house.issuer.audience();
        house.write(
            "issuers/gitlab.toml",
            &format!("kind = \"gitlab\"\nissuer = \"{url}\"\naudiences = [\"{audience}\"]\n"),
        );
        let name = url.split_once("://").unwrap().1;
        let subject =
            house.issuer.claims(jiff::Timestamp::now(), &json!({}))["sub"].as_str().unwrap().to_owned();
        house.write("roles/deploy/role.toml", "description = \"deploys\"\n");
        house.write(
            "roles/deploy/trust.json",
            &json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{name}")},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {
                    format!("{name}:aud"): audience,
                    format!("{name}:sub"): subject,
                }},
            }]})
            .to_string(),
        );
        house.allow("GET");
        house.gate("orders", house.upstream.address());
        house
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn audit(&self) -> PathBuf {
        self.path().join("state/audit")
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.path().join(file)).unwrap();
    }

    pub(crate) fn settings(&self, metrics: &str) {
        self.write(
            "stagedoor.toml",
            &format!(
                "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"http://127.0.0.1:8010\"\n\
                 [listen]\napi = \"127.0.0.1:0\"\nmetrics = \"{metrics}\"\n"
            ),
        );
    }

    /// Lets the role `deploy` use `method` anywhere behind any gate.
    pub(crate) fn allow(&self, method: &str) {
        self.write(
            "roles/deploy/permissions/use.json",
            &json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "execute-api:Invoke",
                "Resource": format!("arn:aws:execute-api:us-east-1:123456789012:*/live/{method}/*"),
            }]})
            .to_string(),
        );
    }

    pub(crate) fn gate(&self, name: &str, upstream: SocketAddr) {
        self.gate_at(name, "127.0.0.1:0".parse().unwrap(), upstream);
    }

    pub(crate) fn gate_at(&self, name: &str, listen: SocketAddr, upstream: SocketAddr) {
        self.write(
            &format!("gates/{name}.toml"),
            &format!("kind = \"http\"\nlisten = \"{listen}\"\nupstream = \"http://{upstream}\"\n"),
        );
    }

    /// A server that reloads only when told.
    pub(crate) async fn start(&self) -> Running {
        self.try_start(Options { watch: false, ..Options::default() })
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn try_start(&self, options: Options) -> Result<Running, StartError> {
        Server::start(self.path(), options).await
    }

    /// A token of the pipeline that the role trusts, with `patch` applied to its claims.
    pub(crate) fn token(&self, patch: &serde_json::Value) -> String {
        self.issuer.token(patch).unwrap()
    }

    /// What the door answers to a token.
    pub(crate) async fn assume_with(&self, api: SocketAddr, token: &str) -> Got {
        let form = [
            "--data-urlencode",
            "Action=AssumeRoleWithWebIdentity",
            "--data-urlencode",
            "Version=2011-06-15",
            "--data-urlencode",
            "RoleArn=arn:aws:iam::123456789012:role/deploy",
            "--data-urlencode",
            "RoleSessionName=run-7",
            "--data-urlencode",
            &format!("WebIdentityToken={token}"),
        ]
        .map(str::to_owned);
        curl(&form, &format!("http://{api}/")).await
    }

    pub(crate) async fn assume(&self, running: &Running) -> Credentials {
        let got = self.assume_with(running.addresses().await.api, &self.token(&json!({}))).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let part = |name: &str| {
            let (_, rest) = got.body.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        Credentials { key: part("AccessKeyId"), secret: part("SecretAccessKey"), token: part("SessionToken") }
    }

    /// The records so far, oldest first.
    pub(crate) fn records(&self) -> Vec<Record> {
        let mut entries: Vec<_> =
            stagedoor_audit::search(&self.audit(), &Query::default()).unwrap().map(Result::unwrap).collect();
        entries.sort_by_key(|entry| entry.index);
        entries.into_iter().map(|entry| entry.record).collect()
    }

    /// The records of one kind of event, oldest first.
    pub(crate) fn records_of(&self, event: &str) -> Vec<Record> {
        self.records().into_iter().filter(|record| record.event_name == event).collect()
    }
}

/// Calls a gate as a pipeline does.
pub(crate) async fn call(credentials: &Credentials, method: &str, gate: SocketAddr, path: &str) -> Got {
    let arguments = [
        "--aws-sigv4".to_owned(),
        "aws:amz:us-east-1:execute-api".to_owned(),
        "--user".to_owned(),
        format!("{}:{}", credentials.key, credentials.secret),
        "--header".to_owned(),
        format!("X-Amz-Security-Token: {}", credentials.token),
        "--request".to_owned(),
        method.to_owned(),
    ];
    curl(&arguments, &format!("http://{gate}{path}")).await
}

pub(crate) async fn get(url: &str) -> Got {
    curl(&[], url).await
}

/// Runs `curl`; a connection that fails is status 0.
pub(crate) async fn curl(arguments: &[String], url: &str) -> Got {
    let output = Command::new("curl")
        .args(["--silent", "--max-time", "60", "--write-out", "\n%{http_code}"])
        .args(arguments)
        .arg(url)
        .output()
        .await
        .expect("curl must be on the path");
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    Got { status: status.parse().unwrap(), body: body.to_owned() }
}

/// A signed request whose body is sent piece by piece. `curl` signs it; its bytes are taken on the way.
pub(crate) struct Slow(TcpStream);

impl Slow {
    /// Sends the head of a `POST`, signed for `body`, without the body.
    pub(crate) async fn post(credentials: &Credentials, gate: SocketAddr, path: &str, body: &[u8]) -> Self {
        let recorder = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connect = format!("{}:{}:{}", gate.ip(), gate.port(), recorder.local_addr().unwrap());
        let mut curl = Command::new("curl")
            .args(["--silent", "--connect-to", &connect, "--aws-sigv4", "aws:amz:us-east-1:execute-api"])
            .args(["--user", &format!("{}:{}", credentials.key, credentials.secret)])
            .args(["--header", &format!("X-Amz-Security-Token: {}", credentials.token)])
            .args(["--data-binary", std::str::from_utf8(body).unwrap(), &format!("http://{gate}{path}")])
            .spawn()
            .unwrap();
        let (mut taken, _) = recorder.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(body) {
            assert_ne!(taken.read_buf(&mut bytes).await.unwrap(), 0);
        }
        curl.kill().await.unwrap();
        bytes.truncate(bytes.len() - body.len() - "\r\n".len());
        bytes.extend_from_slice(b"Expect: 100-continue\r\n\r\n");
        let mut slow = Self(TcpStream::connect(gate).await.unwrap());
        slow.send(&bytes).await;
        // Said when the body is asked for, so the request has been authenticated as far as it can be.
        let said = slow.read_until("\r\n\r\n").await;
        assert_eq!(said, "HTTP/1.1 100 Continue\r\n\r\n");
        slow
    }

    pub(crate) async fn send(&mut self, piece: &[u8]) {
        self.0.write_all(piece).await.unwrap();
    }

    /// Reads until what came ends with `end`.
    pub(crate) async fn read_until(&mut self, end: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(end.as_bytes()) {
            let read = self.0.read_buf(&mut bytes).await.unwrap();
            assert_ne!(read, 0, "{}", String::from_utf8_lossy(&bytes));
        }
        String::from_utf8(bytes).unwrap()
    }
}
