//! What can be known before anything runs: whether a pipeline's jobs will get their roles.
//!
//! [`preflight`] reads the pipeline files of Bitbucket, CircleCI, GitLab and GitHub, predicts the tokens that each
//! job can carry, and evaluates trust policies over them. Every result is a [`Finding`], shown by [`output`].

pub mod catalogue;
mod finding;
mod language;
pub mod output;
pub mod pipeline;
pub mod preflight;
mod source;
pub mod tokens;
pub mod trust;
mod yaml;

pub use finding::{Finding, Mark};
pub use source::{FILE_LIMIT, Folder, Place, Position, Source, Unreadable};
pub use yaml::{Content, Node, Yaml, YamlError};
