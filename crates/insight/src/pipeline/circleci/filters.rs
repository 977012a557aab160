//! Which branches and tags start a job: `filters`, `when`, `triggers`.

use crate::language::{Form, Language, full_match};
use crate::source::Place;
use crate::yaml::Node;

/// What starts a workflow, before the filters of its jobs.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// `a push to`, `a schedule on`.
    words: &'static str,
    /// Whether it is about a tag.
    pub(super) tag: bool,
    pub(super) refs: Language,
    pub(super) place: Place,
    pub(super) guard: Option<String>,
}

/// What a job's filters let through.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    branches: Filter,
    tags: Filter,
    /// Whether the job runs for tags at all: only with a filter of its own, and of all jobs before it.
    pub(super) tags_run: bool,
    guard: Option<String>,
    place: Option<Place>,
}

#[derive(Debug, Clone, Default)]
struct Filter {
    only: Option<Form>,
    ignore: Vec<Form>,
    /// A filter that is not understood.
    guard: Option<String>,
}

impl Start {
    pub(super) fn words(&self) -> String {
        match (self.refs.shown().as_str(), self.tag) {
            ("`*`", true) => "a push of any tag".to_owned(),
            ("`*`", false) => format!("{} any branch", self.words),
            (shown, true) => format!("a push of the tag {shown}"),
            (shown, false) => format!("{} {shown}", self.words),
        }
    }
}

/// What starts a workflow.
pub(super) fn starts(workflow: &Node) -> Vec<Start> {
    let place = workflow.entry("jobs").map_or_else(|| workflow.place(), |(key, _)| key.place());
    let of = |words, tag, sample: &str| Start {
        words,
        tag,
        refs: Language::of(Form::anything().named("*", sample)),
        place: place.clone(),
        guard: None,
    };
    let mut starts: Vec<Start> = match workflow.get("triggers") {
        None => vec![of("a push to", false, "feature"), of("a push of the tag", true, "v1.0.0")],
        Some(triggers) => triggers
            .items()
            .iter()
            .filter_map(|trigger| trigger.get("schedule"))
            .map(|schedule| {
                let limits = Limits::of(schedule.get("filters"));
                let start =
                    Start { place: schedule.place().clone(), ..of("a schedule on", false, "feature") };
                limits.branches.apply(start)
            })
            .collect(),
    };
    for (key, negated) in [("when", false), ("unless", true)] {
        if let Some((name, condition)) = workflow.entry(key) {
            starts = starts
                .into_iter()
                .filter_map(|start| {
                    let start = conditioned(start, condition, negated)?;
                    Some(Start { place: name.place().clone(), ..start })
                })
                .collect();
        }
    }
    starts
}

/// What is left of a start under a condition; none if nothing.
fn conditioned(start: Start, condition: &Node, negated: bool) -> Option<Start> {
    if let Some(all) = condition.get("and").filter(|_| !negated) {
        return all.items().iter().try_fold(start, |start, part| conditioned(start, part, false));
    }
    if let Some(inner) = condition.get("not") {
        return conditioned(start, inner, !negated);
    }
    let compared: Vec<&str> =
        condition.get("equal").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let is = |text: &str, name: &str| {
        text.split_whitespace().collect::<String>() == format!("<<pipeline.git.{name}>>")
    };
    let about = |name: &str| {
        let (left, right) = (compared.first()?, compared.get(1)?);
        if compared.len() != 2 || left.contains("<<") == right.contains("<<") {
            return None;
        }
        if is(left, name) { Some(*right) } else { is(right, name).then_some(*left) }
    };
    for (name, tag) in [("branch", false), ("tag", true)] {
        let Some(value) = about(name) else { continue };
        let form = Form::lit(value);
        return match (start.tag == tag, negated) {
            (true, true) => Some(Start { refs: start.refs.but(form), ..start }),
            (true, false) if start.refs.contains(value) => Some(Start { refs: Language::of(form), ..start }),
            // Of a tag there is no branch, and the other way round.
            (false, true) => Some(start),
            _ => None,
        };
    }
    let text = condition.place().text().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = format!("{}: {text}", if negated { "unless" } else { "when" });
    Some(guarded(start, text))
}

fn guarded(start: Start, guard: String) -> Start {
    let guard = match &start.guard {
        Some(known) => format!("{known} and {guard}"),
        None => guard,
    };
    Start { guard: Some(guard), ..start }
}

impl Limits {
    /// Reads `filters`.
    pub(super) fn of(filters: Option<&Node>) -> Self {
        let none = Self {
            branches: Filter::default(),
            tags: Filter::default(),
            tags_run: false,
            guard: None,
            place: filters.map(|node| node.place().clone()),
        };
        let Some(node) = filters else { return none };
        if let Some(expression) = node.text() {
            return Self { tags_run: true, guard: Some(format!("filters: {expression}")), ..none };
        }
        Self {
            branches: Filter::of(node.get("branches")),
            tags: Filter::of(node.get("tags")),
            tags_run: node.get("tags").is_some(),
            ..none
        }
    }

    /// What is left of a start.
    pub(super) fn within(&self, start: &Start) -> Option<Start> {
        if start.tag && !self.tags_run {
            return None;
        }
        let mut start =
            if start.tag { self.tags.apply(start.clone()) } else { self.branches.apply(start.clone()) };
        if let Some(guard) = &self.guard {
            start = guarded(start, guard.clone());
        }
        if start.refs.is_empty() {
            return None;
        }
        Some(match &self.place {
            Some(place) => Start { place: place.clone(), ..start },
            None => start,
        })
    }
}

impl Filter {
    fn of(node: Option<&Node>) -> Self {
        let Some(node) = node else { return Self::default() };
        let mut filter = Self::default();
        // A bare value is a shorter form of `only`.
        let only = if node.is_mapping() { node.get("only") } else { Some(node) };
        if let Some(only) = only {
            let forms =
                only.texts().into_iter().map(|(text, _)| filter.form(text)).collect::<Option<Vec<_>>>();
            let one =
                |mut forms: Vec<Form>| if forms.len() == 1 { forms.remove(0) } else { Form::Either(forms) };
            filter.only = forms.map(one);
        }
        for (text, _) in node.get("ignore").map(Node::texts).unwrap_or_default() {
            let form = filter.form(text);
            filter.ignore.extend(form);
        }
        filter
    }

    /// `/regex/` matches as a whole; anything else is a name.
    fn form(&mut self, text: &str) -> Option<Form> {
        let Some(regex) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) else {
            return Some(Form::lit(text));
        };
        let Some(form) = full_match(regex) else {
            self.guard = Some(text.to_owned());
            return None;
        };
        let sample = regex.replace(".*", "x").replace(".+", "x").replace(['^', '$', '\\'], "");
        Some(if regex == ".*" { Form::anything().named("*", "feature") } else { form.named(text, sample) })
    }

    fn apply(&self, start: Start) -> Start {
        let mut start = match &self.guard {
            Some(guard) => guarded(start, guard.clone()),
            None => start,
        };
        if let Some(only) = &self.only {
            start.refs = match only.text() {
                Some(name) if start.refs.contains(&name) => Language::of(Form::Text(name)),
                _ => start.refs.and(only.clone()),
            };
        }
        start.refs = self.ignore.iter().cloned().fold(start.refs, Language::but);
        start
    }
}
