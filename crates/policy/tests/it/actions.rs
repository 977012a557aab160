//! `Action` and `NotAction`.

use stagedoor_policy::{Kind, PolicySet};

use crate::support::{Table, allows, decide, policy, request};

#[test]
fn action_matching() {
    let mut table = Table::default();
    for (rule, pattern, action, wanted) in [
        ("exact", "s3:GetObject", "s3:GetObject", true),
        ("exact", "s3:GetObject", "s3:GetObjectAcl", false),
        ("case-insensitive action", "s3:getobject", "s3:GetObject", true),
        ("case-insensitive service", "S3:GetObject", "s3:GetObject", true),
        ("case-insensitive request", "s3:GetObject", "S3:GETOBJECT", true),
        ("`*` alone is everything", "*", "iam:CreateUser", true),
        ("`*:*` is everything", "*:*", "iam:CreateUser", true),
        ("`*` at the end", "s3:Get*", "s3:GetBucketAcl", true),
        ("`*` at the end", "s3:Get*", "s3:PutObject", false),
        ("`*` matches nothing as well", "s3:GetObject*", "s3:GetObject", true),
        ("`*` at the beginning", "s3:*Object", "s3:PutObject", true),
        ("`*` in the middle", "iam:*Key*", "iam:CreateAccessKeys", true),
        ("several `*`", "ec2:*a*b*", "ec2:xaxxbx", true),
        ("several `*`", "ec2:*a*b*", "ec2:xbxxax", false),
        ("`?` is one character", "s3:?etObject", "s3:GetObject", true),
        ("`?` is not none", "s3:GetObject?", "s3:GetObject", false),
        ("wildcards ignore case", "s3:gET*", "s3:GetObject", true),
        ("another service", "s3:*", "sts:AssumeRole", false),
        ("a service that begins alike", "s3:*", "s3express:CreateSession", false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"{pattern}","Resource":"*"}}"#);
        let got = allows(&statement, &request(action, "arn:aws:s3:::b"));
        table.row(rule, format!("{pattern} on {action}"), got, wanted);
    }
}

#[test]
fn action_lists_and_negation() {
    let mut table = Table::default();
    for (rule, element, action, wanted) in [
        ("a list is an OR", r#""Action":["s3:GetObject","s3:Put*"]"#, "s3:PutObject", true),
        ("a list is an OR", r#""Action":["s3:GetObject","s3:Put*"]"#, "s3:DeleteObject", false),
        ("NotAction with Allow: everything else", r#""NotAction":"iam:*""#, "s3:GetObject", true),
        ("NotAction with Allow: everything else", r#""NotAction":"iam:*""#, "IAM:CreateUser", false),
        ("NotAction excludes each of a list", r#""NotAction":["iam:*","sts:*"]"#, "sts:AssumeRole", false),
        ("NotAction `*` allows nothing", r#""NotAction":"*""#, "s3:GetObject", false),
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
    let statements = r#"{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","NotAction":["iam:*","sts:GetSessionToken"],"Resource":"*"}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, statements));
    let mut table = Table::default();
    for (action, wanted) in [
        ("iam:CreateVirtualMFADevice", Allow),
        ("sts:GetSessionToken", Allow),
        ("s3:GetObject", ExplicitDeny),
        ("sts:AssumeRole", ExplicitDeny),
    ] {
        let got = decide(&set, &request(action, "arn:aws:s3:::b"));
        table.row("NotAction with Deny: everything else is denied", action, got, wanted);
    }
}
