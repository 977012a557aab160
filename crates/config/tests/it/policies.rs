//! What the policies of a configuration mean, and what is said about doubtful ones.

use stagedoor_config::{Role, Snapshot};
use stagedoor_identity::{Claims, Profile, Provider};
use stagedoor_policy::{Principal, Request};

use crate::{
    fixture::{Fixture, PERMISSION, TRUST, lines},
    sound::shop,
};

const ACCOUNT: &str = "123456789012";

#[test]
fn an_invariant_has_only_deny_statements() {
    let deny = PERMISSION.replace("Allow", "Deny");
    let fixture = Fixture::new(&[("invariants/never.json", Some(&deny))]);
    assert_eq!(fixture.load().unwrap().invariants[0].name, "never");
    fixture.write("invariants/never.json", PERMISSION);
    assert_eq!(lines(&fixture.report()), ["invariants/never.json:4:15 error allow_in_invariant"]);
}

#[test]
fn a_trust_policy_may_name_an_issuer_that_is_not_configured() {
    for (principal, help) in [
        (
            "arn:aws:iam::123456789012:oidc-provider/gitlab.co",
            "did you mean `arn:aws:iam::123456789012:oidc-provider/gitlab.com`?",
        ),
        (
            "arn:aws:iam::123456789012:oidc-provider/id.acme.dev/x",
            "configure it in `issuers/`, with the URL `https://id.acme.dev/x`",
        ),
        (
            "arn:aws:iam::210987654321:oidc-provider/gitlab.com",
            "the account here is `123456789012`: the ARN would be \
             `arn:aws:iam::123456789012:oidc-provider/gitlab.com`",
        ),
        ("accounts.google.com", "a federated principal is the ARN of an issuer of `issuers/`"),
    ] {
        let text = TRUST.replace("arn:aws:iam::123456789012:oidc-provider/gitlab.com", principal);
        let fixture = Fixture::new(&[("roles/reader/trust.json", Some(&text))]);
        let warnings = fixture.load().unwrap().warnings;
        let found: Vec<_> = warnings.findings().filter(|(_, d)| d.id == "unknown_issuer").collect();
        assert_eq!(found.len(), 1, "{warnings}");
        let (file, diagnostic) = found[0];
        assert_eq!(file.path, "roles/reader/trust.json");
        assert_eq!(file.position(diagnostic.primary.span.start).line, 5);
        assert_eq!(diagnostic.help, [help]);
    }
}

/// The example token of a kind with some claims replaced, or removed by `null`.
fn token(kind: &str, changes: &serde_json::Value) -> Claims {
    let mut claims = Provider::by_kind(kind).unwrap().example_claims();
    for (name, value) in changes.as_object().unwrap() {
        let object = claims.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    Claims::from_json(&claims.to_string()).unwrap()
}

fn roles_for(shop: &Snapshot, kind: &str, changes: &serde_json::Value) -> Vec<String> {
    let issuer = shop.issuers.by_name(kind).unwrap();
    let claims = token(kind, changes);
    let request = Request {
        principal: Principal::Federated { provider: issuer.arn(ACCOUNT) },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: None,
        resource_account: None,
        context: issuer.context(&claims, Profile::Stagedoor).unwrap(),
    };
    let allowed = shop.roles.iter().filter(|role| role.trust.decide(&request).is_allow());
    allowed.map(|role| role.name.clone()).collect()
}

#[test]
fn the_shops_roles_go_to_those_whom_its_readme_names() {
    let shop = shop();
    let repository = "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}";
    let step = "{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}";
    let subject =
        |environment: &str| serde_json::json!({ "sub": format!("{repository}:{environment}{step}") });
    let cases = [
        ("bitbucket", serde_json::json!({}), &["deploy-prod"][..]),
        ("bitbucket", subject("{0b6d3c52-4f0e-4d0a-9a6b-3c1e2f7a8d94}:"), &["deploy-staging"]),
        ("bitbucket", subject(""), &[]),
        (
            "bitbucket",
            serde_json::json!({ "sub": format!("{{00000000-0000-0000-0000-000000000000}}:{{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}}:{step}") }),
            &[],
        ),
        ("bitbucket", serde_json::json!({ "aud": "ari:cloud:bitbucket::workspace/acme" }), &[]),
        ("circleci", serde_json::json!({}), &["build"]),
        ("circleci", serde_json::json!({ "oidc.circleci.com/ssh-rerun": true }), &[]),
        ("circleci", serde_json::json!({ "oidc.circleci.com/vcs-origin": "github.com/mallory/shop" }), &[]),
        ("gitlab", serde_json::json!({}), &["deploy-prod"]),
        ("gitlab", serde_json::json!({ "ref_protected": "false" }), &[]),
        ("gitlab", serde_json::json!({ "environment": null }), &["reader"]),
        ("gitlab", serde_json::json!({ "environment": null, "project_id": "21" }), &[]),
    ];
    for (kind, changes, roles) in cases {
        assert_eq!(roles_for(&shop, kind, &changes), roles, "{kind} {changes}");
    }
}

fn may(role: &Role, method_and_path: &str) -> bool {
    let mut context = stagedoor_policy::Context::new();
    context.insert("aws:PrincipalArn", role.arn.as_str());
    let request = Request {
        principal: Principal::AssumedRole {
            role_arn: role.arn.clone(),
            session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/job", role.name),
        },
        action: "execute-api:Invoke".into(),
        resource: Some(format!("arn:aws:execute-api:us-east-1:{ACCOUNT}:orders/live/{method_and_path}")),
        resource_account: None,
        context,
    };
    role.permissions.decide(&request).is_allow()
}

#[test]
fn the_shops_roles_may_do_what_its_readme_says() {
    let shop = shop();
    for (role, method_and_path, allowed) in [
        ("deploy-prod", "DELETE/orders/42", true),
        ("deploy-prod", "GET/staging/orders", true),
        ("deploy-staging", "PUT/staging/orders/42", true),
        ("deploy-staging", "GET/orders", false),
        ("deploy-staging", "DELETE/staging/orders/42", false),
        ("build", "GET/orders/42", true),
        ("build", "DELETE/orders/42", false),
        ("reader", "GET/orders", true),
        ("reader", "GET/orders/42", true),
        ("reader", "GET/orders-archive", false),
        ("reader", "POST/orders", false),
    ] {
        let role = shop.roles.by_name(role).unwrap();
        assert_eq!(may(role, method_and_path), allowed, "{} {method_and_path}", role.name);
    }
}

#[test]
fn a_boundary_limits_what_permissions_grant() {
    let narrow = PERMISSION.replace("orders/live/*", "orders/live/GET/*");
    let fixture = Fixture::new(&[("boundaries/narrow.json", Some(&narrow))]);
    let decide = || {
        let snapshot = fixture.load().unwrap();
        let role = snapshot.roles.by_name("reader").unwrap();
        (may(role, "GET/orders"), may(role, "DELETE/orders/42"))
    };
    assert_eq!(decide(), (true, true));
    fixture.write("roles/reader/role.toml", "boundary = \"narrow\"\n");
    assert_eq!(decide(), (true, false));
}
