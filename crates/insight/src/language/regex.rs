//! Regular expressions as forms. What goes beyond regular languages is not taken.

use regex_syntax::hir::{Class as HirClass, Hir, HirKind, Look};

use super::{Class, Form};

/// The strings that an expression matches as a whole; none if it is no expression that is understood.
pub(crate) fn full_match(expression: &str) -> Option<Form> {
    convert(&parse(&format!("^(?:{expression})$"), false)?)
}

/// The strings in which an expression matches somewhere, perhaps without regard to case.
pub(crate) fn part_match(expression: &str, ignore_case: bool) -> Option<Form> {
    convert(&parse(expression, ignore_case)?)
}

fn parse(expression: &str, ignore_case: bool) -> Option<Hir> {
    regex_syntax::ParserBuilder::new()
        .nest_limit(64)
        .case_insensitive(ignore_case)
        .build()
        .parse(expression)
        .ok()
}

/// Anchors are understood at the two ends of each alternative; everywhere else they make the expression too hard.
fn convert(hir: &Hir) -> Option<Form> {
    match hir.kind() {
        HirKind::Alternation(parts) => parts.iter().map(convert).collect::<Option<_>>().map(Form::Either),
        HirKind::Capture(capture) => convert(&capture.sub),
        HirKind::Concat(parts) => anchored(parts),
        _ => anchored(std::slice::from_ref(hir)),
    }
}

fn anchored(parts: &[Hir]) -> Option<Form> {
    let begins = |hir: &Hir| matches!(hir.kind(), HirKind::Look(Look::Start));
    let ends = |hir: &Hir| matches!(hir.kind(), HirKind::Look(Look::End));
    let (start, parts) = match parts.split_first() {
        Some((first, rest)) if begins(first) => (true, rest),
        _ => (false, parts),
    };
    let (end, parts) = match parts.split_last() {
        Some((last, rest)) if ends(last) => (true, rest),
        _ => (false, parts),
    };
    let mut forms = Vec::new();
    if !start {
        forms.push(Form::anything());
    }
    for part in parts {
        forms.push(inner(part)?);
    }
    if !end {
        forms.push(Form::anything());
    }
    Some(Form::Sequence(forms))
}

fn inner(hir: &Hir) -> Option<Form> {
    match hir.kind() {
        HirKind::Empty => Some(Form::lit("")),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(Form::lit),
        HirKind::Class(HirClass::Unicode(class)) => {
            let ranges: Vec<_> = class.iter().map(|range| (range.start(), range.end())).collect();
            (!ranges.is_empty()).then(|| Form::Class(Class::of(ranges)))
        }
        HirKind::Class(HirClass::Bytes(_)) | HirKind::Look(_) => None,
        HirKind::Repetition(repetition) => {
            if repetition.min > 200 || repetition.max.is_some_and(|max| max > 200) {
                return None;
            }
            let form = Box::new(inner(&repetition.sub)?);
            Some(Form::Repeat { form, min: repetition.min, max: repetition.max })
        }
        HirKind::Capture(capture) => inner(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(inner).collect::<Option<_>>().map(Form::Sequence),
        HirKind::Alternation(parts) => parts.iter().map(inner).collect::<Option<_>>().map(Form::Either),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    #[test]
    fn anchors_decide_whether_the_whole_must_match() {
        let part = |expression, text| Language::of(part_match(expression, false).unwrap()).contains(text);
        assert!(part("release", "my-release-1"));
        assert!(!part("^release", "my-release-1"));
        assert!(part("^release", "release-1"));
        assert!(!part("^release$", "release-1"));
        assert!(part("^a$|b", "xbx"));
        assert!(!part("^a$|b", "ax"));
        let full = Language::of(full_match(r"release-\d+|main").unwrap());
        assert!(full.contains("release-12") && full.contains("main"));
        assert!(!full.contains("release-") && !full.contains("mainx"));
        assert!(Language::of(part_match("MAIN", true).unwrap()).contains("main"));
    }

    #[test]
    fn what_is_not_regular_is_not_taken() {
        for expression in ["(?!main).*", r"(a)\1", r"\bmain\b", "a{1,5000}", "("] {
            assert!(full_match(expression).is_none(), "{expression}");
        }
    }
}
