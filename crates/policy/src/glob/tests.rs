use proptest::prelude::*;

use super::*;

const WILD: Syntax = Syntax { wildcards: true, variables: true };

fn matches(pattern: &str, subject: &str) -> bool {
    Pattern::compile(pattern, WILD).matches(subject.as_bytes(), &Context::new())
}

fn with(pattern: &str, subject: &str, key: &str, value: &str) -> bool {
    let context = [(key, value)].into_iter().collect();
    Pattern::compile(pattern, WILD).matches(subject.as_bytes(), &context)
}

#[test]
fn table() {
    for (pattern, subject, wanted) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "a:/\n\u{1f600}", true),
        ("?", "", false),
        ("?", "é", true),
        ("?", "ab", false),
        ("a*", "a", true),
        ("a*", "b", false),
        ("*a", "ba", true),
        ("*a", "ab", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("a*bc*bc", "abc", false),
        ("a*bc*bc", "abcbc", true),
        ("*?b", "b", false),
        ("*?b", "éb", true),
        ("?*?", "a", false),
        ("?*?", "éé", true),
        ("a*?x?*z", "a--x-z", true),
        ("a*?x?*z", "ax-z", false),
        ("a?*", "a", false),
        ("repo:acme/*:ref:refs/heads/*", "repo:acme/shop:ref:refs/heads/main", true),
        ("repo:acme/*:ref:refs/heads/*", "repo:acme/shop:environment:prod", false),
    ] {
        assert_eq!(matches(pattern, subject), wanted, "{pattern} on {subject}");
    }
}

#[test]
fn a_substituted_value_is_never_a_wildcard_or_a_variable() {
    assert!(with("b/${k:t}/x", "b/*/x", "k:t", "*"));
    assert!(!with("b/${k:t}/x", "b/anything/x", "k:t", "*"));
    assert!(!with("b/${k:t}", "b/a", "k:t", "?"));
    assert!(with("b/${k:t}", "b/${k:t}", "k:t", "${k:t}"));
    assert!(with("*/${k:t}?*", "a/**-", "k:t", "**"));
    assert!(!with("*/${k:t}?*", "a/bb-", "k:t", "**"));
}

#[test]
fn an_unresolved_variable_matches_nothing() {
    assert!(!matches("${k:t}", ""));
    assert!(!matches("*${k:t}*", "anything"));
    assert!(!matches("*${k:t}?*", "anything"));
    assert!(matches("${k:t, 'a*'}", "a*"));
    assert!(!matches("${k:t, 'a*'}", "ab"));
}

#[test]
fn an_empty_value_is_a_value() {
    assert!(with("a${k:t}b", "ab", "k:t", ""));
    assert!(with("*${k:t}?*", "x", "k:t", ""));
}

#[test]
fn hostile_patterns_take_linear_time() {
    // Exponential in a backtracking matcher, and quadratic with a large constant in a naive one.
    let subject = "a".repeat(16_000);
    assert!(!matches("*a*a*a*a*a*a*a*a*b", &subject));
    assert!(!matches(&format!("*{}b*", "a?".repeat(1000)), &subject));
    assert!(matches(&format!("*{}*", "a?".repeat(1000)), &subject));
    assert!(!with("*${k:t}?b*", &subject, "k:t", &"a".repeat(4000)));
}

/// The textbook definition, exponential but obviously right.
fn reference(pattern: &[char], subject: &[char]) -> bool {
    match (pattern, subject) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=subject.len()).any(|n| reference(rest, &subject[n..])),
        (['?', rest @ ..], [_, tail @ ..]) => reference(rest, tail),
        ([c, rest @ ..], [d, tail @ ..]) if c == d => reference(rest, tail),
        _ => false,
    }
}

proptest! {
    #[test]
    fn agrees_with_the_definition(pattern in "[ab?*é]{0,8}", subject in "[abé😀]{0,10}") {
        let wanted = reference(&pattern.chars().collect::<Vec<_>>(), &subject.chars().collect::<Vec<_>>());
        prop_assert_eq!(matches(&pattern, &subject), wanted);
    }

    #[test]
    fn the_parallel_search_agrees_with_the_plain_one(
        part in "[ab?]{1,90}",
        hay in "[abé]{80,200}",
        value in "[ab]{0,3}",
    ) {
        let pattern = format!("*{part}${{k:t}}?*");
        // Escaped, so that the inner part has several atoms; short hays take the plain search.
        let long = with(&pattern, &hay, "k:t", &value);
        let chars: Vec<char> = format!("*{part}{value}?*").chars().collect();
        let subject: Vec<char> = hay.chars().collect();
        prop_assert_eq!(long, slow(&chars, &subject));
    }
}

/// Dynamic programming over all prefixes.
fn slow(pattern: &[char], subject: &[char]) -> bool {
    let mut row = vec![false; subject.len() + 1];
    row[0] = true;
    for c in pattern {
        let mut next = vec![false; subject.len() + 1];
        for at in 0..=subject.len() {
            next[at] = match c {
                '*' => row[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && row[at - 1],
                c => at > 0 && row[at - 1] && subject[at - 1] == *c,
            };
        }
        row = next;
    }
    row[subject.len()]
}
