//! Policy variables.

use stagedoor_policy::{Kind, Policy, PolicySet, Request};

use crate::support::{Table, allows, context, decide, document, policy, request};

fn resource(pattern: &str, asked: &str, keys: &str) -> bool {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}"#);
    allows(&statement, &Request { context: context(keys), ..request("s3:GetObject", asked) })
}

pub(crate) fn all() {
    in_resources();
    unresolved_in_not_resource();
    in_conditions();
    injected();
    only_in_version_2012();
}

fn resources(rule: &'static str, cases: &[(&str, &str, &str, &str, bool)]) {
    let mut table = Table::of(rule);
    for (note, pattern, asked, keys, wanted) in cases {
        let (pattern, asked) = (format!("arn:aws:s3:::b/{pattern}"), format!("arn:aws:s3:::b/{asked}"));
        let got = resource(&pattern, &asked, keys);
        table.row(note, format!("{pattern} on {asked} with {keys}"), got, *wanted);
    }
}

#[test]
fn in_resources() {
    resources(
        "variable/value",
        &[
            ("a value", "${aws:username}/*", "alice/x", "aws:username=alice", true),
            ("another value", "${aws:username}/*", "bob/x", "aws:username=alice", false),
            ("at the end", "home/${aws:username}", "home/alice", "aws:username=alice", true),
            ("at the end, not longer", "home/${aws:username}", "home/alice2", "aws:username=alice", false),
            ("in the middle", "a-${k:a}-z", "a-m-z", "k:a=m", true),
            ("two", "${k:a}/${k:b}", "x/y", "k:a=x;k:b=y", true),
            ("two, the wrong way round", "${k:a}/${k:b}", "y/x", "k:a=x;k:b=y", false),
            ("the same twice", "${k:a}/${k:a}", "x/x", "k:a=x", true),
            ("the same twice", "${k:a}/${k:a}", "x/y", "k:a=x", false),
            ("side by side", "${k:a}${k:b}", "xy", "k:a=x;k:b=y", true),
            ("beside wildcards", "*${k:a}?*", "__x_", "k:a=x", true),
            ("the case of the key does not matter", "${AWS:UserName}", "alice", "aws:username=alice", true),
            ("the case of the value does", "${aws:username}", "Alice", "aws:username=alice", false),
            ("a tag", "${aws:PrincipalTag/team}", "red", "aws:PrincipalTag/team=red", true),
            (
                "a tag with a space in its key",
                "${aws:PrincipalTag/cost center}",
                "7",
                "aws:PrincipalTag/cost center=7",
                true,
            ),
            ("a key of an issuer", "${gitlab.com:project_id}/*", "42/x", "gitlab.com:project_id=42", true),
            ("a value with slashes", "${k:a}/x", "1/2/x", "k:a=1/2", true),
            ("an empty value is a value", "${k:a}x", "x", "k:a=", true),
        ],
    );
    resources(
        "variable/unresolved",
        &[
            ("nothing", "${aws:username}", "", "", false),
            ("not even what looks the same", "${aws:username}", "${aws:username}", "", false),
            ("not even with a star beside it", "${aws:username}*", "x", "", false),
            ("not even between stars", "*${aws:username}*", "x", "", false),
            ("one of two", "${k:a}${k:b}", "x", "k:a=x", false),
        ],
    );
    resources(
        "mistake/missing-variable",
        &[
            ("a home directory of nobody", "${aws:username}/*", "/secret", "", false),
            ("a prefix of nobody", "x${k:a}", "x", "", false),
            ("a default is the way to say that", "x${k:a, ''}", "x", "", true),
        ],
    );
    resources(
        "variable/multi-valued",
        &[
            ("one value", "${k:a}", "x", "k:a=[x]", false),
            ("several values", "${k:a}", "x", "k:a=[x,y]", false),
            ("no value", "${k:a}", "", "k:a=[]", false),
            ("not even its default", "${k:a, 'x'}", "x", "k:a=[y]", false),
        ],
    );
    resources(
        "variable/literal",
        &[
            ("`*` is no wildcard", "${k:a}/*", "any/x", "k:a=*", false),
            ("`*` is itself", "${k:a}/*", "*/x", "k:a=*", true),
            ("`?` is no wildcard", "${k:a}", "x", "k:a=?", false),
            ("`?` is itself", "${k:a}", "?", "k:a=?", true),
            ("`${…}` is no variable", "${k:a}", "x", "k:a=${k:b};k:b=x", false),
            ("`${…}` is itself", "${k:a}", "${k:b}", "k:a=${k:b};k:b=x", true),
            ("`${*}` is no escape", "${k:a}", "*", "k:a=${*}", false),
            ("a part of a star is no wildcard", "x${k:a}y", "xzy", "k:a=*", false),
            ("beside real wildcards", "*${k:a}*", "x*y", "k:a=*", true),
            ("beside real wildcards", "*${k:a}*", "xy", "k:a=*", false),
        ],
    );
    resources(
        "variable/default",
        &[
            ("without the key", "${k:a, 'all'}", "all", "", true),
            ("without the key, something else", "${k:a, 'all'}", "none", "", false),
            ("not with the key", "${k:a, 'all'}", "all", "k:a=x", false),
            ("with the key, its value", "${k:a, 'all'}", "x", "k:a=x", true),
            ("an empty value is a value", "${k:a, 'all'}", "all", "k:a=", false),
            ("without a space", "${k:a,'all'}", "all", "", true),
            ("literal stars", "${k:a, '*'}", "x", "", false),
            ("literal stars", "${k:a, '*'}", "*", "", true),
            ("with spaces inside", "${k:a, 'a b'}", "a b", "", true),
            ("with a colon and a slash", "${k:a, 'x:y/z'}", "x:y/z", "", true),
            (
                "the documented teams",
                "${aws:PrincipalTag/team, 'company-wide'}/*",
                "company-wide/x",
                "",
                true,
            ),
            (
                "the documented teams",
                "${aws:PrincipalTag/team, 'company-wide'}/*",
                "yellow/x",
                "aws:PrincipalTag/team=yellow",
                true,
            ),
            (
                "the documented teams",
                "${aws:PrincipalTag/team, 'company-wide'}/*",
                "company-wide/x",
                "aws:PrincipalTag/team=yellow",
                false,
            ),
        ],
    );
    resources(
        "variable/escapes",
        &[
            ("a star", "${*}", "*", "", true),
            ("a star only", "${*}", "x", "", false),
            ("a question mark", "${?}", "?", "", true),
            ("a question mark only", "${?}", "x", "", false),
            ("a dollar", "${$}", "$", "", true),
            ("a dollar before a brace", "${$}{k:a}", "${k:a}", "k:a=x", true),
            ("beside wildcards", "${*}*", "*xyz", "", true),
            ("beside wildcards", "${*}*", "xyz", "", false),
            ("all of them", "${$}${?}${*}", "$?*", "", true),
        ],
    );
}

#[test]
fn unresolved_in_not_resource() {
    use stagedoor_policy::Outcome::{Allow, ExplicitDeny, ImplicitDeny};
    let mut table = Table::of("variable/unresolved");
    for (note, effect, keys, wanted) in [
        ("what may have been excluded is not allowed", "Allow", "", ImplicitDeny),
        ("what may not have been excluded is denied", "Deny", "", ExplicitDeny),
        ("resolved, and excluded", "Allow", "aws:username=x", ImplicitDeny),
        ("resolved, and not excluded", "Allow", "aws:username=y", Allow),
        ("resolved, and excluded from the denial", "Deny", "aws:username=x", ImplicitDeny),
    ] {
        let asked = Request { context: context(keys), ..request("s3:GetObject", "arn:aws:s3:::b/x") };
        let statement = format!(
            r#"{{"Effect":"{effect}","Action":"*","NotResource":"arn:aws:s3:::b/${{aws:username}}"}}"#
        );
        let set = PolicySet::new().identity(policy(Kind::Identity, &statement));
        table.row(note, format!("{statement} with {keys}"), decide(&set, &asked), wanted);
    }
}

fn conditions(rule: &'static str, cases: &[(&str, &str, &str, bool)]) {
    let mut table = Table::of(rule);
    for (note, block, keys, wanted) in cases {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{block}}}"#);
        let asked = Request { context: context(keys), ..request("x:Y", "") };
        table.row(note, format!("{block} with {keys}"), allows(&statement, &asked), *wanted);
    }
}

#[test]
fn in_conditions() {
    conditions(
        "variable/where",
        &[
            ("StringEquals", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=x", true),
            ("StringEquals", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=y", false),
            ("StringNotEquals", r#"{"StringNotEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=x", false),
            ("StringNotEquals", r#"{"StringNotEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=y", true),
            (
                "StringEqualsIgnoreCase",
                r#"{"StringEqualsIgnoreCase":{"k:a":"pre-${k:b}"}}"#,
                "k:a=PRE-x;k:b=X",
                true,
            ),
            (
                "StringNotEqualsIgnoreCase",
                r#"{"StringNotEqualsIgnoreCase":{"k:a":"${k:b}"}}"#,
                "k:a=X;k:b=x",
                false,
            ),
            ("StringLike", r#"{"StringLike":{"k:a":"${k:b}/*"}}"#, "k:a=x/y;k:b=x", true),
            ("StringNotLike", r#"{"StringNotLike":{"k:a":"${k:b}/*"}}"#, "k:a=x/y;k:b=x", false),
            ("IfExists", r#"{"StringEqualsIfExists":{"k:a":"${k:b}"}}"#, "k:b=x", true),
            (
                "ArnLike",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#,
                "k:a=arn:aws:iam::1:role/x;k:b=x",
                true,
            ),
            (
                "ArnNotLike",
                r#"{"ArnNotLike":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#,
                "k:a=arn:aws:iam::1:role/x;k:b=x",
                false,
            ),
            (
                "ArnLike, the account",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::${k:b}:role/x"}}"#,
                "k:a=arn:aws:iam::1:role/x;k:b=1",
                true,
            ),
            (
                "ArnEquals, a whole ARN",
                r#"{"ArnEquals":{"k:a":"${k:b}"}}"#,
                "k:a=arn:aws:s3:::x;k:b=arn:aws:s3:::x",
                true,
            ),
            (
                "ArnEquals, a whole ARN",
                r#"{"ArnEquals":{"k:a":"${k:b}"}}"#,
                "k:a=arn:aws:s3:::x;k:b=arn:aws:s3:::y",
                false,
            ),
            (
                "under ForAllValues",
                r#"{"ForAllValues:StringLike":{"k:a":"${k:b}-*"}}"#,
                "k:a=[x-1,x-2];k:b=x",
                true,
            ),
            (
                "under ForAnyValue",
                r#"{"ForAnyValue:StringEquals":{"k:a":"${k:b}"}}"#,
                "k:a=[x,y];k:b=y",
                true,
            ),
            (
                "documented: the endpoint of a topic",
                r#"{"StringLike":{"sns:endpoint":"https://example.com/${aws:username}/*"}}"#,
                "sns:endpoint=https://example.com/jane/x;aws:username=jane",
                true,
            ),
            (
                "documented: the same tag on both",
                r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
                "aws:ResourceTag/team=a;aws:PrincipalTag/team=a",
                true,
            ),
            (
                "documented: the same tag on both",
                r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
                "aws:ResourceTag/team=a;aws:PrincipalTag/team=b",
                false,
            ),
        ],
    );
    conditions(
        "variable/unresolved",
        &[
            ("positive", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x", false),
            ("positive, and an empty value", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=", false),
            ("negated", r#"{"StringNotEquals":{"k:a":"${k:b}"}}"#, "k:a=x", true),
            ("like", r#"{"StringLike":{"k:a":"*${k:b}*"}}"#, "k:a=x", false),
            ("not like", r#"{"StringNotLike":{"k:a":"*${k:b}*"}}"#, "k:a=x", true),
            ("ARN", r#"{"ArnLike":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#, "k:a=arn:aws:iam::1:role/", false),
            (
                "not ARN",
                r#"{"ArnNotEquals":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#,
                "k:a=arn:aws:iam::1:role/x",
                true,
            ),
            ("another value still counts", r#"{"StringEquals":{"k:a":["${k:b}","x"]}}"#, "k:a=x", true),
            (
                "another value still counts, negated",
                r#"{"StringNotEquals":{"k:a":["${k:b}","x"]}}"#,
                "k:a=x",
                false,
            ),
            ("under a set operator", r#"{"ForAnyValue:StringEquals":{"k:a":"${k:b}"}}"#, "k:a=[x]", false),
            ("ignoring case", r#"{"StringEqualsIgnoreCase":{"k:a":"${k:b}"}}"#, "k:a=x", false),
            (
                "both tags are missing",
                r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#,
                "",
                false,
            ),
        ],
    );
    conditions(
        "variable/default",
        &[
            ("StringEquals", r#"{"StringEquals":{"k:a":"${k:b, 'x y'}"}}"#, "k:a=x y", true),
            ("StringLike", r#"{"StringLike":{"k:a":"${k:b, 'x'}*"}}"#, "k:a=xyz", true),
            ("StringLike, a literal star", r#"{"StringLike":{"k:a":"${k:b, '*'}"}}"#, "k:a=xyz", false),
            (
                "ArnLike",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::1:role/${k:b, 'x'}"}}"#,
                "k:a=arn:aws:iam::1:role/x",
                true,
            ),
            ("ignoring case", r#"{"StringEqualsIgnoreCase":{"k:a":"${k:b, 'X'}"}}"#, "k:a=x", true),
        ],
    );
    conditions(
        "variable/escapes",
        &[
            ("StringEquals", r#"{"StringEquals":{"k:a":"${*}${$}"}}"#, "k:a=*$", true),
            ("StringLike", r#"{"StringLike":{"k:a":"${*}"}}"#, "k:a=x", false),
            ("StringLike", r#"{"StringLike":{"k:a":"${?}*"}}"#, "k:a=?x", true),
            ("ArnLike", r#"{"ArnLike":{"k:a":"arn:aws:s3:::${*}"}}"#, "k:a=arn:aws:s3:::x", false),
            ("ArnLike", r#"{"ArnLike":{"k:a":"arn:aws:s3:::${*}"}}"#, "k:a=arn:aws:s3:::*", true),
        ],
    );
}

/// What an attacker could put into a tag or a claim.
#[test]
fn injected() {
    conditions(
        "mistake/wildcard-injection",
        &[
            ("StringEquals", r#"{"StringEquals":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=*", false),
            ("StringLike", r#"{"StringLike":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=*", false),
            (
                "StringLike, beside a star",
                r#"{"StringLike":{"k:a":"team-${k:b}/*"}}"#,
                "k:a=team-x/y;k:b=*",
                false,
            ),
            ("StringLike, a question mark", r#"{"StringLike":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=?", false),
            ("StringLike, a variable", r#"{"StringLike":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=${k:a}", false),
            (
                "ArnLike",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::1:role/${k:b}"}}"#,
                "k:a=arn:aws:iam::1:role/x;k:b=*",
                false,
            ),
            (
                "ArnLike, the account",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::${k:b}:role/x"}}"#,
                "k:a=arn:aws:iam::1:role/x;k:b=*",
                false,
            ),
            (
                "ArnLike, a colon in the account",
                r#"{"ArnLike":{"k:a":"arn:aws:iam::${k:b}:role/x"}}"#,
                "k:a=arn:aws:iam::1:2:role/x;k:b=1:2",
                false,
            ),
            (
                "ArnEquals, a whole ARN",
                r#"{"ArnEquals":{"k:a":"${k:b}"}}"#,
                "k:a=arn:aws:s3:::x;k:b=arn:aws:s3:::*",
                false,
            ),
            ("IgnoreCase", r#"{"StringEqualsIgnoreCase":{"k:a":"${k:b}"}}"#, "k:a=x;k:b=*", false),
        ],
    );
    resources(
        "mistake/wildcard-injection",
        &[
            (
                "a tag opens no bucket",
                "${aws:PrincipalTag/team}/*",
                "other/secret",
                "aws:PrincipalTag/team=*",
                false,
            ),
            ("a claim opens no bucket", "${gitlab.com:sub}", "x", "gitlab.com:sub=*", false),
            (
                "a session name opens nothing",
                "${aws:userid}/*",
                "AROAEXAMPLE:jane/x",
                "aws:userid=AROAEXAMPLE:*",
                false,
            ),
        ],
    );
}

#[test]
fn only_in_version_2012() {
    for rule in ["variable/version", "mistake/variables-in-2008"] {
        let mut table = Table::of(rule);
        for (version, asked, wanted) in [
            (r#""Version":"2012-10-17","#, "alice", true),
            (r#""Version":"2012-10-17","#, "${aws:username}", false),
            (r#""Version":"2008-10-17","#, "alice", false),
            (r#""Version":"2008-10-17","#, "${aws:username}", true),
            ("", "alice", false),
            ("", "${aws:username}", true),
        ] {
            let source = format!(
                r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${{aws:username}}"}}}}"#
            );
            let set = PolicySet::new().identity(Policy::compile("p", &document(Kind::Identity, &source)));
            let asked = format!("arn:aws:s3:::b/{asked}");
            let asked = Request { context: context("aws:username=alice"), ..request("s3:GetObject", &asked) };
            let got = set.decide(&asked).is_allow();
            table.row("a resource", format!("{version} on {:?}", asked.resource), got, wanted);
        }
        for (version, operator, value, has, wanted) in [
            ("2008-10-17", "StringEquals", "${k:b}", "x", false),
            ("2008-10-17", "StringEquals", "${k:b}", "${k:b}", true),
            ("2008-10-17", "StringLike", "${k:b}*", "${k:b}-", true),
            ("2008-10-17", "StringLike", "${*}", "${anything}", true),
            ("2008-10-17", "StringEquals", "${", "${", true),
            ("2012-10-17", "StringEquals", "${k:b}", "x", true),
        ] {
            let source = format!(
                r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"k:a":"{value}"}}}}}}}}"#
            );
            let set = PolicySet::new().identity(Policy::compile("p", &document(Kind::Identity, &source)));
            let asked = Request { context: context(&format!("k:a={has};k:b=x")), ..request("x:Y", "") };
            table.row("a condition", format!("{source} with {has}"), set.decide(&asked).is_allow(), wanted);
        }
    }
}
