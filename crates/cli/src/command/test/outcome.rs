//! What comes of a case, and whether that was expected.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use stagedoor_config::{Expected, Snapshot, TestCase, Token};
use stagedoor_identity::{Claims, Provider};
use stagedoor_policy::{Context, Diagnostic, Explanation, Outcome, Span, Spanned};

use crate::assumption::{self, Assumption, Subject, Verdict};
use crate::simulation;

/// An expectation that was not met.
pub(super) struct Trouble {
    /// What, with the lines of the case.
    pub(super) diagnostic: Diagnostic,
    /// The decision behind it.
    pub(super) explanation: Option<Box<Explanation>>,
}

/// What came of a case.
pub(super) struct Found {
    verdict: Verdict,
    /// Which policies were asked last.
    asked: &'static str,
}

impl Trouble {
    fn at(span: Span, message: impl Into<String>) -> Box<Self> {
        let diagnostic = Diagnostic::error("invalid_case", span, message);
        Box::new(Self { diagnostic, explanation: None })
    }

    fn help(mut self: Box<Self>, text: impl Into<String>) -> Box<Self> {
        self.diagnostic = self.diagnostic.help(text);
        self
    }
}

/// Runs a case.
///
/// # Errors
/// What the case names and the configuration does not have.
pub(super) fn of(snapshot: &Arc<Snapshot>, case: &TestCase, now: Timestamp) -> Result<Found, Box<Trouble>> {
    let role = assumption::find(snapshot, &case.role.value).ok_or_else(|| {
        let names: Vec<String> = snapshot.roles.iter().map(|role| format!("`{}`", role.name)).collect();
        Trouble::at(case.role.span, format!("there is no role `{}`", case.role.value))
            .help(format!("there are {}", names.join(", ")))
    })?;
    let context = context(case)?;
    let subject = Subject::Role(Arc::clone(snapshot), Arc::clone(&role));
    let claims = case.token.as_ref().map(|token| claims(snapshot, token, case.name.span)).transpose()?;
    let assumption = claims.as_ref().map(|claims| Assumption {
        subject: &subject,
        claims,
        profile: case.profile,
        session_name: "stagedoor-test",
        extra: &context,
        now,
    });
    if let Some(assumption) = &assumption {
        let verdict = assumption.judge();
        if !verdict.is_allow() || case.access.is_none() {
            return Ok(Found { verdict, asked: "the trust policy" });
        }
    }
    let Some(access) = &case.access else {
        return Err(Trouble::at(case.name.span, "the case asks for nothing"));
    };
    let resource = access.resource.as_deref();
    let action = &access.action.value;
    let explanation =
        assumption::permitted((snapshot, &role), assumption.as_ref(), action, resource, &context, now);
    Ok(Found { verdict: Verdict::Decided(Box::new(explanation)), asked: "the permissions" })
}

fn context(case: &TestCase) -> Result<Context, Box<Trouble>> {
    simulation::context(&Json::Object(case.context.clone()))
        .map_err(|problem| Trouble::at(case.name.span, format!("the context of the case: {problem}")))
}

/// The claims of the case's token. The example of a configured issuer gets that issuer's URL and audience.
fn claims(snapshot: &Snapshot, token: &Token, place: Span) -> Result<Claims, Box<Trouble>> {
    let mut claims =
        token.example.as_ref().map_or_else(|| Ok(Map::new()), |example| of_example(snapshot, example))?;
    for name in &token.without {
        if claims.shift_remove(&name.value).is_none() {
            return Err(Trouble::at(name.span, format!("the example has no claim `{}`", name.value)));
        }
    }
    claims.extend(token.claims.clone());
    Claims::from_json(&Json::Object(claims).to_string())
        .map_err(|refusal| Trouble::at(place, format!("the claims are those of no token: {refusal}")))
}

fn of_example(snapshot: &Snapshot, example: &Spanned<String>) -> Result<Map<String, Json>, Box<Trouble>> {
    let of_kind = || {
        let mut all = snapshot.issuers.iter().filter(|issuer| issuer.provider.kind == example.value);
        all.next().filter(|_| all.next().is_none())
    };
    let configured = snapshot.issuers.by_name(&example.value).or_else(of_kind);
    let provider = configured.map(|issuer| issuer.provider).or_else(|| Provider::by_kind(&example.value));
    let Some(Json::Object(mut claims)) = provider.map(Provider::example_claims) else {
        let kinds: Vec<String> =
            Provider::all().iter().map(|provider| format!("`{}`", provider.kind)).collect();
        let message = format!("there is no issuer and no provider `{}`", example.value);
        return Err(
            Trouble::at(example.span, message).help(format!("the providers are {}", kinds.join(", ")))
        );
    };
    if let Some(issuer) = configured {
        if claims.contains_key("iss") {
            claims.insert("iss".to_owned(), issuer.url.clone().into());
        }
        if let (true, Some(audience)) = (claims.contains_key("aud"), issuer.audiences.first()) {
            claims.insert("aud".to_owned(), audience.clone().into());
        }
    }
    Ok(claims)
}

impl Found {
    /// Every expectation that was not met.
    pub(super) fn judge(self, case: &TestCase) -> Vec<Trouble> {
        let mut wrong: Vec<Diagnostic> = Vec::new();
        let expected = case.expect.value;
        if !self.is(expected) {
            let message = format!("expected `{}`, found `{}`", expected.as_str(), self.word());
            wrong.push(
                Diagnostic::error("unexpected_decision", case.expect.span, message)
                    .label(self.said())
                    .also(case.name.span, "in this case"),
            );
        }
        let told = self.told();
        if let Some(reason) = &case.reason
            && !told.contains(&reason.value)
        {
            let message = format!("the reason does not hold `{}`", reason.value);
            wrong.push(
                Diagnostic::error("unexpected_reason", reason.span, message)
                    .help(format!("it begins: {}", self.summary())),
            );
        }
        if let Some(statement) = &case.statement
            && self.statement() != Some(&statement.value)
        {
            let found = self.statement().map_or("none with a `Sid`".to_owned(), |found| format!("`{found}`"));
            let message = format!("the statement is not `{}`", statement.value);
            wrong.push(
                Diagnostic::error("unexpected_statement", statement.span, message)
                    .help(format!("it is {found}")),
            );
        }
        let explanation = match self.verdict {
            Verdict::Decided(explanation) => Some(explanation),
            Verdict::Refused { .. } => None,
        };
        wrong.into_iter().map(|diagnostic| Trouble { diagnostic, explanation: explanation.clone() }).collect()
    }

    fn is(&self, expected: Expected) -> bool {
        match (&self.verdict, expected) {
            (verdict, Expected::Allow) => verdict.is_allow(),
            (verdict, Expected::Deny) => !verdict.is_allow(),
            (Verdict::Decided(explanation), Expected::ImplicitDeny) => {
                explanation.decision().outcome == Outcome::ImplicitDeny
            }
            (Verdict::Decided(explanation), Expected::ExplicitDeny) => {
                explanation.decision().outcome == Outcome::ExplicitDeny
            }
            (Verdict::Refused { .. }, _) => false,
        }
    }

    fn word(&self) -> String {
        match &self.verdict {
            Verdict::Refused { code, .. } => format!("refused: {code}"),
            Verdict::Decided(explanation) => match explanation.decision().outcome {
                Outcome::Allow => "allow".to_owned(),
                Outcome::ImplicitDeny => "implicit_deny".to_owned(),
                Outcome::ExplicitDeny => "explicit_deny".to_owned(),
            },
        }
    }

    fn said(&self) -> String {
        match &self.verdict {
            Verdict::Refused { message, .. } => message.clone(),
            Verdict::Decided(explanation) => {
                let verb = match explanation.decision().outcome {
                    Outcome::Allow => "allows",
                    Outcome::ImplicitDeny => "does not allow",
                    Outcome::ExplicitDeny => "denies",
                };
                match &explanation.decision().decided_by {
                    Some(statement) => format!("{statement} {verb} it"),
                    None => format!("no statement of {} allows it", self.asked),
                }
            }
        }
    }

    /// The reason in a line.
    fn summary(&self) -> String {
        match &self.verdict {
            Verdict::Refused { code, message } => format!("{code}: {message}"),
            Verdict::Decided(explanation) => explanation.summary(),
        }
    }

    /// The whole reason, for `reason` to be found in.
    fn told(&self) -> String {
        match &self.verdict {
            Verdict::Refused { code, message } => format!("{code}: {message}"),
            Verdict::Decided(explanation) => simulation::reasons(explanation).join("; "),
        }
    }

    /// The `Sid` of the statement that decided, or of the nearest one.
    fn statement(&self) -> Option<&str> {
        let Verdict::Decided(explanation) = &self.verdict else { return None };
        let decided = explanation.decision().decided_by.as_ref();
        let nearest = || explanation.statements().first().map(|report| &report.statement);
        decided.or_else(nearest).and_then(|statement| statement.sid.as_deref())
    }
}
