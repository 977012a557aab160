//! Composition: configuration, doors, gates, reload, metrics, drain.

mod addresses;
mod options;

pub use addresses::Addresses;
pub use options::Options;
