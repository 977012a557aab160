//! The only place where a decision is made and recorded: verify, decide, record, issue, in this order.

mod caller;
mod clock;
mod reason;
mod refusal;
mod request;

pub use caller::Caller;
pub use clock::{Clock, SettableClock, SystemClock};
pub use reason::{Class, Reason};
pub use refusal::Refusal;
pub use request::{AssumeWithWebIdentity, CallerIdentity};
