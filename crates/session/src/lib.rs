//! Short-lived credentials: keyring, sealed session tokens, Signature Version 4 verification.
//!
//! A [`Session`] is what a caller may be for a while. [`Keyring::seal`] turns it into [`Credentials`] whose
//! session token carries the whole session, encrypted and authenticated, so that any node with the keyring can
//! open it without a look-up. [`Keyring::authenticate`] reads a request's signature (Signature Version 4 in a
//! header or in the query, or a bearer token) and yields [`Authenticated`], the proof that the next room asks for.
//! [`SigningKeys`] sign what others are to verify: the tokens of our own issuer, and access tokens.
//!
//! There is no clock here: time is always an argument.

mod authenticate;
mod body;
mod database;
mod id;
mod keyring;
mod lineage;
mod message;
mod refusal;
mod seal;
mod session;
mod signing;
mod sigv4;

pub use authenticate::{Authenticated, Body, Expected, HttpRequest, Payload, Scheme};
pub use body::BodyCheck;
pub use database::{DatabaseLogin, MAX_DATABASE_TOKEN};
pub use id::{is_access_key_id, new_access_key_id, random_access_key_id, role_id};
pub use keyring::{Keyring, KeyringError, RETENTION, RandomnessUnavailable, StoredKey};
pub use lineage::{Ancestor, Lineage, MAX_ANCESTORS};
pub use message::MAX_MESSAGE;
pub use refusal::SessionRefusal;
pub use seal::{Credentials, MAX_SESSION_TOKEN, SealError};
pub use session::{Federation, MAX_ACTORS, Session, SessionKind};
pub use signing::{
    AccessTokens, Due, KEEP_PUBLISHED, MAX_ACCESS_TOKEN, NotOurs, PUBLISH_AHEAD, SIGN_FOR, SigningAlgorithm,
    SigningKeyError, SigningKeys, StoredSigningKey, Verified,
};
pub use sigv4::{MAX_CLOCK_SKEW, MAX_PRESIGNED_EXPIRY, Signed};
