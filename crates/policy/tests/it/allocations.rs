//! Deciding allocates nothing.

use stagedoor_policy::{Kind, PolicySet, Principal, Request};

use crate::support::{ACCOUNT, context, get_object, policy, request, session};

#[track_caller]
fn allocates_nothing(set: &PolicySet, request: &Request, allowed: bool) {
    let mut got = None;
    let measured = allocation_counter::measure(|| got = Some(set.decide(request).is_allow()));
    assert_eq!(got, Some(allowed));
    assert_eq!(measured.count_total, 0, "allocations of a decision");
}

#[test]
fn trust_policies() {
    let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.example");
    let statement = format!(
        r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity",
            "Condition":{{"StringEquals":{{"token.example:aud":"a"}},"StringLike":{{"token.example:sub":["repo:a/*:?","x*y*z"]}},
            "ForAnyValue:StringEqualsIgnoreCase":{{"token.example:amr":"MFA"}},"Null":{{"token.example:no":"true"}}}}}}"#
    );
    let set = PolicySet::new().trust(policy(Kind::Trust, &statement));
    let asked = Request {
        principal: Principal::Federated { provider },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        context: context("token.example:aud=a;token.example:sub=repo:a/b:c;token.example:amr=[pwd,mfa]"),
        ..request("", "arn:aws:iam::111122223333:role/x")
    };
    allocates_nothing(&set, &asked, true);
    allocates_nothing(&set, &Request { context: context("token.example:aud=b"), ..asked }, false);
}

#[test]
fn every_comparison() {
    let condition = r#"{"NumericLessThan":{"k:n":"10"},"DateGreaterThan":{"k:d":"2020-01-01T00:00:00Z"},"Bool":{"k:b":"true"},
        "BinaryEquals":{"k:x":"QUJD"},"IpAddress":{"k:i":["10.0.0.0/8","2001:db8::/32"]},
        "ArnLike":{"k:r":"arn:aws:iam::*:role/${k:n}*"},"StringNotLike":{"k:s":"*${k:n}?*"}}"#;
    let statement = format!(
        r#"{{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::*/${{k:n}}/*","Condition":{condition}}}"#
    );
    let set = PolicySet::new()
        .identity(policy(Kind::Identity, &statement))
        .boundary(policy(Kind::Boundary, &statement))
        .session(policy(Kind::Session, &statement))
        .scp(policy(Kind::ServiceControl, &statement));
    let keys = "k:n=7;k:d=2026-01-01T00:00:00Z;k:b=TRUE;k:x=QUJD;k:i=2001:db8::9;k:r=arn:aws:iam::1:role/7up;k:s=none";
    let asked = Request {
        resource: Some("arn:aws:s3:::b/7/k".into()),
        context: context(keys),
        ..get_object(session())
    };
    allocates_nothing(&set, &asked, true);
    allocates_nothing(&set, &Request { context: context(&keys.replace("none", "x7x")), ..asked }, false);
}

#[test]
fn large_policies() {
    let statements: Vec<String> = (0..500)
        .map(|n| format!(r#"{{"Sid":"S{n}","Effect":"Allow","Action":["s3:Get*","s3:Put{n}"],"Resource":"arn:aws:s3:::b{n}/*"}}"#))
        .collect();
    let set = PolicySet::new().identity(policy(Kind::Identity, &statements.join(",")));
    let at = |resource: &str| Request { resource: Some(resource.into()), ..get_object(session()) };
    allocates_nothing(&set, &at("arn:aws:s3:::b77/a/b/c"), true);
    allocates_nothing(&set, &at("arn:aws:s3:::c/a/b/c"), false);
}
