//! Conformance with AWS's documented rules, one file for each family of rules, and laws that hold for all policies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken test fixture should stop the test at once")]

mod actions;
mod allocations;
mod combination;
mod conditions;
mod differential;
mod documents;
mod explanations;
mod laws;
mod principals;
mod resources;
mod rules;
mod schema;
mod space;
mod support;
mod variables;
mod web_identity;
