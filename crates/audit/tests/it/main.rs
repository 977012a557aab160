//! The audit log from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part fails the test"
)]

mod attack;
mod full;
mod index;
mod interop;
mod kill;
mod log;
mod retention;
mod sample;
mod schema;
mod trace;
mod witness;
