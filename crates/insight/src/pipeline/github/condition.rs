//! `if`: what it says about refs and events. Only `&&` of comparisons is taken; the rest stays a doubt.

use super::trigger::Trigger;
use crate::language::{Form, Language};
use crate::preflight::prediction::{Doubt, Prediction};

/// What an `if` demands.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    demands: Vec<Demand>,
    /// The whole text, if some of it was not understood.
    pub(super) guard: Option<String>,
}

#[derive(Debug, Clone)]
struct Demand {
    subject: Subject,
    form: Form,
    /// Whether the form must not fit.
    negated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Subject {
    Event,
    Ref,
    RefType,
    BaseRef,
}

/// Reads an `if`, with or without `${{ }}`.
pub(super) fn read(text: &str) -> Condition {
    let bare = text.trim();
    let bare = bare.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(bare).trim();
    let mut condition = Condition { demands: Vec::new(), guard: None };
    let whole = || Some(format!("if: {}", text.trim()));
    if bare.contains("||") {
        condition.guard = whole();
        return condition;
    }
    for part in bare.split("&&") {
        match demand(part.trim()) {
            Some(Some(demand)) => condition.demands.push(demand),
            Some(None) => {}
            None => condition.guard = whole(),
        }
    }
    condition
}

/// One comparison; the inner none for what is always true here, the outer for what is not understood.
fn demand(text: &str) -> Option<Option<Demand>> {
    let text = unwrapped(text);
    if matches!(text, "always()" | "success()" | "true" | "!cancelled()") {
        return Some(None);
    }
    if let Some(arguments) = text.strip_prefix("startsWith(").and_then(|rest| rest.strip_suffix(')')) {
        let (left, right) = arguments.split_once(',')?;
        let (subject, prefix) = subject(left.trim())?;
        let form = Form::Sequence(vec![Form::Text(prefix + &literal(right.trim())?), Form::anything()]);
        return Some(Some(Demand { subject, form, negated: false }));
    }
    let (left, right, negated) = match (text.split_once("=="), text.split_once("!=")) {
        (Some((left, right)), None) => (left, right, false),
        (None, Some((left, right))) => (left, right, true),
        _ => return None,
    };
    let (left, right) = (left.trim(), right.trim());
    let (name, value) = if literal(left).is_some() { (right, left) } else { (left, right) };
    let (subject, prefix) = subject(name)?;
    Some(Some(Demand { subject, form: Form::Text(prefix + &literal(value)?), negated }))
}

fn unwrapped(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).map_or(text, str::trim)
}

/// What a name is about, and what must stand before the compared text. Branch names are taken for `ref_name`.
fn subject(name: &str) -> Option<(Subject, String)> {
    match name {
        "github.event_name" => Some((Subject::Event, String::new())),
        "github.ref" => Some((Subject::Ref, String::new())),
        "github.ref_type" => Some((Subject::RefType, String::new())),
        "github.base_ref" => Some((Subject::BaseRef, String::new())),
        _ => None,
    }
}

fn literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'')).then(|| inner.to_owned())
}

impl Condition {
    /// What is left of a trigger; none if the condition keeps it from starting the job. Comparisons ignore case, as
    /// GitHub's do.
    pub(super) fn narrow(&self, trigger: &Trigger) -> Option<Trigger> {
        let mut trigger = trigger.clone();
        for demand in &self.demands {
            let slot = match demand.subject {
                Subject::Event => {
                    let fits = Language::of(demand.form.folded()).contains(&trigger.event);
                    if fits == demand.negated {
                        return None;
                    }
                    continue;
                }
                Subject::Ref => &mut trigger.reference,
                Subject::RefType => &mut trigger.ref_type,
                Subject::BaseRef => &mut trigger.base_ref,
            };
            *slot = narrowed(slot, demand)?;
        }
        Some(trigger)
    }
}

fn narrowed(prediction: &Prediction, demand: &Demand) -> Option<Prediction> {
    let fits = |text: &str| Language::of(demand.form.folded()).contains(text) != demand.negated;
    match prediction {
        Prediction::Exact(value) => value.values().iter().all(|text| fits(text)).then(|| prediction.clone()),
        Prediction::Language(language, doubt) => {
            let language = match (demand.form.text(), demand.negated) {
                (Some(text), false) => {
                    return language.contains(&text).then(|| Prediction::exact(text));
                }
                (_, false) => language.clone().and(demand.form.clone()),
                (_, true) => language.clone().but(demand.form.clone()),
            };
            (!language.is_empty()).then(|| Prediction::Language(language, doubt.clone()))
        }
        Prediction::Choice(options, doubt) => {
            let left: Vec<Prediction> =
                options.iter().filter_map(|option| narrowed(option, demand)).collect();
            (!left.is_empty()).then(|| Prediction::Choice(left, doubt.clone()))
        }
        Prediction::Unknown(why) => match (demand.form.text(), demand.negated) {
            (Some(text), false) => Some(Prediction::exact(text)),
            _ => Some(Prediction::of(Language::of(demand.form.clone()), Doubt::hidden(why.clone()))),
        },
        Prediction::Absent => Some(Prediction::Absent),
    }
}
