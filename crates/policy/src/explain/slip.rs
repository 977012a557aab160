//! What tells a value from the wanted one: the small differences that people overlook.

use crate::Operator;
use crate::context::Context;
use crate::glob::Pattern;
use crate::near::{distance, short};
use crate::variable::{Syntax, Token, tokens};

/// At most this many wanted values are compared.
const MOST: usize = 64;
/// The cost of a value with nothing in common.
const FAR: usize = 40;

/// A wanted value and how far the found one is from it.
pub(super) struct Slip<'w> {
    pub(super) wanted: &'w str,
    /// In words, when there are some.
    pub(super) difference: Option<String>,
    /// Grows with the difference; at most [`FAR`].
    pub(super) cost: usize,
}

/// The wanted value nearest to `has`. `wild` says whether `*` and `?` are wildcards to the operator.
pub(super) fn nearest<'w>(wanted: impl Iterator<Item = &'w str>, has: &str, wild: bool) -> Option<Slip<'w>> {
    wanted.take(MOST).map(|wanted| compare(wanted, has, wild)).min_by_key(|slip| slip.cost)
}

/// A value with its variables replaced, for comparison and display.
pub(super) fn expand(text: &str, operator: Operator, context: &Context) -> String {
    if !operator.takes_variables() || !text.contains("${") {
        return text.to_owned();
    }
    let Ok(pieces) = tokens(text, Syntax { wildcards: true, variables: true }) else {
        return text.to_owned();
    };
    let piece = |token: &Token| match token {
        Token::Star => "*".to_owned(),
        Token::One => "?".to_owned(),
        Token::Literal(text) => text.to_string(),
        Token::Variable(variable) => {
            variable.resolve(context).map_or_else(|| format!("${{{}}}", variable.key()), str::to_owned)
        }
    };
    pieces.iter().map(piece).collect()
}

fn compare<'w>(wanted: &'w str, has: &str, wild: bool) -> Slip<'w> {
    let slip = |difference: String, cost| Slip { wanted, difference: Some(difference), cost };
    let fits = |wanted: &str, has: &str| like(wanted, has, wild);
    if !wild && wanted.contains(['*', '?']) && like(wanted, has, true) {
        return slip("the operator takes `*` and `?` literally; `StringLike` has wildcards".into(), 1);
    }
    if fits(&wanted.to_lowercase(), &has.to_lowercase()) {
        return slip("they differ only in upper and lower case".into(), 1);
    }
    if fits(wanted.trim(), has.trim()) {
        return slip("they differ only in white space at an end".into(), 1);
    }
    if fits(wanted.trim_end_matches('/'), has.trim_end_matches('/')) {
        let which = if has.ends_with('/') { "the request's" } else { "the policy's" };
        return slip(format!("only {which} ends in a slash"), 1);
    }
    let bare = |text: &str| text.strip_prefix("https://").unwrap_or(text).to_owned();
    if fits(&bare(wanted), &bare(has)) {
        let which = if has.starts_with("https://") { "the request's" } else { "the policy's" };
        return slip(format!("only {which} begins with `https://`"), 1);
    }
    let unbraced = |text: &str| text.replace(['{', '}'], "");
    if (wanted.contains('{') || has.contains('{')) && fits(&unbraced(wanted), &unbraced(has)) {
        let which = if has.contains('{') { "the policy's lacks" } else { "the policy's has" };
        return slip(format!("they differ only in braces, which {which}"), 1);
    }
    let far = distance(wanted, has).map_or(FAR, |distance| distance.min(FAR - 5) + 5);
    if let Some(difference) = shape(wanted, has, wild) {
        return slip(difference, far.min(25));
    }
    let length = wanted.chars().count().max(has.chars().count());
    match far {
        near if near < FAR && (near - 5) * 4 <= length.max(8) => {
            let count = near - 5;
            let characters = if count == 1 { "character differs" } else { "characters differ" };
            slip(format!("{count} {characters}"), near)
        }
        far => Slip { wanted, difference: None, cost: far },
    }
}

fn like(wanted: &str, has: &str, wild: bool) -> bool {
    let syntax = Syntax { wildcards: wild, variables: false };
    Pattern::compile(wanted, syntax).matches(has.as_bytes(), &Context::EMPTY)
}

/// For values made of parts between colons (subjects, ARNs): which part is the first that differs.
fn shape(wanted: &str, has: &str, wild: bool) -> Option<String> {
    const ARN: [&str; 6] = ["scheme", "partition", "service", "region", "account", "resource"];
    let arn = wanted.starts_with("arn:") && has.starts_with("arn:");
    let most = if arn { 6 } else { usize::MAX };
    let ours: Vec<&str> = wanted.splitn(most, ':').collect();
    let theirs: Vec<&str> = has.splitn(most, ':').collect();
    if ours.len() < 2 || theirs.len() < 2 {
        return None;
    }
    let differs = ours.iter().zip(&theirs).position(|(wanted, has)| !like(wanted, has, wild));
    let Some(at) = differs else {
        return (ours.len() != theirs.len()).then(|| {
            format!("the policy's has {} parts between colons, the request's {}", ours.len(), theirs.len())
        });
    };
    let (wanted, has) = (ours.get(at)?, theirs.get(at)?);
    let part = match (ARN.get(at).filter(|_| arn), at) {
        (Some(name), _) => (*name).to_owned(),
        // With nothing in common there is no first difference to point at.
        (None, 0) if !ours.iter().zip(&theirs).any(|(wanted, has)| like(wanted, has, wild)) => return None,
        (None, 0) => "first part".to_owned(),
        (None, at) => format!("part after `{}:`", short(ours.get(at - 1)?)),
    };
    let close = compare_plainly(wanted, has);
    let count = match (ours.len(), theirs.len()) {
        (ours, theirs) if ours == theirs || wild && ours < theirs => String::new(),
        (ours, theirs) => format!("; the policy's has {ours} parts between colons, the request's {theirs}"),
    };
    Some(format!("the {part} is `{}`, not `{}`{close}{count}", short(has), short(wanted)))
}

/// A word about two parts that are nearly the same.
fn compare_plainly(wanted: &str, has: &str) -> &'static str {
    if wanted.to_lowercase() == has.to_lowercase() {
        return " (upper and lower case)";
    }
    match distance(wanted, has) {
        Some(distance) if distance * 3 <= wanted.len().min(has.len()) => " (a slip of the pen?)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(wanted: &str, has: &str, wild: bool) -> String {
        compare(wanted, has, wild).difference.unwrap_or_default()
    }

    #[test]
    fn the_small_differences() {
        for (wanted, has, wild, words) in [
            ("repo:Acme/shop:*", "repo:acme/shop:ref:x", true, "they differ only in upper and lower case"),
            ("https://a.example", "https://a.example/", false, "only the request's ends in a slash"),
            ("https://a.example/", "https://a.example", false, "only the policy's ends in a slash"),
            ("a.example", "https://a.example", false, "only the request's begins with `https://`"),
            ("{1-2}:*", "1-2:x", true, "they differ only in braces, which the policy's has"),
            ("1-2", "{1-2}", false, "they differ only in braces, which the policy's lacks"),
            ("main ", "main", false, "they differ only in white space at an end"),
            (
                "repo:acme/*",
                "repo:acme/shop",
                false,
                "the operator takes `*` and `?` literally; `StringLike` has wildcards",
            ),
            ("production", "prodction", false, "1 character differs"),
            (
                "repo:a/b:ref:refs/heads/main",
                "repo:a/b:environment:prod",
                false,
                "the part after `a/b:` is `environment`, not `ref`",
            ),
            ("{a1}:{e}:*", "{b2}:{e}:{s}", true, "the first part is `{b2}`, not `{a1}`"),
            (
                "{a}:{environment}:*",
                "{a}:{5d0c}",
                true,
                "the part after `{a}:` is `{5d0c}`, not `{environment}`; \
                 the policy's has 3 parts between colons, the request's 2",
            ),
            (
                "repo:a/b:ref:refs/heads/main",
                "repo:a/b:pull_request",
                false,
                "the part after `a/b:` is `pull_request`, not `ref`; \
                 the policy's has 4 parts between colons, the request's 3",
            ),
            ("a:b:c", "a:b", false, "the policy's has 3 parts between colons, the request's 2"),
            ("arn:aws:s3:::b/*", "arn:aws:s3:eu-west-1::b/x", true, "the region is `eu-west-1`, not ``"),
            ("arn:aws:iam::1:role/x", "arn:aws:iam::2:role/x", false, "the account is `2`, not `1`"),
        ] {
            assert_eq!(difference(wanted, has, wild), words, "{wanted} and {has}");
        }
    }

    #[test]
    fn nothing_in_common_has_no_words() {
        assert_eq!(difference("main", "0123456789", false), "");
    }

    #[test]
    fn the_nearest_wins() {
        let found = nearest(["zebra", "mian", "Main"].into_iter(), "main", false).unwrap();
        assert_eq!(found.wanted, "Main");
    }
}
