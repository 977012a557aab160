//! The audit log from outside.

mod attack;
mod interop;
mod log;
mod sample;
