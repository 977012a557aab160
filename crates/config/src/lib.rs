//! The configuration directory as a checked, immutable [`Snapshot`].
//!
//! [`load`] reads every file, reports every fault of every file at once as a [`Report`], and gives a
//! snapshot only if there is no error. What a file may hold is described at [`Settings`],
//! [`Role`], [`Gate`] and [`Invariant`]; issuers are those of the identity crate.

mod check;
mod diff;
mod digest;
mod gate;
mod identity_token;
mod issuer;
mod load;
mod name;
mod policies;
mod report;
mod role;
mod settings;
mod snapshot;
mod source;
mod suggest;
mod table;
mod test_case;
mod tree;
mod value;

pub use gate::{Gate, GateKind, Limits};
pub use load::load;
pub use policies::Invariant;
pub use report::{FileReport, Position, Report};
pub use role::{Role, Roles};
pub use settings::{Listen, RateLimits, Settings};
pub use snapshot::Snapshot;
pub use test_case::{Access, Expected, TestCase, TestFile, Token, load_tests};
pub use value::Rate;
