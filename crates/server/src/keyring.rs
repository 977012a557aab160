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
    StoredSecret { id: key.id, secret: key.secret, created_at: key.created_at, retired_at: key.retired_at }
}

fn key(secret: StoredSecret) -> StoredKey {
    StoredKey {
        id: secret.id,
        secret: secret.secret,
        created_at: secret.created_at,
        retired_at: secret.retired_at,
    }
}
