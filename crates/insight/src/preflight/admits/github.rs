//! Others' tokens of GitHub Actions.

use super::{Candidate, Token};
use crate::preflight::lock::Lock;

/// What `sub` says after the repository.
enum Context<'a> {
    Environment(&'a str),
    PullRequest,
    Ref(&'a str),
}

pub(super) fn candidates(base: &Token, lock: &Lock) -> Vec<Candidate> {
    let default = lock.github.default_branch.as_deref().unwrap_or("main");
    let default = format!("refs/heads/{default}");
    let environment = base.text("environment").to_owned();
    let reference = base.text("ref").to_owned();
    let context = || match (environment.as_str(), base.text("sub").ends_with(":pull_request")) {
        ("", true) => Context::PullRequest,
        ("", false) => Context::Ref(&reference),
        (name, _) => Context::Environment(name),
    };
    let plain = base.without(&["environment", "environment_node_id"]);
    let of = |token: &Token, context: &Context<'_>| subject(token, context, base, lock);
    let mut candidates = Vec::new();
    let mut add = |who: &str, token: Token, context: &Context<'_>| {
        candidates.push(Candidate::new(who, of(&token, context)));
    };
    let branch = "refs/heads/attacker";
    let pushed = |token: &Token, reference: &str, kind: &str| {
        token.with(&[
            ("ref", reference),
            ("ref_type", kind),
            ("event_name", "push"),
            ("ref_protected", "false"),
            ("head_ref", ""),
            ("base_ref", ""),
        ])
    };
    add("a push to any other branch", pushed(&plain, branch, "branch"), &Context::Ref(branch));
    if reference.starts_with("refs/heads/") {
        let twin = format!("{reference}-evil");
        add("a branch whose name begins alike", pushed(&plain, &twin, "branch"), &Context::Ref(&twin));
    }
    let tag = "refs/tags/attacker";
    add("a push of any tag", pushed(&plain, tag, "tag"), &Context::Ref(tag));
    let pull = plain.with(&[
        ("ref", "refs/pull/7/merge"),
        ("event_name", "pull_request"),
        ("ref_protected", "false"),
        ("head_ref", "attacker"),
        ("base_ref", "main"),
    ]);
    add("a pull request of the repository", pull, &Context::PullRequest);
    let target = plain.with(&[
        ("ref", default.as_str()),
        ("ref_type", "branch"),
        ("event_name", "pull_request_target"),
        ("head_ref", "attacker"),
        ("base_ref", "main"),
    ]);
    let target = Candidate::new(
        "a workflow on `pull_request_target`, also for forks",
        of(&target, &Context::Ref(&default)),
    );
    let other = base.with(&[("environment", "other"), ("ref", branch), ("ref_protected", "false")]);
    add("any other environment", other, &Context::Environment("other"));
    if !environment.is_empty() {
        let same = pushed(base, branch, "branch");
        let same = of(&same, &Context::Environment(&environment));
        let who = "any other branch with the same `environment`";
        candidates.push(Candidate::new(who, same).stopped_by("the environment's protection rules"));
    }
    candidates.push(target.stopped_by("not having such a workflow on the default branch"));
    let owner = base.text("repository_owner").to_owned();
    let name = base.text("repository").rsplit('/').next().unwrap_or_default().to_owned();
    let twins = [
        ("any other repository of the owner", owner.clone(), "other".to_owned(), false),
        ("a repository whose name begins alike", owner.clone(), format!("{name}-evil"), false),
        ("an owner whose name begins alike", format!("{owner}-evil"), name.clone(), true),
        ("any other owner", "evil".to_owned(), name.clone(), true),
        ("whoever registers the same names again after they are given up", owner, name, true),
    ];
    for (who, owner, name, foreign) in twins {
        let token = repository(base, &owner, &name, foreign);
        candidates.push(Candidate::new(who, of(&token, &context())));
    }
    candidates
}

/// The token of another repository, whose ids are others.
fn repository(base: &Token, owner: &str, name: &str, foreign: bool) -> Token {
    let full = format!("{owner}/{name}");
    let moved = |claim: &str| {
        let value = base.text(claim);
        value
            .split_once("/.github/")
            .map_or_else(|| value.to_owned(), |(_, rest)| format!("{full}/.github/{rest}"))
    };
    let (workflow, job_workflow) = (moved("workflow_ref"), moved("job_workflow_ref"));
    let token = base.with(&[
        ("repository", full.as_str()),
        ("repository_owner", owner),
        ("repository_id", "1111111"),
        ("workflow_ref", workflow.as_str()),
        ("job_workflow_ref", job_workflow.as_str()),
    ]);
    if foreign {
        token.with(&[("repository_owner_id", "2222222")]).without(&["enterprise", "enterprise_id"])
    } else {
        token
    }
}

/// The token with the `sub` that belongs to it, in the form of the base token.
fn subject(token: &Token, context: &Context<'_>, base: &Token, lock: &Lock) -> Token {
    let repository = token.text("repository");
    let immutable = base.text("sub").split(':').nth(1).is_some_and(|name| name.contains('@'));
    let repository = match (immutable, repository.split_once('/')) {
        (true, Some((owner, name))) => {
            format!("{owner}@{}/{name}@{}", token.text("repository_owner_id"), token.text("repository_id"))
        }
        _ => repository.to_owned(),
    };
    let context = match context {
        Context::Environment(name) => format!("environment:{}", name.replace(':', "%3A")),
        Context::PullRequest => "pull_request".to_owned(),
        Context::Ref(reference) => format!("ref:{reference}"),
    };
    let default = ["repo".to_owned(), "context".to_owned()];
    let components = lock.github.subject.as_deref().unwrap_or(&default);
    let parts: Vec<String> = components
        .iter()
        .map(|component| match component.as_str() {
            "repo" => format!("repo:{repository}"),
            "context" => context.clone(),
            other => format!("{other}:{}", token.text(other)),
        })
        .collect();
    token.with(&[("sub", &parts.join(":"))])
}
