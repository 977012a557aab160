//! `Bool` and `BinaryEquals`.

use super::compared;

pub(super) fn all() {
    booleans();
    bytes();
}

#[test]
fn booleans() {
    compared(
        "bool/compare",
        &[
            ("true", "Bool", r#""true""#, "true", true),
            ("capitals in the policy", "Bool", r#""TRUE""#, "true", true),
            ("capitals in the request", "Bool", r#""false""#, "FALSE", true),
            ("without quotes", "Bool", "false", "false", true),
            ("the other one", "Bool", r#""false""#, "true", false),
            ("only true and false are booleans", "Bool", r#""true""#, "1", false),
            ("only true and false are booleans", "Bool", r#""true""#, "yes", false),
            ("only true and false are booleans", "Bool", r#""false""#, "", false),
            ("only true and false are booleans", "Bool", r#""false""#, "0", false),
            ("no spaces", "Bool", r#""true""#, "true ", false),
            ("IfExists with rubbish compares", "BoolIfExists", r#""true""#, "maybe", false),
            ("the documented one", "Bool", r#""false""#, "false", true),
        ],
    );
}

#[test]
fn bytes() {
    compared(
        "binary/compare",
        &[
            (
                "the documented one",
                "BinaryEquals",
                r#""QmluYXJ5VmFsdWVJbkJhc2U2NA==""#,
                "QmluYXJ5VmFsdWVJbkJhc2U2NA==",
                true,
            ),
            ("bytes, so case counts", "BinaryEquals", r#""QmluYXJ5""#, "qmluyxj5", false),
            ("empty", "BinaryEquals", r#""""#, "", true),
            ("one byte more", "BinaryEquals", r#""QUJD""#, "QUJDRA==", false),
            ("several", "BinaryEquals", r#"["QUJD","REVG"]"#, "REVG", true),
            ("not base64", "BinaryEquals", r#""QmluYXJ5""#, "Binary!", false),
            ("the decoded text is not base64", "BinaryEquals", r#""QUJD""#, "ABC", false),
            ("padding is not optional", "BinaryEquals", r#""QQ==""#, "QQ", false),
            ("the alphabet for URLs is another", "BinaryEquals", r#""+/+/""#, "-_-_", false),
            ("IfExists compares", "BinaryEqualsIfExists", r#""QUJD""#, "QUJE", false),
        ],
    );
}
