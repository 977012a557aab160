//! The nodes of a YAML document.

use std::sync::{Arc, LazyLock};

use crate::source::{Place, Source};

/// A node with its place. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Node(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    tag: Option<String>,
    content: Content,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A scalar.
    Scalar {
        /// The text, unquoted and unescaped.
        text: String,
        /// Whether it was written without quotes and not as a block, so that it could be null, a number or a boolean.
        plain: bool,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping in order, merge keys resolved, each key once.
    Mapping(Vec<(Node, Node)>),
}

static NOTHING: LazyLock<Node> = LazyLock::new(|| {
    let place = Place::new(&Source::new("", ""), stagedoor_policy::Span::new(0, 0));
    Node::new(place, None, Content::Scalar { text: String::new(), plain: true })
});

impl Node {
    pub(crate) fn new(place: Place, tag: Option<String>, content: Content) -> Self {
        Self(Arc::new(Inner { place, tag, content }))
    }

    /// The null node of an empty document.
    pub(super) fn nothing() -> &'static Node {
        &NOTHING
    }

    /// A node at the place of this one with other content.
    #[must_use]
    pub(crate) fn with(&self, content: Content) -> Self {
        Self::new(self.0.place.clone(), None, content)
    }

    /// A node at the place and with the tag of this one with other content.
    #[must_use]
    pub(crate) fn with_tag(&self, content: Content) -> Self {
        Self::new(self.0.place.clone(), self.0.tag.clone(), content)
    }

    /// Where it is written; for an alias, where its anchor is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// Its local tag without `!`, such as `reference`.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.0.tag.as_deref()
    }

    /// What it holds.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.0.content
    }

    /// The text of a scalar that is not null.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.content() {
            Content::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// Whether it is a null scalar.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.content(), Content::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The boolean that a plain scalar is, as YAML 1.1 and 1.2 agree on it.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.content() {
            Content::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The entries of a sequence; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match self.content() {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.content(), Content::Sequence(_))
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.content(), Content::Mapping(_))
    }

    /// The entries of a mapping; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Node, Node)] {
        match self.content() {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of a mapping whose keys are texts.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Node, &Node)> {
        self.entries().iter().filter_map(|(key, value)| Some((key.text()?, key, value)))
    }

    /// The value of a mapping's key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// A mapping's key with its value.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<(&Node, &Node)> {
        self.fields().find(|(key, _, _)| *key == name).map(|(_, key, value)| (key, value))
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// A scalar as one text, a sequence of scalars as several.
    #[must_use]
    pub fn texts(&self) -> Vec<(&str, &Node)> {
        match self.content() {
            Content::Sequence(items) => {
                items.iter().filter_map(|item| item.text().map(|text| (text, item))).collect()
            }
            _ => self.text().map(|text| (text, self)).into_iter().collect(),
        }
    }
}
