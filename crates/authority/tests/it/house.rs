//! A whole Stagedoor in a temporary directory: configuration, log, keyring, clock, and a token issuer on loopback.

use http::HeaderMap;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use stagedoor_audit::{Log, LogOptions, Order, Query, Record, search};
use stagedoor_authority::{
    Access, AssumeRole, AssumeWithWebIdentity, Assumed, Authority, Caller, Issued, Permitted, Refusal,
    SettableClock,
};
use stagedoor_config::{Snapshot, load};
use stagedoor_identity::Keys;
use stagedoor_policy::Context;
use stagedoor_rehearsal::{Issuer, Kind, Options};
use stagedoor_session::{
    Body, Credentials, Expected, HttpRequest, Keyring, SigningAlgorithm, SigningKeys, StoredSigningKey,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const START: &str = "2026-11-20T10:00:00Z";

/// RSA keys take their time: one set for all houses.
static SIGNING_KEYS: LazyLock<SigningKeys> = LazyLock::new(|| {
    let now = START.parse().unwrap();
    let key = |algorithm| StoredSigningKey::generate(algorithm, now, now).unwrap();
    SigningKeys::from_stored(SigningAlgorithm::ALL.map(key).to_vec()).unwrap()
});

pub(crate) struct House {
    directory: TempDir,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Arc<SettableClock>,
    pub(crate) log: Log,
    pub(crate) authority: Arc<Authority>,
}

/// A role's files.
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) settings: &'static str,
    pub(crate) trust: Value,
    pub(crate) permissions: Value,
}

impl Role {
    pub(crate) fn new(name: &'static str, trust: Value) -> Self {
        Role { name, settings: "", trust, permissions: policy(json!([])) }
    }

    pub(crate) fn settings(mut self, settings: &'static str) -> Self {
        self.settings = settings;
        self
    }

    pub(crate) fn permissions(mut self, statements: Value) -> Self {
        self.permissions = policy(statements);
        self
    }
}

pub(crate) fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl House {
    /// A house with these roles. In the texts of the roles `ISSUER` stands for the issuer's ARN and `PREFIX` for its
    /// condition keys' prefix.
    pub(crate) async fn open(roles: &[Role]) -> House {
        let issuer = Issuer::start(Kind::Oidc, Options::default()).await.unwrap();
        let directory = TempDir::new().unwrap();
        let write = |path: &str, text: String| write(directory.path(), path, &text);
        write(
            "stagedoor.toml",
            format!(
                "account = \"{ACCOUNT}\"\nregion = \"us-east-1\"\npublic_url = \"http://127.0.0.1:8010\"\n"
            ),
        );
        write(
            "issuers/ci.toml",
            format!(
                "kind = \"oidc\"\nissuer = \"{}\"\naudiences = [\"stagedoor\", \"second\"]\n",
                issuer.url()
            ),
        );
        for role in roles {
            write_role(directory.path(), role, issuer.url());
        }
        House::serve(directory, issuer)
    }

    /// A house with the configuration in `directory`. `issuer` is the one that [`House::token`] asks.
    pub(crate) fn serve(directory: TempDir, issuer: Issuer) -> House {
        let clock = Arc::new(SettableClock::new(START.parse().unwrap()));
        let options = LogOptions::new(directory.path().join("state/audit"), "stagedoor.test/audit");
        let log = Log::open(options).unwrap();
        let keyring = Keyring::generate(START.parse().unwrap()).unwrap();
        let authority = Authority::new(
            snapshot(directory.path()),
            Keys::default(),
            keyring,
            log.clone(),
            Arc::clone(&clock) as Arc<_>,
        );
        let authority = Arc::new(authority.signing_with(SIGNING_KEYS.clone()));
        House { directory, issuer, clock, log, authority }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn log_directory(&self) -> PathBuf {
        self.path().join("state/audit")
    }

    /// Writes a role's files anew, or for the first time.
    pub(crate) fn put(&self, role: &Role) {
        write_role(self.path(), role, self.issuer.url());
    }

    pub(crate) fn remove(&self, role: &str) {
        std::fs::remove_dir_all(self.path().join("roles").join(role)).unwrap();
    }

    /// The configuration as it is on disk now.
    pub(crate) fn read(&self) -> Snapshot {
        snapshot(self.path())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.authority.now()
    }

    /// A token made now, with claims laid over `someone`'s.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.issuer.token_at(self.now(), claims).unwrap()
    }

    pub(crate) async fn assume(&self, role: &str, claims: &Value) -> Result<Assumed, Refusal> {
        self.authority.assume_role_with_web_identity(request(role, self.token(claims)), &caller()).await
    }

    /// Asks as a session for another role, by the name `next`.
    pub(crate) async fn chain(&self, from: &Credentials, asked: AssumeRole) -> Result<Issued, Refusal> {
        let headers = bearer(from);
        self.authority.assume_role(asked, &signed(&headers), &caller()).await
    }

    /// Whether a session may do something at a gate that is called `orders`.
    pub(crate) async fn may(&self, who: &Credentials, path: &str) -> Result<Permitted, Refusal> {
        let headers = bearer(who);
        let expected = Expected { region: None, services: &["execute-api"], s3: false };
        let authenticated = self.authority.authenticate(&signed(&headers), &expected).unwrap();
        let access = Access {
            gate: "orders".to_owned(),
            action: "execute-api:Invoke".to_owned(),
            resource: orders(path),
            context: Context::new(),
        };
        self.authority.authorize(&authenticated, access, &caller()).await
    }

    /// Every record of the log, oldest first.
    pub(crate) fn records(&self) -> Vec<Record> {
        let query = Query { order: Order::OldestFirst, ..Query::default() };
        search(&self.log_directory(), &query).unwrap().map(|entry| entry.unwrap().record).collect()
    }

    /// The record with this id.
    pub(crate) fn record(&self, decision_id: &str) -> Record {
        self.records().into_iter().find(|record| record.event_id == decision_id).unwrap()
    }
}

/// A path behind the gate `orders`, as `GET/orders`.
pub(crate) fn orders(path: &str) -> String {
    format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:orders/live/{path}")
}

/// The headers of a request that carries a session token.
pub(crate) fn bearer(credentials: &Credentials) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let bearer = format!("Bearer {}", credentials.session_token.expose_secret());
    headers.insert("authorization", bearer.parse().unwrap());
    headers
}

/// A request with these headers and no body.
pub(crate) fn signed(headers: &HeaderMap) -> HttpRequest<'_> {
    HttpRequest { method: "POST", path: "/", query: "", headers, body: Body::empty() }
}

/// An `AssumeRole` call with nothing but what it must have.
pub(crate) fn next(role: &str) -> AssumeRole {
    AssumeRole { role_arn: role_arn(role), session_name: "next".to_owned(), ..AssumeRole::default() }
}

/// A trust statement for a principal of the account, named by ARN or number.
pub(crate) fn trusts(principal: &str, actions: &[&str], condition: Value) -> Value {
    policy(json!([{
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": actions,
        "Condition": condition,
    }]))
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub(crate) fn request(role: &str, token: String) -> AssumeWithWebIdentity {
    AssumeWithWebIdentity {
        role_arn: role_arn(role),
        session_name: "build-42".to_owned(),
        token: token.into(),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
        provider_id: None,
    }
}

pub(crate) fn caller() -> Caller {
    Caller {
        source_ip: "203.0.113.9".parse().unwrap(),
        user_agent: "Boto3/1.44 test".to_owned(),
        request_id: "5f2b7f0e-6d1c-4b0a-9a52-0d2c9b9f6e11".to_owned(),
        secure_transport: true,
    }
}

/// A trust statement for the house's issuer.
pub(crate) fn trust(effect: &str, actions: &[&str], condition: Value) -> Value {
    json!({
        "Effect": effect,
        "Principal": { "Federated": "ISSUER" },
        "Action": actions,
        "Condition": condition,
    })
}

/// Whoever has a token for `stagedoor`.
pub(crate) fn trusts_audience() -> Value {
    let condition = json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } });
    policy(json!([trust("Allow", &["sts:AssumeRoleWithWebIdentity"], condition)]))
}

fn snapshot(directory: &Path) -> Snapshot {
    match load(directory) {
        Ok(snapshot) => snapshot,
        Err(report) => panic!("{}", report.render(false)),
    }
}

fn write_role(directory: &Path, role: &Role, issuer_url: &str) {
    let prefix = issuer_url.split_once("://").unwrap().1;
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{prefix}");
    let fill = |policy: &Value| policy.to_string().replace("ISSUER", &arn).replace("PREFIX", prefix);
    let folder = format!("roles/{}", role.name);
    write(directory, &format!("{folder}/role.toml"), role.settings);
    write(directory, &format!("{folder}/trust.json"), &fill(&role.trust));
    let permissions = format!("{folder}/permissions/main.json");
    if role.permissions["Statement"] != json!([]) {
        write(directory, &permissions, &fill(&role.permissions));
    }
}

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
