//! `Condition`: structure and every operator.

use stagedoor_policy::Request;

use crate::support::{Table, allows, context, request};

/// Whether a condition block holds for a context.
fn holds(block: &str, keys: &str) -> bool {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{block}}}"#);
    allows(&statement, &Request { context: context(keys), ..request("x:Y", "") })
}

fn run(cases: &[(&str, &str, &str, bool)]) {
    let mut table = Table::default();
    for (rule, block, keys, wanted) in cases {
        table.row(rule, format!("{block} with {keys}"), holds(block, keys), *wanted);
    }
}

#[test]
fn structure() {
    run(&[
        ("operators AND", r#"{"StringEquals":{"k:a":"1"},"StringLike":{"k:b":"2"}}"#, "k:a=1;k:b=2", true),
        ("operators AND", r#"{"StringEquals":{"k:a":"1"},"StringLike":{"k:b":"2"}}"#, "k:a=1;k:b=3", false),
        ("keys AND", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "k:a=1;k:b=2", true),
        ("keys AND", r#"{"StringEquals":{"k:a":"1","k:b":"2"}}"#, "k:a=1", false),
        ("values OR", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=2", true),
        ("values OR", r#"{"StringEquals":{"k:a":["1","2"]}}"#, "k:a=3", false),
        ("negated: none of the values", r#"{"StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=2", false),
        ("negated: none of the values", r#"{"StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=3", true),
        ("key names are case-insensitive", r#"{"StringEquals":{"K:A":"1"}}"#, "k:a=1", true),
        (
            "tag keys are case-insensitive",
            r#"{"StringEquals":{"aws:PrincipalTag/Team":"x"}}"#,
            "aws:principaltag/team=x",
            true,
        ),
        ("no value matches nothing", r#"{"StringEquals":{"k:a":[]}}"#, "k:a=1", false),
        ("no value, negated, excludes nothing", r#"{"StringNotEquals":{"k:a":[]}}"#, "k:a=1", true),
        ("an empty block is true", r#"{}"#, "", true),
        ("an empty value is present", r#"{"StringEquals":{"k:a":""}}"#, "k:a=", true),
        ("numbers may stand without quotes", r#"{"NumericEquals":{"k:a":5}}"#, "k:a=5", true),
        ("booleans may stand without quotes", r#"{"Bool":{"k:a":true}}"#, "k:a=true", true),
    ]);
}

#[test]
fn missing_keys() {
    run(&[
        ("positive: false", r#"{"StringEquals":{"k:a":"1"}}"#, "", false),
        ("positive: false", r#"{"NumericLessThan":{"k:a":"1"}}"#, "", false),
        ("positive: false", r#"{"IpAddress":{"k:a":"0.0.0.0/0"}}"#, "", false),
        ("positive: false", r#"{"Bool":{"k:a":"false"}}"#, "", false),
        ("negated: true", r#"{"StringNotEquals":{"k:a":"1"}}"#, "", true),
        ("negated: true", r#"{"ArnNotLike":{"k:a":"arn:aws:s3:::b"}}"#, "", true),
        ("negated: true", r#"{"NotIpAddress":{"k:a":"10.0.0.0/8"}}"#, "", true),
        ("IfExists: true", r#"{"StringEqualsIfExists":{"k:a":"1"}}"#, "", true),
        ("IfExists with the key compares", r#"{"StringEqualsIfExists":{"k:a":"1"}}"#, "k:a=2", false),
        (
            "IfExists, negated, with the key compares",
            r#"{"StringNotEqualsIfExists":{"k:a":"1"}}"#,
            "k:a=1",
            false,
        ),
        ("Null true: absent", r#"{"Null":{"k:a":"true"}}"#, "", true),
        ("Null true: absent", r#"{"Null":{"k:a":"true"}}"#, "k:a=1", false),
        ("Null false: present", r#"{"Null":{"k:a":"false"}}"#, "k:a=1", true),
        ("Null false: present", r#"{"Null":{"k:a":"false"}}"#, "", false),
        ("Null: an empty value is present", r#"{"Null":{"k:a":"true"}}"#, "k:a=", false),
        ("Null: an empty list is absent", r#"{"Null":{"k:a":"true"}}"#, "k:a=[]", true),
    ]);
}

#[test]
fn set_operators() {
    run(&[
        ("a multi-valued key without one: false", r#"{"StringEquals":{"k:a":"1"}}"#, "k:a=[1]", false),
        ("also when negated", r#"{"StringNotEquals":{"k:a":"2"}}"#, "k:a=[1]", false),
        (
            "ForAnyValue: one is enough",
            r#"{"ForAnyValue:StringEquals":{"k:a":["1","2"]}}"#,
            "k:a=[9,2]",
            true,
        ),
        ("ForAnyValue: none", r#"{"ForAnyValue:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[8,9]", false),
        ("ForAnyValue: missing is false", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "", false),
        ("ForAnyValue: empty is false", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "k:a=[]", false),
        (
            "ForAnyValue IfExists: missing is true",
            r#"{"ForAnyValue:StringEqualsIfExists":{"k:a":"1"}}"#,
            "",
            true,
        ),
        (
            "ForAllValues: each must match",
            r#"{"ForAllValues:StringEquals":{"k:a":["1","2"]}}"#,
            "k:a=[1,2,1]",
            true,
        ),
        (
            "ForAllValues: each must match",
            r#"{"ForAllValues:StringEquals":{"k:a":["1","2"]}}"#,
            "k:a=[1,3]",
            false,
        ),
        ("ForAllValues: missing is true", r#"{"ForAllValues:StringEquals":{"k:a":"1"}}"#, "", true),
        ("ForAllValues: empty is true", r#"{"ForAllValues:StringEquals":{"k:a":"1"}}"#, "k:a=[]", true),
        (
            "ForAllValues with IfExists is the same",
            r#"{"ForAllValues:StringEqualsIfExists":{"k:a":"1"}}"#,
            "k:a=[2]",
            false,
        ),
        ("a single value is a set of one", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "k:a=1", true),
        ("a single value is a set of one", r#"{"ForAllValues:StringEquals":{"k:a":"1"}}"#, "k:a=2", false),
        (
            "ForAnyValue negated: some value matches none",
            r#"{"ForAnyValue:StringNotEquals":{"k:a":["1","2"]}}"#,
            "k:a=[1,3]",
            true,
        ),
        (
            "ForAnyValue negated: all values match",
            r#"{"ForAnyValue:StringNotEquals":{"k:a":["1","2"]}}"#,
            "k:a=[1,2]",
            false,
        ),
        (
            "ForAnyValue negated: missing is false",
            r#"{"ForAnyValue:StringNotEquals":{"k:a":"1"}}"#,
            "",
            false,
        ),
        (
            "ForAllValues negated: no value matches any",
            r#"{"ForAllValues:StringNotEquals":{"k:a":["1","2"]}}"#,
            "k:a=[3,4]",
            true,
        ),
        (
            "ForAllValues negated: one matches",
            r#"{"ForAllValues:StringNotEquals":{"k:a":["1","2"]}}"#,
            "k:a=[3,1]",
            false,
        ),
        ("with wildcards", r#"{"ForAnyValue:StringLike":{"k:a":"a*"}}"#, "k:a=[b,ac]", true),
    ]);
}

#[test]
fn strings() {
    run(&[
        ("StringEquals is case-sensitive", r#"{"StringEquals":{"k:a":"X"}}"#, "k:a=x", false),
        ("StringEquals takes wildcards literally", r#"{"StringEquals":{"k:a":"a*"}}"#, "k:a=ab", false),
        ("StringEquals takes wildcards literally", r#"{"StringEquals":{"k:a":"a*"}}"#, "k:a=a*", true),
        ("IgnoreCase", r#"{"StringEqualsIgnoreCase":{"k:a":"HeLLo"}}"#, "k:a=hEllO", true),
        ("IgnoreCase beyond ASCII", r#"{"StringEqualsIgnoreCase":{"k:a":"É"}}"#, "k:a=é", true),
        (
            "IgnoreCase takes wildcards literally",
            r#"{"StringEqualsIgnoreCase":{"k:a":"a*"}}"#,
            "k:a=ab",
            false,
        ),
        ("IgnoreCase compares all of it", r#"{"StringEqualsIgnoreCase":{"k:a":"ab"}}"#, "k:a=abc", false),
        ("NotEqualsIgnoreCase", r#"{"StringNotEqualsIgnoreCase":{"k:a":"X"}}"#, "k:a=x", false),
        ("StringLike is case-sensitive", r#"{"StringLike":{"k:a":"X*"}}"#, "k:a=xy", false),
        (
            "`*` crosses colons and slashes",
            r#"{"StringLike":{"k:a":"repo:a/*"}}"#,
            "k:a=repo:a/b:ref:refs/heads/x",
            true,
        ),
        ("`*` crosses newlines", r#"{"StringLike":{"k:a":"a*b"}}"#, "k:a=a\n\nb", true),
        ("`*` is no boundary", r#"{"StringLike":{"k:a":"repo:org/app*"}}"#, "k:a=repo:org/app-evil:x", true),
        ("`?` is one character", r#"{"StringLike":{"k:a":"v?"}}"#, "k:a=v1", true),
        ("`?` is one character", r#"{"StringLike":{"k:a":"v?"}}"#, "k:a=v", false),
        ("StringNotLike", r#"{"StringNotLike":{"k:a":["a*","b*"]}}"#, "k:a=bx", false),
        ("StringNotLike", r#"{"StringNotLike":{"k:a":["a*","b*"]}}"#, "k:a=cx", true),
        ("`*` matches the empty value", r#"{"StringLike":{"k:a":"*"}}"#, "k:a=", true),
    ]);
}

#[test]
fn numbers() {
    run(&[
        ("equal", r#"{"NumericEquals":{"k:a":"10"}}"#, "k:a=10.0", true),
        ("not equal", r#"{"NumericNotEquals":{"k:a":"10"}}"#, "k:a=10.1", true),
        ("less", r#"{"NumericLessThan":{"k:a":"10"}}"#, "k:a=9", true),
        ("less, not as text", r#"{"NumericLessThan":{"k:a":"10"}}"#, "k:a=9.99", true),
        ("less is strict", r#"{"NumericLessThan":{"k:a":"10"}}"#, "k:a=10", false),
        ("at most", r#"{"NumericLessThanEquals":{"k:a":"10"}}"#, "k:a=10", true),
        ("more", r#"{"NumericGreaterThan":{"k:a":"-1"}}"#, "k:a=0", true),
        ("at least", r#"{"NumericGreaterThanEquals":{"k:a":"10"}}"#, "k:a=9", false),
        ("`10abc` is no number", r#"{"NumericLessThan":{"k:a":"100"}}"#, "k:a=10abc", false),
        ("no number equals none", r#"{"NumericNotEquals":{"k:a":"10"}}"#, "k:a=10abc", true),
        (
            "exact beyond 2^53",
            r#"{"NumericEquals":{"k:a":"9007199254740993"}}"#,
            "k:a=9007199254740992",
            false,
        ),
        ("any of several", r#"{"NumericEquals":{"k:a":["1","2"]}}"#, "k:a=2", true),
    ]);
}

#[test]
fn dates() {
    run(&[
        (
            "equal across time zones",
            r#"{"DateEquals":{"k:a":"2026-01-01T00:00:00Z"}}"#,
            "k:a=2026-01-01T01:00:00+01:00",
            true,
        ),
        ("ISO and epoch mix", r#"{"DateEquals":{"k:a":"1767225600"}}"#, "k:a=2026-01-01T00:00:00Z", true),
        (
            "epoch is seconds",
            r#"{"DateLessThan":{"k:a":"2026-01-01T00:00:00Z"}}"#,
            "k:a=1767225599000",
            false,
        ),
        ("before", r#"{"DateLessThan":{"k:a":"2026-01-01T00:00:00Z"}}"#, "k:a=2025-12-31T23:59:59Z", true),
        ("before is strict", r#"{"DateLessThan":{"k:a":"2026-01-01"}}"#, "k:a=2026-01-01T00:00:00Z", false),
        ("at or before", r#"{"DateLessThanEquals":{"k:a":"2026-01-01"}}"#, "k:a=2026-01-01T00:00:00Z", true),
        ("after", r#"{"DateGreaterThan":{"k:a":"2026-01-01"}}"#, "k:a=2026-01-01T00:00:00.001Z", true),
        (
            "at or after",
            r#"{"DateGreaterThanEquals":{"k:a":"2026-01-01"}}"#,
            "k:a=2025-12-31T23:59:59Z",
            false,
        ),
        ("not equal", r#"{"DateNotEquals":{"k:a":"2026-01-01"}}"#, "k:a=2026-01-02", true),
        (
            "no date is neither before nor after",
            r#"{"DateLessThan":{"k:a":"2026-01-01"}}"#,
            "k:a=tomorrow",
            false,
        ),
    ]);
}

#[test]
fn booleans_bytes_and_addresses() {
    run(&[
        ("Bool", r#"{"Bool":{"k:a":"true"}}"#, "k:a=true", true),
        ("Bool is case-insensitive", r#"{"Bool":{"k:a":"TRUE"}}"#, "k:a=True", true),
        ("Bool", r#"{"Bool":{"k:a":"false"}}"#, "k:a=true", false),
        ("only true and false are booleans", r#"{"Bool":{"k:a":"true"}}"#, "k:a=1", false),
        ("BinaryEquals", r#"{"BinaryEquals":{"k:a":"QmluYXJ5"}}"#, "k:a=QmluYXJ5", true),
        ("BinaryEquals compares bytes", r#"{"BinaryEquals":{"k:a":"QmluYXJ5"}}"#, "k:a=qmluyxj5", false),
        ("what is not base64 equals nothing", r#"{"BinaryEquals":{"k:a":"QmluYXJ5"}}"#, "k:a=Binary!", false),
        ("CIDR", r#"{"IpAddress":{"k:a":"203.0.113.0/24"}}"#, "k:a=203.0.113.77", true),
        ("CIDR", r#"{"IpAddress":{"k:a":"203.0.113.0/24"}}"#, "k:a=203.0.114.1", false),
        ("a bare address is /32", r#"{"IpAddress":{"k:a":"203.0.113.7"}}"#, "k:a=203.0.113.8", false),
        (
            "IPv6, any spelling",
            r#"{"IpAddress":{"k:a":"2001:DB8:1234:5678::/64"}}"#,
            "k:a=2001:db8:1234:5678:0:0:0:1",
            true,
        ),
        (
            "a bare IPv6 address is /128",
            r#"{"IpAddress":{"k:a":"2001:db8::1"}}"#,
            "k:a=2001:0db8::0001",
            true,
        ),
        ("v4 never matches v6", r#"{"IpAddress":{"k:a":"::/0"}}"#, "k:a=203.0.113.7", false),
        (
            "NotIpAddress",
            r#"{"NotIpAddress":{"k:a":["10.0.0.0/8","192.168.0.0/16"]}}"#,
            "k:a=192.168.1.1",
            false,
        ),
        (
            "NotIpAddress",
            r#"{"NotIpAddress":{"k:a":["10.0.0.0/8","192.168.0.0/16"]}}"#,
            "k:a=203.0.113.7",
            true,
        ),
    ]);
}

#[test]
fn arns() {
    run(&[
        ("ArnLike", r#"{"ArnLike":{"k:a":"arn:aws:iam::*:role/x*"}}"#, "k:a=arn:aws:iam::1:role/xy", true),
        (
            "ArnEquals is ArnLike",
            r#"{"ArnEquals":{"k:a":"arn:aws:iam::*:role/x*"}}"#,
            "k:a=arn:aws:iam::1:role/xy",
            true,
        ),
        (
            "`*` never crosses a colon in the first five parts",
            r#"{"ArnLike":{"k:a":"arn:aws:iam::*:role/x"}}"#,
            "k:a=arn:aws:iam::1:user:role/x",
            false,
        ),
        (
            "the sixth part keeps colons",
            r#"{"ArnLike":{"k:a":"arn:aws:logs:r:1:*"}}"#,
            "k:a=arn:aws:logs:r:1:log-group:x:y",
            true,
        ),
        (
            "case-sensitive",
            r#"{"ArnEquals":{"k:a":"arn:aws:iam::1:role/X"}}"#,
            "k:a=arn:aws:iam::1:role/x",
            false,
        ),
        (
            "a malformed ARN in the request: positive false",
            r#"{"ArnLike":{"k:a":"arn:aws:iam::1:*"}}"#,
            "k:a=role/x",
            false,
        ),
        (
            "a malformed ARN in the policy: positive false",
            r#"{"ArnLike":{"k:a":"*"}}"#,
            "k:a=arn:aws:iam::1:role/x",
            false,
        ),
        (
            "ArnNotLike",
            r#"{"ArnNotLike":{"k:a":"arn:aws:iam::1:role/*"}}"#,
            "k:a=arn:aws:iam::1:role/x",
            false,
        ),
        (
            "ArnNotEquals is ArnNotLike",
            r#"{"ArnNotEquals":{"k:a":"arn:aws:iam::1:role/*"}}"#,
            "k:a=arn:aws:iam::2:role/x",
            true,
        ),
    ]);
}
