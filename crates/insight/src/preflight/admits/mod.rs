//! What a trust policy lets in beside the jobs that are meant: tokens that others could get, each decided by the engine.

mod bitbucket;
mod circleci;
mod github;
mod gitlab;
mod token;

use serde_json::json;
use stagedoor_identity::Profile;
use stagedoor_policy::{Document, Severity, Span};

use self::token::Token;
use super::case::Case;
use super::verdict::{self, list};
use super::{Options, TrustPolicy, engine};
use crate::finding::Finding;
use crate::pipeline::{Asks, Pipeline, RoleUse, Run};
use crate::preflight::lock::Lock;
use crate::preflight::prediction::Claims;
use crate::trust::{Test as TrustTest, Trust};

/// Whom a new policy lets in besides, in words; none if there are no candidates for the provider.
pub(crate) fn of_new(trust: &Trust, document: &Document, profile: Profile) -> Vec<String> {
    let mut lock = Lock::default();
    let sub = trust.checks.iter().find(|check| check.claim == "sub");
    if let Some(TrustTest::Equals(values) | TrustTest::Like(values)) = sub.map(|check| &check.test)
        && values.iter().any(|value| value.contains(":ref_protected:"))
    {
        // The policy counts on these components.
        let parts = ["project_id", "ref_type", "ref", "ref_protected", "environment"];
        let present =
            parts.iter().filter(|part| values.iter().any(|value| value.contains(&format!("{part}:"))));
        lock.gitlab.subject = Some(present.map(|part| (*part).to_owned()).collect());
    }
    let case = Case {
        provider: trust.provider,
        issuer: trust.issuer.clone(),
        claims: Claims::default(),
        session_name: None,
        profile,
        audiences: None,
    };
    let base = Token::trusted(trust);
    let decide =
        |token: &Token| engine::decide(document, &trust.provider_arn(), token.context(&case)).is_allow();
    let candidates = candidates(trust.provider.kind, &base, &lock);
    candidates
        .iter()
        .filter(|candidate| candidate.token != base && decide(&candidate.token))
        .map(|candidate| match candidate.stopped_by {
            Some(what) => format!("the policy also lets in {}; only {what} stops it", candidate.who),
            None => format!("the policy also lets in {}", candidate.who),
        })
        .collect()
}

/// A token that someone else could get.
struct Candidate {
    /// Who, in words.
    who: String,
    token: Token,
    /// What alone stops it, where the policy cannot say it.
    stopped_by: Option<&'static str>,
}

impl Candidate {
    fn new(who: impl Into<String>, token: Token) -> Self {
        Self { who: who.into(), token, stopped_by: None }
    }

    fn stopped_by(mut self, what: &'static str) -> Self {
        self.stopped_by = Some(what);
        self
    }
}

/// A job's run with the role that it is meant to get.
struct Meant<'a> {
    run: &'a Run,
    role: &'a RoleUse,
}

/// One finding for each policy that lets in more than the pipeline's jobs.
pub(super) fn of(pipeline: &Pipeline, options: &Options) -> Vec<Finding> {
    let Ok(issuer) = &pipeline.issuer else { return Vec::new() };
    options.policies.iter().filter_map(|policy| of_policy(pipeline, issuer, policy, options)).collect()
}

fn of_policy(pipeline: &Pipeline, issuer: &str, policy: &TrustPolicy, options: &Options) -> Option<Finding> {
    let asking = pipeline.jobs.iter().filter(|job| matches!(job.asks, Asks::Yes(_)));
    let meant: Vec<Meant<'_>> = asking
        .flat_map(|job| job.roles.iter().map(move |role| (job, role)))
        .filter(|(_, role)| role.role.as_ref().is_ok_and(|arn| policy.is_for(arn)))
        .flat_map(|(job, role)| job.runs.iter().map(move |run| Meant { run, role }))
        .collect();
    let base = base(pipeline, issuer, policy, &meant, options)?;
    let mut admitted: Vec<Candidate> = candidates(pipeline.provider.kind, &base, &options.lock);
    admitted.retain(|candidate| {
        !meant.iter().any(|meant| is_meant(meant, &candidate.token))
            && allowed(pipeline, issuer, policy, &meant, &candidate.token, options)
    });
    admitted.dedup_by(|next, kept| next.who == kept.who);
    if admitted.is_empty() {
        return None;
    }
    Some(finding(policy, &base, &admitted))
}

fn candidates(kind: &str, base: &Token, lock: &Lock) -> Vec<Candidate> {
    match kind {
        "bitbucket" => bitbucket::candidates(base),
        "circleci" => circleci::candidates(base, lock),
        "github" => github::candidates(base, lock),
        "gitlab" => gitlab::candidates(base, lock),
        _ => Vec::new(),
    }
}

/// A token that the policy lets in: of a job that is meant.
fn base(
    pipeline: &Pipeline,
    issuer: &str,
    policy: &TrustPolicy,
    meant: &[Meant<'_>],
    options: &Options,
) -> Option<Token> {
    let example = Token::example(pipeline.provider);
    let tokens = meant.iter().filter_map(|meant| {
        let case = verdict::case(pipeline, meant.run, meant.role, issuer, options);
        let (cases, _) = case.by_audience();
        cases.into_iter().find_map(Result::ok).map(|case| example.predicted(&case.claims))
    });
    let tokens: Vec<Token> = tokens.collect();
    let allowed = tokens.iter().find(|token| allowed(pipeline, issuer, policy, meant, token, options));
    allowed.or(tokens.first()).cloned()
}

fn allowed(
    pipeline: &Pipeline,
    issuer: &str,
    policy: &TrustPolicy,
    meant: &[Meant<'_>],
    token: &Token,
    options: &Options,
) -> bool {
    let Some(first) = meant.first() else { return false };
    let case: Case = verdict::case(pipeline, first.run, first.role, issuer, options);
    let mut context = token.context(&case);
    if let Some(name) = first.role.session_name.as_ref().and_then(|name| name.prediction.sample()) {
        context.insert("sts:RoleSessionName", name);
    }
    let provider = case.provider_arn(&policy.document, first.role.role.as_deref().ok());
    engine::decide(&policy.document, &provider, context).is_allow()
}

/// Whether a run that is meant could have this very token.
fn is_meant(meant: &Meant<'_>, token: &Token) -> bool {
    let of_role = |name: &str| meant.role.claims.get(name).is_some();
    let run = meant.run.claims.iter().filter(|(name, _)| !of_role(name));
    run.chain(meant.role.claims.iter()).all(|(name, claim)| claim.prediction.admits(token.get(name)))
}

fn finding(policy: &TrustPolicy, base: &Token, admitted: &[Candidate]) -> Finding {
    let who: Vec<&str> = admitted.iter().map(|candidate| candidate.who.as_str()).collect();
    let role = policy.role.as_deref().unwrap_or(&policy.source.path);
    let inherent = admitted.iter().all(|candidate| candidate.stopped_by.is_some());
    let severity = if inherent { Severity::Note } else { Severity::Warning };
    let message = format!("the policy of `{role}` also lets in {}", list(&who));
    let tokens =
        admitted.iter().map(|candidate| json!({ "who": candidate.who, "claims": candidate.token.json() }));
    let mut finding = Finding::new("preflight_admits", severity, message)
        .at(policy.place(conditions(policy)), "nothing here stops them")
        .property("role", role)
        .property("admits", tokens.collect::<Vec<_>>());
    for candidate in admitted {
        let difference = candidate.token.difference(base);
        let stopped = candidate.stopped_by.map_or_else(String::new, |what| format!("; only {what} stops it"));
        finding = finding.help(format!("{}: {difference}{stopped}", candidate.who));
    }
    finding
}

/// The conditions of the first statement that allows.
fn conditions(policy: &TrustPolicy) -> Span {
    let statements = policy.document.statements();
    let allow = statements.iter().find(|one| one.effect.value == stagedoor_policy::Effect::Allow);
    let Some(statement) = allow.or(statements.first()) else { return Span::default() };
    let spans = statement.conditions.iter().map(|condition| condition.span);
    spans.reduce(Span::to).unwrap_or(statement.span)
}
