//! Explanations as text.

use std::fmt::Write as _;

use super::{Element, Explanation, Failure, StatementReport};
use crate::document::Statement;
use crate::near::short;
use crate::render::{render, render_message};
use crate::{Diagnostic, Outcome, Severity, Span};

/// At most this many statements are shown with their source.
const SHOWN: usize = 3;
/// At most this many values are named.
const NAMED: usize = 4;

impl Explanation {
    /// The explanation in the manner of a compiler: what was decided, the policies' own lines underlined, and what to
    /// change. `color` adds ANSI escapes.
    pub fn render(&self, color: bool) -> String {
        let severity = if self.decision.is_allow() { Severity::Note } else { Severity::Error };
        let mut help: Vec<String> = Vec::new();
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
        let mut failures = report.failures.iter();
        let Some(first) = failures.next() else {
            let message = format!("{statement} does not match");
            return Diagnostic::new("denied", Severity::Note, report.span, message);
        };
        let message = format!("{statement} {}", first.verdict());
        let mut diagnostic =
            Diagnostic::new("denied", Severity::Note, place(first, written), message).label(first.label());
        diagnostic = first.told(diagnostic);
        // A statement about other requests altogether is not explained further.
        if first.element == Element::Condition {
            for failure in failures {
                diagnostic = failure.told(diagnostic.also(place(failure, written), failure.label()));
            }
        }
        diagnostic
    }
}

/// The values of a condition, or the key that the request lacks; other elements as a whole.
fn place(failure: &Failure, written: &Statement) -> Span {
    let Some(condition) = written.conditions.iter().find(|condition| condition.span == failure.span) else {
        return failure.span;
    };
    match (&failure.has, condition.values.first(), condition.values.last()) {
        (Some(_), Some(first), Some(last)) => Span { start: first.span.start, end: last.span.end },
        _ => condition.key.span,
    }
}

impl Failure {
    /// What it means for the statement.
    fn verdict(&self) -> &'static str {
        match self.element {
            Element::Action => "is about other actions",
            Element::Principal => "is about other principals",
            Element::Resource => "is about other resources",
            Element::Condition => "does not match",
        }
    }

    /// The words at the underlined place.
    fn label(&self) -> &'static str {
        match (self.element, &self.has) {
            (Element::Condition, None) => "the request has no such key",
            (Element::Condition, Some(_)) => "does not match",
            _ => "does not cover the request",
        }
    }

    /// Adds what was found, what is wanted, and the nearest change.
    fn told(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(has) = &self.has else {
            return self.next_steps(diagnostic.note(self.message.clone()));
        };
        let list = |values: &mut dyn Iterator<Item = &String>| {
            let shown: Vec<String> = values.take(NAMED).map(|value| format!("`{}`", short(value))).collect();
            shown.join("\n        ")
        };
        let subject = self.key.as_deref().map_or_else(String::new, |key| format!("`{}`\n", short(key)));
        let more = match self.wanted.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("\n        and {more} more"),
        };
        let operator = self.operator.as_deref().map_or_else(String::new, |operator| format!(" ({operator})"));
        self.next_steps(diagnostic.note(format!(
            "{subject}has     {}\nwanted  {}{more}{operator}",
            list(&mut has.values().iter()),
            list(&mut self.wanted.iter()),
        )))
    }

    fn next_steps(&self, diagnostic: Diagnostic) -> Diagnostic {
        let change =
            self.difference.as_ref().or(self.change.as_ref().filter(|change| **change != self.message));
        change
            .into_iter()
            .chain(&self.hint)
            .fold(diagnostic, |diagnostic, step| diagnostic.help(step.clone()))
    }
}
