//! Policies together.

use stagedoor_policy::Outcome::{self, Allow, ExplicitDeny, ImplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Principal, Request};

use crate::support::{
    ACCOUNT, OTHER, Table, decide, federated_user, get_object, policy, request, session, user,
};

const ALLOW: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
const OTHERWISE: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;
const DENY: &str = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;

fn role() -> Principal {
    Principal::Role { arn: format!("arn:aws:iam::{ACCOUNT}:role/deploy") }
}

/// Builds a set from words: `identity`, `boundary`, `session`, `scp` with `+` (allows), `-` (allows something else) or
/// `!` (denies); `resource=` with `*`, `account`, `role`, `session`, `user`, `federated`, `service`, or `!`; `rcp+` and `rcp!`; `level` goes
/// down in the organization.
fn set(words: &str) -> PolicySet {
    let mut set = PolicySet::new();
    for word in words.split_whitespace() {
        set = match word {
            "rcp!" => {
                let statement = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
                set.rcp(policy(Kind::ResourceControl, statement))
            }
            "rcp+" => {
                let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
                set.rcp(policy(Kind::ResourceControl, statement))
            }
            "level" => set.next_scp_level(),
            _ if word.starts_with("resource=") => {
                let (effect, principal) = match word.trim_start_matches("resource=") {
                    "*" => ("Allow", r#""*""#.to_owned()),
                    "!" => ("Deny", r#""*""#.to_owned()),
                    "account" => ("Allow", format!(r#"{{"AWS":"{ACCOUNT}"}}"#)),
                    "role" => ("Allow", format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:role/deploy"}}"#)),
                    "session" => {
                        ("Allow", format!(r#"{{"AWS":"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"}}"#))
                    }
                    "user" => ("Allow", format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:user/alice"}}"#)),
                    "federated" => {
                        ("Allow", format!(r#"{{"AWS":"arn:aws:sts::{ACCOUNT}:federated-user/bob"}}"#))
                    }
                    "service" => ("Allow", r#"{"Service":"ec2.amazonaws.com"}"#.to_owned()),
                    other => panic!("{other}"),
                };
                let statement = format!(
                    r#"{{"Effect":"{effect}","Principal":{principal},"Action":"s3:*","Resource":"*"}}"#
                );
                set.resource(policy(Kind::Resource, &statement))
            }
            _ => {
                let (name, sign) = word.split_at(word.len() - 1);
                let statements = match sign {
                    "+" => ALLOW.to_owned(),
                    "-" => OTHERWISE.to_owned(),
                    "!" => format!("{ALLOW},{DENY}"),
                    other => panic!("{other}"),
                };
                match name {
                    "identity" => set.identity(policy(Kind::Identity, &statements)),
                    "boundary" => set.boundary(policy(Kind::Boundary, &statements)),
                    "session" => set.session(policy(Kind::Session, &statements)),
                    "scp" => set.scp(policy(Kind::ServiceControl, &statements)),
                    other => panic!("{other}"),
                }
            }
        };
    }
    set
}

fn run(principal: &Principal, owner: Option<&str>, cases: &[(&str, &str, Outcome, Option<Kind>)]) {
    let mut table = Table::of("combine/same-account");
    for (rule, words, outcome, kind) in cases {
        let asked = Request { resource_account: owner.map(str::to_owned), ..get_object(principal.clone()) };
        let set = set(words);
        assert_eq!(decide(&set, &asked), set.decide(&asked).outcome);
        let decision = set.decide(&asked);
        let asked = format!("{} in {owner:?}: {words}", principal.name());
        table.row(rule, asked, (decision.outcome, decision.kind), (*outcome, *kind));
    }
}

pub(crate) fn all() {
    within_an_account();
    grants_by_name();
    an_explicit_deny_anywhere_wins();
    across_accounts();
    organizations();
    the_account_in_the_arn_owns_the_resource();
    callers_without_an_account();
    the_root_user();
    caller_identity_is_always_answered();
}

#[test]
fn within_an_account() {
    use Kind::{Boundary, Identity, Resource, Session};
    for principal in [session(), user(), role()] {
        run(
            &principal,
            None,
            &[
                ("combine/implicit-deny", "", ImplicitDeny, Some(Identity)),
                ("combine/implicit-deny", "identity-", ImplicitDeny, Some(Identity)),
                ("combine/same-account", "identity+", Allow, Some(Identity)),
                ("combine/same-account", "identity- identity+", Allow, Some(Identity)),
                ("combine/same-account", "resource=*", Allow, Some(Resource)),
                ("combine/same-account", "identity- resource=*", Allow, Some(Resource)),
                ("combine/same-account", "identity+ resource=service", Allow, Some(Identity)),
                ("combine/same-account", "resource=service", ImplicitDeny, Some(Identity)),
                ("combine/boundary", "identity+ boundary+", Allow, Some(Identity)),
                ("combine/boundary", "identity+ boundary-", ImplicitDeny, Some(Boundary)),
                ("combine/boundary", "identity+ boundary+ boundary-", ImplicitDeny, Some(Boundary)),
                ("combine/boundary", "boundary+", ImplicitDeny, Some(Identity)),
                ("combine/boundary", "identity- boundary+", ImplicitDeny, Some(Identity)),
                ("combine/boundary", "resource=* boundary-", Allow, Some(Resource)),
                ("combine/account-grant", "resource=account", ImplicitDeny, Some(Identity)),
                ("combine/account-grant", "resource=account identity-", ImplicitDeny, Some(Identity)),
                ("combine/account-grant", "resource=account identity+", Allow, Some(Identity)),
                (
                    "combine/account-grant",
                    "resource=account identity+ boundary-",
                    ImplicitDeny,
                    Some(Boundary),
                ),
            ],
        );
    }
    run(
        &session(),
        None,
        &[
            ("combine/session", "identity+ session+", Allow, Some(Identity)),
            ("combine/session", "identity+ session-", ImplicitDeny, Some(Session)),
            ("combine/session: several count together", "identity+ session- session+", Allow, Some(Identity)),
            ("combine/session", "session+", ImplicitDeny, Some(Identity)),
            ("combine/session", "identity- session+", ImplicitDeny, Some(Identity)),
            ("combine/session: all three", "identity+ boundary+ session+", Allow, Some(Identity)),
            ("combine/session: all three", "identity+ boundary- session+", ImplicitDeny, Some(Boundary)),
            ("combine/session: all three", "identity+ boundary+ session-", ImplicitDeny, Some(Session)),
            ("combine/session", "resource=account identity+ session-", ImplicitDeny, Some(Session)),
        ],
    );
    run(
        &federated_user(),
        None,
        &[
            ("combine/federated-user: no session policy, nothing", "identity+", ImplicitDeny, Some(Session)),
            ("combine/federated-user: within it", "identity+ session+", Allow, Some(Identity)),
            ("combine/federated-user: outside of it", "identity+ session-", ImplicitDeny, Some(Session)),
            ("combine/federated-user: its user has less", "identity- session+", ImplicitDeny, Some(Identity)),
            ("combine/federated-user: named by a resource", "resource=federated", Allow, Some(Resource)),
            (
                "combine/federated-user: its account is named",
                "resource=account identity+",
                ImplicitDeny,
                Some(Session),
            ),
        ],
    );
}

/// The table "Resource-based policies and implicit denies in other policy types (same account)".
#[test]
fn grants_by_name() {
    use Kind::{Boundary, Identity, Resource, Session};
    let (at_role, at_session, at_user) =
        ("combine/role-grant", "combine/session-grant", "combine/user-grant");
    run(
        &session(),
        None,
        &[
            (at_role, "resource=role", Allow, Some(Resource)),
            (at_role, "resource=role identity-", Allow, Some(Resource)),
            (at_role, "resource=role boundary+", Allow, Some(Resource)),
            (at_role, "resource=role boundary-", ImplicitDeny, Some(Boundary)),
            (at_role, "resource=role session+", Allow, Some(Resource)),
            (at_role, "resource=role session-", ImplicitDeny, Some(Session)),
            (at_role, "resource=role boundary+ session+", Allow, Some(Resource)),
            (at_role, "resource=role boundary+ session-", ImplicitDeny, Some(Session)),
            (at_role, "resource=role boundary- session+", ImplicitDeny, Some(Boundary)),
            (at_role, "resource=role identity+ boundary-", ImplicitDeny, Some(Boundary)),
            (at_session, "resource=session", Allow, Some(Resource)),
            (at_session, "resource=session identity-", Allow, Some(Resource)),
            (at_session, "resource=session boundary-", Allow, Some(Resource)),
            (at_session, "resource=session session-", Allow, Some(Resource)),
            (at_session, "resource=session identity- boundary- session-", Allow, Some(Resource)),
            (at_session, "resource=* identity- boundary- session-", Allow, Some(Resource)),
            (at_session, "resource=session resource=role boundary- session-", Allow, Some(Resource)),
            (at_user, "resource=user", ImplicitDeny, Some(Identity)),
        ],
    );
    run(
        &user(),
        None,
        &[
            (at_user, "resource=user", Allow, Some(Resource)),
            (at_user, "resource=user identity-", Allow, Some(Resource)),
            (at_user, "resource=user boundary-", Allow, Some(Resource)),
            (at_user, "resource=user identity- boundary-", Allow, Some(Resource)),
            (at_role, "resource=role", ImplicitDeny, Some(Identity)),
            (at_session, "resource=session", ImplicitDeny, Some(Identity)),
        ],
    );
    run(
        &role(),
        None,
        &[
            (at_role, "resource=role", Allow, Some(Resource)),
            (at_role, "resource=role boundary-", ImplicitDeny, Some(Boundary)),
            (at_session, "resource=session", ImplicitDeny, Some(Identity)),
        ],
    );
    run(
        &federated_user(),
        None,
        &[
            (at_session, "resource=federated boundary- session-", Allow, Some(Resource)),
            (at_session, "resource=federated identity-", Allow, Some(Resource)),
            (at_user, "resource=user session+", Allow, Some(Resource)),
            (at_user, "resource=user session-", ImplicitDeny, Some(Session)),
            (at_user, "resource=user session+ boundary-", ImplicitDeny, Some(Boundary)),
        ],
    );
}

#[test]
fn an_explicit_deny_anywhere_wins() {
    use Kind::{Boundary, Identity, Resource, ResourceControl, ServiceControl, Session};
    let (deny, order) = ("combine/explicit-deny", "combine/order");
    run(
        &session(),
        None,
        &[
            (deny, "identity+ identity! resource=*", ExplicitDeny, Some(Identity)),
            (deny, "identity! resource=session", ExplicitDeny, Some(Identity)),
            (deny, "identity+ boundary! resource=session", ExplicitDeny, Some(Boundary)),
            (deny, "identity+ session! resource=session", ExplicitDeny, Some(Session)),
            (deny, "identity+ resource=* resource=!", ExplicitDeny, Some(Resource)),
            (deny, "identity+ resource=! resource=session", ExplicitDeny, Some(Resource)),
            (deny, "identity+ scp+ scp!", ExplicitDeny, Some(ServiceControl)),
            (deny, "identity+ scp! level scp+", ExplicitDeny, Some(ServiceControl)),
            (deny, "identity+ scp+ level scp!", ExplicitDeny, Some(ServiceControl)),
            (deny, "identity+ rcp+ rcp!", ExplicitDeny, Some(ResourceControl)),
            (deny, "identity!", ExplicitDeny, Some(Identity)),
            (deny, "session! boundary-", ExplicitDeny, Some(Session)),
            (deny, "identity- boundary!", ExplicitDeny, Some(Boundary)),
            (order, "identity! scp! rcp!", ExplicitDeny, Some(ResourceControl)),
            (order, "identity! scp! resource=!", ExplicitDeny, Some(ServiceControl)),
            (order, "identity! boundary! resource=!", ExplicitDeny, Some(Resource)),
            (order, "identity! boundary! session!", ExplicitDeny, Some(Identity)),
            (order, "boundary! session!", ExplicitDeny, Some(Boundary)),
            (order, "scp- session!", ExplicitDeny, Some(Session)),
            (order, "identity- scp-", ImplicitDeny, Some(ServiceControl)),
            (order, "identity+ boundary- session-", ImplicitDeny, Some(Boundary)),
        ],
    );
    run(
        &session(),
        Some(OTHER),
        &[
            (deny, "identity! resource=session", ExplicitDeny, Some(Identity)),
            (deny, "identity+ resource=!", ExplicitDeny, Some(Resource)),
            (deny, "identity+ resource=* session!", ExplicitDeny, Some(Session)),
        ],
    );
}

#[test]
fn across_accounts() {
    use Kind::{Boundary, Identity, Resource, ServiceControl, Session};
    let both = "combine/cross-account";
    run(
        &session(),
        Some(OTHER),
        &[
            (both, "identity+", ImplicitDeny, Some(Resource)),
            (both, "resource=*", ImplicitDeny, Some(Identity)),
            (both, "resource=account", ImplicitDeny, Some(Identity)),
            (both, "resource=role", ImplicitDeny, Some(Identity)),
            (both, "resource=session", ImplicitDeny, Some(Identity)),
            (both, "identity- resource=session", ImplicitDeny, Some(Identity)),
            (both, "identity+ resource=service", ImplicitDeny, Some(Resource)),
            (both, "identity+ resource=account", Allow, Some(Identity)),
            (both, "identity+ resource=role", Allow, Some(Identity)),
            (both, "identity+ resource=session", Allow, Some(Identity)),
            (both, "identity+ resource=*", Allow, Some(Identity)),
            (both, "identity+ resource=role boundary-", ImplicitDeny, Some(Boundary)),
            (both, "identity+ resource=session boundary-", ImplicitDeny, Some(Boundary)),
            (both, "identity+ resource=session session-", ImplicitDeny, Some(Session)),
            (both, "identity+ resource=session boundary+ session+", Allow, Some(Identity)),
            (both, "identity+ resource=* scp-", ImplicitDeny, Some(ServiceControl)),
        ],
    );
    run(
        &user(),
        Some(OTHER),
        &[
            (both, "resource=user", ImplicitDeny, Some(Identity)),
            (both, "identity+ resource=user", Allow, Some(Identity)),
            (both, "identity+ resource=user boundary-", ImplicitDeny, Some(Boundary)),
        ],
    );
    let asked = Request { resource_account: Some(OTHER.into()), ..get_object(session()) };
    let decision = set("identity+ resource=account").decide(&asked);
    assert_eq!(decision.decided_by.unwrap().to_string(), "identity statement 1");
    assert_eq!(decision.together_with.unwrap().to_string(), "resource statement 1");
}

#[test]
fn organizations() {
    use Kind::{Identity, Resource, ResourceControl, ServiceControl};
    let (scp, rcp) = ("combine/scp", "combine/rcp");
    run(
        &session(),
        None,
        &[
            (scp, "identity+ scp+", Allow, Some(Identity)),
            (scp, "identity+ scp-", ImplicitDeny, Some(ServiceControl)),
            (scp, "scp+", ImplicitDeny, Some(Identity)),
            (scp, "identity+ scp- scp+", Allow, Some(Identity)),
            (scp, "identity+ scp+ level scp-", ImplicitDeny, Some(ServiceControl)),
            (scp, "identity+ scp- level scp+", ImplicitDeny, Some(ServiceControl)),
            (scp, "identity+ scp+ level scp+", Allow, Some(Identity)),
            (scp, "identity+ scp+ level scp- scp+ level scp+", Allow, Some(Identity)),
            (scp, "resource=* scp-", ImplicitDeny, Some(ServiceControl)),
            (scp, "resource=session scp-", ImplicitDeny, Some(ServiceControl)),
            (scp, "resource=session scp+", Allow, Some(Resource)),
            (rcp, "identity+ rcp+", Allow, Some(Identity)),
            (rcp, "rcp+", ImplicitDeny, Some(Identity)),
            (rcp, "identity+ rcp!", ExplicitDeny, Some(ResourceControl)),
            (rcp, "resource=session rcp!", ExplicitDeny, Some(ResourceControl)),
        ],
    );
    run(
        &session(),
        Some(OTHER),
        &[
            (rcp, "identity+ resource=* rcp+", Allow, Some(Identity)),
            (rcp, "identity+ resource=* rcp!", ExplicitDeny, Some(ResourceControl)),
        ],
    );
}

#[test]
fn the_account_in_the_arn_owns_the_resource() {
    let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, everything));
    let mut table = Table::of("combine/owner");
    for (note, arn, owner, wanted) in [
        ("another account in the ARN", format!("arn:aws:sqs:eu-west-1:{OTHER}:q"), None, ImplicitDeny),
        ("the same account in the ARN", format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:q"), None, Allow),
        ("no account in the ARN", "arn:aws:s3:::b/k".to_owned(), None, Allow),
        ("no account in the ARN, another owner", "arn:aws:s3:::b/k".to_owned(), Some(OTHER), ImplicitDeny),
        ("the owner is said", format!("arn:aws:sqs:eu-west-1:{OTHER}:q"), Some(ACCOUNT), Allow),
        ("no resource", String::new(), None, Allow),
        ("no resource, another owner", String::new(), Some(OTHER), ImplicitDeny),
    ] {
        let asked = Request {
            principal: user(),
            resource_account: owner.map(str::to_owned),
            ..request("sqs:SendMessage", &arn)
        };
        table.row(note, format!("{arn} of {owner:?}"), decide(&set, &asked), wanted);
    }
}

#[test]
fn callers_without_an_account() {
    use Kind::{Resource, ResourceControl};
    let rule = "combine/no-account";
    let service = Principal::Service { name: "ec2.amazonaws.com".into() };
    run(
        &service,
        Some(OTHER),
        &[
            (rule, "resource=service", Allow, Some(Resource)),
            (rule, "resource=*", Allow, Some(Resource)),
            (rule, "resource=account", ImplicitDeny, Some(Resource)),
            (rule, "identity+", ImplicitDeny, Some(Resource)),
            (rule, "resource=service identity- boundary- session-", Allow, Some(Resource)),
            (rule, "resource=service resource=!", ExplicitDeny, Some(Resource)),
            ("combine/scp: they do not bind services", "resource=service scp-", Allow, Some(Resource)),
            ("combine/scp: they do not bind services", "resource=service scp!", Allow, Some(Resource)),
            ("combine/rcp: they do", "resource=service rcp!", ExplicitDeny, Some(ResourceControl)),
        ],
    );
    run(
        &Principal::Anonymous,
        None,
        &[
            (rule, "", ImplicitDeny, Some(Resource)),
            (rule, "resource=*", Allow, Some(Resource)),
            (rule, "resource=account", ImplicitDeny, Some(Resource)),
            (rule, "identity+", ImplicitDeny, Some(Resource)),
            ("combine/rcp: anonymous callers too", "resource=* rcp!", ExplicitDeny, Some(ResourceControl)),
        ],
    );
}

#[test]
fn the_root_user() {
    let root = Principal::Account { account: ACCOUNT.into() };
    let rule = "combine/root";
    run(
        &root,
        Some(ACCOUNT),
        &[
            (rule, "", Allow, None),
            (rule, "identity+", Allow, Some(Kind::Identity)),
            (rule, "scp+", Allow, None),
            (rule, "scp-", ImplicitDeny, Some(Kind::ServiceControl)),
            (rule, "scp!", ExplicitDeny, Some(Kind::ServiceControl)),
            (rule, "rcp!", ExplicitDeny, Some(Kind::ResourceControl)),
            (rule, "resource=!", ExplicitDeny, Some(Kind::Resource)),
        ],
    );
    run(
        &root,
        Some(OTHER),
        &[
            (rule, "", ImplicitDeny, Some(Kind::Resource)),
            (rule, "resource=account", ImplicitDeny, Some(Kind::Identity)),
            (rule, "resource=account identity+", Allow, Some(Kind::Identity)),
        ],
    );
    run(&root, None, &[(rule, "", ImplicitDeny, Some(Kind::Identity))]);
}

#[test]
fn caller_identity_is_always_answered() {
    let everything = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let set = PolicySet::new()
        .identity(policy(Kind::Identity, everything))
        .scp(policy(Kind::ServiceControl, everything));
    let mut table = Table::of("combine/caller-identity");
    for (action, principal, wanted) in [
        ("sts:GetCallerIdentity", user(), Allow),
        ("STS:getcalleridentity", user(), Allow),
        ("sts:GetCallerIdentity", session(), Allow),
        ("sts:GetCallerIdentity", federated_user(), Allow),
        ("sts:GetCallerIdentity", Principal::Anonymous, ImplicitDeny),
        ("sts:GetCallerIdentities", user(), ExplicitDeny),
    ] {
        let asked = Request { principal, ..request(action, "") };
        let note = format!("{action} by {}", asked.principal.name());
        table.row("whatever policies say", note, decide(&set, &asked), wanted);
    }
}
