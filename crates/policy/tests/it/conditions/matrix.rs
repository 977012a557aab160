//! Every operator in every position: with the key, without it, with `IfExists`, under set operators.

use super::holds;
use crate::support::Table;

pub(super) fn all() {
    every_operator();
}

/// A rule, an operator, a value of the policy, a value that is in its relation, and one that is not.
type Operator = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Operators that are true for the first value and false for the second.
const POSITIVE: [Operator; 19] = [
    ("string/equals", "StringEquals", "red", "red", "Red"),
    ("string/ignore-case", "StringEqualsIgnoreCase", "red", "RED", "rot"),
    ("string/like", "StringLike", "re?*", "redder", "re"),
    (
        "arn/parts",
        "ArnEquals",
        "arn:aws:sns:*:111122223333:t-?",
        "arn:aws:sns:eu-west-1:111122223333:t-1",
        "arn:aws:sns:eu-west-1:111122223333:t-10",
    ),
    (
        "arn/parts",
        "ArnLike",
        "arn:aws:iam::111122223333:role/app/*",
        "arn:aws:iam::111122223333:role/app/a/b",
        "arn:aws:iam::444455556666:role/app/a",
    ),
    ("numeric/compare", "NumericEquals", "10", "10.0", "10.01"),
    ("numeric/compare", "NumericLessThan", "10", "9.999", "10"),
    ("numeric/compare", "NumericLessThanEquals", "10", "10", "10.5"),
    ("numeric/compare", "NumericGreaterThan", "10", "11", "10"),
    ("numeric/compare", "NumericGreaterThanEquals", "10", "10", "-11"),
    (
        "date/compare",
        "DateEquals",
        "2026-01-31T00:00:00Z",
        "2026-01-31T01:00:00+01:00",
        "2026-01-31T01:00:00Z",
    ),
    ("date/compare", "DateLessThan", "2026-01-31T00:00:00Z", "2026-01-30T23:59:59Z", "2026-01-31T00:00:00Z"),
    (
        "date/compare",
        "DateLessThanEquals",
        "2026-01-31T00:00:00Z",
        "2026-01-31T00:00:00Z",
        "2026-01-31T00:00:01Z",
    ),
    (
        "date/compare",
        "DateGreaterThan",
        "2026-01-31T00:00:00Z",
        "2026-01-31T00:00:01Z",
        "2026-01-31T00:00:00Z",
    ),
    ("date/compare", "DateGreaterThanEquals", "2026-01-31T00:00:00Z", "2026-01-31", "2026-01-30T23:59:59Z"),
    ("bool/compare", "Bool", "true", "True", "false"),
    ("binary/compare", "BinaryEquals", "QmluYXJ5", "QmluYXJ5", "QmluYXJ4"),
    ("ip/network", "IpAddress", "203.0.113.0/24", "203.0.113.200", "203.0.112.200"),
    ("ip/network", "IpAddress", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
];

/// Operators that are false for the first value, which they exclude, and true for the second.
const NEGATED: [Operator; 9] = [
    ("string/equals", "StringNotEquals", "red", "red", "Red"),
    ("string/ignore-case", "StringNotEqualsIgnoreCase", "red", "RED", "rot"),
    ("string/like", "StringNotLike", "re?*", "redder", "re"),
    (
        "arn/parts",
        "ArnNotEquals",
        "arn:aws:sns:*:111122223333:t-?",
        "arn:aws:sns:eu-west-1:111122223333:t-1",
        "arn:aws:sns:eu-west-1:111122223333:t-10",
    ),
    (
        "arn/parts",
        "ArnNotLike",
        "arn:aws:iam::111122223333:role/app/*",
        "arn:aws:iam::111122223333:role/app/a/b",
        "arn:aws:iam::444455556666:role/app/a",
    ),
    ("numeric/compare", "NumericNotEquals", "10", "10.0", "10.01"),
    (
        "date/compare",
        "DateNotEquals",
        "2026-01-31T00:00:00Z",
        "2026-01-31T01:00:00+01:00",
        "2026-01-31T01:00:00Z",
    ),
    ("ip/network", "NotIpAddress", "203.0.113.0/24", "203.0.113.200", "203.0.112.200"),
    ("ip/network", "NotIpAddress", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
];

/// A rule (`=`: the operator's own), a prefix, a suffix, the request's key (`A` the first value, `B` the second), and what a
/// positive and a negated operator make of it.
const POSITIONS: [(&str, &str, &str, &str, bool, bool); 18] = [
    ("=", "", "", "A", true, false),
    ("=", "", "", "B", false, true),
    ("condition/missing-key", "", "", "", false, true),
    ("condition/if-exists", "", "IfExists", "A", true, false),
    ("condition/if-exists", "", "IfExists", "B", false, true),
    ("condition/if-exists", "", "IfExists", "", true, true),
    ("set/required", "", "", "[A]", false, false),
    ("set/required", "", "", "[B]", false, false),
    ("set/for-any-value", "ForAnyValue:", "", "[A]", true, false),
    ("set/for-any-value", "ForAnyValue:", "", "[B,A]", true, true),
    ("set/for-any-value", "ForAnyValue:", "", "[]", false, false),
    ("set/for-any-value", "ForAnyValue:", "", "", false, false),
    ("set/for-all-values", "ForAllValues:", "", "[A,A]", true, false),
    ("set/for-all-values", "ForAllValues:", "", "[A,B]", false, false),
    ("set/for-all-values", "ForAllValues:", "", "[B,B]", false, true),
    ("set/for-all-values", "ForAllValues:", "", "[]", true, true),
    ("set/for-all-values", "ForAllValues:", "", "", true, true),
    ("set/single", "ForAllValues:", "", "A", true, false),
];

#[test]
fn every_operator() {
    let mut table = Table::of("string/equals");
    for (operators, negated) in [(&POSITIVE[..], false), (&NEGATED[..], true)] {
        for (own, operator, value, first, second) in operators {
            for (rule, prefix, suffix, has, positive_answer, negated_answer) in POSITIONS {
                let rule = if rule == "=" { own } else { rule };
                let block = format!(r#"{{"{prefix}{operator}{suffix}":{{"k:a":"{value}"}}}}"#);
                let value: String = has.replace('A', "\0").replace('B', second).replace('\0', first);
                let keys = if has.is_empty() { String::new() } else { format!("k:a={value}") };
                let wanted = if negated { negated_answer } else { positive_answer };
                table.row(rule, format!("{block} with {keys}"), holds(&block, &keys), wanted);
            }
        }
    }
}
