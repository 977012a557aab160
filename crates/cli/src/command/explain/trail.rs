//! A CloudTrail event of `AssumeRoleWithWebIdentity`: of the token it tells the issuer, the audience and the subject.

use serde_json::{Value, json};
use stagedoor_identity::{Claims, KeyHints, Profile};
use stagedoor_policy::{Context, Effect, Explanation, Hints, Outcome};

use super::report::{Answer, Refusal, Report};
use crate::assumption::{Assumption, Subject};
use crate::failure::Failure;
use crate::input::Input;

const ACTION: &str = "AssumeRoleWithWebIdentity";

/// Explains the latest event of the file.
///
/// # Errors
/// When the file holds no event of that action.
pub(super) fn explain(
    subject: &Subject,
    input: &Input,
    profile: Profile,
    extra: &Context,
) -> Result<Report, Failure> {
    let file: Value = serde_json::from_str(&input.text)
        .map_err(|error| Failure::input(format!("{} is not JSON: {error}", input.origin)))?;
    let mut events = Vec::new();
    collect(file, &mut events, 0);
    events.sort_by_key(|event| text(event, "/eventTime").to_owned());
    let count = events.len();
    let Some(event) = events.pop() else {
        let message = format!("{} holds no CloudTrail event of `{ACTION}`", input.origin);
        return Err(Failure::input(message).help(format!(
            "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue={ACTION}"
        )));
    };
    let mut report = of_event(subject, &event, profile, extra)?;
    if count > 1 {
        report.notes.push(format!("the latest of {count} events of `{ACTION}` in the file was explained"));
    }
    Ok(report)
}

/// The events in what CloudTrail, its console, `lookup-events` and EventBridge hand out.
fn collect(value: Value, events: &mut Vec<Value>, depth: usize) {
    match value {
        Value::Array(several) => several.into_iter().for_each(|value| collect(value, events, depth + 1)),
        Value::Object(mut object) => {
            if object.get("eventName").and_then(Value::as_str) == Some(ACTION) {
                events.push(Value::Object(object));
                return;
            }
            for wrapper in ["Records", "Events", "detail", "CloudTrailEvent"] {
                match object.remove(wrapper) {
                    Some(Value::String(text)) if depth < 4 => {
                        if let Ok(value) = serde_json::from_str(&text) {
                            collect(value, events, depth + 1);
                        }
                    }
                    Some(value) if depth < 4 => collect(value, events, depth + 1),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn text<'e>(event: &'e Value, pointer: &str) -> &'e str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn of_event(subject: &Subject, event: &Value, profile: Profile, extra: &Context) -> Result<Report, Failure> {
    let origin = format!("the event {} of {}", text(event, "/eventID"), text(event, "/eventTime"));
    let code = text(event, "/errorCode");
    let mut report = Report::new(subject.name(), profile, origin);
    report.issuer = caller(event).map(|caller| caller.url);
    if !matches!(code, "" | "AccessDenied" | "Client.UnauthorizedOperation") {
        report = report.answer(Answer::Denied);
        report.refusal =
            Some(Refusal { code: code.to_owned(), message: text(event, "/errorMessage").to_owned() });
        report.notes.extend(super::message::meaning(code, text(event, "/errorMessage")));
        return Ok(report);
    }
    let caller = caller(event).ok_or_else(|| {
        Failure::input("the event names no identity provider, so it tells nothing of a token")
            .help("`userIdentity.identityProvider` or `userIdentity.principalId` is wanted")
    })?;
    if code.is_empty() {
        report.notes.push("the event is of a request that AWS allowed".to_owned());
    }
    let wanted = text(event, "/requestParameters/roleArn");
    if let Subject::Role(_, role) = subject
        && !wanted.is_empty()
        && role.arn != wanted
    {
        report.notes.push(format!("the event asks for `{wanted}`, the role explained is `{}`", role.arn));
    }
    let claims = json!({ "iss": caller.url, "aud": caller.audience, "sub": caller.subject });
    let claims =
        Claims::from_json(&claims.to_string()).map_err(|refusal| Failure::input(refusal.to_string()))?;
    let mut keys = of_request(event);
    keys.merge(extra);
    let assumption = Assumption {
        subject,
        claims: &claims,
        profile,
        session_name: text(event, "/requestParameters/roleSessionName"),
        extra: &keys,
        now: text(event, "/eventTime").parse().unwrap_or_default(),
    };
    let hints = TrailHints(KeyHints::new(assumption.issuer(), profile));
    let verdict = match assumption.request() {
        Err(refusal) => refusal,
        Ok(mut request) => {
            // With `azp` in the token the audience recorded is another claim than `aud`.
            request.context.remove(&format!("{}:oaud", caller.prefix));
            if event.pointer("/additionalEventData/RoleAuthorizedByIdp").is_none() {
                request.context.remove("sts:RoleAuthorizedByIdp");
            }
            if !wanted.is_empty() && request.resource.is_none() {
                request.resource = Some(wanted.to_owned());
            }
            assumption.explain(request, &hints)
        }
    };
    Ok(judged(report.verdict(verdict), subject, &hints))
}

/// Who asked, as far as the event tells.
struct Caller {
    url: String,
    prefix: String,
    audience: String,
    subject: String,
}

fn caller(event: &Value) -> Option<Caller> {
    let subject = text(event, "/userIdentity/userName");
    let principal = text(event, "/userIdentity/principalId");
    let provider = match text(event, "/userIdentity/identityProvider") {
        "" => principal.strip_suffix(subject)?.trim_end_matches(':').rsplit_once(':')?.0,
        provider => provider,
    };
    let prefix = provider.split_once(":oidc-provider/").map_or(provider, |(_, prefix)| prefix);
    let audience = principal
        .strip_prefix(provider)
        .and_then(|rest| rest.strip_prefix(':'))
        .and_then(|rest| rest.strip_suffix(subject))
        .map_or("", |audience| audience.strip_suffix(':').unwrap_or(audience));
    (!prefix.is_empty() && !subject.is_empty()).then(|| Caller {
        url: format!("https://{prefix}"),
        prefix: prefix.to_owned(),
        audience: audience.to_owned(),
        subject: subject.to_owned(),
    })
}

/// The condition keys of the request that the event records.
fn of_request(event: &Value) -> Context {
    let mut keys = Context::new();
    for (key, pointer) in [
        ("aws:SourceIp", "/sourceIPAddress"),
        ("aws:UserAgent", "/userAgent"),
        ("aws:RequestedRegion", "/awsRegion"),
        ("aws:SourceVpce", "/vpcEndpointId"),
        ("sts:SourceIdentity", "/requestParameters/sourceIdentity"),
    ] {
        match text(event, pointer) {
            "" => {}
            value => keys.insert(key, value),
        }
    }
    keys.insert("aws:SecureTransport", true);
    let tags = event.pointer("/requestParameters/principalTags").and_then(Value::as_object);
    for (key, value) in tags.into_iter().flatten() {
        keys.insert(format!("aws:RequestTag/{key}"), value.as_str().unwrap_or_default());
    }
    if let Some(tags) = tags.filter(|tags| !tags.is_empty()) {
        keys.insert("aws:TagKeys", tags.keys().cloned().collect::<Vec<String>>());
    }
    keys
}

/// The catalogue's hints, but for claims that CloudTrail does not keep.
struct TrailHints<'a>(KeyHints<'a>);

impl TrailHints<'_> {
    /// Whether the token might have the key.
    fn is_unknown(&self, key: &str) -> bool {
        match self.0.claim_of(key) {
            Some(claim) => {
                !matches!(claim.to_ascii_lowercase().as_str(), "aud" | "sub") && self.0.can_have(key)
            }
            None => key.eq_ignore_ascii_case("sts:RoleAuthorizedByIdp"),
        }
    }
}

impl Hints for TrailHints<'_> {
    fn absent_key(&self, key: &str) -> Option<String> {
        if self.is_unknown(key) {
            let kept = "CloudTrail keeps only the audience and the subject of a token";
            return Some(format!("{kept}: whether this holds cannot be told"));
        }
        self.0.absent_key(key)
    }

    fn unwanted_value(&self, key: &str, wanted: &[&str], has: &str) -> Option<String> {
        self.0.unwanted_value(key, wanted, has)
    }
}

/// Keeps from a verdict what the event does not bear out.
fn judged(mut report: Report, subject: &Subject, hints: &TrailHints<'_>) -> Report {
    let Some(explanation) = &report.explanation else { return report };
    let unknown = unknown_keys(subject, hints, None);
    if unknown.is_empty() || is_certain(explanation, subject, hints) {
        return report;
    }
    report = report.answer(Answer::Unknown);
    report.notes.push(format!(
        "the event does not tell {}: give the token (`--token-file`) or its claims (`--claims`)",
        unknown.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
    ));
    report.unknown = unknown;
    report
}

/// The keys that the policy tests and the event does not tell; of one effect if given.
fn unknown_keys(subject: &Subject, hints: &TrailHints<'_>, effect: Option<Effect>) -> Vec<String> {
    let mut keys: Vec<String> = subject
        .document()
        .statements()
        .iter()
        .filter(|statement| effect.is_none_or(|effect| statement.effect.value == effect))
        .flat_map(|statement| &statement.conditions)
        .map(|condition| condition.key.value.to_string())
        .filter(|key| hints.is_unknown(key))
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Whether the decision stands whatever else the token held.
fn is_certain(explanation: &Explanation, subject: &Subject, hints: &TrailHints<'_>) -> bool {
    let open = |key: &str| hints.is_unknown(key);
    let statement_is_open = |index: usize| {
        let statement = subject.document().statements().get(index);
        statement
            .is_none_or(|statement| statement.conditions.iter().any(|condition| open(&condition.key.value)))
    };
    let decided_openly = || {
        let by = explanation.decision().decided_by.as_ref();
        by.is_some_and(|by| statement_is_open(by.index))
    };
    match explanation.decision().outcome {
        Outcome::ExplicitDeny => {
            !explanation.statements().iter().all(|report| statement_is_open(report.statement.index))
        }
        Outcome::Allow => !decided_openly() && unknown_keys(subject, hints, Some(Effect::Deny)).is_empty(),
        Outcome::ImplicitDeny => explanation
            .statements()
            .iter()
            .all(|report| report.failures.iter().any(|failure| !failure.key.as_deref().is_some_and(open))),
    }
}
