//! YAML with a place for every node, within bounds.
//!
//! YAML 1.2 with the merge key of YAML 1.1, because pipelines use it. Scalars stay text, so `on`, `yes` and `012`
//! are what was written. Anchored nodes are shared, not copied; what they would expand to is counted and bounded.

mod load;
mod node;

pub use load::YamlError;
pub use node::{Content, Node};

use std::sync::Arc;

use crate::source::{Place, Source};

/// How deep nodes may be nested.
const DEPTH_LIMIT: usize = 64;
/// How many nodes a document may have, each alias counted as all that it stands for.
const NODE_LIMIT: usize = 200_000;
/// How many documents a file may have.
const DOCUMENT_LIMIT: usize = 16;

/// A YAML file.
#[derive(Debug, Clone)]
pub struct Yaml {
    /// The text.
    pub source: Arc<Source>,
    /// Its documents, at least one.
    pub documents: Vec<Node>,
    /// Keys that are there twice in one mapping: the later one, which counts, and the earlier one.
    pub duplicates: Vec<(Place, Place)>,
}

impl Yaml {
    /// Reads a text.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn parse(source: &Arc<Source>) -> Result<Self, YamlError> {
        load::load(source)
    }

    /// The first document.
    #[must_use]
    pub fn root(&self) -> &Node {
        self.documents.first().unwrap_or(Node::nothing())
    }
}
