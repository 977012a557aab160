//! `${{ … }}`: what the expressions of a job can refer to.

use std::collections::BTreeMap;

use super::matrix::Point;
use crate::preflight::Lock;
use crate::yaml::Node;

/// A value, or why it is not known.
type Known = Result<String, String>;

/// What is known where a text stands.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    lock: Lock,
    matrix: Result<Point, String>,
    inputs: BTreeMap<String, Known>,
    env: BTreeMap<String, Known>,
    environment: Option<String>,
}

impl Scope {
    pub(super) fn of(lock: &Lock) -> Self {
        Self {
            lock: lock.clone(),
            matrix: Ok(Point::default()),
            inputs: BTreeMap::new(),
            env: BTreeMap::new(),
            environment: None,
        }
    }

    pub(super) fn with_inputs(&self, inputs: BTreeMap<String, Known>) -> Self {
        Self { inputs, ..self.clone() }
    }

    pub(super) fn with_matrix(&self, point: &Point) -> Self {
        Self { matrix: Ok(point.clone()), ..self.clone() }
    }

    pub(super) fn with_unknown_matrix(&self, why: &str) -> Self {
        Self { matrix: Err(why.to_owned()), ..self.clone() }
    }

    pub(super) fn in_environment(&self, environment: Option<String>) -> Self {
        Self { environment, ..self.clone() }
    }

    /// Adds an `env` block, which can refer to what is known so far.
    pub(super) fn with_env(&self, block: Option<&Node>) -> Self {
        let mut scope = self.clone();
        for (name, _, value) in block.into_iter().flat_map(Node::fields) {
            scope.env.insert(name.to_owned(), self.fill(value.text().unwrap_or_default()));
        }
        scope
    }

    /// An environment variable, as a script sees it.
    pub(super) fn variable(&self, name: &str) -> Option<&Known> {
        self.env.get(name)
    }

    /// A text with its expressions filled in.
    pub(super) fn fill(&self, text: &str) -> Known {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, tail) =
                after.split_once("}}").ok_or_else(|| format!("`{text}` has an expression without an end"))?;
            filled += before;
            filled += &self.value(expression.trim())?;
            rest = tail;
        }
        Ok(filled + rest)
    }

    fn value(&self, expression: &str) -> Known {
        let hidden = || Err(format!("`{expression}` is known only when the workflow runs"));
        if let Some(literal) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return if literal.contains('\'') { hidden() } else { Ok(literal.to_owned()) };
        }
        let Some((context, name)) = expression.split_once('.') else { return hidden() };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !name.chars().all(plain) {
            return hidden();
        }
        let outside = || {
            let value = self.lock.variable(name, self.environment.as_deref());
            let entry = format!("`variables.{name}` in stagedoor.lock");
            value.map_or_else(
                || Err(format!("`{expression}` is not known ({entry})")),
                |value| Ok(value.to_owned()),
            )
        };
        match context {
            "matrix" => match &self.matrix {
                Ok(point) => Ok(point.get(name).unwrap_or_default().to_owned()),
                Err(why) => Err(why.clone()),
            },
            "inputs" => self.inputs.get(name).cloned().unwrap_or_else(hidden),
            "env" => self.env.get(name).cloned().unwrap_or_else(hidden),
            "vars" | "secrets" => outside(),
            "github" => {
                let github = &self.lock.github;
                match (name, &github.owner, &github.repository) {
                    ("repository_owner", Some(owner), _) => Ok(owner.clone()),
                    ("repository", Some(owner), Some(repository)) => Ok(format!("{owner}/{repository}")),
                    ("event.repository.name", _, Some(repository)) => Ok(repository.clone()),
                    _ => hidden(),
                }
            }
            _ => hidden(),
        }
    }
}

/// The inputs of a workflow or action that is called with `with`; those not given have their defaults.
pub(super) fn inputs_of_call(root: &Node, with: Option<&Node>, scope: &Scope) -> BTreeMap<String, Known> {
    let declared = root.at(&["on", "workflow_call", "inputs"]).or_else(|| root.get("inputs"));
    let mut inputs = BTreeMap::new();
    for (name, _, input) in declared.into_iter().flat_map(Node::fields) {
        let default = input.get("default").and_then(Node::text).unwrap_or_default();
        inputs.insert(name.to_owned(), Ok(default.to_owned()));
    }
    for (name, _, value) in with.into_iter().flat_map(Node::fields) {
        inputs.insert(name.to_owned(), scope.fill(value.text().unwrap_or_default()));
    }
    inputs
}
