//! The only place where a decision is made and recorded: verify, decide, record, issue, in this order.
//!
//! [`Authority`] is what doors and gates put their requests before. Types prove the order: a verified token is
//! needed for a decision, a recorded decision for credentials, [`Permitted`] for a request to go on.

mod assume;
mod assume_role;
mod attempt;
mod authority;
mod authorize;
mod caller;
mod caller_identity;
mod clock;
mod context;
mod denial;
mod derive;
mod exchange;
mod grant;
mod identity_token;
mod lifetime;
mod message;
mod observe;
mod origin;
mod policies;
mod rate;
mod reason;
mod refusal;
mod replay;
mod request;
mod revocation;
mod signed;
mod signing;
mod tags;

pub use authority::{Authority, Lifecycle};
pub use authorize::{Access, Permitted};
pub use caller::Caller;
pub use clock::{Clock, SettableClock, SystemClock};
pub use exchange::{Delegation, Exchanged};
pub use identity_token::{IdentityToken, IdentityTokenRequest};
pub use observe::{Decided, Observer};
pub use reason::{Class, Reason};
pub use refusal::Refusal;
pub use request::{
    Answered, AssumeRole, AssumeWithWebIdentity, Assumed, CallerIdentity, FederationToken, Issued,
};
