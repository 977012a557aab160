//! `Principal` and `NotPrincipal`.

use stagedoor_policy::Outcome::{Allow, ExplicitDeny, ImplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Principal, Request};

use crate::support::{ACCOUNT, OTHER, Table, decide, federated_user, get_object, policy, session, user};

fn resource_policy(effect: &str, element: &str) -> PolicySet {
    let statement = format!(r#"{{"Effect":"{effect}",{element},"Action":"s3:*","Resource":"*"}}"#);
    PolicySet::new().resource(policy(Kind::Resource, &statement))
}

/// Whether a resource policy applies at all: shown by a `Deny`, which no other policy can hide.
fn denies(element: &str, principal: &Principal) -> bool {
    decide(&resource_policy("Deny", element), &get_object(principal.clone())) == ExplicitDeny
}

fn service() -> Principal {
    Principal::Service { name: "ec2.amazonaws.com".into() }
}

fn oidc() -> Principal {
    Principal::Federated { provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.example/org") }
}

pub(crate) fn all() {
    who_is_named();
    not_principal_with_deny();
    not_principal_and_boundaries();
    not_principal_with_allow();
}

fn role() -> Principal {
    Principal::Role { arn: format!("arn:aws:iam::{ACCOUNT}:role/deploy") }
}

fn google() -> Principal {
    Principal::Federated { provider: "accounts.google.com".into() }
}

fn saml() -> Principal {
    Principal::Federated { provider: format!("arn:aws:iam::{ACCOUNT}:saml-provider/corp") }
}

#[test]
fn who_is_named() {
    let root = || Principal::Account { account: ACCOUNT.into() };
    let anybody = || Principal::Anonymous;
    let stranger = || Principal::User { arn: format!("arn:aws:iam::{OTHER}:user/alice") };
    let pathed = || Principal::AssumedRole {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/team/ci/deploy"),
        session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"),
    };
    let mut table = Table::of("principal/everybody");
    for (rule, principals, principal, wanted) in [
        ("principal/everybody", r#""*""#, anybody(), true),
        ("principal/everybody", r#""*""#, service(), true),
        ("principal/everybody", r#""*""#, oidc(), true),
        ("principal/everybody", r#""*""#, user(), true),
        ("principal/everybody", r#""*""#, stranger(), true),
        ("principal/everybody", r#"{"AWS":"*"}"#, anybody(), true),
        ("principal/everybody", r#"{"AWS":"*"}"#, session(), true),
        ("principal/everybody", r#"{"AWS":"*"}"#, service(), true),
        ("principal/everybody", r#"{"AWS":["*","444455556666"]}"#, user(), true),
        ("principal/account", r#"{"AWS":"111122223333"}"#, user(), true),
        ("principal/account", r#"{"AWS":"111122223333"}"#, session(), true),
        ("principal/account", r#"{"AWS":"111122223333"}"#, role(), true),
        ("principal/account", r#"{"AWS":"111122223333"}"#, federated_user(), true),
        ("principal/account", r#"{"AWS":"111122223333"}"#, root(), true),
        ("principal/account", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, user(), true),
        ("principal/account", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, session(), true),
        ("principal/account", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, root(), true),
        ("principal/account", r#"{"AWS":"arn:aws-cn:iam::111122223333:root"}"#, root(), true),
        ("principal/account", r#"{"AWS":["444455556666","111122223333"]}"#, user(), true),
        ("principal/account", r#"{"AWS":"444455556666"}"#, user(), false),
        ("principal/account", r#"{"AWS":"111122223333"}"#, stranger(), false),
        ("principal/account", r#"{"AWS":"111122223333"}"#, anybody(), false),
        ("principal/account", r#"{"AWS":"111122223333"}"#, service(), false),
        ("principal/account", r#"{"AWS":"111122223333"}"#, oidc(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#, user(), true),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/Alice"}"#, user(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/alice2"}"#, user(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/team/alice"}"#, user(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#, stranger(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#, root(), false),
        ("principal/user", r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#, session(), false),
        (
            "principal/federated-user",
            r#"{"AWS":"arn:aws:iam::111122223333:user/alice"}"#,
            federated_user(),
            true,
        ),
        (
            "principal/federated-user",
            r#"{"AWS":"arn:aws:sts::111122223333:federated-user/bob"}"#,
            federated_user(),
            true,
        ),
        (
            "principal/federated-user",
            r#"{"AWS":"arn:aws:sts::111122223333:federated-user/alice"}"#,
            federated_user(),
            false,
        ),
        (
            "principal/federated-user",
            r#"{"AWS":"arn:aws:sts::111122223333:federated-user/bob"}"#,
            user(),
            false,
        ),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#, session(), true),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#, role(), true),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/Deploy"}"#, session(), false),
        ("principal/role", r#"{"AWS":"arn:aws:iam::444455556666:role/deploy"}"#, session(), false),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/team/ci/deploy"}"#, pathed(), true),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#, pathed(), false),
        ("principal/role", r#"{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#, user(), false),
        (
            "principal/session",
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-1"}"#,
            session(),
            true,
        ),
        (
            "principal/session",
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-2"}"#,
            session(),
            false,
        ),
        (
            "principal/session",
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-1"}"#,
            role(),
            false,
        ),
        (
            "principal/session",
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-1"}"#,
            pathed(),
            true,
        ),
        ("principal/service", r#"{"Service":"ec2.amazonaws.com"}"#, service(), true),
        ("principal/service", r#"{"Service":"ecs.amazonaws.com"}"#, service(), false),
        ("principal/service", r#"{"Service":["ecs.amazonaws.com","ec2.amazonaws.com"]}"#, service(), true),
        ("principal/service", r#"{"Service":"ec2.amazonaws.com.cn"}"#, service(), false),
        ("principal/service", r#"{"Service":"ec2.amazonaws.com"}"#, user(), false),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.example/org"}"#,
            oidc(),
            true,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.example"}"#,
            oidc(),
            false,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.example/org/"}"#,
            oidc(),
            false,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/Token.example/org"}"#,
            oidc(),
            false,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::444455556666:oidc-provider/token.example/org"}"#,
            oidc(),
            false,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#,
            saml(),
            true,
        ),
        (
            "principal/federated",
            r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#,
            oidc(),
            false,
        ),
        ("principal/federated", r#"{"Federated":"accounts.google.com"}"#, google(), true),
        ("principal/federated", r#"{"Federated":"www.amazon.com"}"#, google(), false),
        ("principal/federated", r#"{"Federated":"accounts.google.com"}"#, oidc(), false),
        (
            "principal/types",
            r#"{"AWS":"444455556666","Service":["ecs.amazonaws.com","ec2.amazonaws.com"]}"#,
            service(),
            true,
        ),
        ("principal/types", r#"{"AWS":"111122223333","Service":"ecs.amazonaws.com"}"#, user(), true),
        ("principal/types", r#"{"AWS":"111122223333","Service":"ecs.amazonaws.com"}"#, service(), false),
        ("principal/types", r#"{"AWS":"444455556666","Federated":"accounts.google.com"}"#, google(), true),
        ("principal/types", r#"{"AWS":"444455556666","Federated":"accounts.google.com"}"#, user(), false),
        ("principal/unique-id", r#"{"AWS":"AIDAEXAMPLE1234567890"}"#, user(), false),
        ("principal/unique-id", r#"{"AWS":"AROAEXAMPLE1234567890"}"#, session(), false),
        (
            "principal/unique-id",
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            user(),
            false,
        ),
        (
            "principal/unique-id",
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            anybody(),
            false,
        ),
        ("principal/unique-id", r#"{"AWS":["AIDAEXAMPLE1234567890","111122223333"]}"#, user(), true),
    ] {
        let element = format!(r#""Principal":{principals}"#);
        table.row(rule, format!("{element} for {}", principal.name()), denies(&element, &principal), wanted);
    }
}

/// `NotPrincipal` with these names under `AWS`.
fn but(names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| match *name {
            "account" => ACCOUNT.to_owned(),
            "other" => OTHER.to_owned(),
            "root" => format!("arn:aws:iam::{ACCOUNT}:root"),
            "role" => format!("arn:aws:iam::{ACCOUNT}:role/deploy"),
            "session" => format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"),
            "user" => format!("arn:aws:iam::{ACCOUNT}:user/alice"),
            "federated" => format!("arn:aws:sts::{ACCOUNT}:federated-user/bob"),
            other => panic!("{other}"),
        })
        .collect();
    format!(r#""NotPrincipal":{{"AWS":{}}}"#, serde_json::json!(names))
}

#[test]
fn not_principal_with_deny() {
    let mallory = || Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/mallory") };
    let stranger = || Principal::User { arn: format!("arn:aws:iam::{OTHER}:user/alice") };
    let mut table = Table::of("principal/not-principal-deny");
    for (note, names, principal, wanted) in [
        ("account, role and session: spared", &["account", "role", "session"][..], session(), false),
        ("with the root ARN: spared", &["root", "role", "session"], session(), false),
        ("without the session", &["account", "role"], session(), true),
        ("without the role", &["account", "session"], session(), true),
        ("without the account", &["role", "session"], session(), true),
        ("the session alone", &["session"], session(), true),
        ("the account alone", &["account"], session(), true),
        ("user and account: spared", &["user", "account"], user(), false),
        ("user and root ARN: spared", &["user", "root"], user(), false),
        ("the user alone", &["user"], user(), true),
        ("the account alone spares nobody in it", &["user", "root"], mallory(), true),
        ("another account", &["user", "account"], stranger(), true),
        (
            "the root user needs its account only",
            &["root"],
            Principal::Account { account: ACCOUNT.into() },
            false,
        ),
        (
            "federated user, user and account: spared",
            &["account", "user", "federated"],
            federated_user(),
            false,
        ),
        ("without the federated user", &["account", "user"], federated_user(), true),
        ("anonymous callers", &["user", "root"], Principal::Anonymous, true),
        ("services", &["user", "root"], service(), true),
        ("providers", &["account"], oidc(), true),
    ] {
        let element = but(names);
        table.row(note, format!("{element} for {}", principal.name()), denies(&element, &principal), wanted);
    }
    for (note, element, principal, wanted) in [
        ("`*` spares everybody", r#""NotPrincipal":"*""#, Principal::Anonymous, false),
        ("`*` spares everybody", r#""NotPrincipal":{"AWS":"*"}"#, user(), false),
        ("a service by name: spared", r#""NotPrincipal":{"Service":"ec2.amazonaws.com"}"#, service(), false),
        ("another service", r#""NotPrincipal":{"Service":"ecs.amazonaws.com"}"#, service(), true),
        (
            "a provider by name: spared",
            r#""NotPrincipal":{"Federated":"accounts.google.com"}"#,
            google(),
            false,
        ),
        ("under another type", r#""NotPrincipal":{"AWS":"111122223333"}"#, service(), true),
    ] {
        table.row(note, format!("{element} for {}", principal.name()), denies(element, &principal), wanted);
    }
}

/// Nobody with a permissions boundary is spared: the page on `NotPrincipal` warns of it.
#[test]
fn not_principal_and_boundaries() {
    let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let mut table = Table::of("principal/not-principal-boundary");
    for (note, names, principal, bounded, wanted) in [
        ("a listed user with a boundary", &["account", "user"][..], user(), true, true),
        ("a listed user without", &["account", "user"], user(), false, false),
        ("a listed session with a boundary", &["account", "role", "session"], session(), true, true),
        ("a listed session without", &["account", "role", "session"], session(), false, false),
    ] {
        let element = but(names);
        let mut set = resource_policy("Deny", &element);
        if bounded {
            set = set.boundary(policy(Kind::Boundary, everything));
        }
        let got = decide(&set, &get_object(principal.clone())) == ExplicitDeny;
        table.row(note, format!("{element} for {}, boundary: {bounded}", principal.name()), got, wanted);
    }
    let principal = r#""Principal":{"AWS":"444455556666"}"#;
    let set = resource_policy("Deny", principal).boundary(policy(Kind::Boundary, everything));
    table.row("`Principal` is not touched", principal, decide(&set, &get_object(user())), ImplicitDeny);
}

#[test]
fn not_principal_with_allow() {
    let stranger = || Principal::User { arn: format!("arn:aws:iam::{OTHER}:user/x") };
    let mut table = Table::of("principal/not-principal-allow");
    for (names, principal, owner, wanted) in [
        (&["account"][..], user(), ACCOUNT, ImplicitDeny),
        (&["account"], session(), ACCOUNT, ImplicitDeny),
        (&["role"], session(), ACCOUNT, ImplicitDeny),
        (&["session"], session(), ACCOUNT, ImplicitDeny),
        (&["user"], session(), ACCOUNT, Allow),
        (&["account"], stranger(), OTHER, Allow),
        (&["account"], Principal::Anonymous, ACCOUNT, Allow),
        (&["account"], service(), ACCOUNT, Allow),
    ] {
        let element = but(names);
        let asked = Request { resource_account: Some(owner.into()), ..get_object(principal) };
        let asked_for = format!("{element} for {}", asked.principal.name());
        table.row("left out", asked_for, decide(&resource_policy("Allow", &element), &asked), wanted);
    }
}
