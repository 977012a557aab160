//! The room from outside: seal, sign with the AWS SDK's signer, authenticate.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test helper that fails is a failed test"
)]

mod accepted;
mod database;
mod messages;
mod properties;
mod refusals;
mod signing;
mod stage;
mod tokens;
