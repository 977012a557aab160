//! One line of JSON asks, one line of JSON answers: the protocol of `stagedoor simulate`.
//!
//! The shapes are in `docs/schema/simulate-request.json` and `docs/schema/simulate-answer.json`.

mod context;
mod named;
mod principal;
mod profile;
mod question;
mod reasons;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stagedoor_identity::{KeyHints, Profile};
use stagedoor_policy::{Context, Explanation, Kind, Outcome, Principal, StatementRef};

use self::profile::Exposed;
use self::question::Question;
pub(crate) use self::reasons::of as reasons;

/// Who a principal is, from an ARN, a name or an object.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(crate) fn principal(value: &Value) -> Result<Principal, String> {
    principal::read(value).map_err(|fault| fault.message)
}

/// Condition keys from a JSON object.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(crate) fn context(value: &Value) -> Result<Context, String> {
    context::Keys::deserialize(value).map(|keys| keys.0).map_err(|error| error.to_string())
}

/// The longest line that is read: 16 MiB.
pub(crate) const LONGEST_LINE: usize = 16 << 20;

/// The answer to one line.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// The `id` of the line, as given; null when it has none.
    id: Value,
    #[serde(flatten)]
    result: Verdict,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Verdict {
    Decided { decision: Outcome, decided_by: Vec<DecidedBy>, reasons: Vec<String> },
    Failed { error: Fault },
}

/// A statement that took part in the decision.
#[derive(Debug, Serialize)]
struct DecidedBy {
    kind: Kind,
    #[serde(flatten)]
    statement: StatementRef,
}

/// Why a line has no decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// Stable: `line_too_long`, `malformed_json`, `invalid_request`, `invalid_policy`.
    pub(crate) code: &'static str,
    /// What was wanted and what was found.
    pub(crate) message: String,
    /// Counted from 1.
    pub(crate) line: u64,
    /// The faults of policies, each with the policy's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<Finding>,
}

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which policy of the line.
    pub(crate) policy: String,
    /// As `stagedoor check` reports it; offsets are into the policy's own text.
    #[serde(flatten)]
    pub(crate) diagnostic: stagedoor_policy::Diagnostic,
}

impl Answer {
    /// Answers the line of this number (from 1), which stands without its line end.
    pub(crate) fn to(line: &[u8], number: u64, profile: Profile) -> Self {
        match decide(line, profile) {
            Ok((id, result)) => Self { id, result },
            Err(failed) => {
                let (id, fault) = *failed;
                Self { id, result: Verdict::Failed { error: Fault { line: number, ..fault } } }
            }
        }
    }

    /// The answer to a line that was not read to its end.
    pub(crate) fn to_long_line(number: u64) -> Self {
        let message =
            format!("the line is longer than {} MiB, which is the most that is read", LONGEST_LINE >> 20);
        let error = Fault { line: number, ..Fault::new("line_too_long", message) };
        Self { id: Value::Null, result: Verdict::Failed { error } }
    }

    /// Whether the line was at fault.
    pub(crate) fn is_error(&self) -> bool {
        matches!(self.result, Verdict::Failed { .. })
    }
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), line: 0, findings: Vec::new() }
    }

    /// The line is JSON, but not a question.
    fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid_request", message)
    }
}

type Failed = Box<(Value, Fault)>;

fn decide(line: &[u8], profile: Profile) -> Result<(Value, Verdict), Failed> {
    let question = Question::read(line)?;
    let id = question.id.clone();
    let decided = || -> Result<Verdict, Fault> {
        let policies = question.policies()?;
        let request = match profile::exposed(question.request()?, profile) {
            Exposed::Request(request) => *request,
            Exposed::Refused(reason) => return Ok(refused(reason)),
        };
        let issuer = profile::issuer(&request.principal).map(|prefix| format!("https://{prefix}"));
        let explanation = match &issuer {
            Some(url) => policies.explain_with(&request, &KeyHints::new(url, profile)),
            None => policies.explain(&request),
        };
        Ok(explained(&explanation))
    };
    match decided() {
        Ok(result) => Ok((id, result)),
        Err(fault) => Err(Box::new((id, fault))),
    }
}

fn explained(explanation: &Explanation) -> Verdict {
    let decision = explanation.decision();
    let mut decided_by: Vec<DecidedBy> = match decision.outcome {
        Outcome::ImplicitDeny => Vec::new(),
        Outcome::Allow | Outcome::ExplicitDeny => explanation
            .statements()
            .iter()
            .filter(|report| report.matched)
            .map(|report| DecidedBy { kind: report.kind, statement: report.statement.clone() })
            .collect(),
    };
    decided_by.sort_by_key(|by| Some(&by.statement) != decision.decided_by.as_ref());
    Verdict::Decided { decision: decision.outcome, decided_by, reasons: reasons::of(explanation) }
}

/// AWS would not have asked any policy.
fn refused(reason: String) -> Verdict {
    Verdict::Decided { decision: Outcome::ImplicitDeny, decided_by: Vec::new(), reasons: vec![reason] }
}

#[cfg(test)]
mod tests;
