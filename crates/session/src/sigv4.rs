//! Signature Version 4, the server's side.
//!
//! The rules are those of the AWS General Reference, "Signature Version 4 signing process", and of the Amazon S3
//! API Reference, "Authenticating Requests".

mod canonical;
mod fields;
mod presented;
mod signature;
mod signed;
#[cfg(test)]
mod vectors;

pub use signed::Signed;

pub(crate) use canonical::{canonical_request, query_pairs};
pub(crate) use presented::Presented;
#[cfg(test)]
pub(crate) use signature::verified;
pub(crate) use signature::{Canonical, matches};

use jiff::SignedDuration;

/// How far the client's clock may be off, either way, and how long a signed header stays good.
pub const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The longest life of a presigned query (`X-Amz-Expires`), seven days.
pub const MAX_PRESIGNED_EXPIRY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The one algorithm. `AWS4-ECDSA-P256-SHA256` (4A) is refused.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

pub(crate) const MAX_PATH: usize = 16 * 1024;
pub(crate) const MAX_QUERY: usize = 64 * 1024;
pub(crate) const MAX_QUERY_PAIRS: usize = 1024;
pub(crate) const MAX_AUTHORIZATION: usize = 16 * 1024;
pub(crate) const MAX_SIGNED_HEADERS: usize = 100;
