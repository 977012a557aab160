//! Numeric operators.

use super::compared;

pub(super) fn all() {
    comparing();
    not_numbers();
}

#[test]
fn comparing() {
    compared(
        "numeric/compare",
        &[
            ("one number, two spellings", "NumericEquals", r#""10""#, "10.00", true),
            ("leading zeros", "NumericEquals", r#""007""#, "7", true),
            ("a plus sign", "NumericEquals", r#""+7""#, "7", true),
            ("minus zero", "NumericEquals", r#""0""#, "-0", true),
            ("no whole part", "NumericEquals", r#""0.5""#, ".5", true),
            ("not", "NumericNotEquals", r#""10""#, "10.1", true),
            ("not", "NumericNotEquals", r#""10""#, "1e1", true),
            ("not as text", "NumericLessThan", r#""10""#, "9", true),
            ("not as text", "NumericGreaterThan", r#""9""#, "10", true),
            ("decimals", "NumericLessThan", r#""0.1""#, "0.09", true),
            ("decimals", "NumericLessThan", r#""0.1""#, "0.1", false),
            ("below zero", "NumericLessThan", r#""-1""#, "-2", true),
            ("below zero", "NumericGreaterThan", r#""-1""#, "-2", false),
            ("zero and below", "NumericGreaterThan", r#""-1""#, "0", true),
            ("at most", "NumericLessThanEquals", r#""10""#, "10.0", true),
            ("at most", "NumericLessThanEquals", r#""10""#, "10.0000001", false),
            ("at least", "NumericGreaterThanEquals", r#""10""#, "9.9999999", false),
            ("at least", "NumericGreaterThanEquals", r#""10""#, "+10", true),
            ("exact beyond 2^53", "NumericEquals", r#""9007199254740993""#, "9007199254740992", false),
            ("exact beyond 2^53", "NumericLessThan", r#""9007199254740993""#, "9007199254740992", true),
            (
                "exact beyond 2^64",
                "NumericGreaterThan",
                r#""18446744073709551616""#,
                "18446744073709551617",
                true,
            ),
            ("without quotes", "NumericLessThanEquals", "10", "10", true),
            ("any of several", "NumericEquals", r#"["1","2"]"#, "2", true),
            ("the documented limit", "NumericLessThanEquals", r#""10""#, "5", true),
            ("the documented limit", "NumericLessThanEquals", r#""10""#, "11", false),
            ("an organization's number", "NumericEquals", r#""123456789012""#, "123456789012", true),
        ],
    );
}

#[test]
fn not_numbers() {
    compared(
        "numeric/not-a-number",
        &[
            ("letters after it", "NumericLessThan", r#""100""#, "10abc", false),
            ("letters after it", "NumericEquals", r#""10""#, "10abc", false),
            ("equals no number", "NumericNotEquals", r#""10""#, "10abc", true),
            ("empty", "NumericLessThan", r#""100""#, "", false),
            ("empty", "NumericNotEquals", r#""0""#, "", true),
            ("a space", "NumericEquals", r#""10""#, " 10", false),
            ("an exponent", "NumericEquals", r#""100""#, "1e2", false),
            ("hexadecimal", "NumericEquals", r#""16""#, "0x10", false),
            ("a comma", "NumericEquals", r#""1000""#, "1,000", false),
            ("not a number", "NumericGreaterThan", r#""0""#, "NaN", false),
            ("infinity", "NumericGreaterThan", r#""0""#, "Infinity", false),
            ("two points", "NumericGreaterThan", r#""0""#, "1.2.3", false),
            ("a sign alone", "NumericLessThan", r#""1""#, "-", false),
            ("digits of another script", "NumericEquals", r#""1""#, "١", false),
            ("IfExists compares it", "NumericEqualsIfExists", r#""10""#, "ten", false),
        ],
    );
}
