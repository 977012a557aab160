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
    if let Some(change) = explanation.nearest_change() {
        let lines = wrapped(&short(change), WIDTH - 2).replace('\n', "\n  ");
        text += &format!("{}\n  {lines}\n", Style::STRONG.paint("nearest change:"));
    }
    text
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
