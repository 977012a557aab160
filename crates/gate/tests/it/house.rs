//! A gate with a real authority, log and keyring in front of a recording upstream.

use crate::client::Client;
use crate::upstream::Upstream;
use jiff::{Timestamp, ToSpan};
use stagedoor_audit::{Entry, Log, LogOptions, Query};
use stagedoor_authority::{Authority, SystemClock};
use stagedoor_gate::{Answered, Bound, HttpGate, Listening, Observer, Route};
use stagedoor_identity::{Keys, KeysOptions};
use stagedoor_session::{Credentials, Federation, Keyring, Lineage, Session, SessionKind};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "123456789012";

const SETTINGS: &str = r#"
account = "123456789012"
region = "us-east-1"
public_url = "http://127.0.0.1:8010"
"#;

const ISSUER: &str = r#"
kind = "oidc"
issuer = "https://tokens.example"
audiences = ["stagedoor"]
"#;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
  "Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/tokens.example"},
  "Action":"sts:AssumeRoleWithWebIdentity",
  "Condition":{"StringEquals":{"tokens.example:aud":"stagedoor","tokens.example:sub":"ci"}}}]}"#;

const PERMISSIONS: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Use","Effect":"Allow","Action":"execute-api:Invoke","Resource":[
    "arn:aws:execute-api:us-east-1:123456789012:shop/live/GET/*",
    "arn:aws:execute-api:us-east-1:123456789012:shop/live/HEAD/*",
    "arn:aws:execute-api:us-east-1:123456789012:shop/live/POST/*",
    "arn:aws:execute-api:us-east-1:123456789012:shop/live/PUT/*"]},
  {"Sid":"KeepOut","Effect":"Deny","Action":"execute-api:Invoke",
    "Resource":"arn:aws:execute-api:us-east-1:123456789012:shop/live/*/secret*"}]}"#;

struct Uncounted;

impl Observer for Uncounted {
    fn answered(&self, _: &Answered<'_>) {}
}

/// Everything in one place.
pub(crate) struct House {
    pub(crate) directory: TempDir,
    pub(crate) upstream: Upstream,
    pub(crate) log: Log,
    pub(crate) keyring: Keyring,
    pub(crate) listening: Listening,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with("").await
    }

    /// A house whose gate's file ends with `gate`.
    pub(crate) async fn with(gate: &str) -> Self {
        let upstream = Upstream::start().await;
        let url = format!("http://{}", upstream.address());
        Self::before(upstream, &url, gate).await
    }

    pub(crate) async fn before(upstream: Upstream, url: &str, gate: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        write(&root, "stagedoor.toml", SETTINGS);
        write(&root, "issuers/tokens.toml", ISSUER);
        write(&root, "roles/caller/trust.json", TRUST);
        write(&root, "roles/caller/role.toml", "description = \"a caller\"\n");
        write(&root, "roles/caller/permissions/use.json", PERMISSIONS);
        let file = format!("kind = \"http\"\nlisten = \"127.0.0.1:0\"\nupstream = \"{url}\"\n{gate}");
        write(&root, "gates/shop.toml", &file);
        let snapshot =
            stagedoor_config::load(&root).unwrap_or_else(|report| panic!("{}", report.render(false)));

        let log = Log::open(LogOptions::new(root.join("state/audit"), "stagedoor.test/audit")).unwrap();
        let keyring = Keyring::generate(Timestamp::now()).unwrap();
        let route = Route::new(&snapshot.settings, &snapshot.gates[0]).unwrap();
        let authority = Authority::new(
            snapshot,
            Keys::new(KeysOptions::default()),
            keyring.clone(),
            log.clone(),
            Arc::new(SystemClock),
        );
        let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let limits = route.limits().clone();
        let gate = HttpGate::new(Arc::new(authority), route, Arc::new(Uncounted), Arc::default());
        let listening = Listening::start(bound, &limits, Arc::new(gate));
        Self { directory, upstream, log, keyring, listening }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listening.local_addr()
    }

    /// Credentials of the role `caller`.
    pub(crate) fn credentials(&self) -> Credentials {
        self.keyring.seal(&session()).unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address(), self.credentials())
    }

    /// The records so far, oldest first.
    pub(crate) fn records(&self) -> Vec<Entry> {
        let query = Query::default();
        let mut entries: Vec<Entry> =
            stagedoor_audit::search(&self.directory.path().join("state/audit"), &query)
                .unwrap()
                .map(Result::unwrap)
                .collect();
        entries.sort_by_key(|entry| entry.index);
        entries
    }

    /// The last record.
    pub(crate) fn record(&self) -> stagedoor_audit::Record {
        self.records().pop().unwrap().record
    }

    pub(crate) async fn close(self) {
        self.listening.drain(Duration::from_secs(10)).await;
    }
}

/// A session of `caller`, as a token of `tokens.example` would have given it.
pub(crate) fn session() -> Session {
    let now = Timestamp::now();
    let provenance = [
        ("provider", "oidc"),
        ("repository", "acme/shop"),
        ("ref", "refs/heads/main"),
        ("commit", "714a629c0b401fdce83e847fc9589983fc6f46bc"),
        ("actor", "jürgen\r\nx-stagedoor-role: admin"),
    ];
    Session {
        id: stagedoor_session::random_access_key_id().unwrap(),
        kind: SessionKind::AssumedRole,
        account: ACCOUNT.to_owned(),
        role: "caller".to_owned(),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/caller"),
        role_id: stagedoor_session::role_id(ACCOUNT, "caller"),
        session_name: "run-7".to_owned(),
        issued_at: now,
        expires_at: now.checked_add(1.hour()).unwrap(),
        source_identity: None,
        tags: BTreeMap::new(),
        transitive_tags: Vec::new(),
        policies: Vec::new(),
        federation: Some(Federation {
            provider_arn: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/tokens.example"),
            issuer: "https://tokens.example".to_owned(),
            subject: "ci".to_owned(),
            audience: "stagedoor".to_owned(),
        }),
        provenance: provenance.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        lineage: Lineage::default(),
        actor: None,
        gates: Vec::new(),
        receipt: Some(0),
    }
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
