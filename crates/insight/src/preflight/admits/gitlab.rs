//! Others' tokens of a GitLab instance.

use super::{Candidate, Token};
use crate::preflight::lock::Lock;

pub(super) fn candidates(base: &Token, lock: &Lock) -> Vec<Candidate> {
    let of = |token: Token| subject(&token, lock);
    let mut candidates = Vec::new();
    let branch = |token: &Token, source: &str| {
        token.with(&[
            ("ref", "attacker"),
            ("ref_type", "branch"),
            ("ref_path", "refs/heads/attacker"),
            ("ref_protected", "false"),
            ("pipeline_source", source),
        ])
    };
    candidates.push(Candidate::new("a push to any unprotected branch", of(branch(base, "push"))));
    let twin = format!("{}-evil", base.text("ref"));
    let path = format!("refs/heads/{twin}");
    let twin = branch(base, "push").with(&[("ref", twin.as_str()), ("ref_path", path.as_str())]);
    candidates.push(Candidate::new("a branch whose name begins alike", of(twin)));
    let merge = branch(base, "merge_request_event");
    candidates.push(Candidate::new("a merge request of the project", of(merge)));
    let protected = branch(base, "push").with(&[("ref_protected", "true")]);
    candidates.push(Candidate::new("a push to any other protected branch", of(protected)));
    let tag = branch(base, "push").with(&[("ref_type", "tag"), ("ref_path", "refs/tags/attacker")]);
    candidates.push(Candidate::new("a push of any unprotected tag", of(tag)));
    let unprotected = base.with(&[("ref_protected", "false")]);
    candidates.push(Candidate::new("the same ref if it is not protected any more", of(unprotected)));
    if base.has("environment") {
        let none =
            base.without(&["environment", "environment_protected", "deployment_tier", "environment_action"]);
        candidates.push(Candidate::new("a job without `environment` on the same ref", of(none)));
        let other = base.with(&[("environment", "other")]).changed(&[("environment_protected", "false")]);
        candidates.push(Candidate::new("a job of any other environment", of(other)));
    }
    let path = base.text("project_path").to_owned();
    let (namespace, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let project = |namespace: &str, name: &str, same_namespace: bool| {
        let path = format!("{namespace}/{name}");
        let config = format!("{}/{path}//.gitlab-ci.yml@{}", host(base), base.text("ref_path"));
        let token = base.with(&[
            ("project_path", path.as_str()),
            ("project_id", "1111111"),
            ("namespace_path", namespace),
            ("job_project_path", path.as_str()),
            ("job_project_id", "1111111"),
            ("job_namespace_path", namespace),
        ]);
        let token = token.changed(&[("ci_config_ref_uri", &config)]);
        of(if same_namespace {
            token
        } else {
            token.with(&[("namespace_id", "2222222"), ("job_namespace_id", "2222222")])
        })
    };
    let twins = [
        ("any other project of the group", namespace.to_owned(), "other".to_owned(), true),
        ("a project whose name begins alike", namespace.to_owned(), format!("{name}-evil"), true),
        ("a project of a subgroup", format!("{namespace}/sub"), name.to_owned(), false),
        ("a group whose name begins alike", format!("{namespace}-evil"), name.to_owned(), false),
        ("any other group", "evil".to_owned(), name.to_owned(), false),
        (
            "whoever registers the same path again after it is given up",
            namespace.to_owned(),
            name.to_owned(),
            false,
        ),
    ];
    for (who, namespace, name, same) in twins {
        candidates.push(Candidate::new(who, project(&namespace, &name, same)));
    }
    let fork = base.with(&[
        ("project_path", "evil/fork"),
        ("project_id", "1111111"),
        ("namespace_path", "evil"),
        ("namespace_id", "2222222"),
        ("pipeline_source", "merge_request_event"),
        ("ref_protected", "false"),
    ]);
    candidates.push(Candidate::new("a fork's merge request that runs in the project", of(fork)));
    candidates
}

fn host(base: &Token) -> &str {
    base.text("ci_config_ref_uri").split('/').next().unwrap_or_default()
}

/// The token with the `sub` that belongs to it; components that it lacks are dropped.
fn subject(token: &Token, lock: &Lock) -> Token {
    let default = ["project_path".to_owned(), "ref_type".to_owned(), "ref".to_owned()];
    let components = lock.gitlab.subject.as_deref().unwrap_or(&default);
    let present = components.iter().filter(|component| token.has(component));
    let parts: Vec<String> =
        present.map(|component| format!("{component}:{}", token.text(component))).collect();
    token.with(&[("sub", &parts.join(":"))])
}
