//! Reading the configuration directory for a command.

use std::path::Path;

use stagedoor_config::{Report, Snapshot};

use crate::failure::Failure;
use crate::output;

/// The checked configuration.
///
/// # Errors
/// With every fault of every file, underlined.
pub(crate) fn load(directory: &Path) -> Result<Snapshot, Failure> {
    stagedoor_config::load(directory).map_err(|report| {
        Failure::input(format!("the configuration in `{}` has {}", directory.display(), counts(&report)))
            .above(report.render(output::color()))
    })
}

/// `2 errors, 1 warning`.
pub(crate) fn counts(report: &Report) -> String {
    let (errors, warnings) = (report.error_count(), report.warning_count());
    match (errors, warnings) {
        (errors, 0) => number(errors, "error"),
        (0, warnings) => number(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", number(errors, "error"), number(warnings, "warning")),
    }
}

/// `1 role`, `2 roles`.
pub(crate) fn number(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
