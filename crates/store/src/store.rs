//! The trait that both databases implement.

use std::{fmt, future::Future, pin::Pin};

use jiff::Timestamp;

use crate::{NewRevocation, Revocation, StoreError, StoredSecret, StoredSigningKey};

/// The answer of a [`Store`] method.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Shared, lasting state. Every method is atomic and, once it has answered, its effect survives a
/// crash and is seen by every node.
///
/// Every method may fail with [`StoreError::Unavailable`]; callers that need the answer must then
/// refuse, not guess.
pub trait Store: Send + Sync + fmt::Debug {
    /// All keys of the keyring, oldest first.
    fn keys(&self) -> StoreFuture<'_, Vec<StoredSecret>>;

    /// Adds a key, or changes when a stored one retired.
    ///
    /// # Errors
    /// [`StoreError::KeyConflict`] if the id is stored with another secret.
    fn put_key<'a>(&'a self, key: &'a StoredSecret) -> StoreFuture<'a, ()>;

    /// Adds `key` only if the keyring is empty, and answers the keys then stored, oldest first: of
    /// several nodes that start at once on a new store, all end with the same keyring.
    fn put_first_key<'a>(&'a self, key: &'a StoredSecret) -> StoreFuture<'a, Vec<StoredSecret>>;

    /// Forgets a key; nothing that it sealed can be opened again. Answers whether it was there.
    fn delete_key<'a>(&'a self, id: &'a str) -> StoreFuture<'a, bool>;

    /// All keys of our own issuer, in the order in which they begin to sign.
    fn signing_keys(&self) -> StoreFuture<'_, Vec<StoredSigningKey>>;

    /// Adds `key` only if `last` is the id of the last key of its algorithm to begin to sign (`None`: there is no key
    /// of that algorithm), and answers the keys then stored: of several nodes that make the same step at once, one
    /// succeeds and all end with the same keys.
    fn put_signing_key_after<'a>(
        &'a self,
        last: Option<&'a str>,
        key: &'a StoredSigningKey,
    ) -> StoreFuture<'a, Vec<StoredSigningKey>>;

    /// Forgets a key of our own issuer. Answers whether it was there.
    fn delete_signing_key<'a>(&'a self, id: &'a str) -> StoreFuture<'a, bool>;

    /// Stores a revocation and answers it with its place in the order.
    fn revoke<'a>(&'a self, order: &'a NewRevocation) -> StoreFuture<'a, Revocation>;

    /// The revocations after `sequence` (0: all), in order.
    fn revocations_after(&self, sequence: u64) -> StoreFuture<'_, Vec<Revocation>>;

    /// Notes that the token with this hash has been used, to be remembered until `expires_at`.
    /// Answers `true` the first time and `false` if it was noted before and is still remembered at
    /// `now`. Exactly one of several callers at once, on any node, gets `true`.
    fn note_use<'a>(
        &'a self,
        token_hash: &'a [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Forgets revocations and used tokens that expired at or before `now`; answers how many rows went.
    fn prune(&self, now: Timestamp) -> StoreFuture<'_, u64>;

    /// Finishes what is under way and closes the connections; later calls fail.
    fn close(&self) -> StoreFuture<'_, ()>;
}
