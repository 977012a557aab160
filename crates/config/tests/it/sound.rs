//! Configurations that load.

use std::{net::SocketAddr, path::Path, time::Duration};

use stagedoor_config::{GateKind, Rate, load};
use stagedoor_identity::{Algorithm, KeySource};

use crate::fixture::{Fixture, PERMISSION};

pub(crate) fn shop() -> stagedoor_config::Snapshot {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    load(&directory).map_err(|report| report.to_string()).unwrap()
}

#[test]
fn the_example_shop_loads_without_a_finding() {
    let shop = shop();
    assert!(shop.warnings.is_empty(), "{}", shop.warnings);
    let issuers: Vec<_> = shop.issuers.iter().map(|i| (i.name.as_str(), i.url.as_str())).collect();
    assert_eq!(
        issuers,
        [
            ("bitbucket", "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"),
            ("circleci", "https://oidc.circleci.com/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11"),
            ("gitlab", "https://gitlab.com"),
        ]
    );
    let roles: Vec<_> = shop.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(roles, ["build", "deploy-prod", "deploy-staging", "reader"]);
    assert_eq!(shop.gates.len(), 1);
    assert_eq!(shop.gates[0].name, "orders");
    assert_eq!(shop.gates[0].kind, GateKind::Http);
    assert_eq!(shop.gates[0].limits.max_body, Some(10 << 20));
    assert_eq!(shop.settings.isolate, ["environment"]);
    let invariants: Vec<_> = shop.invariants.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(invariants, ["only-production-deletes", "production-needs-a-protected-branch"]);
}

#[test]
fn roles_are_found_by_name_and_by_arn() {
    let shop = shop();
    let role = shop.roles.by_name("deploy-prod").unwrap();
    assert_eq!(role.arn, "arn:aws:iam::123456789012:role/deploy-prod");
    assert_eq!(shop.roles.by_arn(&role.arn).unwrap().name, "deploy-prod");
    assert_eq!(role.description, "deploys the shop to production");
    assert_eq!(role.max_session, Duration::from_secs(3600));
    assert_eq!(role.tags["environment"], "production");
    assert_eq!(role.boundary.as_ref().unwrap().0, "shop");
    assert_eq!(role.permission_documents[0].0, "permissions/orders.json");
    assert!(shop.roles.by_name("Deploy-Prod").is_none());
    assert!(shop.roles.by_arn("arn:aws:iam::123456789013:role/deploy-prod").is_none());
}

#[test]
fn defaults_apply_and_paths_resolve_against_the_directory() {
    let fixture = Fixture::new(&[]);
    let snapshot = fixture.load().unwrap();
    let settings = &snapshot.settings;
    let root = fixture.root().display();
    assert_eq!(settings.state_url, format!("sqlite:{root}/state/stagedoor.db"));
    assert_eq!(settings.audit_directory, fixture.path("state/audit"));
    assert_eq!(settings.listen.api, "127.0.0.1:8010".parse::<SocketAddr>().unwrap());
    assert_eq!(settings.listen.metrics, None);
    assert_eq!(snapshot.gates[0].stage, "live");
    let role = snapshot.roles.by_name("reader").unwrap();
    assert_eq!(role.max_session, Duration::from_secs(3600));
}

#[test]
fn what_bounds_the_life_of_sessions_is_read() {
    let settings = "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"https://id.acme.dev\"\n\
                    [state]\nmax_staleness = \"1m\"\n[rate_limits]\nissuer = \"600/s\"\nsubject = \"20/m\"\n";
    let issuer =
        "kind = \"oidc\"\nissuer = \"https://ci.acme.dev\"\naudiences = [\"x\"]\nsingle_use = true\n";
    let role = "[tag_claims]\nrepository = \"repositoryUuid\"\nproject = \"google/project\"\n\
                [identity_token]\nroles = [\"arn:aws:iam::210987654321:role/ci/deploy\"]\n";
    let fixture = Fixture::new(&[
        ("stagedoor.toml", Some(settings)),
        ("issuers/ci.toml", Some(issuer)),
        ("roles/reader/role.toml", Some(role)),
    ]);
    let snapshot = fixture.load().unwrap();
    assert_eq!(snapshot.settings.max_staleness, Duration::from_secs(60));
    let rates = snapshot.settings.rate_limits;
    let told = |rate: Option<Rate>| rate.map(|rate| (rate.count.get(), rate.per.as_secs()));
    assert_eq!((told(rates.issuer), told(rates.subject)), (Some((600, 1)), Some((20, 60))));
    assert!(snapshot.issuers.by_name("ci").unwrap().single_use);
    let claims = &snapshot.roles.by_name("reader").unwrap().tag_claims;
    assert_eq!(claims["repository"], "repositoryUuid");
    assert_eq!(claims["project"], "google/project");
    let roles = &snapshot.roles.by_name("reader").unwrap().identity_token_roles;
    assert_eq!(roles, &["arn:aws:iam::210987654321:role/ci/deploy"]);

    let usual = Fixture::new(&[]).load().unwrap();
    assert_eq!(usual.settings.max_staleness, Duration::from_secs(300));
    assert_eq!(usual.settings.rate_limits, stagedoor_config::RateLimits::default());
    assert!(usual.issuers.iter().all(|issuer| !issuer.single_use));
}

#[test]
fn a_boundary_is_a_managed_policy() {
    let shop = shop();
    let policy = shop.policy_by_arn("arn:aws:iam::123456789012:policy/shop").unwrap();
    assert_eq!(policy.name(), "boundaries/shop.json");
    for arn in [
        "arn:aws:iam::123456789013:policy/shop",
        "arn:aws:iam::123456789012:policy/shopping",
        "arn:aws:iam::aws:policy/shop",
        "shop",
    ] {
        assert!(shop.policy_by_arn(arn).is_none(), "{arn}");
    }
}

#[test]
fn settings_say_where_state_goes() {
    let head = "account = \"123456789012\"\nregion = \"us-east-1\"\npublic_url = \"https://id.acme.dev\"\n";
    for (written, resolved) in [
        ("sqlite:/var/lib/s.db", "sqlite:/var/lib/s.db"),
        ("sqlite:///var/lib/s.db", "sqlite:/var/lib/s.db"),
        ("sqlite://s.db", "sqlite:ROOT/s.db"),
        ("postgres://u@db/x", "postgres://u@db/x"),
        ("postgres:///x?host=/run/postgresql", "postgres:///x?host=/run/postgresql"),
    ] {
        let text = format!("{head}[state]\nurl = \"{written}\"\n[audit]\ndirectory = \"/var/log/s\"\n");
        let fixture = Fixture::new(&[("stagedoor.toml", Some(&text))]);
        let settings = fixture.load().unwrap().settings;
        let root = fixture.root().display().to_string();
        assert_eq!(settings.state_url, resolved.replace("ROOT", &root));
        assert_eq!(settings.audit_directory, Path::new("/var/log/s"));
    }
    let text = format!("{head}[state]\nurl = \"postgres://u:hunter2@db/x\"\n");
    let settings = Fixture::new(&[("stagedoor.toml", Some(&text))]).load().unwrap().settings;
    assert!(settings.state_url.contains("hunter2"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn an_issuer_can_override_what_its_kind_implies() {
    let text = "kind = \"bitbucket\"\nworkspace = \"acme\"\nissuer = \"http://127.0.0.1:9000/oidc\"\n\
                audiences = [\"a\", \"b\"]\nalgorithms = [\"ES256\"]\njwks_file = \"keys.json\"\n\
                private_network = true\nmax_lifetime = \"10m\"\nca_file = \"ca.pem\"\n\
                jwks_hosts = [\"keys.acme.dev\"]\ntoken_types = [\"JWT\"]\n";
    let certificate = "-----BEGIN CERTIFICATE-----\n";
    let fixture = Fixture::new(&[
        ("issuers/bitbucket.toml", Some(text)),
        ("keys.json", Some("{\"keys\":[]}")),
        ("ca.pem", Some(certificate)),
    ]);
    let snapshot = fixture.load().unwrap();
    let issuer = snapshot.issuers.by_name("bitbucket").unwrap();
    assert_eq!(issuer.url, "http://127.0.0.1:9000/oidc");
    assert_eq!(issuer.audiences, ["a", "b"]);
    assert_eq!(issuer.algorithms, [Algorithm::ES256]);
    assert_eq!(issuer.keys, KeySource::File(fixture.path("keys.json")));
    assert!(issuer.private_network);
    assert_eq!(issuer.jwks_hosts, ["keys.acme.dev"]);
    assert_eq!(issuer.token_types, ["JWT"]);
    assert_eq!(issuer.max_lifetime, Duration::from_secs(600));
    assert_eq!(issuer.ca_bundle.as_deref(), Some(certificate));

    fixture.write("ca.pem", format!("{certificate}\n"));
    assert_ne!(fixture.load().unwrap().digest, snapshot.digest, "the certificates are part of the digest");
}

#[test]
fn the_default_audience_follows_from_the_kind() {
    let text = "kind = \"bitbucket\"\nworkspace = \"acme\"\n\
                workspace_uuid = \"{11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10}\"\n";
    let snapshot = Fixture::new(&[("issuers/bitbucket.toml", Some(text))]).load().unwrap();
    let issuer = snapshot.issuers.by_name("bitbucket").unwrap();
    assert_eq!(issuer.audiences, ["ari:cloud:bitbucket::workspace/11f0c1f2-8b1e-4e0b-9d55-0a7c3d2e9f10"]);
}

#[test]
fn every_kind_of_gate_is_read() {
    let fixture = Fixture::new(&[
        (
            "gates/a.toml",
            Some(
                "kind = \"postgres\"\nlisten = \"127.0.0.1:1\"\nupstream = \"postgres://o@h:5432/o\"\npassword_file = \"secrets/o\"\n",
            ),
        ),
        (
            "gates/b.toml",
            Some(
                "kind = \"s3\"\nlisten = \"127.0.0.1:0\"\nupstream = \"https://S3.acme.dev/\"\nstage = \"test\"\n",
            ),
        ),
        (
            "gates/c.toml",
            Some("kind = \"mcp\"\nlisten = \"127.0.0.1:0\"\nupstream = \"http://127.0.0.1:1/mcp\"\n"),
        ),
        (
            "gates/d.toml",
            Some(
                "kind = \"tcp\"\nlisten = \"[::1]:1\"\nupstream = \"[::1]:22\"\n[limits]\nidle_timeout = \"1h\"\n",
            ),
        ),
    ]);
    let snapshot = fixture.load().unwrap();
    let gates: Vec<_> =
        snapshot.gates.iter().map(|g| (g.name.as_str(), g.kind.as_str(), g.upstream.as_str())).collect();
    assert_eq!(
        gates,
        [
            ("a", "postgres", "postgres://o@h:5432/o"),
            ("b", "s3", "https://s3.acme.dev"),
            ("c", "mcp", "http://127.0.0.1:1/mcp"),
            ("d", "tcp", "[::1]:22"),
            ("orders", "http", "http://127.0.0.1:8030"),
        ]
    );
    assert_eq!(snapshot.gates[0].password_file, Some(fixture.path("secrets/o")));
    assert_eq!(snapshot.gates[1].stage, "test");
    assert_eq!(snapshot.gates[3].limits.idle_timeout, Duration::from_secs(3600));
}

#[test]
fn a_directory_without_roles_or_gates_loads() {
    let fixture = Fixture::new(&[]);
    for folder in ["roles", "gates", "issuers"] {
        std::fs::remove_dir_all(fixture.path(folder)).unwrap();
    }
    let snapshot = fixture.load().unwrap();
    assert!(snapshot.roles.is_empty() && snapshot.gates.is_empty() && snapshot.issuers.is_empty());
}

#[test]
fn a_boundary_is_found_by_its_name() {
    let fixture = Fixture::new(&[
        ("roles/reader/role.toml", Some("boundary = \"shop\"\n")),
        ("boundaries/shop.json", Some(PERMISSION)),
    ]);
    let snapshot = fixture.load().unwrap();
    let role = snapshot.roles.by_name("reader").unwrap();
    assert_eq!(role.boundary.as_ref().unwrap().0, "shop");

    fixture.write("boundaries/shop.json", "{");
    let report = fixture.load().unwrap_err();
    assert_eq!(report.files().len(), 1, "{report}");
    assert_eq!(report.files()[0].path, "boundaries/shop.json");
}
