//! The HTTP gate over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test helper that fails is a failed test"
)]

mod access;
mod bodies;
mod client;
mod curl;
mod forwarding;
mod house;
mod paths;
mod smuggling;
mod trouble;
mod upstream;
mod websocket;
