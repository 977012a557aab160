//! One conformance suite, run on each database.
//!
//! PostgreSQL takes part when `STAGEDOOR_TEST_POSTGRES` holds the URL of a database in which the
//! suite may make schemas of its own; without it those tests say so and pass.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on must fail")]

mod conformance;
mod postgres;
mod sqlite;
