//! Policy variables.

use stagedoor_policy::{Kind, Policy, PolicySet, Request};

use crate::support::{Table, allows, context, decide, document, request};

fn resource(pattern: &str, asked: &str, keys: &str) -> bool {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}"#);
    allows(&statement, &Request { context: context(keys), ..request("s3:GetObject", asked) })
}

#[test]
fn in_resources() {
    let mut table = Table::default();
    for (rule, pattern, asked, keys, wanted) in [
        (
            "replaced by the key's value",
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/alice/x",
            "aws:username=alice",
            true,
        ),
        (
            "replaced by the key's value",
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/bob/x",
            "aws:username=alice",
            false,
        ),
        (
            "key names are case-insensitive",
            "arn:aws:s3:::b/${AWS:UserName}",
            "arn:aws:s3:::b/alice",
            "aws:username=alice",
            true,
        ),
        ("unresolved: matches nothing", "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/", "", false),
        (
            "unresolved: not even a star beside it",
            "arn:aws:s3:::b/${aws:username}*",
            "arn:aws:s3:::b/x",
            "",
            false,
        ),
        ("a multi-valued key is no variable", "arn:aws:s3:::b/${k:a}", "arn:aws:s3:::b/x", "k:a=[x]", false),
        ("a value `*` is no wildcard", "arn:aws:s3:::b/${k:a}/*", "arn:aws:s3:::b/any/x", "k:a=*", false),
        ("a value `*` is itself", "arn:aws:s3:::b/${k:a}/*", "arn:aws:s3:::b/*/x", "k:a=*", true),
        ("a value `?` is no wildcard", "arn:aws:s3:::b/${k:a}", "arn:aws:s3:::b/x", "k:a=?", false),
        (
            "a value `${…}` is no variable",
            "arn:aws:s3:::b/${k:a}",
            "arn:aws:s3:::b/x",
            "k:a=${k:b};k:b=x",
            false,
        ),
        ("an empty value is a value", "arn:aws:s3:::b/${k:a}x", "arn:aws:s3:::b/x", "k:a=", true),
        ("default", "arn:aws:s3:::b/${k:a, 'all'}", "arn:aws:s3:::b/all", "", true),
        ("default only when absent", "arn:aws:s3:::b/${k:a, 'all'}", "arn:aws:s3:::b/all", "k:a=x", false),
        ("a default is literal", "arn:aws:s3:::b/${k:a, '*'}", "arn:aws:s3:::b/x", "", false),
        ("`${*}` is a star", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", "", true),
        ("`${*}` is a star", "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", "", false),
        ("`${?}` is a question mark", "arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", "", true),
        ("`${$}` is a dollar", "arn:aws:s3:::b/${$}", "arn:aws:s3:::b/$", "", true),
        (
            "tags",
            "arn:aws:s3:::b/${aws:PrincipalTag/team}",
            "arn:aws:s3:::b/red",
            "aws:PrincipalTag/team=red",
            true,
        ),
    ] {
        table.row(rule, format!("{pattern} on {asked} with {keys}"), resource(pattern, asked, keys), wanted);
    }
}

#[test]
fn unresolved_in_not_resource() {
    use stagedoor_policy::Outcome::{ExplicitDeny, ImplicitDeny};
    let asked = request("s3:GetObject", "arn:aws:s3:::b/x");
    let decided = |effect: &str| {
        let statement = format!(
            r#"{{"Effect":"{effect}","Action":"*","NotResource":"arn:aws:s3:::b/${{aws:username}}"}}"#
        );
        decide(&PolicySet::new().identity(crate::support::policy(Kind::Identity, &statement)), &asked)
    };
    assert_eq!(decided("Allow"), ImplicitDeny, "what may have been excluded is not allowed");
    assert_eq!(decided("Deny"), ExplicitDeny, "what may not have been excluded is denied");
}

#[test]
fn in_conditions() {
    let mut table = Table::default();
    for (rule, block, keys, wanted) in [
        ("StringEquals", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=x", true),
        (
            "StringEquals: a value `*` is literal",
            r#"{"StringEquals":{"k:a":"${k:b}"}}"#,
            "k:a=x;k:b=*",
            false,
        ),
        ("StringLike", r#"{"StringLike":{"k:a":"${k:b}/*"}}"#, "k:a=x/y;k:b=x", true),
        (
            "StringLike: a value `*` is no wildcard",
            r#"{"StringLike":{"k:a":"${k:b}"}}"#,
            "k:a=x;k:b=*",
            false,
        ),
        ("IgnoreCase", r#"{"StringEqualsIgnoreCase":{"k:a":"pre-${k:b}"}}"#, "k:a=PRE-x;k:b=X", true),
        (
            "ArnLike",
            r#"{"ArnLike":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#,
            "k:a=arn:aws:iam::1:role/x;k:b=x",
            true,
        ),
        (
            "ArnEquals, a whole ARN",
            r#"{"ArnEquals":{"k:a":"${k:b}"}}"#,
            "k:a=arn:aws:s3:::x;k:b=arn:aws:s3:::x",
            true,
        ),
        ("unresolved: positive false", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x", false),
        ("unresolved: negated true", r#"{"StringNotEquals":{"k:a":"${k:b}"}}"#, "k:a=x", true),
        ("another value still counts", r#"{"StringEquals":{"k:a":["${k:b}","x"]}}"#, "k:a=x", true),
        ("default", r#"{"StringEquals":{"k:a":"${k:b, 'x y'}"}}"#, "k:a=x y", true),
        ("escapes in StringEquals", r#"{"StringEquals":{"k:a":"${*}${$}"}}"#, "k:a=*$", true),
        (
            "in a set operator",
            r#"{"ForAllValues:StringLike":{"k:a":"${k:b}-*"}}"#,
            "k:a=[x-1,x-2];k:b=x",
            true,
        ),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{block}}}"#);
        let asked = Request { context: context(keys), ..request("x:Y", "") };
        table.row(rule, format!("{block} with {keys}"), allows(&statement, &asked), wanted);
    }
}

#[test]
fn only_in_version_2012() {
    let mut table = Table::default();
    for (version, asked, wanted) in [
        (r#""Version":"2012-10-17","#, "arn:aws:s3:::b/alice", true),
        (r#""Version":"2012-10-17","#, "arn:aws:s3:::b/${aws:username}", false),
        (r#""Version":"2008-10-17","#, "arn:aws:s3:::b/alice", false),
        (r#""Version":"2008-10-17","#, "arn:aws:s3:::b/${aws:username}", true),
        ("", "arn:aws:s3:::b/alice", false),
        ("", "arn:aws:s3:::b/${aws:username}", true),
    ] {
        let source = format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${{aws:username}}"}}}}"#
        );
        let set = PolicySet::new().identity(Policy::compile("p", &document(Kind::Identity, &source)));
        let asked_with = Request { context: context("aws:username=alice"), ..request("s3:GetObject", asked) };
        let got = set.decide(&asked_with).is_allow();
        table.row("variables need 2012-10-17", format!("{version} on {asked}"), got, wanted);
    }
}
