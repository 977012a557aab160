//! What changed between two snapshots, in a line or a few.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::digest::Digest;

/// How many names of one kind are listed before the rest is counted.
const LISTED: usize = 8;

#[derive(Default)]
struct Change<'a> {
    files: BTreeSet<&'a str>,
    /// Whether the item as a whole is in the old and in the new snapshot.
    before: bool,
    after: bool,
}

/// A summary such as `roles added: a; roles changed: b (trust.json); settings changed`.
/// `has_role` tells whether a role is in the old (`false`) or the new (`true`) snapshot.
pub(crate) fn summary(old: &Digest, new: &Digest, has_role: impl Fn(&str, bool) -> bool) -> String {
    let mut changes: BTreeMap<(&str, &str), Change<'_>> = BTreeMap::new();
    for (path, before, after) in old.differences(new) {
        let (kind, name, file) = classify(path);
        let change = changes.entry((kind, name)).or_default();
        change.files.insert(file);
        change.before |= before;
        change.after |= after;
    }
    let mut groups: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for ((kind, name), change) in &changes {
        let before = if *kind == "roles" { has_role(name, false) } else { change.before };
        let after = if *kind == "roles" { has_role(name, true) } else { change.after };
        let verb = match (before, after) {
            (false, true) => "added",
            (true, false) => "removed",
            _ => "changed",
        };
        let text = if *kind == "roles" && verb == "changed" {
            format!("{name} ({})", change.files.iter().copied().collect::<Vec<_>>().join(", "))
        } else {
            (*name).to_owned()
        };
        groups.entry((kind, verb)).or_default().push(text);
    }
    let mut summary = String::new();
    for ((kind, verb), names) in groups {
        let separator = if summary.is_empty() { "" } else { "; " };
        let listed = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        let rest = names.len().saturating_sub(LISTED);
        let _ = match (kind, rest) {
            ("settings", _) => write!(summary, "{separator}settings {verb}"),
            (_, 0) => write!(summary, "{separator}{kind} {verb}: {listed}"),
            _ => write!(summary, "{separator}{kind} {verb}: {listed} and {rest} more"),
        };
    }
    if summary.is_empty() { "nothing changed".to_owned() } else { summary }
}

/// The kind of item, its name, and the file within it.
fn classify(path: &str) -> (&str, &str, &str) {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("roles"), Some(name), Some(file)) => ("roles", name, file),
        (Some(kind @ ("issuers" | "gates")), Some(file), None) => {
            (kind, file.strip_suffix(".toml").unwrap_or(file), file)
        }
        (Some(kind @ ("boundaries" | "invariants")), Some(file), None) => {
            (kind, file.strip_suffix(".json").unwrap_or(file), file)
        }
        (Some("stagedoor.toml"), None, None) => ("settings", "stagedoor.toml", path),
        _ => ("files", path, path),
    }
}
