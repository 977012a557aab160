//! One file that was read.

use std::sync::Arc;

/// A file of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Relative to the configuration directory, `/` between parts.
    pub(crate) path: String,
    pub(crate) text: Arc<str>,
}
