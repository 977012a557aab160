//! ARN operators.

use super::compared;

pub(super) fn all() {
    parts();
    equals_is_like();
    malformed();
}

/// A pattern, an ARN, and whether the pattern matches.
const PAIRS: [(&str, &str, bool); 26] = [
    ("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x", true),
    ("arn:aws:iam::1:role/X", "arn:aws:iam::1:role/x", false),
    ("arn:aws:IAM::1:role/x", "arn:aws:iam::1:role/x", false),
    ("arn:aws:iam::*:role/x*", "arn:aws:iam::1:role/xy", true),
    ("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/xy", false),
    ("arn:*:iam::1:role/x", "arn:aws-cn:iam::1:role/x", true),
    ("arn:aws:*::1:role/x", "arn:aws:iam::1:role/x", true),
    ("arn:aws:iam:*:1:role/x", "arn:aws:iam::1:role/x", true),
    ("arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-east-1:1:t", true),
    ("arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-east-2:1:t", false),
    ("arn:aws:sns:us-east-?:1:t", "arn:aws:sns:us-east-2:1:t", true),
    ("arn:aws:iam::?:role/x", "arn:aws:iam::12:role/x", false),
    ("arn:aws:iam::*:role/x", "arn:aws:iam::1:user:role/x", false),
    ("arn:aws:iam::*:*", "arn:aws:iam::1:role:a:b", true),
    ("arn:aws:logs:r:1:*", "arn:aws:logs:r:1:log-group:x:y", true),
    ("arn:aws:logs:r:1:log-group:*:z", "arn:aws:logs:r:1:log-group:x:y:z", true),
    ("arn:aws:logs:r:1:log-group:*", "arn:aws:logs:r:1:stream:x", false),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
    ("arn:aws:s3:::b/?", "arn:aws:s3:::b//", true),
    ("arn:aws:s3:::b", "arn:aws:s3:eu-west-1::b", false),
    ("arn:aws:s3:*:*:b", "arn:aws:s3:::b", true),
    ("*:*:*:*:*:*", "arn:aws:s3:::b", true),
    ("arn:aws:iam::1:*/x", "arn:aws:iam::1:role/x", true),
    ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/", true),
    ("arn:aws:cloudfront::1:distribution/E?*", "arn:aws:cloudfront::1:distribution/E1", true),
];

#[test]
fn parts() {
    for (positive, negated) in [("ArnLike", "ArnNotLike"), ("ArnEquals", "ArnNotEquals")] {
        let quoted: Vec<_> =
            PAIRS.iter().map(|(pattern, has, wanted)| (format!("\"{pattern}\""), has, wanted)).collect();
        let cases: Vec<_> = quoted
            .iter()
            .flat_map(|(pattern, has, wanted)| {
                [
                    ("pair", positive, pattern.as_str(), **has, **wanted),
                    ("pair, negated", negated, pattern.as_str(), **has, !**wanted),
                ]
            })
            .collect();
        compared("arn/parts", &cases);
    }
}

#[test]
fn equals_is_like() {
    compared(
        "arn/equals-is-like",
        &[
            ("wildcards", "ArnEquals", r#""arn:aws:iam::*:role/x*""#, "arn:aws:iam::1:role/xy", true),
            (
                "wildcards, negated",
                "ArnNotEquals",
                r#""arn:aws:iam::*:role/x*""#,
                "arn:aws:iam::1:role/xy",
                false,
            ),
            ("no wildcard", "ArnLike", r#""arn:aws:iam::1:role/x""#, "arn:aws:iam::1:role/x", true),
            (
                "no wildcard, negated",
                "ArnNotLike",
                r#""arn:aws:iam::1:role/x""#,
                "arn:aws:iam::1:role/x",
                false,
            ),
            ("IfExists", "ArnEqualsIfExists", r#""arn:aws:iam::?:role/x""#, "arn:aws:iam::1:role/x", true),
        ],
    );
    compared(
        "mistake/arn-across-colons",
        &[
            (
                "over the account",
                "ArnLike",
                r#""arn:aws:iam::*:role/admin""#,
                "arn:aws:iam::1:user/x:role/admin",
                false,
            ),
            ("over two parts", "ArnLike", r#""arn:aws:s3*:b""#, "arn:aws:s3:::b", false),
            ("an open end", "ArnLike", r#""arn:aws:s3:*""#, "arn:aws:s3:::b", false),
            ("a lone star", "ArnLike", r#""*""#, "arn:aws:s3:::b", false),
            (
                "at the end of the account",
                "ArnEquals",
                r#""arn:aws:sns:us-east-1:1*:t""#,
                "arn:aws:sns:us-east-1:1:x:t",
                false,
            ),
        ],
    );
}

#[test]
fn malformed() {
    compared(
        "arn/malformed",
        &[
            ("in the request", "ArnLike", r#""arn:aws:iam::1:*""#, "role/x", false),
            ("in the request, negated", "ArnNotLike", r#""arn:aws:iam::1:*""#, "role/x", true),
            ("in the request: five parts", "ArnLike", r#""arn:aws:iam::*:*""#, "arn:aws:iam::1", false),
            ("in the request: another scheme", "ArnLike", r#""*:*:*:*:*:*""#, "urn:aws:iam::1:x", false),
            ("in the request: empty", "ArnLike", r#""arn:aws:iam::1:*""#, "", false),
            ("in the policy", "ArnLike", r#""role/x""#, "role/x", false),
            ("in the policy: five parts", "ArnEquals", r#""arn:aws:iam::1""#, "arn:aws:iam::1", false),
            ("in the policy, negated", "ArnNotEquals", r#""role/*""#, "arn:aws:iam::1:role/x", true),
            ("one of several", "ArnLike", r#"["*","arn:aws:iam::1:role/x"]"#, "arn:aws:iam::1:role/x", true),
        ],
    );
}
