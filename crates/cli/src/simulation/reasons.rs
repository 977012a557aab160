//! Why, in sentences.

use stagedoor_policy::{Element, Explanation, Failure, Outcome};

/// The decision first, then what each statement lacks with what is known of the key, then the smallest change.
pub(crate) fn of(explanation: &Explanation) -> Vec<String> {
    let mut reasons = vec![explanation.headline()];
    if explanation.decision().outcome != Outcome::ImplicitDeny {
        return reasons;
    }
    for report in explanation.statements() {
        let elsewhere = |failure: &&Failure| matches!(failure.element, Element::Action | Element::Principal);
        // What a statement about others has for conditions explains nothing.
        let others: Vec<&Failure> = report.failures.iter().filter(elsewhere).collect();
        let told = if others.is_empty() { report.failures.iter().collect() } else { others };
        for failure in told {
            for text in std::iter::once(&failure.message).chain(&failure.hint) {
                reasons.push(format!("{}: {text}", report.statement));
            }
        }
    }
    reasons.extend(explanation.nearest_change().map(|change| format!("nearest change: {change}")));
    reasons
}
