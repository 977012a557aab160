//! Tokens forged by hand against every rule, and live issuers over real sockets.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod catalogue;
mod conditions;
mod derivation;
mod forge;
mod hints;
mod hostile;
mod key_cache;
mod key_fetch;
mod platforms;
mod rules;
mod server;
mod signatures;
