//! Operators, keys and values together.

use stagedoor_policy::Outcome::{self, Allow, ExplicitDeny, ImplicitDeny};
use stagedoor_policy::{Kind, PolicySet, Request};

use super::blocks;
use crate::support::{Table, context, decide, policy, request};

pub(super) fn all() {
    together();
    documented_tables();
    in_a_deny();
}

#[test]
fn together() {
    let two = r#"{"StringEquals":{"k:a":"1"},"StringLike":{"k:b":"2*"}}"#;
    let three = r#"{"StringEquals":{"k:a":"1"},"NumericLessThan":{"k:n":"5"},"Bool":{"k:t":"true"}}"#;
    blocks(
        "condition/operators-and",
        &[
            ("both", two, "k:a=1;k:b=22", true),
            ("the first only", two, "k:a=1;k:b=3", false),
            ("the second only", two, "k:a=2;k:b=2", false),
            ("neither", two, "k:a=2;k:b=3", false),
            ("a key is missing", two, "k:a=1", false),
            ("three", three, "k:a=1;k:n=4;k:t=true", true),
            ("three, the last fails", three, "k:a=1;k:n=4;k:t=false", false),
            ("three, the one in the middle fails", three, "k:a=1;k:n=6;k:t=true", false),
            (
                "one key under two",
                r#"{"StringLike":{"k:a":"a*"},"StringNotLike":{"k:a":"ab*"}}"#,
                "k:a=ac",
                true,
            ),
            (
                "one key under two",
                r#"{"StringLike":{"k:a":"a*"},"StringNotLike":{"k:a":"ab*"}}"#,
                "k:a=abc",
                false,
            ),
            (
                "positive and negated",
                r#"{"StringEquals":{"k:a":"1"},"StringNotEquals":{"k:a":"1"}}"#,
                "k:a=1",
                false,
            ),
            ("a range", r#"{"NumericGreaterThan":{"k:n":"1"},"NumericLessThan":{"k:n":"9"}}"#, "k:n=5", true),
            (
                "a range",
                r#"{"NumericGreaterThan":{"k:n":"1"},"NumericLessThan":{"k:n":"9"}}"#,
                "k:n=9",
                false,
            ),
            (
                "a window of time",
                r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-04-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-06-30T23:59:59Z"}}"#,
                "aws:CurrentTime=2026-05-01T00:00:00Z",
                true,
            ),
            (
                "a window of time",
                r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-04-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-06-30T23:59:59Z"}}"#,
                "aws:CurrentTime=2026-07-01T00:00:00Z",
                false,
            ),
        ],
    );
    blocks(
        "condition/keys-and",
        &[
            ("both", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "k:a=1;k:b=2", true),
            ("the first only", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "k:a=1;k:b=1", false),
            ("one is missing", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "k:a=1", false),
            ("both are missing", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "", false),
            (
                "negated: both must differ",
                r#"{"StringNotEquals":{"k:a":"1","k:b":"2"}}"#,
                "k:a=2;k:b=1",
                true,
            ),
            (
                "negated: both must differ",
                r#"{"StringNotEquals":{"k:a":"1","k:b":"2"}}"#,
                "k:a=2;k:b=2",
                false,
            ),
            (
                "negated: not one of them suffices",
                r#"{"StringNotEquals":{"k:a":"1","k:b":"2"}}"#,
                "k:a=1;k:b=1",
                false,
            ),
            (
                "IfExists for each by itself",
                r#"{"StringEqualsIfExists":{"k:a":"1","k:b":"2"}}"#,
                "k:b=2",
                true,
            ),
            (
                "IfExists for each by itself",
                r#"{"StringEqualsIfExists":{"k:a":"1","k:b":"2"}}"#,
                "k:b=3",
                false,
            ),
            ("IfExists for each by itself", r#"{"StringEqualsIfExists":{"k:a":"1","k:b":"2"}}"#, "", true),
            ("Null for each by itself", r#"{"Null":{"k:a":"true","k:b":"false"}}"#, "k:b=1", true),
            ("Null for each by itself", r#"{"Null":{"k:a":"true","k:b":"false"}}"#, "k:a=1;k:b=1", false),
        ],
    );
    blocks(
        "condition/values-or",
        &[
            ("the first", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=1", true),
            ("the last", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=2", true),
            ("none", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=3", false),
            ("a list of one", r#"{"StringEquals":{"k:a":["1"]}}"#, "k:a=1", true),
            ("not both joined", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=1,2", false),
            ("patterns", r#"{"StringLike":{"k:a":["x*","*y"]}}"#, "k:a=ay", true),
            ("a pattern and a text", r#"{"StringLike":{"k:a":["x*","y"]}}"#, "k:a=y", true),
            ("numbers", r#"{"NumericEquals":{"k:a":["1","2"]}}"#, "k:a=2", true),
            ("numbers: less than any", r#"{"NumericLessThan":{"k:a":["1","5"]}}"#, "k:a=3", true),
            ("numbers: less than none", r#"{"NumericLessThan":{"k:a":["1","5"]}}"#, "k:a=6", false),
            (
                "networks",
                r#"{"IpAddress":{"k:a":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}}"#,
                "k:a=203.0.113.9",
                true,
            ),
            (
                "networks",
                r#"{"IpAddress":{"k:a":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}}"#,
                "k:a=2001:db8:1234:5678::9",
                true,
            ),
            ("both booleans", r#"{"Bool":{"k:a":["true","false"]}}"#, "k:a=false", true),
            ("Null: both", r#"{"Null":{"k:a":["true","false"]}}"#, "", true),
        ],
    );
    blocks(
        "condition/negated-none",
        &[
            ("the first", r#"{"StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=1", false),
            ("the second", r#"{"StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=2", false),
            ("none", r#"{"StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=3", true),
            ("ignoring case", r#"{"StringNotEqualsIgnoreCase":{"k:a":["a","b"]}}"#, "k:a=B", false),
            ("ignoring case", r#"{"StringNotEqualsIgnoreCase":{"k:a":["a","b"]}}"#, "k:a=c", true),
            ("patterns", r#"{"StringNotLike":{"k:a":["a*","b*"]}}"#, "k:a=bx", false),
            ("patterns", r#"{"StringNotLike":{"k:a":["a*","b*"]}}"#, "k:a=cx", true),
            ("numbers", r#"{"NumericNotEquals":{"k:a":["1","2"]}}"#, "k:a=2.0", false),
            (
                "dates",
                r#"{"DateNotEquals":{"k:a":["2026-01-01","2026-01-02"]}}"#,
                "k:a=2026-01-02T00:00:00Z",
                false,
            ),
            (
                "networks",
                r#"{"NotIpAddress":{"k:a":["10.0.0.0/8","192.168.0.0/16"]}}"#,
                "k:a=192.168.1.1",
                false,
            ),
            (
                "networks",
                r#"{"NotIpAddress":{"k:a":["10.0.0.0/8","192.168.0.0/16"]}}"#,
                "k:a=203.0.113.7",
                true,
            ),
            (
                "ARNs",
                r#"{"ArnNotLike":{"k:a":["arn:aws:iam::1:role/a","arn:aws:iam::1:role/b"]}}"#,
                "k:a=arn:aws:iam::1:role/b",
                false,
            ),
        ],
    );
    blocks(
        "condition/key-case",
        &[
            ("in the policy", r#"{"StringEquals":{"K:A":"1"}}"#, "k:a=1", true),
            ("in the request", r#"{"StringEquals":{"k:a":"1"}}"#, "K:A=1", true),
            ("the documented pair", r#"{"StringEquals":{"aws:sourceip":"1"}}"#, "AWS:SourceIp=1", true),
            (
                "tag keys",
                r#"{"StringEquals":{"aws:PrincipalTag/Team":"x"}}"#,
                "aws:principaltag/team=x",
                true,
            ),
            ("in Null", r#"{"Null":{"K:A":"false"}}"#, "k:a=1", true),
            (
                "under a set operator",
                r#"{"ForAnyValue:StringEquals":{"AWS:TAGKEYS":"x"}}"#,
                "aws:TagKeys=[x]",
                true,
            ),
            ("values keep theirs", r#"{"StringEquals":{"K:A":"x"}}"#, "k:a=X", false),
        ],
    );
    blocks(
        "condition/empty",
        &[
            ("no operator", "{}", "", true),
            ("no key", r#"{"StringEquals":{}}"#, "", true),
            ("no value matches nothing", r#"{"StringEquals":{"k:a":[]}}"#, "k:a=1", false),
            ("no value, negated, excludes nothing", r#"{"StringNotEquals":{"k:a":[]}}"#, "k:a=1", true),
            ("no value, IfExists, no key", r#"{"StringEqualsIfExists":{"k:a":[]}}"#, "", true),
            ("no value under ForAllValues", r#"{"ForAllValues:StringEquals":{"k:a":[]}}"#, "k:a=[1]", false),
            ("no value under ForAllValues, no key", r#"{"ForAllValues:StringEquals":{"k:a":[]}}"#, "", true),
            ("no value under Null", r#"{"Null":{"k:a":[]}}"#, "", false),
        ],
    );
    blocks(
        "document/unquoted",
        &[
            ("a number", r#"{"NumericEquals":{"k:a":5}}"#, "k:a=5", true),
            ("a negative decimal", r#"{"NumericEquals":{"k:a":-0.5}}"#, "k:a=-.5", true),
            ("a boolean", r#"{"Bool":{"k:a":true}}"#, "k:a=true", true),
            ("a boolean in a list", r#"{"Bool":{"k:a":[true,"false"]}}"#, "k:a=false", true),
            ("a boolean for Null", r#"{"Null":{"k:a":true}}"#, "", true),
            ("a number as a text", r#"{"StringEquals":{"k:a":5}}"#, "k:a=5", true),
            ("a number as a text keeps its spelling", r#"{"StringEquals":{"k:a":5.0}}"#, "k:a=5", false),
            ("a boolean as a text", r#"{"StringEquals":{"k:a":false}}"#, "k:a=false", true),
        ],
    );
}

/// The tables of the page "Conditions with multiple context keys or values", with the keys of its examples.
#[test]
fn documented_tables() {
    let block = r#"{"StringEquals":{"aws:PrincipalTag/department":["finance","hr","legal"],"aws:PrincipalTag/role":["audit","security"]},"StringLike":{"aws:userid":"*:jane"}}"#;
    let with = |department: &str, role: &str, id: &str| {
        format!("aws:PrincipalTag/department={department};aws:PrincipalTag/role={role};aws:userid={id}")
    };
    let mut table = Table::of("condition/keys-and");
    for (department, role, id, wanted) in [
        ("finance", "audit", "AROAEXAMPLE:jane", true),
        ("hr", "audit", "AROAEXAMPLE:jane", true),
        ("hr", "security", "AROAEXAMPLE:jane", true),
        ("legal", "security", "AROAEXAMPLE:jane", true),
        ("sales", "audit", "AROAEXAMPLE:jane", false),
        ("finance", "sales", "AROAEXAMPLE:jane", false),
        ("finance", "audit", "AROAEXAMPLE:john", false),
        ("Finance", "audit", "AROAEXAMPLE:jane", false),
        ("", "audit", "AROAEXAMPLE:jane", false),
    ] {
        let keys = with(department, role, id);
        table.row("documented", format!("{block} with {keys}"), super::holds(block, &keys), wanted);
    }
    for keys in [
        "aws:PrincipalTag/department=hr;aws:userid=A:jane",
        "aws:PrincipalTag/role=audit;aws:userid=A:jane",
        "aws:userid=A:jane",
    ] {
        table.row(
            "documented: a key is missing",
            format!("{block} with {keys}"),
            super::holds(block, keys),
            false,
        );
    }
}

#[test]
fn in_a_deny() {
    let outcome = |condition: &str, keys: &str| -> Outcome {
        let statements = format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},
               {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{condition}}}"#
        );
        let set = PolicySet::new().identity(policy(Kind::Identity, &statements));
        decide(&set, &Request { context: context(keys), ..request("x:Y", "") })
    };
    let mut table = Table::of("condition/deny");
    for (note, condition, keys, wanted) in [
        (
            "it holds",
            r#"{"Bool":{"aws:SecureTransport":"false"}}"#,
            "aws:SecureTransport=false",
            ExplicitDeny,
        ),
        ("it does not", r#"{"Bool":{"aws:SecureTransport":"false"}}"#, "aws:SecureTransport=true", Allow),
        ("the key is missing: no denial", r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, "", Allow),
        (
            "BoolIfExists closes that",
            r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
            "",
            ExplicitDeny,
        ),
        (
            "BoolIfExists closes that",
            r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
            "aws:MultiFactorAuthPresent=true",
            Allow,
        ),
        (
            "a missing tag under a negated operator",
            r#"{"StringNotEquals":{"aws:PrincipalTag/team":"a"}}"#,
            "",
            ExplicitDeny,
        ),
        (
            "addresses outside",
            r#"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]}}"#,
            "aws:SourceIp=198.51.100.1",
            ExplicitDeny,
        ),
        (
            "addresses outside",
            r#"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]}}"#,
            "aws:SourceIp=203.0.113.9",
            Allow,
        ),
        (
            "addresses outside, but for AWS services",
            r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"},"BoolIfExists":{"aws:ViaAWSService":"false"}}"#,
            "aws:SourceIp=198.51.100.1;aws:ViaAWSService=true",
            Allow,
        ),
        (
            "both must hold",
            r#"{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}"#,
            "aws:RequestedRegion=us-east-1;aws:PrincipalArn=arn:aws:iam::111122223333:role/admin",
            Allow,
        ),
        (
            "both must hold",
            r#"{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}"#,
            "aws:RequestedRegion=us-east-1;aws:PrincipalArn=arn:aws:iam::111122223333:role/dev",
            ExplicitDeny,
        ),
        (
            "ForAllValues denies without the key",
            r#"{"ForAllValues:StringLike":{"aws:TagKeys":["key1*"]}}"#,
            "",
            ExplicitDeny,
        ),
        (
            "Null takes that back",
            r#"{"ForAllValues:StringLike":{"aws:TagKeys":["key1*"]},"Null":{"aws:TagKeys":"false"}}"#,
            "",
            Allow,
        ),
    ] {
        table.row(note, format!("{condition} with {keys}"), outcome(condition, keys), wanted);
    }
    let only = PolicySet::new().identity(policy(
        Kind::Identity,
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"k:a":"true"}}}"#,
    ));
    let got = decide(&only, &Request { context: context("k:a=false"), ..request("x:Y", "") });
    table.row("a Deny that does not apply allows nothing", "Bool k:a true with k:a=false", got, ImplicitDeny);
}
