//! The gates: identity-aware proxies that honour sessions. A gate translates and never decides.

mod framing;
mod http;
mod idle;
mod listen;
mod observe;
mod turn;

pub use framing::FramingFault;
pub use http::{HttpGate, Limits, Route, UpstreamError};
pub use listen::{Arrival, Bound, Handler, Listening};
pub use observe::{Answered, Observer};
pub use turn::Turn;
