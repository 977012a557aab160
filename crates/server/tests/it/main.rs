//! A whole server: real issuers, real sockets, real files.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test helper that fails is a failed test"
)]

mod house;
mod issuer;
mod readiness;
mod reload;
mod revocation;
mod start;
mod story;
mod upstream;
