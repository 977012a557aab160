//! The keyring between the store and the sessions.

use crate::StartError;
use jiff::Timestamp;
use stagedoor_session::{Keyring, StoredKey};
use stagedoor_store::{Store, StoredSecret};

/// The keyring in the store; on the first run a new one. Nodes that start together end with the same.
pub(crate) async fn open(store: &dyn Store, now: Timestamp) -> Result<Keyring, StartError> {
    let mut stored = store.keys().await?;
    if stored.is_empty() {
        for fresh in Keyring::generate(now)?.to_stored() {
            stored = store.put_first_key(&secret(fresh)).await?;
        }
        tracing::info!("the store had no keyring: made one");
    }
    Ok(Keyring::from_stored(stored.into_iter().map(key).collect())?)
}

fn secret(key: StoredKey) -> StoredSecret {
    let StoredKey { id, secret, created_at, activates_at, retired_at } = key;
    StoredSecret { id, secret, created_at, activates_at, retired_at }
}

fn key(secret: StoredSecret) -> StoredKey {
    let StoredSecret { id, secret, created_at, activates_at, retired_at } = secret;
    StoredKey { id, secret, created_at, activates_at, retired_at }
}
