//! "Did you mean": the nearest of some known words.

/// The candidate nearest to `word`, if it is near enough to be a slip: at most one edit for three
/// characters, letter case aside. An edit inserts, drops or replaces a character, or swaps two neighbours.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The optimal string alignment distance of the first 64 characters of each.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.chars().take(64).enumerate() {
        let mut row = vec![i + 1];
        let mut left = i + 1;
        let mut b_previous = None;
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&last, j) + usize::from(x != *y)).min(at(&last, j + 1) + 1).min(left + 1);
            if i > 0 && j > 0 && previous == Some(*y) && b_previous == Some(x) {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
            left = best;
            b_previous = Some(*y);
        }
        before_last = std::mem::replace(&mut last, row);
        previous = Some(x);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, wanted) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("audience", "audiences", 1),
            ("lisetn", "listen", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
            assert_eq!(distance(b, a), wanted, "{b} {a}");
        }
    }

    #[test]
    fn only_slips_are_suggested() {
        let keys = ["account", "region", "public_url"];
        assert_eq!(nearest("acount", keys), Some("account"));
        assert_eq!(nearest("Region", keys), Some("region"));
        assert_eq!(nearest("public-url", keys), Some("public_url"));
        assert_eq!(nearest("password", keys), None);
        assert_eq!(nearest("", keys), None);
    }
}
