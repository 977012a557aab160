//! The doors over real sockets: what goes over the wire, byte for byte.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which should fail loudly"
)]

mod assume;
mod caller_identity;
mod client;
#[path = "../../../cli/tests/it/support/clients.rs"]
#[allow(dead_code, reason = "the command's tests use all of it, these only a part")]
mod clients;
mod google;
#[path = "../../../authority/tests/it/house.rs"]
#[allow(dead_code, reason = "the authority's tests use all of it, these only a part")]
mod house;
mod oauth;
mod operations;
mod protocol;
mod web_identity_token;
