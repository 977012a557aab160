//! Trust policies, above all for `AssumeRoleWithWebIdentity`.

use stagedoor_policy::Outcome::{self, Allow, ExplicitDeny, ImplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Principal, Request};

use crate::support::{ACCOUNT, OTHER, Table, context, decide, policy, session, user};

const ISSUER: &str = "token.actions.githubusercontent.com";

/// The policy that everybody pastes.
fn github(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
    )
}

fn asks(keys: &str) -> Request {
    Request {
        principal: Principal::Federated {
            provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"),
        },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: Some(format!("arn:aws:iam::{ACCOUNT}:role/deploy")),
        resource_account: None,
        context: context(&keys.replace('@', ISSUER)),
    }
}

fn trust(statements: &str) -> PolicySet {
    PolicySet::new().trust(policy(Kind::Trust, &statements.replace('@', ISSUER)))
}

#[test]
fn the_textbook_policy() {
    let set = trust(&github(
        r#"{"StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"repo:acme/shop:ref:refs/heads/main"}}"#,
    ));
    let mut table = Table::default();
    for (rule, keys, wanted) in [
        ("the right token", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main", Allow),
        (
            "keys ignore case",
            "TOKEN.ACTIONS.githubusercontent.com:AUD=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main",
            Allow,
        ),
        ("another branch", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/dev", ImplicitDeny),
        (
            "another repository",
            "@:aud=sts.amazonaws.com;@:sub=repo:evil/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
        ("another audience", "@:aud=x;@:sub=repo:acme/shop:ref:refs/heads/main", ImplicitDeny),
        ("no audience", "@:sub=repo:acme/shop:ref:refs/heads/main", ImplicitDeny),
        (
            "another issuer's keys are absent",
            "gitlab.com:aud=sts.amazonaws.com;gitlab.com:sub=repo:acme/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
    ] {
        table.row(rule, keys, decide(&set, &asks(keys)), wanted);
    }
}

#[test]
fn absent_keys_open_what_they_should_not() {
    let mut table = Table::default();
    for (rule, condition, wanted) in [
        (
            "StringEquals on another issuer's key: nobody",
            r#"{"StringEquals":{"gitlab.com:sub":"x"}}"#,
            ImplicitDeny,
        ),
        (
            "IfExists on another issuer's key: anyone",
            r#"{"StringEqualsIfExists":{"gitlab.com:sub":"x"}}"#,
            Allow,
        ),
        ("ForAllValues on an absent key: anyone", r#"{"ForAllValues:StringLike":{"@:sbu":"x"}}"#, Allow),
        ("StringNotEquals on an absent key: anyone", r#"{"StringNotEquals":{"@:sbu":"x"}}"#, Allow),
    ] {
        table.row(
            rule,
            condition,
            decide(&trust(&github(condition)), &asks("@:sub=repo:acme/shop:x")),
            wanted,
        );
    }
}

#[test]
fn only_the_trust_policy_and_rcps_count() {
    let open = trust(&github("{}"));
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let rcp = r#"{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}"#;
    let asked = asks("");
    assert_eq!(decide(&open, &asked), Allow);
    assert_eq!(decide(&open.clone().identity(policy(Kind::Identity, deny)), &asked), Allow);
    assert_eq!(decide(&open.clone().scp(policy(Kind::ServiceControl, deny)), &asked), Allow);
    assert_eq!(decide(&open.rcp(policy(Kind::ResourceControl, rcp)), &asked), ExplicitDeny);
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    assert_eq!(decide(&PolicySet::new().identity(policy(Kind::Identity, allow)), &asked), ImplicitDeny);
}

#[test]
fn tags_and_source_identity_are_actions_of_their_own() {
    let set = trust(&github("{}"));
    for action in ["sts:TagSession", "sts:SetSourceIdentity"] {
        assert_eq!(decide(&set, &Request { action: action.into(), ..asks("") }), ImplicitDeny, "{action}");
    }
    let set = trust(&github("{}").replace("sts:AssumeRoleWithWebIdentity", "sts:*"));
    for action in ["sts:TagSession", "sts:SetSourceIdentity"] {
        assert_eq!(decide(&set, &Request { action: action.into(), ..asks("") }), Allow, "{action}");
    }
}

#[test]
fn a_deny_in_the_trust_policy_wins() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"@:sub":"*:pull_request"}}}"#;
    let set = trust(&format!("{},{deny}", github("{}")));
    assert_eq!(decide(&set, &asks("@:sub=repo:acme/shop:pull_request")), ExplicitDeny);
    assert_eq!(decide(&set, &asks("@:sub=repo:acme/shop:ref:refs/heads/main")), Allow);
}

#[test]
fn roles_assumed_by_principals_of_accounts() {
    let role = |principal: &str| {
        trust(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}"#
        ))
    };
    let may = |set: PolicySet| {
        set.identity(policy(Kind::Identity, r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#))
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let asked = |principal: Principal, owner: &str| Request {
        principal,
        action: "sts:AssumeRole".into(),
        resource: Some(format!("arn:aws:iam::{owner}:role/deploy")),
        ..asks("")
    };
    let mut table = Table::default();
    let mut row = |rule: &str, set: PolicySet, asked: Request, wanted: Outcome| {
        table.row(
            rule,
            format!("{} for {:?}", asked.principal.name(), asked.resource),
            decide(&set, &asked),
            wanted,
        );
    };
    row("the user is trusted by name: no identity policy needed", role(&arn), asked(user(), ACCOUNT), Allow);
    row(
        "the account is trusted: the identity policy must allow",
        role(ACCOUNT),
        asked(user(), ACCOUNT),
        ImplicitDeny,
    );
    row(
        "the account is trusted: the identity policy must allow",
        may(role(ACCOUNT)),
        asked(user(), ACCOUNT),
        Allow,
    );
    row(
        "an identity policy alone is not enough, even in one account",
        may(role(OTHER)),
        asked(user(), ACCOUNT),
        ImplicitDeny,
    );
    row("across accounts both must allow", role(&arn), asked(user(), OTHER), ImplicitDeny);
    row("across accounts both must allow", may(role(&arn)), asked(user(), OTHER), Allow);
    row(
        "a session of a trusted role",
        role(&format!("arn:aws:iam::{ACCOUNT}:role/deploy")),
        asked(session(), ACCOUNT),
        Allow,
    );
}
