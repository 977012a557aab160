//! Deep merge, `extends` and `!reference`.

use std::collections::HashMap;

use super::include::Config;
use crate::yaml::{Content, Node};

/// How deep `extends` may go; as GitLab.
const EXTENDS_LIMIT: usize = 11;
/// How deep references may go; as GitLab.
const REFERENCE_LIMIT: usize = 10;
/// How many entries may be merged for `extends` in all.
const WORK_LIMIT: usize = 2_000_000;
/// How large a resolved job may be, in nodes.
const SIZE_LIMIT: usize = 20_000;

/// Mappings are merged key by key; everything else is replaced.
pub(super) fn merge(base: &Node, over: &Node) -> Node {
    if !base.is_mapping() || !over.is_mapping() {
        return over.clone();
    }
    let mut entries: Vec<(Node, Node)> = base.entries().to_vec();
    let places = entries.iter().enumerate().filter_map(|(at, (key, _))| Some((key.text()?.to_owned(), at)));
    let places: HashMap<String, usize> = places.collect();
    for (key, value) in over.entries() {
        let known = key.text().and_then(|name| places.get(name)).and_then(|at| entries.get_mut(*at));
        match known {
            Some(entry) => *entry = (key.clone(), merge(&entry.1, value)),
            None => entries.push((key.clone(), value.clone())),
        }
    }
    over.with(Content::Mapping(entries))
}

/// A job with all that it extends and refers to.
///
/// # Errors
/// What cannot be resolved.
pub(super) fn job(config: &Config, name: &str) -> Result<Node, String> {
    let extended = extended(config, name, 0)?;
    let mut budget = SIZE_LIMIT;
    referenced(config, &extended, 0, &mut budget)
}

fn extended(config: &Config, name: &str, depth: usize) -> Result<Node, String> {
    let own = config.root.get(name).ok_or_else(|| match config.missing.first() {
        Some((what, _)) => format!("`{name}`, which it extends, is not here; {what} may have it"),
        None => format!("`{name}`, which it extends, does not exist"),
    })?;
    let Some(parents) = own.get("extends") else { return Ok(own.clone()) };
    if let Some(known) = config.extended.borrow().get(name) {
        return Ok(known.clone());
    }
    if depth == EXTENDS_LIMIT {
        return Err(format!("`extends` goes deeper than {EXTENDS_LIMIT} levels, perhaps in a circle"));
    }
    let mut base = own.with(Content::Mapping(Vec::new()));
    for (parent, _) in parents.texts() {
        base = merge(&base, &extended(config, parent, depth + 1)?);
        let work = config.work.get() + base.entries().len();
        config.work.set(work);
        if work > WORK_LIMIT {
            return Err("the jobs extend each other too often".to_owned());
        }
    }
    let whole = merge(&base, own);
    config.extended.borrow_mut().insert(name.to_owned(), whole.clone());
    Ok(whole)
}

/// Fills in `!reference [job, key, …]`; lists inside of lists become one list.
fn referenced(config: &Config, node: &Node, depth: usize, budget: &mut usize) -> Result<Node, String> {
    *budget = budget.checked_sub(1).ok_or("its references make it too large")?;
    if node.tag() == Some("reference") {
        if depth == REFERENCE_LIMIT {
            return Err(format!(
                "`!reference` goes deeper than {REFERENCE_LIMIT} levels, perhaps in a circle"
            ));
        }
        let path: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
        let Some((job, keys)) = path.split_first() else {
            return Err("a `!reference` names nothing".to_owned());
        };
        let found = config.root.get(job).and_then(|node| node.at(keys));
        let found = match found {
            Some(found) => found.clone(),
            None => extended(config, job, 0)?
                .at(keys)
                .cloned()
                .ok_or_else(|| format!("`!reference [{}]` leads nowhere", path.join(", ")))?,
        };
        return referenced(config, &found, depth + 1, budget);
    }
    Ok(match node.content() {
        Content::Scalar { .. } => node.clone(),
        Content::Sequence(items) => {
            let mut flat = Vec::new();
            for item in items {
                let resolved = referenced(config, item, depth, budget)?;
                if resolved.is_sequence() {
                    flat.extend(resolved.items().iter().cloned());
                } else {
                    flat.push(resolved);
                }
            }
            node.with(Content::Sequence(flat))
        }
        Content::Mapping(entries) => {
            let mut resolved = Vec::new();
            for (key, value) in entries {
                resolved.push((key.clone(), referenced(config, value, depth, budget)?));
            }
            node.with(Content::Mapping(resolved))
        }
    })
}
