//! `Resource` and `NotResource`.

use stagedoor_policy::Outcome::{Allow, ExplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Request};

use crate::support::{ACCOUNT, Table, allows, decide, policy, request};

/// A request within the account, whatever account the ARN names.
fn own(action: &str, resource: &str) -> Request {
    Request { resource_account: Some(ACCOUNT.into()), ..request(action, resource) }
}

#[test]
fn resource_matching() {
    let mut table = Table::default();
    for (rule, pattern, resource, wanted) in [
        ("exact", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k", true),
        ("case-sensitive", "arn:aws:s3:::b/K", "arn:aws:s3:::b/k", false),
        ("`*` alone is everything", "*", "arn:aws:s3:::b/k", true),
        ("`*` crosses `/`", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b/c", true),
        ("`*` in the middle crosses `/`", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/o.jpg", true),
        ("`*` matches nothing as well", "arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/", true),
        (
            "a slash is a character like any other",
            "arn:aws:s3:::b/*/test/*",
            "arn:aws:s3:::b/1-test/o.jpg",
            false,
        ),
        ("a bucket is not its objects", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false),
        ("objects are not their bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
        ("`?` is one character", "arn:aws:s3:::b-?/k", "arn:aws:s3:::b-1/k", true),
        ("`?` is not two", "arn:aws:s3:::b-?/k", "arn:aws:s3:::b-12/k", false),
        (
            "wildcards in region and account",
            "arn:aws:ec2:*:*:instance/*",
            "arn:aws:ec2:eu-west-1:1:instance/i",
            true,
        ),
        (
            "the last part keeps colons",
            "arn:aws:logs:*:*:log-group:a:*",
            "arn:aws:logs:r:1:log-group:a:log-stream:s",
            true,
        ),
        ("no resource: only `*`", "*", "", true),
        ("no resource: an ARN does not cover it", "arn:aws:s3:::*", "", false),
        ("the resource `*` is no resource", "arn:aws:s3:::*", "*", false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}"#);
        table.row(
            rule,
            format!("{pattern} on {resource}"),
            allows(&statement, &own("x:Y", resource)),
            wanted,
        );
    }
}

#[test]
fn resource_lists_and_negation() {
    let mut table = Table::default();
    for (rule, element, resource, wanted) in [
        ("a list is an OR", r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::b", true),
        ("a list is an OR", r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::c", false),
        (
            "NotResource with Allow: everything else",
            r#""NotResource":"arn:aws:s3:::a""#,
            "arn:aws:s3:::b",
            true,
        ),
        (
            "NotResource with Allow: everything else",
            r#""NotResource":"arn:aws:s3:::a""#,
            "arn:aws:s3:::a",
            false,
        ),
        ("NotResource leaves in what has no resource", r#""NotResource":"arn:aws:s3:::a""#, "", true),
        ("NotResource `*` is nothing", r#""NotResource":"*""#, "", false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*",{element}}}"#);
        table.row(
            rule,
            format!("{element} on {resource}"),
            allows(&statement, &own("x:Y", resource)),
            wanted,
        );
    }
}

#[test]
fn not_resource_with_deny() {
    let statements = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::hr","arn:aws:s3:::hr/*"]}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, statements));
    let mut table = Table::default();
    for (resource, wanted) in [
        ("arn:aws:s3:::hr", Allow),
        ("arn:aws:s3:::hr/payroll", Allow),
        ("arn:aws:s3:::web/index", ExplicitDeny),
    ] {
        let got = decide(&set, &own("s3:GetObject", resource));
        table.row("NotResource with Deny: everything else is denied", resource, got, wanted);
    }
}

#[test]
fn a_large_policy_decides_like_a_small_one() {
    // More statements than are evaluated without an index, filed under each kind of key.
    let mut statements: Vec<String> = (0..50)
        .flat_map(|n| {
            [
                format!(
                    r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-{n}/*"}}"#
                ),
                format!(r#"{{"Effect":"Allow","Action":"sqs:Op{n}","Resource":"*"}}"#),
                format!(r#"{{"Effect":"Allow","Action":"svc{n}:*","Resource":"*"}}"#),
                format!(
                    r#"{{"Effect":"Allow","Action":"*","Resource":"arn:aws:sns:eu-west-1:1:topic-{n}"}}"#
                ),
            ]
        })
        .collect();
    statements
        .push(r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::bucket-7/secret/*"}"#.into());
    statements.push(
        r#"{"Effect":"Deny","NotAction":"*:Op?","NotResource":"arn:aws:s*"}"#.replace("*:Op?", "sqs:Op?"),
    );
    let set = PolicySet::new().identity(policy(Kind::Identity, &statements.join(",")));
    use stagedoor_policy::Outcome::ImplicitDeny;
    let mut table = Table::default();
    for (action, resource, wanted) in [
        ("s3:GetObject", "arn:aws:s3:::bucket-7/a/b", Allow),
        ("S3:getobject", "arn:aws:s3:::bucket-49/x", Allow),
        ("s3:GetObject", "arn:aws:s3:::bucket-50/x", ImplicitDeny),
        ("s3:GetObject", "arn:aws:s3:::bucket-7/secret/x", ExplicitDeny),
        ("s3:PutObject", "arn:aws:s3:::bucket-7/x", ImplicitDeny),
        ("sqs:Op9", "arn:aws:sqs:r:1:q", Allow),
        ("sqs:OP49", "arn:aws:sqs:r:1:q", Allow),
        ("svc3:Anything", "arn:aws:svc3:r:1:x", Allow),
        ("sns:Publish", "arn:aws:sns:eu-west-1:1:topic-12", Allow),
        ("sns:Publish", "arn:aws:sns:eu-west-1:1:topic-12/x", ImplicitDeny),
        ("ec2:RunInstances", "arn:aws:ec2:r:1:instance/i", ExplicitDeny),
        ("svc3:Anything", "", ExplicitDeny),
    ] {
        let got = decide(&set, &own(action, resource));
        table.row("the index changes no decision", format!("{action} on {resource}"), got, wanted);
    }
}
