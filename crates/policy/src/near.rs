//! How far apart two texts are.

/// Longer texts are not compared: the cost is the product of the lengths.
const LONGEST: usize = 400;

/// How many characters must be inserted, removed or replaced to turn one text into the other; `None` when a text is
/// too long to compare.
pub(crate) fn distance(left: &str, right: &str) -> Option<usize> {
    let right: Vec<char> = right.chars().take(LONGEST + 1).collect();
    if right.len() > LONGEST || left.len() > LONGEST * 4 {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, a) in left.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = *cell;
            *cell = replaced.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied()
}

/// The candidate most like `text`, when it is like it enough to be a slip: up to a third of its characters differ,
/// without regard to case.
pub(crate) fn closest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(&text, &candidate.to_lowercase())?, candidate)))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `text` for a message: cut to what fits, on one line, control characters escaped.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 160;
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        match character {
            _ if count == MOST => {
                shown.push('…');
                break;
            }
            control if control.is_control() => shown.extend(control.escape_default()),
            plain => shown.push(plain),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, wanted) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("main", "main", 0),
            ("é", "e", 1),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), Some(wanted), "{a} {b}");
            assert_eq!(distance(b, a), Some(wanted), "{b} {a}");
        }
        assert_eq!(distance(&"a".repeat(500), &"b".repeat(500)), None);
    }

    #[test]
    fn shown_on_one_line() {
        assert_eq!(short("a\nb\u{1b}[31m é"), "a\\nb\\u{1b}[31m é");
        assert_eq!(short(&"x".repeat(200)).chars().count(), 161);
    }

    #[test]
    fn slips() {
        assert_eq!(closest("Efect", ["Action", "Effect"]), Some("Effect"));
        assert_eq!(closest("effect", ["Action", "Effect"]), Some("Effect"));
        assert_eq!(closest("Banana", ["Action", "Effect"]), None);
    }
}
