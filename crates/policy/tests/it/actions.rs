//! `Action` and `NotAction`.

use stagedoor_policy::{Kind, PolicySet};

use crate::support::{Table, allows, decide, policy, request};

pub(crate) fn all() {
    matching();
    lists_and_negation();
    not_action_with_deny();
    documented_examples();
}

#[test]
fn matching() {
    let mut table = Table::of("action/wildcards");
    for (rule, pattern, action, wanted) in [
        ("action/service: exact", "s3:GetObject", "s3:GetObject", true),
        ("action/service: a longer action", "s3:GetObject", "s3:GetObjectAcl", false),
        ("action/service: a shorter action", "s3:GetObject", "s3:Get", false),
        ("action/service: another service", "s3:*", "sts:AssumeRole", false),
        ("action/service: a service that begins alike", "s3:*", "s3express:CreateSession", false),
        ("action/service: a service that ends alike", "es:*", "codes:Get", false),
        ("action/service: the same action elsewhere", "sqs:TagQueue", "sns:TagQueue", false),
        ("action/service: with a hyphen", "execute-api:Invoke", "execute-api:Invoke", true),
        ("action/service: with a hyphen", "rds-db:connect", "rds-db:connect", true),
        ("action/service: `*` alone is everything", "*", "iam:CreateUser", true),
        ("action/service: `*:*` is everything", "*:*", "iam:CreateUser", true),
        ("action/service: all of a service", "sts:*", "sts:TagSession", true),
        ("action/case: action", "s3:getobject", "s3:GetObject", true),
        ("action/case: service", "S3:GetObject", "s3:GetObject", true),
        ("action/case: request", "s3:GetObject", "S3:GETOBJECT", true),
        ("action/case: with wildcards", "s3:gET*", "s3:GetObject", true),
        ("action/case: with wildcards", "S3:*OBJECT", "s3:getobject", true),
        ("action/case: the documented pair", "iam:ListAccessKeys", "IAM:listaccesskeys", true),
        ("action/case: `?` too", "EC2:?ESCRIBE*", "ec2:DescribeVpcs", true),
        ("`*` at the end", "s3:Get*", "s3:GetBucketAcl", true),
        ("`*` at the end", "s3:Get*", "s3:PutObject", false),
        ("`*` is also nothing", "s3:GetObject*", "s3:GetObject", true),
        ("`*` at the beginning", "s3:*Object", "s3:PutObject", true),
        ("`*` at the beginning", "s3:*Object", "s3:PutObjectAcl", false),
        ("`*` in the middle", "s3:Get*Acl", "s3:GetObjectAcl", true),
        ("`*` in the middle", "s3:Get*Acl", "s3:GetObject", false),
        ("`*` on both sides", "iam:*Key*", "iam:CreateAccessKeys", true),
        ("`*` on both sides", "iam:*Key*", "iam:CreateUser", false),
        ("the documented one", "iam:*AccessKey*", "iam:UpdateAccessKey", true),
        ("the documented one", "iam:*AccessKey*", "iam:GetAccessKeyLastUsed", true),
        ("several `*`", "ec2:*a*b*", "ec2:xaxxbx", true),
        ("several `*`", "ec2:*a*b*", "ec2:xbxxax", false),
        ("several `*` in a row are one", "s3:Get**", "s3:GetObject", true),
        ("`*` overlaps nothing", "s3:Get*tObject", "s3:GetObject", false),
        ("`?` is one character", "s3:?etObject", "s3:GetObject", true),
        ("`?` is one character", "s3:?etObject", "s3:etObject", false),
        ("`?` is not none", "s3:GetObject?", "s3:GetObject", false),
        ("`?` is not two", "s3:GetObject?", "s3:GetObjectAB", false),
        ("several `?`", "s3:???Object", "s3:PutObject", true),
        ("several `?`", "s3:???Object", "s3:DeleteObject", false),
        ("`?` and `*`", "s3:?*Object", "s3:GetObject", true),
        ("`?` and `*`", "s3:?*Object", "s3:Object", false),
        ("`*` and `?`", "ec2:Describe*s?", "ec2:DescribeInstancesV", true),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"{pattern}","Resource":"*"}}"#);
        let got = allows(&statement, &request(action, "arn:aws:s3:::b"));
        table.row(rule, format!("{pattern} on {action}"), got, wanted);
    }
}

#[test]
fn lists_and_negation() {
    let mut table = Table::of("action/list");
    for (rule, element, action, wanted) in [
        ("the first", r#""Action":["s3:GetObject","s3:Put*"]"#, "s3:GetObject", true),
        ("the second", r#""Action":["s3:GetObject","s3:Put*"]"#, "s3:PutObject", true),
        ("none", r#""Action":["s3:GetObject","s3:Put*"]"#, "s3:DeleteObject", false),
        ("of several services", r#""Action":["s3:*","sqs:*","sts:AssumeRole"]"#, "sqs:SendMessage", true),
        ("of several services", r#""Action":["s3:*","sqs:*","sts:AssumeRole"]"#, "sts:TagSession", false),
        ("of one", r#""Action":["s3:GetObject"]"#, "s3:GetObject", true),
        ("the same twice", r#""Action":["s3:GetObject","S3:getobject"]"#, "s3:GetObject", true),
        ("with `*`", r#""Action":["s3:GetObject","*"]"#, "iam:CreateUser", true),
        ("action/not-action-allow: everything else", r#""NotAction":"iam:*""#, "s3:GetObject", true),
        ("action/not-action-allow: everything else", r#""NotAction":"iam:*""#, "IAM:CreateUser", false),
        (
            "action/not-action-allow: every other service",
            r#""NotAction":"s3:DeleteBucket""#,
            "ec2:RunInstances",
            true,
        ),
        (
            "action/not-action-allow: the rest of the service",
            r#""NotAction":"s3:DeleteBucket""#,
            "s3:GetObject",
            true,
        ),
        (
            "action/not-action-allow: not the one",
            r#""NotAction":"s3:DeleteBucket""#,
            "s3:deletebucket",
            false,
        ),
        (
            "action/not-action-allow: each of a list",
            r#""NotAction":["iam:*","sts:*"]"#,
            "sts:AssumeRole",
            false,
        ),
        ("action/not-action-allow: each of a list", r#""NotAction":["iam:*","sts:*"]"#, "iam:GetUser", false),
        ("action/not-action-allow: each of a list", r#""NotAction":["iam:*","sts:*"]"#, "s3:GetObject", true),
        (
            "action/not-action-allow: with a `?`",
            r#""NotAction":"ec2:Run?nstances""#,
            "ec2:RunInstances",
            false,
        ),
        ("action/not-action-allow: `*` leaves nothing", r#""NotAction":"*""#, "s3:GetObject", false),
        ("action/not-action-allow: `*:*` leaves nothing", r#""NotAction":"*:*""#, "s3:GetObject", false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow",{element},"Resource":"*"}}"#);
        table.row(
            rule,
            format!("{element} on {action}"),
            allows(&statement, &request(action, "arn:aws:s3:::b")),
            wanted,
        );
    }
}

#[test]
fn not_action_with_deny() {
    use stagedoor_policy::Outcome::{Allow, ExplicitDeny};
    let set = |element: &str| {
        let statements = format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny",{element},"Resource":"*"}}"#
        );
        PolicySet::new().identity(policy(Kind::Identity, &statements))
    };
    let mut table = Table::of("action/not-action-deny");
    for (element, action, wanted) in [
        (r#""NotAction":["iam:*","sts:GetSessionToken"]"#, "iam:CreateVirtualMFADevice", Allow),
        (r#""NotAction":["iam:*","sts:GetSessionToken"]"#, "sts:GetSessionToken", Allow),
        (r#""NotAction":["iam:*","sts:GetSessionToken"]"#, "STS:getsessiontoken", Allow),
        (r#""NotAction":["iam:*","sts:GetSessionToken"]"#, "s3:GetObject", ExplicitDeny),
        (r#""NotAction":["iam:*","sts:GetSessionToken"]"#, "sts:AssumeRole", ExplicitDeny),
        (r#""NotAction":"*""#, "s3:GetObject", Allow),
        (r#""NotAction":"s3:Get*""#, "s3:GetObject", Allow),
        (r#""NotAction":"s3:Get*""#, "s3:PutObject", ExplicitDeny),
        (r#""NotAction":"s3:Get*""#, "ec2:GetConsoleOutput", ExplicitDeny),
    ] {
        let got = decide(&set(element), &request(action, "arn:aws:s3:::b"));
        table.row("everything else is denied", format!("{element} on {action}"), got, wanted);
    }
}

/// The examples of the pages on `Action` and `NotAction`, with requests for each.
#[test]
fn documented_examples() {
    let queue = "arn:aws:sqs:us-east-2:111122223333:q";
    let mut table = Table::of("action/wildcards");
    for (rule, element, action, resource, wanted) in [
        (
            "several services",
            r#""Action":["sqs:SendMessage","sqs:ReceiveMessage","ec2:StartInstances","iam:ChangePassword","s3:GetObject"]"#,
            "iam:ChangePassword",
            "arn:aws:iam::111122223333:user/alice",
            true,
        ),
        (
            "several services",
            r#""Action":["sqs:SendMessage","sqs:ReceiveMessage","ec2:StartInstances","iam:ChangePassword","s3:GetObject"]"#,
            "sqs:DeleteMessage",
            queue,
            false,
        ),
        ("all of a service", r#""Action":"s3:*""#, "s3:ListAllMyBuckets", "", true),
        ("all of a service", r#""Action":"s3:*""#, "sqs:SendMessage", queue, false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow",{element},"Resource":"*"}}"#);
        table.row(
            rule,
            format!("{element} on {action}"),
            allows(&statement, &request(action, resource)),
            wanted,
        );
    }
}
