//! Policies together.

use stagedoor_policy::Outcome::{self, Allow, ExplicitDeny, ImplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Principal, Request};

use crate::support::{
    ACCOUNT, OTHER, Table, decide, federated_user, get_object, policy, request, session, user,
};

const ALLOW: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
const OTHERWISE: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;
const DENY: &str = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;

/// Builds a set from words: `identity`, `boundary`, `session`, `scp` with `+` (allows), `-` (allows something else) or
/// `!` (denies); `resource=` with `*`, `account`, `role`, `session`, `user`, `federated`, or `!`; `rcp!`.
fn set(words: &str) -> PolicySet {
    let mut set = PolicySet::new();
    for word in words.split_whitespace() {
        set = match word {
            "rcp!" => {
                let statement = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
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
    let mut table = Table::default();
    for (rule, words, outcome, kind) in cases {
        let asked = Request { resource_account: owner.map(str::to_owned), ..get_object(principal.clone()) };
        let set = set(words);
        assert_eq!(decide(&set, &asked), set.decide(&asked).outcome);
        let decision = set.decide(&asked);
        table.row(rule, words, (decision.outcome, decision.kind), (*outcome, *kind));
    }
}

#[test]
fn within_an_account() {
    use Kind::{Boundary, Identity, Resource, ServiceControl, Session};
    run(
        &session(),
        None,
        &[
            ("nothing allows", "", ImplicitDeny, Some(Identity)),
            ("identity allows", "identity+", Allow, Some(Identity)),
            ("several identity policies: one is enough", "identity- identity+", Allow, Some(Identity)),
            ("identity is limited by the boundary", "identity+ boundary-", ImplicitDeny, Some(Boundary)),
            ("each boundary must allow", "identity+ boundary+ boundary-", ImplicitDeny, Some(Boundary)),
            ("identity within the boundary", "identity+ boundary+", Allow, Some(Identity)),
            ("a boundary alone grants nothing", "boundary+", ImplicitDeny, Some(Identity)),
            ("identity is limited by the session policy", "identity+ session-", ImplicitDeny, Some(Session)),
            ("session policies count together", "identity+ session- session+", Allow, Some(Identity)),
            ("a session policy alone grants nothing", "session+", ImplicitDeny, Some(Identity)),
            ("the SCP must allow", "identity+ scp-", ImplicitDeny, Some(ServiceControl)),
            ("SCPs of one level allow together", "identity+ scp- scp+", Allow, Some(Identity)),
            ("each level must allow", "identity+ scp+ level scp-", ImplicitDeny, Some(ServiceControl)),
            ("each level must allow", "identity+ scp+ level scp+", Allow, Some(Identity)),
            ("an SCP alone grants nothing", "scp+", ImplicitDeny, Some(Identity)),
            ("the SCP limits a resource grant", "resource=* scp-", ImplicitDeny, Some(ServiceControl)),
            ("resource or identity", "resource=*", Allow, Some(Resource)),
            (
                "a grant to the session is not limited",
                "resource=session boundary- session-",
                Allow,
                Some(Resource),
            ),
            ("a grant to everybody is not limited", "resource=* boundary- session-", Allow, Some(Resource)),
            ("a grant to the role needs no identity policy", "resource=role", Allow, Some(Resource)),
            (
                "a grant to the role is limited by a boundary",
                "resource=role boundary-",
                ImplicitDeny,
                Some(Boundary),
            ),
            (
                "a grant to the role is limited by a session",
                "resource=role session-",
                ImplicitDeny,
                Some(Session),
            ),
            ("a grant to the role within both", "resource=role boundary+ session+", Allow, Some(Resource)),
            ("a grant to the account only delegates", "resource=account", ImplicitDeny, Some(Identity)),
            ("a grant to the account and identity", "resource=account identity+", Allow, Some(Identity)),
        ],
    );
    run(
        &user(),
        None,
        &[
            ("a grant to the user is not limited", "resource=user boundary-", Allow, Some(Resource)),
            ("a grant to another principal", "resource=role", ImplicitDeny, Some(Identity)),
        ],
    );
    run(
        &federated_user(),
        None,
        &[
            (
                "a grant to the federated session is not limited",
                "resource=federated boundary- session-",
                Allow,
                Some(Resource),
            ),
            (
                "a grant to its user is limited by a session",
                "resource=user session-",
                ImplicitDeny,
                Some(Session),
            ),
            (
                "a grant to its user is limited by a boundary",
                "resource=user boundary-",
                ImplicitDeny,
                Some(Boundary),
            ),
        ],
    );
}

#[test]
fn an_explicit_deny_anywhere_wins() {
    use Kind::{Boundary, Identity, Resource, ResourceControl, ServiceControl, Session};
    run(
        &session(),
        None,
        &[
            ("identity", "identity+ identity! resource=*", ExplicitDeny, Some(Identity)),
            ("boundary", "identity+ boundary! resource=session", ExplicitDeny, Some(Boundary)),
            ("session", "identity+ session! resource=session", ExplicitDeny, Some(Session)),
            ("resource", "identity+ resource=*  resource=!", ExplicitDeny, Some(Resource)),
            ("SCP", "identity+ scp!", ExplicitDeny, Some(ServiceControl)),
            ("RCP", "identity+ rcp!", ExplicitDeny, Some(ResourceControl)),
            ("RCP is named first", "identity! scp! rcp!", ExplicitDeny, Some(ResourceControl)),
            (
                "SCP before resource before identity",
                "identity! scp! resource=!",
                ExplicitDeny,
                Some(ServiceControl),
            ),
            ("even when nothing allows", "session! boundary-", ExplicitDeny, Some(Session)),
        ],
    );
}

#[test]
fn across_accounts() {
    use Kind::{Boundary, Identity, Resource, ServiceControl, Session};
    run(
        &session(),
        Some(OTHER),
        &[
            ("identity alone is not enough", "identity+", ImplicitDeny, Some(Resource)),
            ("the resource alone is not enough", "resource=*", ImplicitDeny, Some(Identity)),
            ("not even a grant to the session", "resource=session", ImplicitDeny, Some(Identity)),
            ("both", "identity+ resource=account", Allow, Some(Identity)),
            ("both, within the boundary", "identity+ resource=role boundary-", ImplicitDeny, Some(Boundary)),
            ("both, within the session", "identity+ resource=session session-", ImplicitDeny, Some(Session)),
            ("both, within the SCP", "identity+ resource=* scp-", ImplicitDeny, Some(ServiceControl)),
        ],
    );
    let asked = Request { resource_account: Some(OTHER.into()), ..get_object(session()) };
    let decision = set("identity+ resource=account").decide(&asked);
    assert_eq!(decision.decided_by.unwrap().to_string(), "identity statement 1");
    assert_eq!(decision.together_with.unwrap().to_string(), "resource statement 1");
}

#[test]
fn the_account_in_the_arn_owns_the_resource() {
    let queue = format!("arn:aws:sqs:eu-west-1:{OTHER}:q");
    let asked = Request { principal: user(), ..request("sqs:SendMessage", &queue) };
    let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, everything));
    assert_eq!(decide(&set, &asked), ImplicitDeny);
    let said = Request { resource_account: Some(ACCOUNT.into()), ..asked };
    assert_eq!(decide(&set, &said), Allow);
}

#[test]
fn callers_without_an_account() {
    use Kind::{Resource, ResourceControl};
    let service = Principal::Service { name: "ec2.amazonaws.com".into() };
    run(
        &service,
        Some(OTHER),
        &[
            ("a service needs only the resource policy", "resource=service", Allow, Some(Resource)),
            ("identity policies are not a service's", "identity+", ImplicitDeny, Some(Resource)),
            ("SCPs do not bind services", "resource=service scp-", Allow, Some(Resource)),
            ("RCPs do", "resource=service rcp!", ExplicitDeny, Some(ResourceControl)),
        ],
    );
    run(
        &Principal::Anonymous,
        None,
        &[
            ("anonymous callers need `*`", "resource=*", Allow, Some(Resource)),
            ("anonymous callers need `*`", "resource=account", ImplicitDeny, Some(Resource)),
            ("identity policies are nobody's", "identity+", ImplicitDeny, Some(Resource)),
        ],
    );
}

#[test]
fn the_root_user() {
    let root = Principal::Account { account: ACCOUNT.into() };
    run(
        &root,
        Some(ACCOUNT),
        &[
            ("full access in its own account", "", Allow, None),
            ("but for SCPs", "scp-", ImplicitDeny, Some(Kind::ServiceControl)),
            ("but for a Deny", "resource=!", ExplicitDeny, Some(Kind::Resource)),
        ],
    );
    run(&root, Some(OTHER), &[("none elsewhere", "", ImplicitDeny, Some(Kind::Resource))]);
    run(&root, None, &[("none where the owner is unknown", "", ImplicitDeny, Some(Kind::Identity))]);
}

#[test]
fn caller_identity_is_always_answered() {
    let everything = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, everything));
    let asked = request("sts:GetCallerIdentity", "");
    assert_eq!(decide(&set, &asked), Allow);
    assert_eq!(decide(&set, &Request { action: "STS:getcalleridentity".into(), ..asked.clone() }), Allow);
    assert_eq!(decide(&set, &Request { principal: Principal::Anonymous, ..asked }), ImplicitDeny);
}
