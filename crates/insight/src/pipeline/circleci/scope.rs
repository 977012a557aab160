//! `<< parameters.x >>`: parameters, their defaults, and matrices.

use std::collections::BTreeMap;

use crate::preflight::Lock;
use crate::yaml::Node;

/// How many jobs a matrix may make; as CircleCI.
const LIMIT: usize = 128;

/// What is known where a text stands.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    root: &'a Node,
    pub(super) lock: &'a Lock,
    parameters: BTreeMap<String, Node>,
    environment: BTreeMap<String, Result<String, String>>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(root: &'a Node, lock: &'a Lock) -> Self {
        Self { root, lock, parameters: BTreeMap::new(), environment: BTreeMap::new() }
    }

    /// The scope inside of a job or a command that is used with `given`. The environment goes on.
    pub(super) fn inside(&self, declared: Option<&Node>, given: &[(String, Node)]) -> Self {
        let mut parameters = BTreeMap::new();
        for (name, _, parameter) in declared.into_iter().flat_map(Node::fields) {
            if let Some(default) = parameter.get("default") {
                parameters.insert(name.to_owned(), default.clone());
            }
        }
        for (name, value) in given {
            parameters.insert(name.clone(), value.clone());
        }
        Self { parameters, ..self.clone() }
    }

    pub(super) fn with_environment(&self, block: Option<&Node>) -> Self {
        let mut scope = self.clone();
        for (name, _, value) in block.into_iter().flat_map(Node::fields) {
            scope.environment.insert(name.to_owned(), self.fill(value.text().unwrap_or_default()));
        }
        scope
    }

    /// Parameters of a step, filled in; those that are lists or mappings as they are.
    pub(super) fn given(&self, node: &Node) -> Vec<(String, Node)> {
        node.fields()
            .map(|(name, _, value)| {
                let passed = value.text().and_then(|text| self.parameter(text)).cloned();
                let filled = value.text().and_then(|text| self.fill(text).ok());
                let value = match (passed, filled) {
                    (Some(node), _) if node.text().is_none() => node,
                    (_, Some(text)) => value.with(crate::yaml::Content::Scalar { text, plain: false }),
                    _ => value.clone(),
                };
                (name.to_owned(), value)
            })
            .collect()
    }

    /// The node that a text stands for, if it is a parameter and nothing else.
    pub(super) fn parameter(&self, text: &str) -> Option<&Node> {
        let name = text.trim().strip_prefix("<<")?.strip_suffix(">>")?.trim().strip_prefix("parameters.")?;
        self.parameters.get(name)
    }

    /// A text with its parameters filled in.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(super) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("<<") {
            let Some((name, tail)) = after.split_once(">>") else { break };
            filled += before;
            filled += &self.value(name.trim())?;
            rest = tail;
        }
        Ok(filled + rest)
    }

    fn value(&self, name: &str) -> Result<String, String> {
        let hidden = || format!("`<< {name} >>` is known only when the pipeline runs");
        let node = if let Some(name) = name.strip_prefix("parameters.") {
            self.parameters.get(name)
        } else if let Some(name) = name.strip_prefix("pipeline.parameters.") {
            self.root.at(&["parameters", name, "default"])
        } else {
            None
        };
        let text = node.and_then(Node::text).ok_or_else(hidden)?;
        if text.contains("<<") { Err(hidden()) } else { Ok(text.to_owned()) }
    }

    /// An environment variable.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match self.environment.get(name) {
            Some(value) => value.clone().ok(),
            None => self.lock.variable(name, None).map(str::to_owned),
        }
    }

    /// A text with its parameters and environment variables filled in.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(super) fn substitute(&self, text: &str) -> Result<String, String> {
        super::super::script::expand(&self.fill(text)?, &|name| self.variable(name))
    }
}

/// The parameters of each job that a matrix makes; a single empty set without a matrix.
///
/// # Errors
/// Why they cannot be told.
pub(super) fn matrix(node: Option<&Node>) -> Result<Vec<Vec<(String, Node)>>, String> {
    let Some(node) = node else { return Ok(vec![Vec::new()]) };
    let mut points: Vec<Vec<(String, Node)>> = vec![Vec::new()];
    for (name, _, values) in node.get("parameters").into_iter().flat_map(Node::fields) {
        if !values.is_sequence() {
            return Err("its matrix is not written out".to_owned());
        }
        let mut next = Vec::new();
        for point in &points {
            for value in values.items() {
                let mut point = point.clone();
                point.push((name.to_owned(), value.clone()));
                next.push(point);
            }
            if next.len() > LIMIT {
                return Err(format!("its matrix makes more than {LIMIT} jobs"));
            }
        }
        points = next;
    }
    let excluded = node.get("exclude").map(Node::items).unwrap_or_default();
    points.retain(|point| {
        !excluded.iter().any(|pairs| {
            pairs.fields().all(|(name, _, value)| {
                point.iter().any(|(known, node)| known == name && node.text() == value.text())
            })
        })
    });
    Ok(points)
}
