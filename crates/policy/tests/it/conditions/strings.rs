//! String operators.

use super::compared;

pub(super) fn all() {
    equals();
    ignoring_case();
    like();
}

#[test]
fn equals() {
    compared(
        "string/equals",
        &[
            ("case", "StringEquals", r#""X""#, "x", false),
            ("a longer text", "StringEquals", r#""main""#, "main2", false),
            ("a shorter text", "StringEquals", r#""main""#, "mai", false),
            ("space at the end", "StringEquals", r#""main""#, "main ", false),
            ("space at the beginning", "StringEquals", r#"" main""#, "main", false),
            ("empty", "StringEquals", r#""""#, "", true),
            ("empty and not", "StringEquals", r#""""#, "x", false),
            ("`*` is a star", "StringEquals", r#""a*""#, "ab", false),
            ("`*` is a star", "StringEquals", r#""a*""#, "a*", true),
            ("`?` is a question mark", "StringEquals", r#""a?""#, "ab", false),
            ("`?` is a question mark", "StringEquals", r#""a?""#, "a?", true),
            ("a lone `*`", "StringEquals", r#""*""#, "x", false),
            ("no normalization", "StringEquals", r#""caf\u00e9""#, "cafe\u{301}", false),
            ("Latin-1", "StringEquals", r#""caf\u00e9""#, "café", true),
            ("numbers are texts", "StringEquals", r#""10""#, "10.0", false),
            ("a slash at the end", "StringEquals", r#""https://a""#, "https://a/", false),
            ("escapes of JSON", "StringEquals", r#""a\/b\"""#, "a/b\"", true),
            ("a dollar without a brace", "StringEquals", r#""$5""#, "$5", true),
            ("not: case", "StringNotEquals", r#""X""#, "x", true),
            ("not: `*` is a star", "StringNotEquals", r#""a*""#, "ab", true),
            ("not: `*` is a star", "StringNotEquals", r#""a*""#, "a*", false),
            ("not: empty", "StringNotEquals", r#""""#, "", false),
            ("many", "StringEquals", r#"["a","b","c","d","e","f","g","h","i","j"]"#, "j", true),
            ("many", "StringEquals", r#"["a","b","c","d","e","f","g","h","i","j"]"#, "k", false),
        ],
    );
}

#[test]
fn ignoring_case() {
    compared(
        "string/ignore-case",
        &[
            ("mixed", "StringEqualsIgnoreCase", r#""HeLLo""#, "hEllO", true),
            ("beyond ASCII", "StringEqualsIgnoreCase", r#""\u00c9""#, "é", true),
            ("`*` is a star", "StringEqualsIgnoreCase", r#""a*""#, "ab", false),
            ("`*` is a star", "StringEqualsIgnoreCase", r#""a*""#, "A*", true),
            ("all of it", "StringEqualsIgnoreCase", r#""ab""#, "abc", false),
            ("all of it", "StringEqualsIgnoreCase", r#""abc""#, "ab", false),
            ("several", "StringEqualsIgnoreCase", r#"["a","B"]"#, "b", true),
            ("not", "StringNotEqualsIgnoreCase", r#""X""#, "x", false),
            ("not", "StringNotEqualsIgnoreCase", r#""X""#, "y", true),
            ("digits have none", "StringEqualsIgnoreCase", r#""a1""#, "A1", true),
            ("white space counts", "StringEqualsIgnoreCase", r#""a b""#, "A  B", false),
        ],
    );
}

#[test]
fn like() {
    compared(
        "string/like",
        &[
            ("case", "StringLike", r#""X*""#, "xy", false),
            ("without wildcards it is equality", "StringLike", r#""main""#, "main", true),
            ("without wildcards it is equality", "StringLike", r#""main""#, "mainly", false),
            (
                "`*` crosses colons and slashes",
                "StringLike",
                r#""repo:a/*""#,
                "repo:a/b:ref:refs/heads/x",
                true,
            ),
            ("`*` crosses newlines", "StringLike", r#""a*b""#, "a\n\nb", true),
            ("`?` crosses newlines", "StringLike", r#""a?b""#, "a\nb", true),
            ("`?` crosses slashes", "StringLike", r#""a?b""#, "a/b", true),
            ("`*` is no boundary", "StringLike", r#""repo:org/app*""#, "repo:org/app-evil:x", true),
            ("`*` is no boundary", "StringLike", r#""repo:org*""#, "repo:org-evil/x", true),
            ("`?` is one character", "StringLike", r#""v?""#, "v1", true),
            ("`?` is not none", "StringLike", r#""v?""#, "v", false),
            ("`?` is not two", "StringLike", r#""v?""#, "v12", false),
            ("`?` is one character beyond ASCII", "StringLike", r#""v?""#, "vé", true),
            ("`?` is one character, not two bytes", "StringLike", r#""v??""#, "vé", false),
            ("`*` is also nothing", "StringLike", r#""a*""#, "a", true),
            ("`*` is also the empty text", "StringLike", r#""*""#, "", true),
            ("`?` is not the empty text", "StringLike", r#""?""#, "", false),
            ("`?*` is not the empty text", "StringLike", r#""?*""#, "", false),
            ("at the beginning", "StringLike", r#""*:main""#, "a:b:main", true),
            ("at the beginning", "StringLike", r#""*:main""#, "a:b:main:x", false),
            ("in the middle", "StringLike", r#""a*c""#, "abbbc", true),
            ("in the middle", "StringLike", r#""a*c""#, "abbb", false),
            ("the two ends do not overlap", "StringLike", r#""ab*ba""#, "aba", false),
            ("the two ends may touch", "StringLike", r#""ab*ba""#, "abba", true),
            ("parts in order", "StringLike", r#""*a*b*""#, "xaxbx", true),
            ("parts in order", "StringLike", r#""*a*b*""#, "xbxax", false),
            ("a part is found where the rest fits", "StringLike", r#""*ab*ab""#, "abxab", true),
            ("a part is found where the rest fits", "StringLike", r#""*ab*ab""#, "ab", false),
            ("stars in a row", "StringLike", r#""a***b""#, "ab", true),
            ("brackets are characters", "StringLike", r#""[ab]*""#, "a1", false),
            ("brackets are characters", "StringLike", r#""[ab]*""#, "[ab]1", true),
            ("braces are characters", "StringLike", r#""{a}:*""#, "{a}:b", true),
            ("a backslash is a character", "StringLike", r#""a\\*""#, "a\\b", true),
            ("a dot is a character", "StringLike", r#""a.c""#, "abc", false),
            ("a percent sign is a character", "StringLike", r#""a%""#, "ab", false),
            ("not", "StringNotLike", r#""refs/heads/*""#, "refs/tags/v1", true),
            ("not", "StringNotLike", r#""refs/heads/*""#, "refs/heads/main", false),
            ("the documented prefixes", "StringLike", r#"["","home/","home/jane/*"]"#, "", true),
            ("the documented prefixes", "StringLike", r#"["","home/","home/jane/*"]"#, "home/jane/x", true),
            ("the documented prefixes", "StringLike", r#"["","home/","home/jane/*"]"#, "home/john/x", false),
        ],
    );
}
