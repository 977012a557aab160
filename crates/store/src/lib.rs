//! What must be shared between nodes and survive a restart: the keyring that seals session
//! tokens, the keys of our own issuer, revocations, and the guard against replayed tokens.
//!
//! One trait, [`Store`], with two implementations that share their statements and migrations:
//! SQLite for one node, PostgreSQL (or what speaks its protocol) for several. [`open`] picks by URL.
//! The clock is the caller's: every method that needs the time takes `now`.

mod error;
mod open;
mod postgres;
mod records;
mod revocation;
mod sql;
mod sqlite;
mod store;

pub use error::StoreError;
pub use open::open;
pub use records::{StoredSecret, StoredSigningKey};
pub use revocation::{NewRevocation, Revocation, Revoked};
pub use store::{Store, StoreFuture};
