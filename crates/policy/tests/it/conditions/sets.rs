//! `ForAllValues` and `ForAnyValue`.

use super::blocks;

pub(super) fn all() {
    several_values();
    documented();
}

#[test]
fn several_values() {
    blocks(
        "set/for-any-value",
        &[
            ("one is enough", r#"{"ForAnyValue:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[9,2]", true),
            ("none", r#"{"ForAnyValue:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[8,9]", false),
            ("all", r#"{"ForAnyValue:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[1,2]", true),
            ("with wildcards", r#"{"ForAnyValue:StringLike":{"k:a":"a*"}}"#, "k:a=[b,ac]", true),
            ("with a lone `*`", r#"{"ForAnyValue:StringLike":{"k:a":"*"}}"#, "k:a=[b]", true),
            ("a lone `*` is not nothing", r#"{"ForAnyValue:StringLike":{"k:a":"*"}}"#, "k:a=[]", false),
            (
                "networks",
                r#"{"ForAnyValue:IpAddress":{"k:a":"10.0.0.0/8"}}"#,
                "k:a=[192.0.2.1,10.1.1.1]",
                true,
            ),
            ("numbers", r#"{"ForAnyValue:NumericGreaterThan":{"k:a":"5"}}"#, "k:a=[1,9]", true),
            ("booleans", r#"{"ForAnyValue:Bool":{"k:a":"true"}}"#, "k:a=[false,false]", false),
            (
                "ARNs",
                r#"{"ForAnyValue:ArnLike":{"k:a":"arn:aws:iam::*:role/x"}}"#,
                "k:a=[arn:aws:iam::1:role/y,arn:aws:iam::2:role/x]",
                true,
            ),
        ],
    );
    blocks(
        "set/for-all-values",
        &[
            ("each is listed", r#"{"ForAllValues:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[1,2,1]", true),
            ("one is not", r#"{"ForAllValues:StringEquals":{"k:a":["1","2"]}}"#, "k:a=[1,3]", false),
            ("a subset", r#"{"ForAllValues:StringEquals":{"k:a":["1","2","3"]}}"#, "k:a=[2]", true),
            ("a superset", r#"{"ForAllValues:StringEquals":{"k:a":["1"]}}"#, "k:a=[1,2]", false),
            ("with wildcards", r#"{"ForAllValues:StringLike":{"k:a":["a*","b*"]}}"#, "k:a=[a1,b1]", true),
            ("with wildcards", r#"{"ForAllValues:StringLike":{"k:a":["a*","b*"]}}"#, "k:a=[a1,c1]", false),
            ("ignoring case", r#"{"ForAllValues:StringEqualsIgnoreCase":{"k:a":"A"}}"#, "k:a=[a,A]", true),
            ("numbers", r#"{"ForAllValues:NumericLessThanEquals":{"k:a":"5"}}"#, "k:a=[1,5]", true),
            ("numbers", r#"{"ForAllValues:NumericLessThanEquals":{"k:a":"5"}}"#, "k:a=[1,6]", false),
            (
                "a misspelt key is missing: true",
                r#"{"ForAllValues:StringLike":{"k:sbu":"a"}}"#,
                "k:sub=x",
                true,
            ),
        ],
    );
    blocks(
        "set/negated",
        &[
            (
                "any: some value matches none",
                r#"{"ForAnyValue:StringNotEquals":{"k:a":["1","2"]}}"#,
                "k:a=[1,3]",
                true,
            ),
            (
                "any: each value matches one",
                r#"{"ForAnyValue:StringNotEquals":{"k:a":["1","2"]}}"#,
                "k:a=[1,2]",
                false,
            ),
            (
                "any: no value matches",
                r#"{"ForAnyValue:StringNotEquals":{"k:a":["1","2"]}}"#,
                "k:a=[3]",
                true,
            ),
            ("any: missing", r#"{"ForAnyValue:StringNotEquals":{"k:a":"1"}}"#, "", false),
            ("any: empty", r#"{"ForAnyValue:StringNotEquals":{"k:a":"1"}}"#, "k:a=[]", false),
            (
                "all: no value matches any",
                r#"{"ForAllValues:StringNotEquals":{"k:a":["1","2"]}}"#,
                "k:a=[3,4]",
                true,
            ),
            ("all: one matches", r#"{"ForAllValues:StringNotEquals":{"k:a":["1","2"]}}"#, "k:a=[3,1]", false),
            ("all: missing", r#"{"ForAllValues:StringNotEquals":{"k:a":"1"}}"#, "", true),
            (
                "all: with wildcards",
                r#"{"ForAllValues:StringNotLike":{"k:a":["a*","b*"]}}"#,
                "k:a=[c,d]",
                true,
            ),
            (
                "all: with wildcards",
                r#"{"ForAllValues:StringNotLike":{"k:a":["a*","b*"]}}"#,
                "k:a=[c,bd]",
                false,
            ),
            (
                "any: with wildcards",
                r#"{"ForAnyValue:StringNotLike":{"k:a":["a*","b*"]}}"#,
                "k:a=[c,bd]",
                true,
            ),
            (
                "any: with wildcards",
                r#"{"ForAnyValue:StringNotLike":{"k:a":["a*","b*"]}}"#,
                "k:a=[ac,bd]",
                false,
            ),
        ],
    );
    blocks(
        "set/single",
        &[
            ("any", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "k:a=1", true),
            ("any", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "k:a=2", false),
            ("all", r#"{"ForAllValues:StringEquals":{"k:a":"1"}}"#, "k:a=2", false),
            ("a comma separates nothing", r#"{"ForAnyValue:StringEquals":{"k:a":"1"}}"#, "k:a=1,2", false),
            ("negated", r#"{"ForAnyValue:StringNotEquals":{"k:a":"1"}}"#, "k:a=2", true),
        ],
    );
    blocks(
        "set/required",
        &[
            ("also for one value", r#"{"StringEquals":{"k:a":"1"}}"#, "k:a=[1]", false),
            ("also with a lone `*`", r#"{"StringLike":{"k:a":"*"}}"#, "k:a=[1]", false),
            ("also negated", r#"{"StringNotEquals":{"k:a":"2"}}"#, "k:a=[1]", false),
            ("also for addresses", r#"{"IpAddress":{"k:a":"0.0.0.0/0"}}"#, "k:a=[192.0.2.1]", false),
        ],
    );
}

/// The examples of the pages on multi-valued keys.
#[test]
fn documented() {
    let prefixes = r#"{"ForAllValues:StringLike":{"aws:TagKeys":["key1*"]}}"#;
    let any_prefix = r#"{"ForAnyValue:StringLike":{"aws:TagKeys":["key1*"]}}"#;
    let attributes =
        r#"{"ForAllValues:StringEquals":{"dynamodb:Attributes":["PostDateTime","Message","Tags"]}}"#;
    let forbidden = r#"{"ForAnyValue:StringEquals":{"dynamodb:Attributes":["ID","PostDateTime"]}}"#;
    let regions = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["environment","cost-center"]},"StringEquals":{"aws:RequestTag/environment":["preprod","production"]}}"#;
    blocks(
        "set/for-all-values",
        &[
            ("documented", prefixes, "aws:TagKeys=[key1:legal]", true),
            ("documented", prefixes, "aws:TagKeys=[key1:hr,key1:personnel]", true),
            ("documented", prefixes, "aws:TagKeys=[key2:audit]", false),
            ("documented", prefixes, "aws:TagKeys=[key1:hr,key2:audit]", false),
            ("documented", prefixes, "", true),
            ("documented", attributes, "dynamodb:Attributes=[PostDateTime,Message]", true),
            ("documented", attributes, "dynamodb:Attributes=[PostDateTime,UserName]", false),
            ("documented", attributes, "dynamodb:Attributes=[ID]", false),
            ("documented", regions, "aws:TagKeys=[environment];aws:RequestTag/environment=preprod", true),
            (
                "documented",
                regions,
                "aws:TagKeys=[environment,cost-center];aws:RequestTag/environment=production",
                true,
            ),
            (
                "documented",
                regions,
                "aws:TagKeys=[environment,owner];aws:RequestTag/environment=preprod",
                false,
            ),
            ("documented", regions, "aws:TagKeys=[environment];aws:RequestTag/environment=storage", false),
        ],
    );
    blocks(
        "set/for-any-value",
        &[
            ("documented", any_prefix, "aws:TagKeys=[key1:legal]", true),
            ("documented", any_prefix, "aws:TagKeys=[key1:hr,key2:audit]", true),
            ("documented", any_prefix, "aws:TagKeys=[key2:audit]", false),
            ("documented", any_prefix, "", false),
            ("documented", forbidden, "dynamodb:Attributes=[UserName,Message,PostDateTime]", true),
            ("documented", forbidden, "dynamodb:Attributes=[UserName]", false),
            (
                "documented: an organization's paths",
                r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}"#,
                "aws:PrincipalOrgPaths=[o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/]",
                true,
            ),
            (
                "documented: an organization's paths",
                r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}"#,
                "aws:PrincipalOrgPaths=[o-a1b2c3d4e5/r-ab12/ou-ab12-33333333/]",
                false,
            ),
        ],
    );
}
