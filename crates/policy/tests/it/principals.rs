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

#[test]
fn who_is_named() {
    let role = Principal::Role { arn: format!("arn:aws:iam::{ACCOUNT}:role/deploy") };
    let root = Principal::Account { account: ACCOUNT.into() };
    let mut table = Table::default();
    for (rule, element, principal, wanted) in [
        ("`*` is everybody", r#""Principal":"*""#, Principal::Anonymous, true),
        ("`*` is everybody", r#""Principal":"*""#, service(), true),
        ("`*` is everybody", r#""Principal":"*""#, oidc(), true),
        ("AWS `*` is everybody", r#""Principal":{"AWS":"*"}"#, Principal::Anonymous, true),
        ("an account number is all of the account", r#""Principal":{"AWS":"111122223333"}"#, user(), true),
        ("an account number is all of the account", r#""Principal":{"AWS":"111122223333"}"#, session(), true),
        (
            "an account's root ARN is the same",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
            user(),
            true,
        ),
        (
            "an account names its root user",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
            root.clone(),
            true,
        ),
        ("another account", r#""Principal":{"AWS":"444455556666"}"#, user(), false),
        ("a user", r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"}"#, user(), true),
        (
            "names are case-sensitive",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/Alice"}"#,
            user(),
            false,
        ),
        (
            "a user names sessions it federated",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/alice"}"#,
            federated_user(),
            true,
        ),
        (
            "a federated user",
            r#""Principal":{"AWS":"arn:aws:sts::111122223333:federated-user/bob"}"#,
            federated_user(),
            true,
        ),
        (
            "a role names its sessions",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#,
            session(),
            true,
        ),
        (
            "a role names itself",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/deploy"}"#,
            role.clone(),
            true,
        ),
        (
            "a session",
            r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-1"}"#,
            session(),
            true,
        ),
        (
            "another session",
            r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/deploy/run-2"}"#,
            session(),
            false,
        ),
        ("a service", r#""Principal":{"Service":"ec2.amazonaws.com"}"#, service(), true),
        ("another service", r#""Principal":{"Service":"ecs.amazonaws.com"}"#, service(), false),
        (
            "a provider",
            r#""Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.example/org"}"#,
            oidc(),
            true,
        ),
        (
            "a provider's account matters",
            r#""Principal":{"Federated":"arn:aws:iam::444455556666:oidc-provider/token.example/org"}"#,
            oidc(),
            false,
        ),
        (
            "several types in one map",
            r#""Principal":{"AWS":"444455556666","Service":["ecs.amazonaws.com","ec2.amazonaws.com"]}"#,
            service(),
            true,
        ),
        ("types are kept apart", r#""Principal":{"Service":"ec2.amazonaws.com"}"#, user(), false),
        (
            "an account does not name anonymous callers",
            r#""Principal":{"AWS":"111122223333"}"#,
            Principal::Anonymous,
            false,
        ),
    ] {
        table.row(rule, format!("{element} for {}", principal.name()), denies(element, &principal), wanted);
    }
}

#[test]
fn not_principal_with_deny() {
    let all = format!(
        r#""NotPrincipal":{{"AWS":["{ACCOUNT}","arn:aws:iam::{ACCOUNT}:role/deploy","arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"]}}"#
    );
    let no_session =
        format!(r#""NotPrincipal":{{"AWS":["{ACCOUNT}","arn:aws:iam::{ACCOUNT}:role/deploy"]}}"#);
    let no_account = format!(
        r#""NotPrincipal":{{"AWS":["arn:aws:iam::{ACCOUNT}:role/deploy","arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"]}}"#
    );
    let users = format!(
        r#""NotPrincipal":{{"AWS":["arn:aws:iam::{ACCOUNT}:user/alice","arn:aws:iam::{ACCOUNT}:root"]}}"#
    );
    let other = Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/mallory") };
    let mut table = Table::default();
    for (rule, element, principal, wanted) in [
        ("account, role and session listed: spared", &all, session(), false),
        ("without the session: denied", &no_session, session(), true),
        ("without the account: denied", &no_account, session(), true),
        ("user and account listed: spared", &users, user(), false),
        ("the account alone spares nobody in it", &users, other, true),
        ("anonymous callers are denied", &users, Principal::Anonymous, true),
        ("services are denied", &users, service(), true),
        ("`*` spares everybody", &r#""NotPrincipal":"*""#.to_owned(), Principal::Anonymous, false),
    ] {
        table.row(rule, format!("{element} for {}", principal.name()), denies(element, &principal), wanted);
    }
}

#[test]
fn not_principal_with_allow_leaves_out_whoever_is_listed_in_any_way() {
    let set = resource_policy("Allow", &format!(r#""NotPrincipal":{{"AWS":"{ACCOUNT}"}}"#));
    let stranger = Principal::User { arn: format!("arn:aws:iam::{OTHER}:user/x") };
    assert_eq!(decide(&set, &get_object(user())), ImplicitDeny);
    let same_account = Request { resource_account: Some(OTHER.into()), ..get_object(stranger) };
    assert_eq!(decide(&set, &same_account), Allow);
}
