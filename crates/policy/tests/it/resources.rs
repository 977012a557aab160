//! `Resource` and `NotResource`.

use stagedoor_policy::Outcome::{Allow, ExplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Request};

use crate::support::{ACCOUNT, Table, allows, decide, policy, request};

/// A request within the account, whatever account the ARN names.
fn own(action: &str, resource: &str) -> Request {
    Request { resource_account: Some(ACCOUNT.into()), ..request(action, resource) }
}

pub(crate) fn all() {
    matching();
    segments();
    without_a_resource();
    lists_and_negation();
    not_resource_with_deny();
    a_large_policy_decides_like_a_small_one();
}

fn run(rule: &'static str, cases: &[(&str, &str, &str, bool)]) {
    let mut table = Table::of(rule);
    for (note, pattern, resource, wanted) in cases {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}"#);
        let got = allows(&statement, &own("x:Y", resource));
        table.row(note, format!("{pattern} on {resource}"), got, *wanted);
    }
}

#[test]
fn matching() {
    run(
        "resource/case",
        &[
            ("the same", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k", true),
            ("in the policy", "arn:aws:s3:::b/K", "arn:aws:s3:::b/k", false),
            ("in the request", "arn:aws:s3:::b/k", "arn:aws:s3:::b/K", false),
            (
                "the documented user name",
                "arn:aws:iam::111122223333:user/Bob",
                "arn:aws:iam::111122223333:user/bob",
                false,
            ),
            ("beside a wildcard", "arn:aws:s3:::B*/k", "arn:aws:s3:::bb/k", false),
        ],
    );
    let documented = "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*";
    run(
        "resource/wildcards",
        &[
            ("`*` alone is everything", "*", "arn:aws:s3:::b/k", true),
            ("`*` crosses `/`", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b/c", true),
            ("`*` is also nothing", "arn:aws:s3:::b/*", "arn:aws:s3:::b/", true),
            ("a bucket is not its objects", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false),
            ("objects are not their bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
            ("a bucket that begins alike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket2/x", true),
            ("`?` is one character", "arn:aws:s3:::b-?/k", "arn:aws:s3:::b-1/k", true),
            ("`?` is not two", "arn:aws:s3:::b-?/k", "arn:aws:s3:::b-12/k", false),
            ("`?` is not none", "arn:aws:s3:::b-?/k", "arn:aws:s3:::b-/k", false),
            ("`?` may be a slash", "arn:aws:s3:::b?k", "arn:aws:s3:::b/k", true),
            (
                "`*` crosses colons in the last part",
                "arn:aws:logs:*:*:log-group:a:*",
                "arn:aws:logs:r:1:log-group:a:log-stream:s",
                true,
            ),
            ("`*` crosses colons in the last part", "arn:aws:s3:::b/*.txt", "arn:aws:s3:::b/a:b:c.txt", true),
            ("`?` may be a colon in the last part", "arn:aws:s3:::b/a?b", "arn:aws:s3:::b/a:b", true),
            (
                "colons in the last part are characters",
                "arn:aws:lambda:r:1:function:f",
                "arn:aws:lambda:r:1:function:f:1",
                false,
            ),
            (
                "documented: all of a path",
                "arn:aws:iam::111122223333:user/accounting/*",
                "arn:aws:iam::111122223333:user/accounting/ann",
                true,
            ),
            (
                "documented: all of a path",
                "arn:aws:iam::111122223333:user/accounting/*",
                "arn:aws:iam::111122223333:user/accountingx",
                false,
            ),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/test/object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/3/object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/2/3/test/4/object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1///test///object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/test/.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket//test/object.jpg", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/test/", true),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg", false),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/test/object.jpg", false),
            ("documented", documented, "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test.jpg", false),
            ("documented", documented, "arn:aws:s3:::other/1/test/object.jpg", false),
        ],
    );
}

#[test]
fn segments() {
    run(
        "resource/segments",
        &[
            ("region and account", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:eu-west-1:1:instance/i", true),
            ("an empty region", "arn:aws:s3:*:*:b", "arn:aws:s3:::b", true),
            ("the partition", "arn:*:s3:::b", "arn:aws-cn:s3:::b", true),
            ("a part of the partition", "arn:aws*:s3:::b", "arn:aws-us-gov:s3:::b", true),
            ("another account", "arn:aws:ec2:*:1:instance/*", "arn:aws:ec2:eu-west-1:2:instance/i", false),
            (
                "a part of a region",
                "arn:aws:ec2:us-*-1:1:instance/i",
                "arn:aws:ec2:us-east-1:1:instance/i",
                true,
            ),
            (
                "a part of a region",
                "arn:aws:ec2:us-*-1:1:instance/i",
                "arn:aws:ec2:us-east-2:1:instance/i",
                false,
            ),
            (
                "one character of a region",
                "arn:aws:ec2:us-east-?:1:instance/i",
                "arn:aws:ec2:us-east-2:1:instance/i",
                true,
            ),
            ("an open end", "arn:aws:s3:*", "arn:aws:s3:::b/k", true),
            ("an open end", "arn:aws:s3:*", "arn:aws:sqs:::b", false),
            (
                "an open end after the region",
                "arn:aws:ec2:us-east-1:*",
                "arn:aws:ec2:us-east-1:1:instance/i",
                true,
            ),
            (
                "an open end after the region",
                "arn:aws:ec2:us-east-1:*",
                "arn:aws:ec2:us-east-2:1:instance/i",
                false,
            ),
            (
                "a `*` at the end of a part runs on",
                "arn:aws:dynamodb:*:table/prod-*",
                "arn:aws:dynamodb:us-east-1:1:table/prod-x",
                true,
            ),
            (
                "a `*` at the end of a part runs on",
                "arn:aws:dynamodb:*:table/prod-*",
                "arn:aws:dynamodb:us-east-1:1:table/dev-x",
                false,
            ),
        ],
    );
}

#[test]
fn without_a_resource() {
    run(
        "resource/none",
        &[
            ("`*` covers it", "*", "", true),
            ("an ARN does not", "arn:aws:s3:::*", "", false),
            ("an ARN with an open end does not", "arn:aws:s3:*", "", false),
            ("the resource `*` is no resource", "arn:aws:s3:::*", "*", false),
            ("the resource `*` is no resource", "*", "*", true),
        ],
    );
}

#[test]
fn lists_and_negation() {
    let mut table = Table::of("resource/list");
    let allow = "resource/not-resource-allow";
    for (note, element, resource, wanted) in [
        ("the first", r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::a", true),
        ("the second", r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::b", true),
        ("none", r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::b"]"#, "arn:aws:s3:::c", false),
        (
            "a bucket and its objects",
            r#""Resource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]"#,
            "arn:aws:s3:::a/k",
            true,
        ),
        ("with `*`", r#""Resource":["arn:aws:s3:::a","*"]"#, "arn:aws:sqs:r:1:q", true),
        ("with `*`: also without a resource", r#""Resource":["arn:aws:s3:::a","*"]"#, "", true),
        (
            "documented",
            r#""Resource":["arn:aws:dynamodb:us-east-2:111122223333:table/books_table","arn:aws:dynamodb:us-east-2:111122223333:table/magazines_table"]"#,
            "arn:aws:dynamodb:us-east-2:111122223333:table/magazines_table",
            true,
        ),
        (
            "documented",
            r#""Resource":["arn:aws:dynamodb:us-east-2:111122223333:table/books_table","arn:aws:dynamodb:us-east-2:111122223333:table/magazines_table"]"#,
            "arn:aws:dynamodb:us-east-2:111122223333:table/papers_table",
            false,
        ),
        (allow, r#""NotResource":"arn:aws:s3:::a""#, "arn:aws:s3:::b", true),
        (allow, r#""NotResource":"arn:aws:s3:::a""#, "arn:aws:s3:::a", false),
        (allow, r#""NotResource":"arn:aws:s3:::a""#, "arn:aws:s3:::a/k", true),
        (allow, r#""NotResource":"arn:aws:s3:::a""#, "arn:aws:s3:::A", true),
        (allow, r#""NotResource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]"#, "arn:aws:s3:::a/k", false),
        (allow, r#""NotResource":["arn:aws:s3:::a","arn:aws:s3:::a/*"]"#, "arn:aws:sqs:r:1:q", true),
        (allow, r#""NotResource":"arn:aws:s3:::a""#, "", true),
        (allow, r#""NotResource":"*""#, "", false),
        (allow, r#""NotResource":"*""#, "arn:aws:s3:::a", false),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*",{element}}}"#);
        let got = allows(&statement, &own("x:Y", resource));
        table.row(note, format!("{element} on {resource}"), got, wanted);
    }
}

#[test]
fn not_resource_with_deny() {
    let statements = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::hr","arn:aws:s3:::hr/*"]}"#;
    let set = PolicySet::new().identity(policy(Kind::Identity, statements));
    let mut table = Table::of("resource/not-resource-deny");
    for (resource, wanted) in [
        ("arn:aws:s3:::hr", Allow),
        ("arn:aws:s3:::hr/payroll", Allow),
        ("arn:aws:s3:::HR/payroll", ExplicitDeny),
        ("arn:aws:s3:::web/index", ExplicitDeny),
        ("arn:aws:s3:::hrx", ExplicitDeny),
        ("", ExplicitDeny),
    ] {
        let got = decide(&set, &own("s3:GetObject", resource));
        table.row("everything else is denied", resource, got, wanted);
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
        r#"{"Effect":"Deny","NotAction":"*:Op?","NotResource":["arn:aws:s3:*","arn:aws:sns:*","arn:aws:sqs:*","arn:aws:svc3:*"]}"#.replace("*:Op?", "sqs:Op?"),
    );
    let set = PolicySet::new().identity(policy(Kind::Identity, &statements.join(",")));
    use stagedoor_policy::Outcome::ImplicitDeny;
    let mut table = Table::of("mistake/many-statements");
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
