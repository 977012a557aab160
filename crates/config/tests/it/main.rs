//! The configuration directory, from files to a snapshot or a report.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on must fail")]

mod broken;
mod cases;
mod change;
mod files;
mod fixture;
mod guides;
mod hostile;
mod policies;
mod sound;
