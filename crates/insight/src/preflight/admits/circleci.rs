//! Others' tokens of a CircleCI organization.

use stagedoor_policy::Value;

use super::{Candidate, Token};
use crate::preflight::lock::Lock;

const ORG: &str = "oidc.circleci.com/org-id";
const PROJECT: &str = "oidc.circleci.com/project-id";
const ORIGIN: &str = "oidc.circleci.com/vcs-origin";
const REF: &str = "oidc.circleci.com/vcs-ref";
const CONTEXTS: &str = "oidc.circleci.com/context-ids";
const SSH: &str = "oidc.circleci.com/ssh-rerun";
const OTHER: &str = "00000000-0000-4000-8000-00000000000a";

pub(super) fn candidates(base: &Token, lock: &Lock) -> Vec<Candidate> {
    let with_refs = base.text("sub").contains("/vcs-origin/");
    let of = |token: Token| subject(&token, with_refs);
    let mut candidates = Vec::new();
    let branch = base.with(&[(REF, "refs/heads/attacker")]);
    candidates.push(Candidate::new("a push to any other branch", of(branch.clone())));
    let twin = format!("{}-evil", base.text(REF));
    candidates
        .push(Candidate::new("a branch whose name begins alike", of(base.with(&[(REF, twin.as_str())]))));
    let tag = base.with(&[(REF, "refs/tags/attacker")]);
    candidates.push(Candidate::new("a push of any tag", of(tag)));
    if matches!(base.get(CONTEXTS), Some(Value::Many(ids)) if !ids.is_empty()) {
        candidates.push(Candidate::new("a job without the context", of(base.without(&[CONTEXTS]))));
    }
    candidates.push(Candidate::new(
        "a re-run with SSH, whose shell holds the token",
        of(base.with(&[(SSH, "true")])),
    ));
    let webhook = base.without(&[ORIGIN, REF]);
    candidates.push(Candidate::new("a custom webhook of the project", subject(&webhook, false)));
    let fork = of(base.with(&[(ORIGIN, "github.com/evil/fork")]));
    let fork = Candidate::new("a fork's pull request, if forks get secrets", fork);
    candidates.push(match lock.circleci.fork_secrets {
        Some(true) => fork,
        _ => fork.stopped_by("the project's setting for forked pull requests"),
    });
    let smuggled = format!("refs/heads/x/vcs-origin/{}/vcs-ref/{}", base.text(ORIGIN), base.text(REF));
    let smuggled = of(base.with(&[(ORIGIN, "github.com/evil/fork"), (REF, smuggled.as_str())]));
    let who = "a fork whose branch is named like the end of `sub`";
    candidates.push(match lock.circleci.fork_secrets {
        Some(true) => Candidate::new(who, smuggled),
        _ => Candidate::new(who, smuggled).stopped_by("the project's setting for forked pull requests"),
    });
    let project = base.with(&[(PROJECT, OTHER), (ORIGIN, "github.com/acme/other")]);
    candidates.push(Candidate::new("any other project of the organization", of(project)));
    let names = [PROJECT, ORIGIN, REF, CONTEXTS, SSH, "oidc.circleci.com/pipeline-definition-id"];
    let streaming = format!("org/{}/file-streaming/audit-logs", base.text(ORG));
    let streaming = base.without(&names).with(&[("sub", &streaming)]);
    candidates.push(Candidate::new("CircleCI's own streaming of audit logs", streaming));
    candidates
}

fn subject(token: &Token, with_refs: bool) -> Token {
    let user = token.text("sub").split('/').nth(5).unwrap_or(OTHER).to_owned();
    let mut sub = format!("org/{}/project/{}/user/{user}", token.text(ORG), token.text(PROJECT));
    if with_refs && token.has(ORIGIN) {
        sub += &format!("/vcs-origin/{}/vcs-ref/{}", token.text(ORIGIN), token.text(REF));
    }
    token.with(&[("sub", &sub)])
}
