//! Explanations as text.

use std::fmt::Write as _;

use super::{Explanation, StatementReport};
use crate::near::short;
use crate::render::{render, render_message};
use crate::{Diagnostic, Outcome, Severity};

/// At most this many statements are shown with their source.
const SHOWN: usize = 3;

impl Explanation {
    /// The explanation in the manner of a compiler: what was decided, the policies' own lines underlined, and what to
    /// change. `color` adds ANSI escapes.
    pub fn render(&self, color: bool) -> String {
        let severity = if self.decision.is_allow() { Severity::Note } else { Severity::Error };
        let mut help: Vec<String> = Vec::new();
        if self.decision.outcome == Outcome::ImplicitDeny {
            help.extend(self.nearest_change.clone());
        }
        if self.statements.len() + self.omitted > SHOWN {
            help.push(format!(
                "{} more statements do not match either",
                self.statements.len() + self.omitted - SHOWN
            ));
        }
        let mut text = render_message(severity, self.id(), &self.headline(), &help, color);
        for report in self.statements.iter().take(SHOWN) {
            if let Some(policy) = self.policies.get(report.policy) {
                text.push('\n');
                text.push_str(&render(
                    policy.name(),
                    policy.document().source(),
                    &[self.diagnostic(report)],
                    color,
                ));
            }
        }
        text
    }

    /// The explanation in one line, for a record.
    pub fn summary(&self) -> String {
        let mut line = self.headline();
        let failure = self.statements.first().and_then(|report| Some((report, report.failures.first()?)));
        if let Some((report, failure)) = failure.filter(|_| self.decision.outcome == Outcome::ImplicitDeny) {
            // Writing to a string cannot fail.
            let _ = write!(line, "; {}: {}", report.statement, failure.message);
        }
        line
    }

    fn id(&self) -> &'static str {
        match self.decision.outcome {
            Outcome::Allow => "allowed",
            Outcome::ImplicitDeny => "denied",
            Outcome::ExplicitDeny => "denied_explicitly",
        }
    }

    /// What was decided, in one sentence.
    pub fn headline(&self) -> String {
        let mut asked = format!("`{}`", short(&self.action));
        if let Some(resource) = &self.resource {
            let _ = write!(asked, " on `{}`", short(resource));
        }
        let decision = &self.decision;
        match (decision.outcome, &decision.decided_by, decision.kind) {
            (Outcome::Allow, Some(statement), _) => match &decision.together_with {
                Some(other) => format!("{asked} is allowed by {statement} and {other}"),
                None => format!("{asked} is allowed by {statement}"),
            },
            (Outcome::Allow, None, _) => format!("{asked} is allowed: it needs no policy"),
            (Outcome::ExplicitDeny, Some(statement), _) => {
                format!("{asked} is denied explicitly by {statement}")
            }
            (_, _, Some(kind)) => {
                let whom = short(&self.principal);
                format!("{asked} is denied: no {} allows it to `{whom}`", kind.describe())
            }
            _ => format!("{asked} is denied: no policy allows it"),
        }
    }

    fn diagnostic(&self, report: &StatementReport) -> Diagnostic {
        let Some(written) = self
            .policies
            .get(report.policy)
            .and_then(|policy| policy.document().statements().get(report.statement.index))
        else {
            return Diagnostic::error("denied", report.span, self.headline());
        };
        let statement = &report.statement;
        if report.matched {
            let (severity, verb) = match self.decision.outcome {
                Outcome::Allow => (Severity::Note, "allows"),
                _ => (Severity::Error, "denies"),
            };
            let message = format!("{statement} {verb} the request");
            let mut diagnostic = Diagnostic::new(self.id(), severity, written.effect.span, message)
                .label(format!("{verb} what matches the whole statement"));
            for condition in &written.conditions {
                diagnostic = diagnostic.also(condition.span, "holds");
            }
            return diagnostic;
        }
        let message = format!("{statement} does not match");
        let mut failures = report.failures.iter();
        let Some(first) = failures.next() else {
            return Diagnostic::new("denied", Severity::Note, report.span, message);
        };
        let mut diagnostic =
            Diagnostic::new("denied", Severity::Note, first.span, message).label(first.message.clone());
        for failure in failures {
            diagnostic = diagnostic.also(failure.span, failure.message.clone());
        }
        for failure in &report.failures {
            for help in failure.change.iter().chain(&failure.hint) {
                diagnostic = diagnostic.help(help.clone());
            }
        }
        diagnostic
    }
}
