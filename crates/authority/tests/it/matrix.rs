//! Who gets in and who may do what in `examples/shop`, as tables to be reviewed.
//!
//! A change of these tables is a change of rights. Accept it with `cargo insta review`, or with
//! `INSTA_UPDATE=always cargo test -p stagedoor-authority matrix`.

use crate::house::{ACCOUNT, House, caller, request};
use serde_json::{Value, json};
use stagedoor_authority::{Access, Assumed};
use stagedoor_policy::Context;
use stagedoor_rehearsal::{Issuer, Kind, Options};
use stagedoor_session::{Authenticated, Body, Expected, HttpRequest};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The issuers of the example, as its policies name them, and the token issuers on loopback that stand for them.
struct Shop {
    house: House,
    circleci: Issuer,
    gitlab: Issuer,
}

impl Shop {
    async fn open() -> Shop {
        let bitbucket = Issuer::start(Kind::Bitbucket, Options::default()).await.unwrap();
        let circleci = Issuer::start(Kind::CircleCi, Options::default()).await.unwrap();
        let gitlab = Issuer::start(Kind::GitLab, Options::default()).await.unwrap();
        let real = [
            ("bitbucket", "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", &bitbucket),
            ("circleci", "oidc.circleci.com/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11", &circleci),
            ("gitlab", "gitlab.com", &gitlab),
        ];
        let directory = TempDir::new().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
        copy(&example, directory.path(), &|text| {
            real.iter().fold(text, |text, (_, prefix, issuer)| {
                let here = issuer.url().trim_start_matches("http://");
                text.replace(&format!("oidc-provider/{prefix}\""), &format!("oidc-provider/{here}\""))
                    .replace(&format!("\"{prefix}:"), &format!("\"{here}:"))
            })
        });
        for (name, _, issuer) in real {
            let path = directory.path().join(format!("issuers/{name}.toml"));
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, format!("{text}\nissuer = \"{}\"\n", issuer.url())).unwrap();
        }
        Shop { house: House::serve(directory, bitbucket), circleci, gitlab }
    }

    /// The tokens that ask for roles: a name, and the token.
    fn tokens(&self) -> Vec<(&'static str, String)> {
        let staging = "{0b6d3c52-4f0e-4d0a-9a6b-3c1e2f7a8d94}";
        let bitbucket = &self.house.issuer;
        let (circleci, gitlab) = (&self.circleci, &self.gitlab);
        let ssh = json!({ "oidc.circleci.com/ssh-rerun": true });
        let fork = json!({ "oidc.circleci.com/vcs-origin": "github.com/mallory/shop" });
        let other = json!({ "project_id": "21", "project_path": "acme/shop-evil" });
        let review = json!({
            "environment": null, "environment_protected": null, "deployment_tier": null,
            "environment_action": null, "ref": "feature/x", "ref_path": "refs/heads/feature/x",
            "ref_protected": "false",
        });
        let of = |issuer: &Issuer, claims: Value| issuer.token_at(self.house.now(), &claims).unwrap();
        vec![
            ("bitbucket production", of(bitbucket, json!({}))),
            ("bitbucket staging", of(bitbucket, json!({ "deploymentEnvironmentUuid": staging }))),
            ("bitbucket no deployment", of(bitbucket, json!({ "deploymentEnvironmentUuid": null }))),
            ("bitbucket other repository", of(bitbucket, json!({ "repositoryUuid": "{0000}" }))),
            ("bitbucket other audience", of(bitbucket, json!({ "aud": "sts.amazonaws.com" }))),
            ("circleci main", of(circleci, json!({}))),
            ("circleci ssh rerun", of(circleci, ssh)),
            ("circleci fork", of(circleci, fork)),
            ("gitlab production", of(gitlab, json!({}))),
            ("gitlab unprotected", of(gitlab, json!({ "ref_protected": "false" }))),
            ("gitlab review", of(gitlab, review)),
            ("gitlab other project", of(gitlab, other)),
        ]
    }

    async fn assume(&self, role: &str, token: &str) -> Result<Assumed, &'static str> {
        let request = request(role, token.to_owned());
        let answer = self.house.authority.assume_role_with_web_identity(request, &caller()).await;
        answer.map_err(|refusal| refusal.reason.code())
    }
}

fn copy(from: &Path, to: &Path, change: &impl Fn(String) -> String) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "state" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&source, &target, change);
        } else {
            fs::write(&target, change(fs::read_to_string(&source).unwrap())).unwrap();
        }
    }
}

#[tokio::test]
async fn who_gets_which_role() {
    let shop = Shop::open().await;
    let snapshot = shop.house.authority.snapshot();
    let roles: Vec<&str> =
        snapshot.roles.iter().map(|role| role.name.as_str()).chain(["no-such-role"]).collect();
    let mut table = row("token", 26, &roles);
    for (name, token) in shop.tokens() {
        let mut answers = Vec::new();
        for role in &roles {
            answers.push(shop.assume(role, &token).await.map_or_else(|reason| reason, |_| "ALLOW"));
        }
        table += &row(name, 26, &answers);
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn what_each_role_may_do() {
    let shop = Shop::open().await;
    let tokens = shop.tokens();
    let holders = [
        ("build", "circleci main"),
        ("deploy-prod", "bitbucket production"),
        ("deploy-staging", "bitbucket staging"),
        ("reader", "gitlab review"),
    ];
    let snapshot = shop.house.authority.snapshot();
    let covered: Vec<&str> = holders.iter().map(|(role, _)| *role).collect();
    let all: Vec<&str> = snapshot.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(covered, all, "each role of the example has a holder here");

    let mut sessions = Vec::new();
    for (role, holder) in holders {
        let (_, token) = tokens.iter().find(|(name, _)| *name == holder).unwrap();
        sessions.push(authenticated(&shop.house, &shop.assume(role, token).await.unwrap()));
    }
    let mut table = row("action and resource", 89, &all);
    for (action, resource) in accesses() {
        let mut answers = Vec::new();
        for session in &sessions {
            let access = Access {
                gate: "orders".to_owned(),
                action: action.to_owned(),
                resource: format!("arn:aws:{resource}"),
                context: Context::new(),
            };
            let answer = shop.house.authority.authorize(session, access, &caller()).await;
            answers.push(answer.map_or_else(|refusal| refusal.reason.code(), |_| "ALLOW"));
        }
        table += &row(&format!("{action} {resource}"), 89, &answers);
    }
    insta::assert_snapshot!(table);
}

fn row(name: &str, width: usize, answers: &[&str]) -> String {
    let cells: String = answers.iter().map(|answer| format!(" {answer:<23}")).collect();
    format!("{}\n", format!("{name:<width$}{cells}").trim_end())
}

/// Actions and ARNs, the latter without `arn:aws:`.
fn accesses() -> Vec<(&'static str, String)> {
    let arn = |rest: &str| format!("execute-api:us-east-1:{ACCOUNT}:{rest}");
    let mut accesses = Vec::new();
    for method in ["GET", "POST", "PUT", "DELETE"] {
        for path in ["orders", "orders/7", "staging/orders/7", "admin/keys"] {
            accesses.push(("execute-api:Invoke", arn(&format!("orders/live/{method}/{path}"))));
        }
    }
    accesses.push(("execute-api:Invoke", arn("orders/test/GET/orders")));
    accesses.push(("execute-api:Invoke", arn("billing/live/GET/orders")));
    accesses.push(("execute-api:ManageConnections", arn("orders/live/GET/orders")));
    accesses.push(("rds-db:connect", format!("rds-db:us-east-1:{ACCOUNT}:dbuser:orders-db/orders")));
    accesses
}

fn authenticated(house: &House, assumed: &Assumed) -> Authenticated {
    let token = secrecy::ExposeSecret::expose_secret(&assumed.credentials.session_token);
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let request = HttpRequest { method: "GET", path: "/", query: "", headers: &headers, body: Body::empty() };
    let expected = Expected { region: None, services: &["execute-api"], s3: false };
    house.authority.authenticate(&request, &expected).unwrap()
}
