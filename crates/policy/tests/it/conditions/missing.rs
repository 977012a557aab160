//! Keys that the request does not carry.

use super::blocks;

pub(super) fn all() {
    missing_keys();
}

#[test]
fn missing_keys() {
    blocks(
        "condition/missing-key",
        &[
            ("another key does not help", r#"{"StringEquals":{"k:a":"1"}}"#, "k:b=1", false),
            ("not even the empty text matches", r#"{"StringEquals":{"k:a":""}}"#, "", false),
            ("not even `*` matches", r#"{"StringLike":{"k:a":"*"}}"#, "", false),
            ("not even every address", r#"{"IpAddress":{"k:a":["0.0.0.0/0","::/0"]}}"#, "", false),
            ("false is not absent", r#"{"Bool":{"k:a":"false"}}"#, "", false),
            ("nothing is not less than a number", r#"{"NumericLessThan":{"k:a":"1"}}"#, "", false),
            ("negated: `*` excludes nothing that is absent", r#"{"StringNotLike":{"k:a":"*"}}"#, "", true),
            ("an empty list is absent", r#"{"StringEquals":{"k:a":"1"}}"#, "k:a=[]", false),
            ("an empty list is absent, negated", r#"{"StringNotEquals":{"k:a":"1"}}"#, "k:a=[]", true),
            (
                "a tag by another name",
                r#"{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#,
                "aws:PrincipalTag/teams=a",
                false,
            ),
        ],
    );
    blocks(
        "condition/if-exists",
        &[
            ("an empty list is absent", r#"{"StringEqualsIfExists":{"k:a":"1"}}"#, "k:a=[]", true),
            ("an empty value is not", r#"{"StringEqualsIfExists":{"k:a":"1"}}"#, "k:a=", false),
            (
                "the documented instance types",
                r#"{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}"#,
                "ec2:InstanceType=m3.large",
                true,
            ),
            (
                "the documented instance types",
                r#"{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}"#,
                "ec2:InstanceType=c5.large",
                false,
            ),
            (
                "the documented instance types",
                r#"{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*","m3.*"]}}"#,
                "",
                true,
            ),
            ("ForAnyValue: absent", r#"{"ForAnyValue:StringEqualsIfExists":{"k:a":"1"}}"#, "", true),
            ("ForAnyValue: present", r#"{"ForAnyValue:StringEqualsIfExists":{"k:a":"1"}}"#, "k:a=[2]", false),
            (
                "ForAllValues: it changes nothing",
                r#"{"ForAllValues:StringEqualsIfExists":{"k:a":"1"}}"#,
                "",
                true,
            ),
            (
                "ForAllValues: it changes nothing",
                r#"{"ForAllValues:StringEqualsIfExists":{"k:a":"1"}}"#,
                "k:a=[2]",
                false,
            ),
            (
                "ForAllValues: it changes nothing",
                r#"{"ForAllValues:StringEqualsIfExists":{"k:a":"1"}}"#,
                "k:a=[1]",
                true,
            ),
            (
                "a multi-valued key still needs a set operator",
                r#"{"StringEqualsIfExists":{"k:a":"1"}}"#,
                "k:a=[1]",
                false,
            ),
        ],
    );
    blocks(
        "condition/null",
        &[
            ("true: absent", r#"{"Null":{"k:a":"true"}}"#, "", true),
            ("true: present", r#"{"Null":{"k:a":"true"}}"#, "k:a=1", false),
            ("false: present", r#"{"Null":{"k:a":"false"}}"#, "k:a=1", true),
            ("false: absent", r#"{"Null":{"k:a":"false"}}"#, "", false),
            ("in capitals", r#"{"Null":{"k:a":"TRUE"}}"#, "", true),
            ("without quotes", r#"{"Null":{"k:a":false}}"#, "k:a=1", true),
            ("an empty value is present", r#"{"Null":{"k:a":"true"}}"#, "k:a=", false),
            ("an empty value is present", r#"{"Null":{"k:a":"false"}}"#, "k:a=", true),
            ("an empty list is absent", r#"{"Null":{"k:a":"true"}}"#, "k:a=[]", true),
            ("an empty list is absent", r#"{"Null":{"k:a":"false"}}"#, "k:a=[]", false),
            ("a list is present", r#"{"Null":{"k:a":"false"}}"#, "k:a=[1,2]", true),
            ("the text `null` is present", r#"{"Null":{"k:a":"true"}}"#, "k:a=null", false),
            (
                "the documented use: no temporary credentials",
                r#"{"Null":{"aws:TokenIssueTime":"true"}}"#,
                "aws:username=alice",
                true,
            ),
            (
                "the documented use: no temporary credentials",
                r#"{"Null":{"aws:TokenIssueTime":"true"}}"#,
                "aws:TokenIssueTime=2026-01-01T00:00:00Z",
                false,
            ),
        ],
    );
    blocks(
        "mistake/empty-is-missing",
        &[
            (
                "a tag without a value equals the empty text",
                r#"{"StringEquals":{"aws:PrincipalTag/team":""}}"#,
                "aws:PrincipalTag/team=",
                true,
            ),
            (
                "and is like anything",
                r#"{"StringLike":{"aws:PrincipalTag/team":"*"}}"#,
                "aws:PrincipalTag/team=",
                true,
            ),
            (
                "and IfExists compares it",
                r#"{"StringEqualsIfExists":{"aws:PrincipalTag/team":"a"}}"#,
                "aws:PrincipalTag/team=",
                false,
            ),
            (
                "and negated operators compare it",
                r#"{"StringNotEquals":{"aws:PrincipalTag/team":""}}"#,
                "aws:PrincipalTag/team=",
                false,
            ),
            ("in a set it is a value", r#"{"ForAllValues:StringEquals":{"k:a":"x"}}"#, "k:a=", false),
            ("in a set it is a value", r#"{"ForAnyValue:StringEquals":{"k:a":""}}"#, "k:a=", true),
        ],
    );
}
