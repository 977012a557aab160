//! One finding for each job, role and outcome.

use serde_json::{Value as Json, json};
use stagedoor_identity::Profile;
use stagedoor_policy::Severity;

use super::case::Case;
use super::engine;
use super::judge::{Judgement, Test, Truth, judge};
use super::{Options, TrustPolicy};
use crate::finding::Finding;
use crate::pipeline::{Asks, Job, Pipeline, RoleUse, Run};
use crate::preflight::prediction::Prediction;
use crate::source::Place;

/// The verdicts on a pipeline's jobs.
pub(super) fn of(pipeline: &Pipeline, options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    for job in &pipeline.jobs {
        match &job.asks {
            Asks::No { place, missing } => findings.push(no_token(job, place, missing)),
            Asks::Unknown { place, why } => findings.push(unknown(job, None, why, place)),
            Asks::Yes(place) => findings.extend(of_job(pipeline, job, place, options)),
        }
    }
    findings
}

fn of_job(pipeline: &Pipeline, job: &Job, asked: &Place, options: &Options) -> Vec<Finding> {
    let issuer = match &pipeline.issuer {
        Ok(issuer) => issuer,
        Err(why) => return vec![unknown(job, None, why, asked)],
    };
    let anyone = options.policies.iter().find(|policy| policy.role.is_none());
    if job.roles.is_empty() {
        return match anyone {
            Some(policy) => {
                let role = RoleUse::new(Err(String::new()), asked.clone(), "");
                of_role(pipeline, job, &role, issuer, policy, options)
            }
            None => vec![no_role(job, asked)],
        };
    }
    let mut findings = Vec::new();
    for role in &job.roles {
        let policy = match &role.role {
            Ok(arn) => options.policies.iter().find(|policy| policy.is_for(arn)),
            Err(_) => anyone,
        };
        findings.extend(match (policy, &role.role) {
            (Some(policy), _) => of_role(pipeline, job, role, issuer, policy, options),
            (None, Ok(arn)) => {
                let why = format!("no trust policy is given for `{arn}`");
                vec![unknown(job, Some(role), &why, &role.place)]
            }
            (None, Err(why)) => {
                let why = format!("its role cannot be told: {why}");
                vec![unknown(job, Some(role), &why, &role.place)]
            }
        });
    }
    findings
}

/// The outcomes of a job's runs for one role, equal ones told once.
fn of_role(
    pipeline: &Pipeline,
    job: &Job,
    role: &RoleUse,
    issuer: &str,
    policy: &TrustPolicy,
    options: &Options,
) -> Vec<Finding> {
    let mut outcomes: Vec<(Outcome, Vec<&Run>)> = Vec::new();
    for run in &job.runs {
        if run.claims.iter().any(|(_, claim)| claim.prediction.is_impossible()) {
            continue;
        }
        let case = case(pipeline, run, role, issuer, options);
        let outcome = Outcome::of(policy, &case, role, run);
        match outcomes.iter_mut().find(|(known, _)| known.same(&outcome)) {
            Some((_, runs)) => runs.push(run),
            None => outcomes.push((outcome, vec![run])),
        }
    }
    outcomes
        .into_iter()
        .map(|(outcome, runs)| {
            Telling { job, role, policy, profile: options.profile }.finding(&outcome, &runs)
        })
        .collect()
}

pub(super) fn case(pipeline: &Pipeline, run: &Run, role: &RoleUse, issuer: &str, options: &Options) -> Case {
    let mut claims = run.claims.clone();
    for (name, claim) in role.claims.iter() {
        claims.set(name, claim.clone());
    }
    let known = options.issuers.as_ref();
    Case {
        provider: pipeline.provider,
        issuer: issuer.to_owned(),
        claims,
        session_name: role.session_name.clone(),
        profile: options.profile,
        audiences: known
            .and_then(|issuers| issuers.iter().find(|known| known.url == issuer))
            .map(|known| known.audiences.clone()),
    }
}

/// A judgement as it is told.
struct Outcome {
    judgement: Judgement,
    case: Case,
    guard: Option<String>,
    change: Option<String>,
}

impl Outcome {
    fn of(policy: &TrustPolicy, case: &Case, role: &RoleUse, run: &Run) -> Self {
        let arn = role.role.as_deref().ok();
        let mut judgement = judge(&policy.document, case, arn);
        let provider = case.provider_arn(&policy.document, arn);
        let (cases, _) = case.by_audience();
        let concrete = cases.into_iter().find_map(Result::ok).map(|case| case.sample());
        let mut change = None;
        if let Some(context) = concrete {
            let allowed = engine::decide(&policy.document, &provider, context.clone()).is_allow();
            if judgement.truth == Truth::Yes && !allowed {
                let why = "the policy engine decides an example token otherwise; please report this";
                judgement.truth = Truth::Unknown(why.to_owned());
            }
            if judgement.truth == Truth::No && judgement.before.is_none() {
                change = engine::nearest_change(&policy.document, &provider, context);
            }
        }
        let guard = run.guard.clone().or_else(|| role.guard.clone());
        Self { judgement, case: case.clone(), guard, change }
    }

    fn same(&self, other: &Self) -> bool {
        let tests = |one: &Self| -> Vec<(usize, String)> {
            let tests = one.judgement.tests.iter();
            tests.map(|test| (test.condition, test.claim.prediction.shown())).collect()
        };
        self.judgement.truth == other.judgement.truth
            && self.judgement.statement == other.judgement.statement
            && self.judgement.before == other.judgement.before
            && self.guard == other.guard
            && (self.judgement.truth == Truth::Yes || tests(self) == tests(other))
    }
}

struct Telling<'a> {
    job: &'a Job,
    role: &'a RoleUse,
    policy: &'a TrustPolicy,
    profile: Profile,
}

impl Telling<'_> {
    fn finding(&self, outcome: &Outcome, runs: &[&Run]) -> Finding {
        let (job, role) = (&self.job.name, self.role_name());
        let triggers: Vec<&str> = runs.iter().map(|run| run.trigger.as_str()).collect();
        let on = list(&triggers);
        let first = runs.first().map_or_else(|| self.job.place.clone(), |run| run.place.clone());
        let (id, severity, verdict, message) = match (&outcome.judgement.truth, &outcome.guard) {
            (Truth::Yes, _) => {
                ("preflight_granted", Severity::Note, "granted", format!("`{job}` will get {role} on {on}"))
            }
            (Truth::No, None) => (
                "preflight_refused",
                Severity::Error,
                "refused",
                format!("`{job}` will be refused {role} on {on}: {}", self.refusal(outcome)),
            ),
            (Truth::No, Some(guard)) => (
                "preflight_depends",
                Severity::Warning,
                "depends",
                format!(
                    "`{job}` will be refused {role} on {on}, unless `{guard}` keeps it from running: {}",
                    self.refusal(outcome)
                ),
            ),
            (Truth::Depends(on_what), _) => (
                "preflight_depends",
                Severity::Warning,
                "depends",
                format!("whether `{job}` gets {role} on {on} depends on {on_what}"),
            ),
            (Truth::Unknown(why), _) => (
                "preflight_unknown",
                Severity::Warning,
                "unknown",
                format!("whether `{job}` gets {role} on {on} cannot be known: {why}"),
            ),
        };
        let mut finding = Finding::new(id, severity, message)
            .property("verdict", verdict)
            .property("job", job.as_str())
            .property("role", self.role.role.as_deref().map_or(Json::Null, |arn| json!(arn)))
            .property("triggers", json!(triggers))
            .property(
                "profile",
                match self.profile {
                    Profile::Aws => "aws",
                    Profile::Stagedoor => "stagedoor",
                },
            )
            .property("claims", claims(&outcome.case));
        finding = match outcome.judgement.truth {
            Truth::Yes => finding.at(self.role.place.clone(), "this role"),
            _ => self.underlined(finding, outcome),
        };
        if finding.primary.is_none() {
            finding = finding.at(first, "");
        }
        if let Some(change) = &outcome.change {
            finding = finding.help(format!("nearest change: {change}"));
        }
        finding
    }

    fn role_name(&self) -> String {
        match (&self.role.role, &self.policy.role) {
            (Ok(arn), _) => format!("`{arn}`"),
            (Err(_), Some(role)) => format!("`{role}`"),
            (Err(_), None) => format!("the role of `{}`", self.policy.source.path),
        }
    }

    /// The first failing condition, predicted beside wanted.
    fn refusal(&self, outcome: &Outcome) -> String {
        let judgement = &outcome.judgement;
        if let Some(before) = &judgement.before {
            return before.clone();
        }
        if judgement.other_principal {
            let prefix = outcome.case.prefix();
            return format!("no statement of the policy is about tokens of `{prefix}`");
        }
        if judgement.explicit {
            return "a `Deny` statement matches".to_owned();
        }
        match self.decisive(judgement) {
            Some((test, condition)) => {
                let key = short(&condition.key.value, outcome.case.prefix());
                let wanted: Vec<String> =
                    condition.values.iter().map(|value| format!("`{}`", value.value)).collect();
                let operator = &condition.operator.value;
                match test.claim.prediction {
                    Prediction::Absent => {
                        format!("there is no `{key}`: {}", outcome.case.why_absent(&condition.key.value))
                    }
                    _ => format!(
                        "`{key}` will be {}, and {operator} wants {}",
                        test.claim.prediction.shown(),
                        wanted.join(" or ")
                    ),
                }
            }
            None => "no statement allows it".to_owned(),
        }
    }

    /// The condition that the outcome turns on: the first that fails, else the first that is not certain.
    fn decisive<'b>(
        &'b self,
        judgement: &'b Judgement,
    ) -> Option<(&'b Test, &'b stagedoor_policy::Condition)> {
        let tests = &judgement.tests;
        let test = tests
            .iter()
            .find(|test| test.truth == Truth::No)
            .or_else(|| tests.iter().find(|test| test.truth == judgement.truth).or_else(|| tests.first()))?;
        let statement = self.policy.document.statements().get(judgement.statement?)?;
        Some((test, statement.conditions.get(test.condition)?))
    }

    /// Underlines the line of the pipeline that decides, and the line of the policy that wants otherwise.
    fn underlined(&self, mut finding: Finding, outcome: &Outcome) -> Finding {
        let judgement = &outcome.judgement;
        if judgement.other_principal || judgement.before.is_some() {
            let aud = outcome.case.claims.get("aud").and_then(|claim| claim.place.clone());
            let place = if judgement.before.is_some() { aud } else { None };
            finding = finding.at(place.unwrap_or_else(|| self.role.place.clone()), "");
            let statement = judgement.statement.and_then(|at| self.policy.document.statements().get(at));
            if let Some(principals) = statement.and_then(|statement| statement.principals.as_ref()) {
                finding = finding.also(self.policy.place(principals.span), "the policy is about this issuer");
            }
            return finding;
        }
        let Some((test, condition)) = self.decisive(judgement) else {
            return finding.at(self.role.place.clone(), "this role");
        };
        let shown = test.claim.prediction.shown();
        finding = match &test.claim.place {
            Some(place) if test.claim.because.is_empty() => finding.at(place.clone(), shown.clone()),
            Some(place) => finding.at(place.clone(), format!("{}: {shown}", test.claim.because)),
            None => finding.at(self.role.place.clone(), "this role"),
        };
        finding.also(self.policy.place(condition.span), "this is wanted").property(
            "condition",
            json!({
                "operator": condition.operator.value,
                "key": condition.key.value,
                "wanted": condition.values.iter().map(|value| &*value.value).collect::<Vec<_>>(),
                "predicted": shown,
            }),
        )
    }
}

/// The predicted claims for programs.
fn claims(case: &Case) -> Json {
    case.claims.iter().map(|(name, claim)| (name.to_owned(), json!(claim.prediction.shown()))).collect()
}

fn no_token(job: &Job, place: &Place, missing: &str) -> Finding {
    let message = format!("`{}` will get no role: it does not ask for a token", job.name);
    Finding::new("preflight_no_token", Severity::Error, message)
        .at(place.clone(), format!("{missing} is missing"))
        .property("verdict", "refused")
        .property("job", job.name.as_str())
}

fn no_role(job: &Job, place: &Place) -> Finding {
    let message = format!("`{}` asks for a token and names no role that the file tells", job.name);
    Finding::new("preflight_no_role", Severity::Note, message)
        .at(place.clone(), "asked for here")
        .property("verdict", "unknown")
        .property("job", job.name.as_str())
}

fn unknown(job: &Job, role: Option<&RoleUse>, why: &str, place: &Place) -> Finding {
    let label = role.map_or("", |role| role.via.as_str());
    Finding::new(
        "preflight_unknown",
        Severity::Warning,
        format!("whether `{}` gets its role cannot be known: {why}", job.name),
    )
    .at(place.clone(), label)
    .property("verdict", "unknown")
    .property("job", job.name.as_str())
}

/// A condition key without its issuer.
fn short<'a>(key: &'a str, prefix: &str) -> &'a str {
    let own = key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let rest = if own { key.get(prefix.len()..).and_then(|rest| rest.strip_prefix(':')) } else { None };
    rest.unwrap_or(key)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[&str]) -> String {
    match items.split_last() {
        None => "no trigger".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
