//! Our own issuer: the keys that sign what others verify, and the tokens that gates take as bearers.

mod access_token;
mod key;
mod keys;

pub use access_token::{AccessTokens, MAX_ACCESS_TOKEN};
pub use key::{SigningAlgorithm, SigningKeyError, StoredSigningKey};
pub use keys::{Due, KEEP_PUBLISHED, NotOurs, PUBLISH_AHEAD, SIGN_FOR, SigningKeys, Verified};
