//! What a trust policy asks of a web identity, when nothing is known of any token.

use stagedoor_identity::{KeyHints, Profile};
use stagedoor_policy::{Actions, Comparison, Condition, Effect, PrincipalType, SetOperator, Statement};

use crate::assumption::Subject;

/// At most this many values are named.
const NAMED: usize = 3;

/// A sentence for each statement that could let a web identity in: what it wants, and what of that no token has.
pub(super) fn by(subject: &Subject, profile: Profile) -> Vec<String> {
    let statements = subject.document().statements();
    let mut notes = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        if statement.effect.value != Effect::Allow || !covers(&statement.actions) {
            continue;
        }
        let sid = statement.sid.as_ref().map_or_else(String::new, |sid| format!(" ({})", sid.value));
        let wanted: Vec<String> = statement.conditions.iter().map(words).collect();
        let wants = if wanted.is_empty() { "any token".to_owned() } else { wanted.join("; ") };
        let issuers: Vec<&str> = issuers(statement).collect();
        notes.push(format!("statement {}{sid} wants of {}: {wants}", index + 1, listed(&issuers)));
        for issuer in issuers {
            let url = format!(
                "https://{}",
                issuer.split_once(":oidc-provider/").map_or(issuer, |(_, prefix)| prefix)
            );
            let hints = KeyHints::new(&url, profile);
            for condition in &statement.conditions {
                notes.extend(
                    flaw(&hints, condition).map(|flaw| format!("statement {}{sid}: {flaw}", index + 1)),
                );
            }
        }
    }
    if notes.is_empty() {
        notes.push("no statement allows `sts:AssumeRoleWithWebIdentity` at all".to_owned());
    }
    notes
}

/// Whether the statement is about web identities; wildcards in other actions are left to the policy engine.
fn covers(actions: &Actions) -> bool {
    let like = |name: &str| {
        let name = name.to_ascii_lowercase();
        let start = name.split(['*', '?']).next().unwrap_or_default();
        let action = "sts:assumerolewithwebidentity";
        name == action || (start.len() < name.len() && action.starts_with(start))
    };
    actions.names.iter().any(|name| like(&name.value)) != actions.negated
}

fn issuers(statement: &Statement) -> impl Iterator<Item = &str> {
    let names = statement.principals.iter().flat_map(|principals| &principals.names);
    names.filter(|(kind, _)| *kind != PrincipalType::Aws).map(|(_, name)| &*name.value)
}

fn words(condition: &Condition) -> String {
    let values: Vec<&str> = condition.values.iter().map(|value| &*value.value).collect();
    format!("`{}` {} {}", condition.key.value, condition.operator.value, listed(&values))
}

/// What keeps a condition from holding, or from failing, for any token of the issuer.
fn flaw(hints: &KeyHints<'_>, condition: &Condition) -> Option<String> {
    let key = &*condition.key.value;
    let operator = condition.parsed;
    if operator.comparison == Comparison::Null {
        return None;
    }
    if let Some(why) = hints.never_has(key) {
        let holds = operator.negated || operator.if_exists || operator.set == Some(SetOperator::ForAllValues);
        return Some(format!("`{key}` {} holds: {why}", if holds { "always" } else { "never" }));
    }
    let wild = condition.values.iter().all(|value| value.value.contains(['*', '?']));
    (wild && operator.comparison == Comparison::StringEquals && !operator.negated).then(|| {
        format!("`{key}` never holds: `{operator}` takes `*` and `?` literally, `StringLike` has wildcards")
    })
}

fn listed(texts: &[&str]) -> String {
    let mut shown: Vec<String> = texts.iter().take(NAMED).map(|text| format!("`{text}`")).collect();
    if texts.len() > NAMED {
        shown.push(format!("{} more", texts.len() - NAMED));
    }
    shown.join(" or ")
}
