//! The claims of a job's tokens.

use stagedoor_policy::Value;

use super::filters::Start;
use super::steps::{FIRST, SECOND, SECOND_SCRIPT};
use crate::language::{Form, Language};
use crate::pipeline::RoleUse;
use crate::pipeline::outside::known;
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Claims, Composed, Doubt, Prediction};
use crate::yaml::Node;

const USER: &str = "e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70";
const PREFIX: &str = "oidc.circleci.com";

/// The claims of a run. `sub` is that of the second token; [`subject_of_role`] says which one a role is asked with.
pub(super) fn claims(start: &Start, contexts: Option<&Node>, lock: &Lock) -> Claims {
    let circle = &lock.circleci;
    let mut claims = Claims::default();
    let name = |claim: &str| format!("{PREFIX}/{claim}");
    let org =
        known(circle.organization.as_deref(), "the organization", "circleci.organization", Form::uuid(USER));
    let project =
        known(circle.project.as_deref(), "the project's UUID", "circleci.project", Form::uuid(USER));
    let origin = known(
        circle.repository.as_deref(),
        "the repository",
        "circleci.repository",
        Form::anything().named("*", "github.com/acme/shop"),
    );
    let branch =
        Prediction::of(start.refs.clone(), Doubt::varies(if start.tag { "the tag" } else { "the branch" }));
    let reference = branch.between(if start.tag { "refs/tags/" } else { "refs/heads/" }, "");
    claims.put("aud", org.clone());
    claims.put(&name("org-id"), org);
    claims.put(&name("project-id"), project);
    claims.put(&name("vcs-origin"), origin);
    claims.set(&name("vcs-ref"), Claim::new(reference).at(&start.place, "started by this"));
    claims.put(&name("ssh-rerun"), Prediction::exact("false"));
    let definition = circle.pipeline_definition.as_deref();
    let definition =
        known(definition, "the pipeline definition", "circleci.pipeline_definition", Form::uuid(USER));
    claims.put(&name("pipeline-definition-id"), definition);
    let mut ids = Vec::new();
    let mut missing = None;
    for (context, _) in contexts.map(Node::texts).unwrap_or_default() {
        match circle.contexts.get(context) {
            Some(id) => ids.push(id.clone()),
            None => missing = Some(context),
        }
    }
    let ids = match missing {
        None => Prediction::Exact(Value::Many(ids)),
        Some(context) => Prediction::Unknown(format!(
            "the UUID of the context `{context}` is not known (`circleci.contexts.{context}` in stagedoor.lock)"
        )),
    };
    claims
        .set(&name("context-ids"), Claim::new(ids).maybe_at(contexts.map(Node::place), "the job's contexts"));
    let second = second_subject(&claims);
    claims.set("sub", Claim::new(second).at(&start.place, "started by this"));
    claims
}

/// `org/O/project/P/user/U`.
fn first_subject(lock: &Lock) -> Composed {
    let circle = &lock.circleci;
    let org =
        known(circle.organization.as_deref(), "the organization", "circleci.organization", Form::uuid(USER));
    let project =
        known(circle.project.as_deref(), "the project's UUID", "circleci.project", Form::uuid(USER));
    let user = Prediction::varies(Form::uuid(USER), "the user who causes the job");
    Composed::new().text("org/").part(&org).text("/project/").part(&project).text("/user/").part(&user)
}

fn second_subject(claims: &Claims) -> Prediction {
    let part = |claim: &str| {
        let claim = claims.get(&format!("{PREFIX}/{claim}"));
        claim.map_or(Prediction::Absent, |claim| claim.prediction.clone())
    };
    let user = Prediction::varies(Form::uuid(USER), "the user who causes the job");
    Composed::new()
        .text("org/")
        .part(&part("org-id"))
        .text("/project/")
        .part(&part("project-id"))
        .text("/user/")
        .part(&user)
        .text("/vcs-origin/")
        .part(&part("vcs-origin"))
        .text("/vcs-ref/")
        .part(&part("vcs-ref"))
        .done()
}

/// Sets the `sub` of the token that the role is asked with, where that is not the second one.
pub(super) fn subject_of_role(role: &mut RoleUse, lock: &Lock) {
    match role.via.as_str() {
        SECOND | SECOND_SCRIPT => {}
        FIRST => {
            let first = Claim::new(first_subject(lock).done());
            role.claims.set("sub", first.at(&role.place, "the first token has no refs in `sub`"));
        }
        _ => {
            let why = format!("which form of `sub` the token of {} has is not documented", role.via);
            let rest = Prediction::of(Language::of(Form::anything().named("*", "")), Doubt::hidden(why));
            let either = first_subject(lock).part(&rest).done();
            role.claims.set("sub", Claim::new(either).at(&role.place, "either form of `sub`"));
        }
    }
}
