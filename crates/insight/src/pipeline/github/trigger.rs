//! `on`: what starts a workflow, and on which ref.

use std::collections::BTreeMap;

use crate::language::{Form, Language, github as pattern};
use crate::preflight::Lock;
use crate::preflight::prediction::{Doubt, Prediction};
use crate::source::Place;
use crate::yaml::{Content, Node};

/// One way in which a workflow starts.
#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub(super) event: String,
    /// In words: `a push to `main``.
    pub(super) words: String,
    pub(super) place: Place,
    /// The full ref.
    pub(super) reference: Prediction,
    /// `branch` or `tag`.
    pub(super) ref_type: Prediction,
    /// Whether `sub` says `pull_request`.
    pub(super) pull_request: bool,
    pub(super) head_ref: Prediction,
    pub(super) base_ref: Prediction,
}

/// Whether other workflows can call it.
pub(super) fn is_callable(root: &Node) -> bool {
    events(root).iter().any(|(event, ..)| *event == "workflow_call")
}

/// Every way in which a workflow starts by itself.
pub(super) fn all(root: &Node, lock: &Lock) -> Vec<Trigger> {
    let found = events(root);
    found.into_iter().flat_map(|(event, place, filters)| of_event(event, place, filters, lock)).collect()
}

/// The inputs of a person who starts the workflow: unknown, or their one option.
pub(super) fn dispatch_inputs(root: &Node) -> BTreeMap<String, Result<String, String>> {
    let inputs = root.at(&["on", "workflow_dispatch", "inputs"]);
    let mut known = BTreeMap::new();
    for (name, _, input) in inputs.into_iter().flat_map(Node::fields) {
        let options = input.get("options").map(Node::texts).unwrap_or_default();
        let value = match options.as_slice() {
            [(only, _)] => Ok((*only).to_owned()),
            _ => Err(format!("`inputs.{name}` is chosen by whoever starts the workflow")),
        };
        known.insert(name.to_owned(), value);
    }
    known
}

fn events(root: &Node) -> Vec<(&str, &Place, Option<&Node>)> {
    // Editors that follow YAML 1.1 may have written the key as the boolean that it is there.
    let Some(on) = root.get("on").or_else(|| root.get("true")) else { return Vec::new() };
    match on.content() {
        Content::Mapping(_) => {
            on.fields().map(|(event, key, filters)| (event, key.place(), Some(filters))).collect()
        }
        _ => on.texts().into_iter().map(|(event, node)| (event, node.place(), None)).collect(),
    }
}

fn of_event(event: &str, place: &Place, filters: Option<&Node>, lock: &Lock) -> Vec<Trigger> {
    let default = lock.github.default_branch.as_deref();
    let default_branch = || match default {
        Some(branch) => Prediction::exact(format!("refs/heads/{branch}")),
        None => {
            let why = "the default branch is not known (`github.default_branch` in stagedoor.lock)";
            Prediction::of(Language::of(heads()), Doubt::hidden(why))
        }
    };
    let trigger = |words: String, reference: Prediction, ref_type: &str| Trigger {
        event: event.to_owned(),
        words,
        place: place.clone(),
        reference,
        ref_type: Prediction::exact(ref_type),
        pull_request: false,
        head_ref: Prediction::exact(""),
        base_ref: Prediction::exact(""),
    };
    match event {
        "push" => push(filters, &trigger),
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
            let number = Form::number("7");
            let merge = Form::Sequence(vec![Form::lit("refs/pull/"), number, Form::lit("/merge")]);
            let base = branches(filters, "branches");
            let to = base.as_ref().map_or_else(String::new, |base| format!(" to {}", base.shown()));
            let varies = |language: Language, with: &str| Prediction::of(language, Doubt::varies(with));
            vec![Trigger {
                pull_request: true,
                head_ref: varies(Language::anything(), "the source branch of the pull request"),
                base_ref: varies(
                    base.unwrap_or_else(Language::anything),
                    "the target branch of the pull request",
                ),
                ..trigger(
                    format!("a pull request{to}"),
                    Prediction::varies(merge, "the number of the pull request"),
                    "branch",
                )
            }]
        }
        "pull_request_target" => vec![Trigger {
            head_ref: Prediction::varies(Form::anything(), "the source branch of the pull request"),
            base_ref: Prediction::varies(Form::anything(), "the target branch of the pull request"),
            ..trigger("a pull request (`pull_request_target`)".to_owned(), default_branch(), "branch")
        }],
        "workflow_dispatch" => {
            let branch = Prediction::varies(heads(), "the branch on which someone starts it");
            let tag = Prediction::varies(tags(), "the tag on which someone starts it");
            vec![
                trigger("a start by hand on a branch".to_owned(), branch, "branch"),
                trigger("a start by hand on a tag".to_owned(), tag, "tag"),
            ]
        }
        "release" => {
            let tag = Prediction::varies(tags(), "the tag of the release");
            vec![trigger("a release".to_owned(), tag, "tag")]
        }
        "merge_group" => {
            let queue = Form::Sequence(vec![
                Form::lit("refs/heads/gh-readonly-queue/"),
                Form::anything().named("*", "main/pr-7"),
            ]);
            vec![trigger(
                "a merge queue".to_owned(),
                Prediction::varies(queue, "the queue's branch"),
                "branch",
            )]
        }
        "workflow_call" => Vec::new(),
        "create" | "deployment" | "deployment_status" => {
            let why = format!("the ref of `{event}` events is not known before, and may be empty");
            vec![Trigger {
                ref_type: Prediction::Unknown(why.clone()),
                ..trigger(format!("`{event}`"), Prediction::Unknown(why), "branch")
            }]
        }
        "schedule" => vec![trigger("a schedule".to_owned(), default_branch(), "branch")],
        _ => vec![trigger(format!("`{event}`"), default_branch(), "branch")],
    }
}

/// Branches and tags, as the filters let them through: with filters of one kind only, the other kind does not start.
fn push(filters: Option<&Node>, trigger: &dyn Fn(String, Prediction, &str) -> Trigger) -> Vec<Trigger> {
    let (branch, tag) = (branches(filters, "branches"), branches(filters, "tags"));
    let mut triggers = Vec::new();
    let mut add = |language: &Language, root: &str, kind: &str, words: String| {
        let refs = language.between(&Form::lit(root), &Form::lit(""));
        let with = format!("the pushed {kind}");
        triggers.push(trigger(words, Prediction::of(refs, Doubt::varies(with)), kind));
    };
    match (&branch, &tag) {
        (Some(branch), _) => add(branch, "refs/heads/", "branch", format!("a push to {}", branch.shown())),
        (None, None) => {
            add(&Language::anything(), "refs/heads/", "branch", "a push to any branch".to_owned())
        }
        (None, Some(_)) => {}
    }
    match (&tag, &branch) {
        (Some(tag), _) => add(tag, "refs/tags/", "tag", format!("a push of the tag {}", tag.shown())),
        (None, None) => add(&Language::anything(), "refs/tags/", "tag", "a push of any tag".to_owned()),
        (None, Some(_)) => {}
    }
    triggers
}

/// The names that `branches`, `branches-ignore` and the like let through; none without such filters.
fn branches(filters: Option<&Node>, kind: &str) -> Option<Language> {
    let filters = filters?;
    if let Some(only) = filters.get(kind) {
        let (mut positive, mut negative) = (Vec::new(), Vec::new());
        for (text, _) in only.texts() {
            match text.strip_prefix('!') {
                Some(not) => negative.extend(pattern(not)),
                // What comes after a negation may let names in again.
                None => {
                    negative.clear();
                    positive.push(pattern(text).unwrap_or_else(Form::anything));
                }
            }
        }
        let form = if positive.len() == 1 { positive.remove(0) } else { Form::Either(positive) };
        return Some(negative.into_iter().fold(Language::of(form), Language::but));
    }
    let ignored = filters.get(&format!("{kind}-ignore"))?;
    let forms = ignored.texts().into_iter().filter_map(|(text, _)| pattern(text));
    Some(forms.fold(Language::anything(), Language::but))
}

fn heads() -> Form {
    Form::Sequence(vec![Form::lit("refs/heads/"), Form::anything().named("*", "feature")])
}

fn tags() -> Form {
    Form::Sequence(vec![Form::lit("refs/tags/"), Form::anything().named("*", "v1.0.0")])
}
