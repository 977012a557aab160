//! Why, in sentences.

use stagedoor_policy::{Explanation, Outcome};

/// The decision first, then what each statement lacks with what is known of the key, then the smallest change.
pub(crate) fn of(explanation: &Explanation) -> Vec<String> {
    let mut reasons = vec![explanation.headline()];
    if explanation.decision().outcome != Outcome::ImplicitDeny {
        return reasons;
    }
    for report in explanation.statements() {
        for failure in &report.failures {
            for text in std::iter::once(&failure.message).chain(&failure.hint) {
                reasons.push(format!("{}: {text}", report.statement));
            }
        }
    }
    reasons.extend(explanation.nearest_change().map(|change| format!("nearest change: {change}")));
    reasons
}
