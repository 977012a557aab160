//! Date operators.

use super::compared;

pub(super) fn all() {
    comparing();
    spellings();
    not_dates();
    milliseconds();
}

#[test]
fn comparing() {
    compared(
        "date/compare",
        &[
            ("before", "DateLessThan", r#""2026-01-01T00:00:00Z""#, "2025-12-31T23:59:59Z", true),
            ("before is strict", "DateLessThan", r#""2026-01-01""#, "2026-01-01T00:00:00Z", false),
            ("at or before", "DateLessThanEquals", r#""2026-01-01""#, "2026-01-01T00:00:00Z", true),
            ("after, by a fraction", "DateGreaterThan", r#""2026-01-01""#, "2026-01-01T00:00:00.001Z", true),
            ("at or after", "DateGreaterThanEquals", r#""2026-01-01""#, "2025-12-31T23:59:59Z", false),
            ("not equal", "DateNotEquals", r#""2026-01-01""#, "2026-01-02", true),
            ("not equal", "DateNotEquals", r#""2026-01-01""#, "2026-01-01T00:00Z", false),
            (
                "across time zones",
                "DateEquals",
                r#""2026-01-01T00:00:00Z""#,
                "2026-01-01T01:00:00+01:00",
                true,
            ),
            (
                "across time zones",
                "DateLessThan",
                r#""2026-01-01T00:00:00Z""#,
                "2026-01-01T00:30:00+01:00",
                true,
            ),
            (
                "across the date line",
                "DateEquals",
                r#""2026-01-01T00:00:00Z""#,
                "2025-12-31T12:00:00-12:00",
                true,
            ),
            ("not as text", "DateLessThan", r#""2026-01-01T05:00:00Z""#, "2026-01-01T10:00:00+06:00", true),
            ("a leap day", "DateLessThan", r#""2028-03-01""#, "2028-02-29T23:59:59Z", true),
            ("before 1970", "DateLessThan", r#""1970-01-01T00:00:00Z""#, "1969-12-31T23:59:59Z", true),
            (
                "the documented one",
                "DateGreaterThan",
                r#""2020-01-01T00:00:01Z""#,
                "2020-01-01T00:00:02Z",
                true,
            ),
            (
                "the documented one",
                "DateGreaterThan",
                r#""2020-01-01T00:00:01Z""#,
                "2019-12-31T00:00:00Z",
                false,
            ),
            ("any of several", "DateEquals", r#"["2026-01-01","2026-02-01"]"#, "2026-02-01", true),
        ],
    );
}

#[test]
fn spellings() {
    compared(
        "date/spellings",
        &[
            ("a month", "DateEquals", r#""2026-01""#, "2026-01-01T00:00:00Z", true),
            ("a day", "DateEquals", r#""2026-01-01""#, "2026-01-01T00:00:00Z", true),
            ("without seconds", "DateEquals", r#""2026-01-01T00:00Z""#, "2026-01-01T00:00:00Z", true),
            ("with a fraction", "DateEquals", r#""2026-01-01T00:00:00.0Z""#, "2026-01-01T00:00:00Z", true),
            (
                "with a fraction",
                "DateEquals",
                r#""2026-01-01T00:00:00.25Z""#,
                "2026-01-01T00:00:00.250Z",
                true,
            ),
            ("ISO and epoch", "DateEquals", r#""1767225600""#, "2026-01-01T00:00:00Z", true),
            ("epoch and ISO", "DateEquals", r#""2026-01-01T00:00:00Z""#, "1767225600", true),
            ("epoch and epoch", "DateLessThan", r#""1767225600""#, "1767225599", true),
            ("epoch without quotes", "DateEquals", "1767225600", "2026-01-01T00:00:00Z", true),
            ("epoch with a fraction", "DateGreaterThan", r#""1767225600""#, "1767225600.5", true),
            ("epoch below zero", "DateEquals", r#""-1""#, "1969-12-31T23:59:59Z", true),
            ("epoch zero", "DateEquals", r#""0""#, "1970-01-01T00:00:00Z", true),
        ],
    );
}

#[test]
fn not_dates() {
    compared(
        "date/not-a-date",
        &[
            ("a word", "DateLessThan", r#""2026-01-01""#, "tomorrow", false),
            ("a word, negated", "DateNotEquals", r#""2026-01-01""#, "tomorrow", true),
            ("empty", "DateLessThan", r#""2026-01-01""#, "", false),
            ("the 13th month", "DateGreaterThan", r#""2026-01-01""#, "2026-13-01", false),
            ("the 29th of February", "DateGreaterThan", r#""2025-01-01""#, "2025-02-29", false),
            ("one digit", "DateGreaterThan", r#""2025-01-01""#, "2026-1-1", false),
            ("no zone", "DateGreaterThan", r#""2025-01-01""#, "2026-01-01T00:00:00", false),
            ("a space", "DateGreaterThan", r#""2025-01-01""#, "2026-01-01 00:00:00Z", false),
            ("the 24th hour", "DateGreaterThan", r#""2025-01-01""#, "2026-01-01T24:00:00Z", false),
            ("the basic format", "DateGreaterThan", r#""2025-01-01""#, "20260101T000000Z", false),
            ("a lower-case z", "DateGreaterThan", r#""2025-01-01""#, "2026-01-01T00:00:00z", false),
            ("no wildcards", "DateEquals", r#""2026-01-01""#, "2026-*", false),
        ],
    );
}

#[test]
fn milliseconds() {
    compared(
        "mistake/milliseconds",
        &[
            (
                "a large number is a late date",
                "DateLessThan",
                r#""2026-01-01T00:00:00Z""#,
                "1767225599000",
                false,
            ),
            ("a large number is a late date", "DateGreaterThan", r#""9999-12-31""#, "1767225599000", true),
            ("in the policy too", "DateLessThan", r#""1767225600000""#, "2026-01-01T00:00:00Z", true),
            ("and it equals nothing near", "DateEquals", r#""1767225600000""#, "2026-01-01T00:00:00Z", false),
        ],
    );
}
