//! Characters, and how they are counted and encoded.

use stagedoor_policy::Kind;

use super::{run, when, with};

pub(super) fn all() {
    allowed_and_refused();
}

#[test]
fn allowed_and_refused() {
    let value = |text: &str| when(&format!(r#"{{"StringEquals":{{"k:a":"{text}"}}}}"#));
    run(
        "document/characters",
        Kind::Identity,
        &[
            ("a letter of Latin-1", value("Zürich"), ""),
            ("the last of Latin-1", value("\u{ff}"), ""),
            ("a no-break space", value("\u{a0}"), ""),
            ("the first beyond", value("\u{100}"), "invalid_character"),
            ("an arrow", value("→"), "invalid_character"),
            ("an emoji", value("\u{1f600}"), "invalid_character"),
            ("a zero-width space", value("\u{200b}"), "invalid_character"),
            ("an escaped letter of Latin-1", value(r"Z\u00fcrich"), ""),
            ("an escaped arrow", value(r"\u2192"), "invalid_character"),
            ("an escaped emoji", value(r"\ud83d\ude00"), "invalid_character"),
            ("an escaped NUL", value(r"\u0000"), "invalid_character"),
            ("an escaped tab", value(r"a\tb"), ""),
            ("an escaped line feed", value(r"a\nb"), ""),
            ("an escaped backspace", value(r"a\bb"), "invalid_character"),
            (
                "a byte order mark",
                format!("\u{feff}{}", with(r#""Sid":"A""#)),
                "invalid_character json_syntax",
            ),
            ("white space between elements", with("\r\n\t \"Sid\" \n:\n \"A\""), ""),
        ],
    );
}
