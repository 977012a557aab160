//! The wildcard languages of AWS and of the pipelines.

use super::{Class, Form, regex};

/// AWS: `*` is anything, `?` one character.
pub(crate) fn iam(pattern: &str) -> Form {
    Form::Sequence(pieces(pattern, |character| match character {
        '*' => Some(Form::anything()),
        '?' => Some(Form::Class(Class::any())),
        _ => None,
    }))
}

/// GitLab's protected branches and tags: `*` is anything.
pub(crate) fn gitlab(pattern: &str) -> Form {
    Form::Sequence(pieces(pattern, |character| (character == '*').then(Form::anything)))
        .named(pattern, pattern.replace('*', "x"))
}

/// Bitbucket: `*` stops at a slash, `**` does not, `?` is one character, `{a,b}` is one of several.
pub(crate) fn bitbucket(pattern: &str) -> Form {
    let form = braces(pattern);
    let sample = form.sample();
    form.named(pattern, sample)
}

/// GitLab's local includes: as Bitbucket's, where `**/` can also be nothing.
pub(crate) fn file_glob(pattern: &str) -> Form {
    match pattern.split_once("**/") {
        None => starred(pattern),
        Some((before, after)) => {
            let folders = Form::Sequence(vec![Form::anything(), Form::lit("/")]);
            let folders = Form::Repeat { form: Box::new(folders), min: 0, max: Some(1) };
            Form::Sequence(vec![starred(before), folders, file_glob(after)])
        }
    }
}

/// GitHub's filters: `*` stops at a slash, `**` does not, `?` and `+` repeat what is before, `[…]` is a class. The
/// negation by a leading `!` is the caller's. None if it is no pattern.
pub(crate) fn github(pattern: &str) -> Option<Form> {
    let mut expression = String::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.peek() == Some(&'*') => {
                characters.next();
                expression += ".*";
            }
            '*' => expression += "[^/]*",
            '?' | '+' => expression.push(character),
            '[' => {
                expression.push('[');
                for inner in characters.by_ref() {
                    expression.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            '\\' => expression += &escape(characters.next()?),
            other => expression += &escape(other),
        }
    }
    let form = regex::full_match(&expression)?;
    let sample = form.sample();
    Some(form.named(pattern, sample))
}

fn escape(character: char) -> String {
    if character.is_ascii_punctuation() { format!("\\{character}") } else { character.to_string() }
}

/// `{a,b}` once, and stars.
fn braces(pattern: &str) -> Form {
    let parts = pattern.split_once('{').and_then(|(before, rest)| {
        let (inner, after) = rest.split_once('}')?;
        Some((before, inner, after))
    });
    match parts {
        None => starred(pattern),
        Some((before, inner, after)) => Form::Sequence(vec![
            starred(before),
            Form::Either(inner.split(',').map(starred).collect()),
            braces(after),
        ]),
    }
}

fn starred(pattern: &str) -> Form {
    let mut parts = Vec::new();
    for (number, piece) in pattern.split("**").enumerate() {
        if number > 0 {
            parts.push(Form::anything());
        }
        parts.extend(pieces(piece, |character| match character {
            '*' => Some(Form::any_of(Class::not('/'), 0)),
            '?' => Some(Form::Class(Class::not('/'))),
            _ => None,
        }));
    }
    Form::Sequence(parts)
}

/// Splits a pattern into texts and what `special` makes of single characters.
fn pieces(pattern: &str, special: impl Fn(char) -> Option<Form>) -> Vec<Form> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for character in pattern.chars() {
        match special(character) {
            None => text.push(character),
            Some(form) => {
                if !text.is_empty() {
                    parts.push(Form::Text(std::mem::take(&mut text)));
                }
                parts.push(form);
            }
        }
    }
    if !text.is_empty() || parts.is_empty() {
        parts.push(Form::Text(text));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    fn check(form: Form, yes: &[&str], no: &[&str]) {
        let language = Language::of(form);
        for text in yes {
            assert!(language.contains(text), "{text} should fit {}", language.shown());
        }
        for text in no {
            assert!(!language.contains(text), "{text} should not fit {}", language.shown());
        }
    }

    #[test]
    fn each_language_has_its_own_stars() {
        check(iam("a*?"), &["ab", "a/b/c"], &["a", "b"]);
        check(bitbucket("feature/*"), &["feature/x"], &["feature/x/y", "feature"]);
        check(bitbucket("feature/**"), &["feature/x", "feature/x/y"], &["feature"]);
        check(bitbucket("{main,release/*}"), &["main", "release/1"], &["release/1/2", "mainrelease/1"]);
        check(gitlab("release/*"), &["release/x", "release/x/y"], &["release"]);
        check(file_glob("ci/**/*.yml"), &["ci/a.yml", "ci/x/y/a.yml"], &["ci/a.yaml", "a.yml"]);
        check(github("releases/**").unwrap(), &["releases/10", "releases/beta/3"], &["releases"]);
        check(github("v[12].[0-9]+.[0-9]+").unwrap(), &["v1.10.1", "v2.0.0"], &["v3.0.0", "v1.x.0"]);
        check(github("*.jsx?").unwrap(), &["a.js", "a.jsx"], &["a/b.js"]);
        assert!(github("[a").is_none());
    }
}
