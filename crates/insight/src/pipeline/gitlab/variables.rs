//! CI variables, as far as they are known.

use std::collections::BTreeMap;

use crate::language::{Form, gitlab as wildcard};
use crate::preflight::Lock;
use crate::yaml::Node;

/// The variables of a job.
#[derive(Debug, Clone)]
pub(super) struct Variables<'a> {
    lock: &'a Lock,
    set: BTreeMap<String, String>,
    environment: Option<String>,
}

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Text(String),
    /// Nothing here sets it; the project may.
    Unset,
    /// Why it cannot be told.
    Unknown(String),
}

/// How deep variables may refer to variables.
const DEPTH_LIMIT: usize = 8;

impl<'a> Variables<'a> {
    pub(super) fn of(lock: &'a Lock) -> Self {
        Self { lock, set: BTreeMap::new(), environment: None }
    }

    /// Adds a `variables` block, which goes before what is there.
    pub(super) fn add(&mut self, block: Option<&Node>) {
        for (name, _, value) in block.into_iter().flat_map(Node::fields) {
            if let Some(text) = value.get("value").unwrap_or(value).text() {
                self.set.insert(name.to_owned(), text.to_owned());
            }
        }
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.set.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn in_environment(&mut self, environment: Option<String>) {
        self.environment = environment;
    }

    /// The files' own value, before the project's settings override it.
    pub(super) fn own(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str)
    }

    /// Whether the lock file tells the project's own value.
    pub(super) fn is_locked(&self, name: &str) -> bool {
        self.lock.variable(name, self.environment.as_deref()).is_some()
    }

    /// A variable's value with all that it refers to.
    pub(super) fn get(&self, name: &str) -> Known {
        self.within(name, DEPTH_LIMIT)
    }

    /// A text with its variables filled in.
    ///
    /// # Errors
    /// Why that is not possible.
    pub(super) fn expand(&self, text: &str) -> Result<String, String> {
        self.expand_within(text, DEPTH_LIMIT)
    }

    /// The refs that are protected, if the lock file tells.
    pub(super) fn protected(&self, tag: bool) -> Option<Form> {
        let gitlab = &self.lock.gitlab;
        let patterns = if tag { &gitlab.protected_tags } else { &gitlab.protected_branches };
        Some(Form::Either(patterns.as_ref()?.iter().map(|pattern| wildcard(pattern)).collect()))
    }

    fn within(&self, name: &str, depth: usize) -> Known {
        // The project's variables override those of the file.
        if let Some(value) = self.lock.variable(name, self.environment.as_deref()) {
            return Known::Text(value.to_owned());
        }
        if let Some(value) = self.set.get(name) {
            return match self.expand_within(value, depth) {
                Ok(text) => Known::Text(text),
                Err(why) => Known::Unknown(why),
            };
        }
        match self.predefined(name) {
            Some(value) => Known::Text(value),
            None if name.starts_with("CI_") || name.starts_with("GITLAB_") => {
                Known::Unknown(format!("`${name}` is known only when the pipeline runs"))
            }
            None => Known::Unset,
        }
    }

    fn predefined(&self, name: &str) -> Option<String> {
        let gitlab = &self.lock.gitlab;
        let path = gitlab.project_path.as_deref();
        let host = gitlab.host.as_deref();
        match name {
            "CI" | "GITLAB_CI" => Some("true".to_owned()),
            "CI_DEFAULT_BRANCH" => gitlab.default_branch.clone(),
            "CI_PROJECT_ID" => gitlab.project_id.clone(),
            "CI_PROJECT_PATH" => path.map(str::to_owned),
            "CI_PROJECT_NAMESPACE" => path?.rsplit_once('/').map(|(namespace, _)| namespace.to_owned()),
            "CI_PROJECT_NAME" => path?.rsplit('/').next().map(str::to_owned),
            "CI_SERVER_HOST" | "CI_SERVER_FQDN" => host.map(str::to_owned),
            "CI_SERVER_URL" => host.map(|host| format!("https://{host}")),
            "CI_ENVIRONMENT_NAME" => self.environment.clone(),
            _ => None,
        }
    }

    fn expand_within(&self, text: &str, depth: usize) -> Result<String, String> {
        let mut filled = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled += text,
                Piece::Variable(name) => match depth.checked_sub(1).map(|depth| self.within(name, depth)) {
                    Some(Known::Text(value)) => filled += &value,
                    Some(Known::Unknown(why)) => return Err(why),
                    Some(Known::Unset) => {
                        return Err(format!("`${name}` is not known (`variables.{name}` in stagedoor.lock)"));
                    }
                    None => return Err(format!("`${name}` refers to itself")),
                },
            }
        }
        Ok(filled)
    }
}

/// A piece of a text with variables.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// `$NAME`, `${NAME}` and what is between; `$$` is a dollar sign.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        pieces.push(Piece::Text(before));
        let name_end =
            |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        rest = match braced {
            Some((name, tail)) if name_end(name) == name.len() && !name.is_empty() => {
                pieces.push(Piece::Variable(name));
                tail
            }
            _ if after.starts_with('$') => {
                pieces.push(Piece::Text("$"));
                after.get(1..).unwrap_or_default()
            }
            _ => match after.split_at_checked(name_end(after)) {
                Some((name, tail)) if !name.is_empty() => {
                    pieces.push(Piece::Variable(name));
                    tail
                }
                _ => {
                    pieces.push(Piece::Text("$"));
                    after
                }
            },
        };
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}
