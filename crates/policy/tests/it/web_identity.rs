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

pub(crate) fn all() {
    the_textbook_policy();
    documented_policies();
    keys_and_issuers();
    only_the_trust_policy_and_rcps_count();
    tags_and_source_identity_are_actions_of_their_own();
    a_deny_in_the_trust_policy_wins();
    roles_assumed_by_principals_of_accounts();
}

#[test]
fn the_textbook_policy() {
    let condition = r#"{"StringEquals":{"@:aud":"sts.amazonaws.com"},"StringLike":{"@:sub":"repo:acme/shop:ref:refs/heads/main"}}"#;
    let set = trust(&github(condition));
    let mut table = Table::of("web/textbook");
    for (note, keys, wanted) in [
        ("the right token", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main", Allow),
        ("more keys", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main;@:actor=jane", Allow),
        (
            "condition/key-case: of a claim",
            "TOKEN.ACTIONS.githubusercontent.com:AUD=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main",
            Allow,
        ),
        ("another branch", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/dev", ImplicitDeny),
        ("a tag", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/tags/main", ImplicitDeny),
        ("a pull request", "@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:pull_request", ImplicitDeny),
        ("another case", "@:aud=sts.amazonaws.com;@:sub=repo:Acme/shop:ref:refs/heads/main", ImplicitDeny),
        (
            "another repository",
            "@:aud=sts.amazonaws.com;@:sub=repo:evil/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
        ("another audience", "@:aud=x;@:sub=repo:acme/shop:ref:refs/heads/main", ImplicitDeny),
        ("no audience", "@:sub=repo:acme/shop:ref:refs/heads/main", ImplicitDeny),
        ("no subject", "@:aud=sts.amazonaws.com", ImplicitDeny),
        (
            "several audiences are no single value",
            "@:aud=[sts.amazonaws.com];@:sub=repo:acme/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
        (
            "web/other-issuer",
            "gitlab.com:aud=sts.amazonaws.com;gitlab.com:sub=repo:acme/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
    ] {
        table.row(note, format!("{condition} with {keys}"), decide(&set, &asks(keys)), wanted);
    }
    let mut wrong = asks("@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main");
    wrong.principal =
        Principal::Federated { provider: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com") };
    table.row("the keys without the issuer", "another provider", decide(&set, &wrong), ImplicitDeny);
    let mut other = asks("@:aud=sts.amazonaws.com;@:sub=repo:acme/shop:ref:refs/heads/main");
    other.action = "sts:AssumeRole".into();
    table.row("another action", "sts:AssumeRole", decide(&set, &other), ImplicitDeny);
}

/// A provider, its condition, the keys of a token, and what comes out.
#[test]
fn documented_policies() {
    const BITBUCKET: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    const CIRCLECI: &str = "oidc.circleci.com/org/11111111-2222-4333-8444-555555555555";
    const COGNITO: &str = "cognito-identity.amazonaws.com";
    const GOOGLE: &str = "accounts.google.com";
    const TERRAFORM: &str = "app.terraform.io";
    const EKS: &str = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    let mut table = Table::of("web/textbook");
    for (note, issuer, condition, keys, wanted) in [
        (
            "Bitbucket, an environment",
            BITBUCKET,
            r#"{"StringEquals":{"@:aud":"ari:cloud:bitbucket::workspace/11f0"},"StringLike":{"@:sub":"{c7a1}:{f3aa}:*"}}"#,
            "@:aud=ari:cloud:bitbucket::workspace/11f0;@:sub={c7a1}:{f3aa}:{5d0c}",
            Allow,
        ),
        (
            "Bitbucket, another environment",
            BITBUCKET,
            r#"{"StringLike":{"@:sub":"{c7a1}:{f3aa}:*"}}"#,
            "@:sub={c7a1}:{eeee}:{5d0c}",
            ImplicitDeny,
        ),
        (
            "Bitbucket, no environment",
            BITBUCKET,
            r#"{"StringLike":{"@:sub":"{c7a1}:{f3aa}:*"}}"#,
            "@:sub={c7a1}:{5d0c}",
            ImplicitDeny,
        ),
        (
            "Bitbucket, braces forgotten",
            BITBUCKET,
            r#"{"StringLike":{"@:sub":"c7a1:f3aa:*"}}"#,
            "@:sub={c7a1}:{f3aa}:{5d0c}",
            ImplicitDeny,
        ),
        (
            "CircleCI, a project",
            CIRCLECI,
            r#"{"StringLike":{"@:sub":"org/*/project/p1/user/*"}}"#,
            "@:sub=org/o1/project/p1/user/u1",
            Allow,
        ),
        (
            "CircleCI, its own key",
            CIRCLECI,
            r#"{"StringEquals":{"@:oidc.circleci.com/project-id":"p1"}}"#,
            "@:oidc.circleci.com/project-id=p1",
            Allow,
        ),
        (
            "CircleCI, another project",
            CIRCLECI,
            r#"{"StringEquals":{"@:oidc.circleci.com/project-id":"p1"}}"#,
            "@:oidc.circleci.com/project-id=p2",
            ImplicitDeny,
        ),
        (
            "GitLab, a branch",
            "gitlab.com",
            r#"{"StringEquals":{"@:sub":"project_path:acme/shop:ref_type:branch:ref:main"}}"#,
            "@:sub=project_path:acme/shop:ref_type:branch:ref:main",
            Allow,
        ),
        (
            "GitLab, a tag of that name",
            "gitlab.com",
            r#"{"StringEquals":{"@:sub":"project_path:acme/shop:ref_type:branch:ref:main"}}"#,
            "@:sub=project_path:acme/shop:ref_type:tag:ref:main",
            ImplicitDeny,
        ),
        (
            "GitLab, all of a group: too much",
            "gitlab.com",
            r#"{"StringLike":{"@:sub":"project_path:acme/*:ref:main"}}"#,
            "@:sub=project_path:acme/sub/evil:ref_type:branch:ref:x:ref:main",
            Allow,
        ),
        (
            "GitLab, ids",
            "gitlab.com",
            r#"{"StringEquals":{"@:project_id":"42","@:ref_protected":"true"}}"#,
            "@:project_id=42;@:ref_protected=true",
            Allow,
        ),
        (
            "GitHub, StringEquals with a star",
            ISSUER,
            r#"{"StringEquals":{"@:sub":"repo:acme/shop:*"}}"#,
            "@:sub=repo:acme/shop:ref:refs/heads/main",
            ImplicitDeny,
        ),
        (
            "GitHub, no boundary",
            ISSUER,
            r#"{"StringLike":{"@:sub":"repo:acme/shop*"}}"#,
            "@:sub=repo:acme/shop-evil:ref:refs/heads/main",
            Allow,
        ),
        (
            "GitHub, an environment",
            ISSUER,
            r#"{"StringEquals":{"@:sub":"repo:acme/shop:environment:prod"}}"#,
            "@:sub=repo:acme/shop:environment:prod",
            Allow,
        ),
        (
            "GitHub, ids",
            ISSUER,
            r#"{"StringEquals":{"@:repository_id":"1","@:repository_owner_id":"2"}}"#,
            "@:repository_id=1;@:repository_owner_id=2",
            Allow,
        ),
        (
            "GitHub, two repositories",
            ISSUER,
            r#"{"StringLike":{"@:sub":["repo:acme/a:*","repo:acme/b:*"]}}"#,
            "@:sub=repo:acme/b:pull_request",
            Allow,
        ),
        (
            "Terraform, a workspace",
            TERRAFORM,
            r#"{"StringEquals":{"@:aud":"aws.workload.identity"},"StringLike":{"@:sub":"organization:o:project:p:workspace:w:run_phase:*"}}"#,
            "@:aud=aws.workload.identity;@:sub=organization:o:project:p:workspace:w:run_phase:plan",
            Allow,
        ),
        (
            "Terraform, another workspace",
            TERRAFORM,
            r#"{"StringLike":{"@:sub":"organization:o:project:p:workspace:w:run_phase:*"}}"#,
            "@:sub=organization:o:project:p:workspace:w2:run_phase:plan",
            ImplicitDeny,
        ),
        (
            "Kubernetes, a service account",
            EKS,
            r#"{"StringEquals":{"@:sub":"system:serviceaccount:default:shop","@:aud":"sts.amazonaws.com"}}"#,
            "@:sub=system:serviceaccount:default:shop;@:aud=sts.amazonaws.com",
            Allow,
        ),
        (
            "Kubernetes, another namespace",
            EKS,
            r#"{"StringEquals":{"@:sub":"system:serviceaccount:default:shop"}}"#,
            "@:sub=system:serviceaccount:kube-system:shop",
            ImplicitDeny,
        ),
        (
            "Cognito, authenticated",
            COGNITO,
            r#"{"StringEquals":{"@:aud":"us-east-2:pool"},"ForAnyValue:StringLike":{"@:amr":"authenticated"}}"#,
            "@:aud=us-east-2:pool;@:amr=[authenticated,graph.facebook.com]",
            Allow,
        ),
        (
            "Cognito, unauthenticated",
            COGNITO,
            r#"{"StringEquals":{"@:aud":"us-east-2:pool"},"ForAnyValue:StringLike":{"@:amr":"authenticated"}}"#,
            "@:aud=us-east-2:pool;@:amr=[unauthenticated]",
            ImplicitDeny,
        ),
        (
            "Google, aud and oaud",
            GOOGLE,
            r#"{"StringEquals":{"@:aud":"client","@:oaud":"https://api","@:sub":"1234"}}"#,
            "@:aud=client;@:oaud=https://api;@:sub=1234",
            Allow,
        ),
        (
            "Google, another oaud",
            GOOGLE,
            r#"{"StringEquals":{"@:aud":"client","@:oaud":"https://api"}}"#,
            "@:aud=client;@:oaud=https://evil",
            ImplicitDeny,
        ),
        (
            "Google, a number",
            GOOGLE,
            r#"{"NumericEquals":{"@:google/organization_number":"123456789012"}}"#,
            "@:google/organization_number=123456789012",
            Allow,
        ),
    ] {
        let provider = if [COGNITO, GOOGLE].contains(&issuer) {
            issuer.to_owned()
        } else {
            format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}")
        };
        let condition = condition.replace('@', issuer);
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
        );
        let set = PolicySet::new().trust(policy(Kind::Trust, &statement));
        let keys = keys.replace('@', issuer);
        let asked =
            Request { principal: Principal::Federated { provider }, context: context(&keys), ..asks("") };
        table.row(note, format!("{condition} with {keys}"), decide(&set, &asked), wanted);
    }
}

#[test]
fn keys_and_issuers() {
    let keys = "@:sub=repo:acme/shop:x";
    let mut table = Table::of("web/other-issuer");
    for (rule, condition, wanted) in [
        ("StringEquals: nobody", r#"{"StringEquals":{"gitlab.com:sub":"x"}}"#, ImplicitDeny),
        ("StringLike `*`: nobody", r#"{"StringLike":{"gitlab.com:sub":"*"}}"#, ImplicitDeny),
        ("IfExists: anyone", r#"{"StringEqualsIfExists":{"gitlab.com:sub":"x"}}"#, Allow),
        ("StringNotEquals: anyone", r#"{"StringNotEquals":{"gitlab.com:sub":"x"}}"#, Allow),
        ("ForAllValues: anyone", r#"{"ForAllValues:StringEquals":{"gitlab.com:sub":"x"}}"#, Allow),
        (
            "ForAnyValue: nobody",
            r#"{"ForAnyValue:StringEquals":{"gitlab.com:sub":"repo:acme/shop:x"}}"#,
            ImplicitDeny,
        ),
        ("Null: anyone", r#"{"Null":{"gitlab.com:sub":"true"}}"#, Allow),
        ("web/keys: a path belongs to the issuer", r#"{"StringLike":{"@/acme:sub":"*"}}"#, ImplicitDeny),
        ("web/keys: no scheme", r#"{"StringLike":{"https://@:sub":"*"}}"#, ImplicitDeny),
        (
            "web/keys: without the issuer's path",
            r#"{"StringLike":{"actions.githubusercontent.com:sub":"*"}}"#,
            ImplicitDeny,
        ),
        ("web/keys: the issuer's", r#"{"StringLike":{"@:sub":"*"}}"#, Allow),
        ("web/keys: a misspelt claim is absent", r#"{"StringLike":{"@:sbu":"*"}}"#, ImplicitDeny),
        ("web/keys: a misspelt claim is absent", r#"{"ForAllValues:StringLike":{"@:sbu":"x"}}"#, Allow),
        ("web/keys: a misspelt claim is absent", r#"{"StringNotEquals":{"@:sbu":"x"}}"#, Allow),
    ] {
        let set = trust(&github(condition));
        table.row(rule, format!("{condition} with {keys}"), decide(&set, &asks(keys)), wanted);
    }
    // A well-known simulator drops keys that its catalogue does not list, `:aud` and `:sub` among them.
    for claim in [
        "sub",
        "aud",
        "job_workflow_ref",
        "repository_owner",
        "claim_of_tomorrow",
        "https://acme.example/team",
    ] {
        let condition = format!(r#"{{"StringEquals":{{"@:{claim}":"x"}}}}"#);
        let set = trust(&github(&condition));
        let (right, wrong) = (format!("@:{claim}=x"), format!("@:{claim}=y"));
        let rule = "web/unknown-claim";
        table.row(rule, format!("{condition} with {right}"), decide(&set, &asks(&right)), Allow);
        table.row(rule, format!("{condition} with {wrong}"), decide(&set, &asks(&wrong)), ImplicitDeny);
    }
}

#[test]
fn only_the_trust_policy_and_rcps_count() {
    let open = || trust(&github("{}"));
    let (allow, deny) = (
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
        r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
    );
    let rcp = r#"{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}"#;
    let other = r#"{"Effect":"Allow","Principal":"*","Action":"sts:*"}"#;
    let mut table = Table::of("web/only-trust");
    let mut row = |note: &str, set: PolicySet, wanted| table.row(note, note, decide(&set, &asks("")), wanted);
    row("the trust policy alone", open(), Allow);
    row("no policy", PolicySet::new(), ImplicitDeny);
    row("identity denies: does not count", open().identity(policy(Kind::Identity, deny)), Allow);
    row("a boundary denies: does not count", open().boundary(policy(Kind::Boundary, deny)), Allow);
    row("a session policy denies: does not count", open().session(policy(Kind::Session, deny)), Allow);
    row("an SCP denies: does not count", open().scp(policy(Kind::ServiceControl, deny)), Allow);
    row("an RCP denies", open().rcp(policy(Kind::ResourceControl, rcp)), ExplicitDeny);
    row(
        "identity allows: not enough",
        PolicySet::new().identity(policy(Kind::Identity, allow)),
        ImplicitDeny,
    );
    row(
        "identity allows beside a trust policy that does not",
        trust(&github(r#"{"StringEquals":{"@:sub":"x"}}"#)).identity(policy(Kind::Identity, allow)),
        ImplicitDeny,
    );
    row("a resource policy is no trust policy", open().resource(policy(Kind::Resource, other)), Allow);
    row(
        "a resource policy is no trust policy: alone",
        trust(&github(r#"{"StringEquals":{"@:sub":"x"}}"#)).resource(policy(Kind::Resource, other)),
        ImplicitDeny,
    );
    row(
        "no organization in the context",
        trust(&github(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#)),
        ImplicitDeny,
    );
}

#[test]
fn tags_and_source_identity_are_actions_of_their_own() {
    let may = |actions: &str| trust(&github("{}").replace("\"sts:AssumeRoleWithWebIdentity\"", actions));
    let mut table = Table::of("web/session-tags");
    for (actions, action, keys, wanted) in [
        (r#""sts:AssumeRoleWithWebIdentity""#, "sts:TagSession", "", ImplicitDeny),
        (r#""sts:AssumeRoleWithWebIdentity""#, "sts:SetSourceIdentity", "", ImplicitDeny),
        (r#"["sts:AssumeRoleWithWebIdentity","sts:TagSession"]"#, "sts:TagSession", "", Allow),
        (r#"["sts:AssumeRoleWithWebIdentity","sts:TagSession"]"#, "sts:SetSourceIdentity", "", ImplicitDeny),
        (r#"["sts:AssumeRoleWithWebIdentity","sts:SetSourceIdentity"]"#, "sts:SetSourceIdentity", "", Allow),
        (r#""sts:*""#, "sts:TagSession", "", Allow),
        (r#""sts:*""#, "sts:SetSourceIdentity", "", Allow),
        (r#""sts:TagSession""#, "sts:AssumeRoleWithWebIdentity", "", ImplicitDeny),
    ] {
        let asked = Request { action: action.into(), ..asks(keys) };
        table.row("actions", format!("{actions} for {action}"), decide(&may(actions), &asked), wanted);
    }
    let tagged = github(
        r#"{"StringEquals":{"aws:RequestTag/team":["red","blue"]},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#,
    )
    .replace("AssumeRoleWithWebIdentity", "TagSession");
    for (keys, wanted) in [
        ("aws:RequestTag/team=red;aws:TagKeys=[team]", Allow),
        ("aws:RequestTag/team=green;aws:TagKeys=[team]", ImplicitDeny),
        ("aws:RequestTag/team=red;aws:RequestTag/admin=true;aws:TagKeys=[team,admin]", ImplicitDeny),
        ("aws:TagKeys=[]", ImplicitDeny),
    ] {
        let asked = Request { action: "sts:TagSession".into(), ..asks(keys) };
        table.row("which tags", format!("{tagged} with {keys}"), decide(&trust(&tagged), &asked), wanted);
    }
}

#[test]
fn a_deny_in_the_trust_policy_wins() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"@:sub":"*:pull_request"}}}"#;
    let set = trust(&format!("{},{deny}", github("{}")));
    let mut table = Table::of("combine/explicit-deny");
    for (keys, wanted) in [
        ("@:sub=repo:acme/shop:pull_request", ExplicitDeny),
        ("@:sub=repo:acme/shop:ref:refs/heads/main", Allow),
        ("", Allow),
    ] {
        table.row("in a trust policy", format!("{deny} with {keys}"), decide(&set, &asks(keys)), wanted);
    }
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
    let mut table = Table::of("combine/trust");
    let mut row = |rule: &str, set: PolicySet, asked: Request, wanted: Outcome| {
        table.row(
            rule,
            format!("{rule}: {} for {:?}, {:?}", asked.principal.name(), asked.resource, wanted),
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
    row(
        "a session of a trusted role, named by its session",
        role(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1")),
        asked(session(), ACCOUNT),
        Allow,
    );
    row("everybody is trusted, in the account", role("*"), asked(user(), ACCOUNT), Allow);
    row(
        "everybody is trusted, from elsewhere: identity must allow",
        role("*"),
        asked(user(), OTHER),
        ImplicitDeny,
    );
    row(
        "everybody is trusted, from elsewhere: identity must allow",
        may(role("*")),
        asked(user(), OTHER),
        Allow,
    );
    row("no trust policy", may(PolicySet::new()), asked(user(), OTHER), ImplicitDeny);
}
