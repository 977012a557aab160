//! The `stagedoor` binary as its users meet it: run as a process, spoken to by real clients.
//!
//! `cargo xtask test` installs the clients and says where they are; without it the tests look where
//! `cargo xtask setup` puts them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod support;

mod assume;
mod audit;
mod check;
mod clients;
mod compare;
mod crash;
mod demo;
mod disk;
mod exec;
mod explain;
mod help;
mod init;
mod outage;
mod policy_test;
mod preflight;
mod readme_policy;
mod reload;
mod rotation;
