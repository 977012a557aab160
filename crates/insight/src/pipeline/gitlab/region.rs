//! Sets of pipelines: of one kind, on refs of one language, under conditions that cannot be told.

use super::expression::{Expression, Operand};
use super::variables::{Known, Variables};
use crate::language::{Form, Language, part_match};

/// A kind of pipeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kind {
    /// `CI_PIPELINE_SOURCE`.
    pub(super) source: &'static str,
    pub(super) tag: bool,
    pub(super) merge_request: bool,
    /// In words, before the refs.
    pub(super) words: &'static str,
}

/// Every kind that is told apart.
pub(super) const KINDS: &[Kind] = &[
    Kind { source: "push", tag: false, merge_request: false, words: "a push to" },
    Kind { source: "push", tag: true, merge_request: false, words: "a push of the tag" },
    Kind { source: "merge_request_event", tag: false, merge_request: true, words: "a merge request from" },
    Kind { source: "schedule", tag: false, merge_request: false, words: "a schedule on" },
    Kind { source: "web", tag: false, merge_request: false, words: "a start by hand on" },
    Kind { source: "api", tag: false, merge_request: false, words: "the API on" },
    Kind { source: "trigger", tag: false, merge_request: false, words: "a trigger token on" },
    Kind { source: "pipeline", tag: false, merge_request: false, words: "another project's pipeline on" },
];

/// At most so many regions are kept apart.
const REGION_LIMIT: usize = 24;

/// Pipelines of one kind.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) kind: Kind,
    /// The names of their branches or tags.
    pub(super) refs: Language,
    /// What must hold besides and cannot be told, as written.
    pub(super) guards: Vec<String>,
}

/// A region cut in two by a condition. What cannot be told is on both sides.
#[derive(Debug, Default)]
pub(super) struct Split {
    pub(super) yes: Vec<Region>,
    pub(super) no: Vec<Region>,
}

/// What a variable is within a region.
enum Value {
    Null,
    Text(String),
    /// The name of the branch or tag.
    Ref,
    /// `true` where the ref fits.
    Protected(Form),
    /// Set, but to something that cannot be told.
    Some,
    Unknown,
}

impl Region {
    pub(super) fn whole(kind: Kind) -> Self {
        let sample = if kind.tag { "v1.0.0" } else { "feature" };
        Self { kind, refs: Language::of(Form::anything().named("*", sample)), guards: Vec::new() }
    }

    /// What starts these pipelines, in words.
    pub(super) fn words(&self) -> String {
        let all = self.refs.shown() == "`*`";
        let any = if self.kind.tag { "any tag" } else { "any branch" };
        match (all, self.kind.tag) {
            (true, true) => "a push of any tag".to_owned(),
            (true, false) => format!("{} {any}", self.kind.words),
            (false, _) => format!("{} {}", self.kind.words, self.refs.shown()),
        }
    }

    /// Cuts by an expression; one that is not understood leaves the whole on both sides.
    pub(super) fn split(&self, text: &str, variables: &Variables<'_>) -> Split {
        match super::expression::parse(text) {
            Some(expression) => self.by(&expression, variables, text),
            None => self.undecided(text),
        }
    }

    /// Both sides under a guard.
    pub(super) fn undecided(&self, text: &str) -> Split {
        let mut guarded = self.clone();
        let guard = text.to_owned();
        if !guarded.guards.contains(&guard) {
            guarded.guards.push(guard);
        }
        Split { yes: vec![guarded.clone()], no: vec![guarded] }
    }

    fn by(&self, expression: &Expression, variables: &Variables<'_>, text: &str) -> Split {
        match expression {
            Expression::And(left, right) => {
                let first = self.by(left, variables, text);
                let mut split = Split { yes: Vec::new(), no: first.no };
                for region in first.yes {
                    let second = region.by(right, variables, text);
                    split.yes.extend(second.yes);
                    split.no.extend(second.no);
                }
                split.bounded(self, text)
            }
            Expression::Or(left, right) => {
                let first = self.by(left, variables, text);
                let mut split = Split { yes: first.yes, no: Vec::new() };
                for region in first.no {
                    let second = region.by(right, variables, text);
                    split.yes.extend(second.yes);
                    split.no.extend(second.no);
                }
                split.bounded(self, text)
            }
            Expression::Present(operand) => match self.value(operand, variables) {
                Value::Null => self.sided(false),
                Value::Text(value) => self.sided(!value.is_empty()),
                Value::Ref | Value::Protected(_) | Value::Some => self.sided(true),
                Value::Unknown => self.undecided(text),
            },
            Expression::Compare { left, right, matches, negated } => {
                let split = self.compare(left, right, *matches, variables, text);
                if *negated { Split { yes: split.no, no: split.yes } } else { split }
            }
        }
    }

    fn compare(
        &self,
        left: &Operand,
        right: &Operand,
        matches: bool,
        variables: &Variables<'_>,
        text: &str,
    ) -> Split {
        if matches {
            let Operand::Regex { source, ignore_case } = right else { return self.undecided(text) };
            let Some(form) = part_match(source, *ignore_case) else { return self.undecided(text) };
            let form = form.named(format!("/{source}/"), sample(source));
            return match self.value(left, variables) {
                Value::Null => self.sided(false),
                Value::Text(value) => self.sided(Language::of(form).contains(&value)),
                Value::Ref => self.cut(form),
                Value::Protected(_) | Value::Some | Value::Unknown => self.undecided(text),
            };
        }
        match (self.value(left, variables), self.value(right, variables)) {
            (Value::Unknown, _) | (_, Value::Unknown) => self.undecided(text),
            (Value::Null, Value::Null) => self.sided(true),
            (Value::Null, _) | (_, Value::Null) => self.sided(false),
            (Value::Text(left), Value::Text(right)) => self.sided(left == right),
            (Value::Ref, Value::Text(name)) | (Value::Text(name), Value::Ref) => self.cut(Form::Text(name)),
            (Value::Ref, Value::Ref) => self.sided(true),
            (Value::Protected(form), Value::Text(value)) | (Value::Text(value), Value::Protected(form)) => {
                let split = self.cut(form);
                match value.as_str() {
                    "true" => split,
                    "false" => Split { yes: split.no, no: split.yes },
                    _ => self.sided(false),
                }
            }
            _ => self.undecided(text),
        }
    }

    fn value(&self, operand: &Operand, variables: &Variables<'_>) -> Value {
        let name = match operand {
            Operand::Null => return Value::Null,
            Operand::Text(text) => return Value::Text(text.clone()),
            Operand::Regex { .. } => return Value::Unknown,
            Operand::Variable(name) => name.as_str(),
        };
        let Kind { source, tag, merge_request, .. } = self.kind;
        let when = |there: bool, value: Value| if there { value } else { Value::Null };
        match name {
            "CI_PIPELINE_SOURCE" => Value::Text(source.to_owned()),
            "CI_COMMIT_BRANCH" => when(!tag && !merge_request, Value::Ref),
            "CI_COMMIT_TAG" => when(tag, Value::Ref),
            "CI_COMMIT_REF_NAME" => Value::Ref,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME" => when(merge_request, Value::Ref),
            "CI_COMMIT_REF_PROTECTED" => match variables.protected(tag) {
                Some(form) => Value::Protected(form),
                None => Value::Unknown,
            },
            _ if name.starts_with("CI_MERGE_REQUEST_") => when(merge_request, Value::Some),
            _ => match variables.get(name) {
                Known::Text(text) => Value::Text(text),
                Known::Unset | Known::Unknown(_) => Value::Unknown,
            },
        }
    }

    /// Cuts the refs by a form.
    pub(super) fn cut(&self, form: Form) -> Split {
        let with = |refs: Language| {
            let region = Region { refs, ..self.clone() };
            if region.refs.is_empty() { Vec::new() } else { vec![region] }
        };
        let yes = match form.text() {
            Some(text) if self.refs.contains(&text) => {
                vec![Region { refs: Language::of(Form::Text(text)), ..self.clone() }]
            }
            Some(_) => Vec::new(),
            None => with(self.refs.clone().and(form.clone())),
        };
        Split { yes, no: with(self.refs.clone().but(form)) }
    }

    fn sided(&self, yes: bool) -> Split {
        let region = vec![self.clone()];
        if yes { Split { yes: region, no: Vec::new() } } else { Split { yes: Vec::new(), no: region } }
    }
}

impl Split {
    /// Too many pieces become one that is not decided.
    fn bounded(self, whole: &Region, text: &str) -> Self {
        if self.yes.len() + self.no.len() > REGION_LIMIT { whole.undecided(text) } else { self }
    }
}

/// A readable guess at what a simple expression matches; it is checked before it is used.
fn sample(source: &str) -> String {
    source
        .trim_start_matches('^')
        .trim_end_matches('$')
        .replace(".*", "x")
        .replace(".+", "x")
        .replace('\\', "")
}
