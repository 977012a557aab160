//! The audit log from outside.

mod log;
mod sample;
