//! An explanation in a few lines: the statements that come into question, what the token has, what
//! they want, and the nearest change.

use stagedoor_policy::{Element, Explanation, Failure, Outcome, StatementReport, Value};

use crate::output::{Style, wrapped};

/// At most this many statements are told.
const MOST: usize = 3;
/// The longest line of text.
const WIDTH: usize = 90;

/// The explanation in brief. `prefix` is the issuer without its scheme: it stands before each of its
/// condition keys and is left out.
pub(crate) fn brief(explanation: &Explanation, prefix: &str) -> String {
    let short = |text: &str| text.replace(&format!("{prefix}:"), "…:");
    let mut text = String::new();
    match explanation.decision().outcome {
        Outcome::Allow => {
            for report in explanation.statements() {
                text += &format!("{} allows it\n", report.statement);
            }
        }
        Outcome::ExplicitDeny => {
            for report in explanation.statements().iter().take(MOST) {
                text += &format!("{} denies it\n", report.statement);
            }
        }
        Outcome::ImplicitDeny => {
            for report in candidates(explanation) {
                text += &format!("{} does not match:\n", Style::STRONG.paint(report.statement.to_string()));
                for failure in &report.failures {
                    text += &short(&told(failure));
                }
            }
        }
    }
    let changes = changes(explanation);
    if !changes.is_empty() {
        text += &format!("{}\n", Style::STRONG.paint("nearest change:"));
    }
    for change in changes {
        text += &format!("  {}\n", wrapped(&short(&change), WIDTH - 2).replace('\n', "\n  "));
    }
    text
}

/// What would have to change, a line a condition. What the token has and what is wanted stands above already.
fn changes(explanation: &Explanation) -> Vec<String> {
    let Some(whole) = explanation.nearest_change() else { return Vec::new() };
    let failures = explanation.statements().first().map_or(&[][..], |report| &report.failures);
    let of = |failure: &Failure| match (&failure.key, &failure.difference, &failure.change) {
        (Some(key), Some(difference), _) => Some(format!("`{key}`: {difference}")),
        (Some(_), None, Some(change)) => Some(change.clone()),
        _ => None,
    };
    let told: Option<Vec<String>> = failures.iter().map(of).collect();
    match (explanation.decision().outcome, told) {
        (Outcome::ImplicitDeny, Some(told)) if !told.is_empty() => told,
        _ => vec![whole.to_owned()],
    }
}

/// The statements for this issuer, or all when there is none for it.
fn candidates(explanation: &Explanation) -> Vec<&StatementReport> {
    let reports = explanation.statements();
    let elsewhere = |report: &StatementReport| {
        report.failures.iter().any(|failure| failure.element == Element::Principal)
    };
    let here: Vec<&StatementReport> = reports.iter().filter(|report| !elsewhere(report)).take(MOST).collect();
    if here.is_empty() { reports.iter().take(MOST).collect() } else { here }
}

fn told(failure: &Failure) -> String {
    let (Some(operator), Some(key)) = (&failure.operator, &failure.key) else {
        return format!("  {}\n", failure.message);
    };
    let has = match &failure.has {
        Some(Value::One(value)) => value.clone(),
        Some(Value::Many(values)) => values.join(", "),
        None => "nothing".to_owned(),
    };
    let mut text = format!("  {operator} {key}\n    has     {}\n", Style::BAD.paint(has));
    text += &format!("    wanted  {}\n", Style::GOOD.paint(failure.wanted.join(" or ")));
    if let Some(hint) = &failure.hint {
        text += &format!("    {}\n", wrapped(hint, WIDTH - 4).replace('\n', "\n    "));
    }
    text
}
