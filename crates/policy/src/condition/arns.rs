//! ARN comparison: part by part.

use crate::arn;
use crate::context::Context;
use crate::glob::Pattern;
use crate::variable::Syntax;

/// A value of an ARN operator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ArnPattern {
    /// Six parts, each with wildcards of its own: a `*` in the first five never reaches over a colon. The last part
    /// takes all further colons.
    Parts(Box<[Pattern; 6]>),
    /// The whole ARN is a variable, as in `${aws:SourceArn}`: it is compared literally.
    Whole(Pattern),
    /// Not an ARN: matches nothing.
    Malformed,
}

impl ArnPattern {
    pub(crate) fn compile(text: &str, variables: bool) -> Self {
        let syntax = Syntax { wildcards: true, variables };
        if let Some(parts) = split(text) {
            return ArnPattern::Parts(Box::new(parts.map(|part| Pattern::compile(part, syntax))));
        }
        let whole = Pattern::compile(text, syntax);
        let variable = whole.variables().next().is_some();
        if variable && !whole.has_wildcards() { ArnPattern::Whole(whole) } else { ArnPattern::Malformed }
    }

    pub(crate) fn matches(&self, subject: &str, context: &Context) -> bool {
        let Some(parts) = arn::split(subject).filter(|[scheme, ..]| *scheme == "arn") else { return false };
        match self {
            ArnPattern::Parts(patterns) => {
                patterns.iter().zip(parts).all(|(pattern, part)| pattern.matches(part.as_bytes(), context))
            }
            ArnPattern::Whole(pattern) => pattern.matches(subject.as_bytes(), context),
            ArnPattern::Malformed => false,
        }
    }
}

/// Splits a pattern at its first five colons outside of `${…}`, which holds colons of its own.
pub(crate) fn split(text: &str) -> Option<[&str; 6]> {
    let mut parts = [""; 6];
    let mut from = 0;
    let mut inside = false;
    let mut count = 0;
    for (at, character) in text.char_indices() {
        match character {
            '$' if text.get(at + 1..).is_some_and(|rest| rest.starts_with('{')) => inside = true,
            '}' => inside = false,
            ':' if !inside && count < 5 => {
                *parts.get_mut(count)? = text.get(from..at)?;
                from = at + 1;
                count += 1;
            }
            _ => {}
        }
    }
    *parts.last_mut()? = text.get(from..)?;
    (count == 5).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, subject: &str) -> bool {
        let context = [("aws:SourceArn", "arn:aws:sns:us-east-1:123456789012:t*"), ("k:a", "1:2")]
            .into_iter()
            .collect();
        ArnPattern::compile(pattern, true).matches(subject, &context)
    }

    #[test]
    fn table() {
        for (pattern, subject, wanted) in [
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::c/x", false),
            ("arn:*:s3:::b", "arn:aws-cn:s3:::b", true),
            ("arn:aws:*:::b", "arn:aws:s3:us-east-1::b", false),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x", false),
            ("arn:aws:iam::*:*", "arn:aws:iam::1:role:a:b", true),
            ("arn:aws:iam::?:role/x", "arn:aws:iam::1:role/x", true),
            ("arn:aws:s3*", "arn:aws:s3:::b", false),
            ("*", "arn:aws:s3:::b", false),
            ("arn:aws:iam::1:role/X", "arn:aws:iam::1:role/x", false),
            ("arn:aws:iam::1:role/x", "not-an-arn", false),
            ("*:*:*:*:*:*", "a:b:c:d:e:f", false),
            ("*:*:*:*:*:*", "arn:b:c:d:e:f", true),
            ("${aws:SourceArn}", "arn:aws:sns:us-east-1:123456789012:t*", true),
            ("${aws:SourceArn}", "arn:aws:sns:us-east-1:123456789012:tx", false),
            ("arn:aws:iam::${k:a}:role/x", "arn:aws:iam::1:2:role/x", false),
            ("arn:aws:iam::9:role/${k:a}", "arn:aws:iam::9:role/1:2", true),
            ("arn:aws:iam::9:role/${k:none}", "arn:aws:iam::9:role/", false),
        ] {
            assert_eq!(matches(pattern, subject), wanted, "{pattern} on {subject}");
        }
    }

    #[test]
    fn a_variable_without_language_support_is_text() {
        assert_eq!(ArnPattern::compile("${aws:SourceArn}", false), ArnPattern::Malformed);
    }
}
