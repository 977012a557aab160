//! The HTTP gate.

mod answer;
mod body;
mod buffer;
mod gate;
mod limits;
mod path;
mod strip;
mod target;
mod tell;
mod upgrade;
mod upstream;

pub use gate::{HttpGate, Route};
pub use limits::Limits;
pub use upstream::UpstreamError;
