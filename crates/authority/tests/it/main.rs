//! The authority over real configurations, real tokens and a real log.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which should fail loudly"
)]

mod assume;
mod chaining;
mod conditions;
mod denial;
mod derived;
mod ended;
mod house;
mod identity_token;
mod matrix;
mod reasons;
mod reference;
mod refusals;
mod reload;
mod rights;
mod trouble;
