//! The keys of our own issuer between the store and the authority: made when due, taken over from other nodes.

use crate::StartError;
use crate::core::Core;
use jiff::Timestamp;
use stagedoor_session::{Due, SigningAlgorithm, SigningKeyError, SigningKeys, StoredSigningKey};
use stagedoor_store::{Store, StoreError, StoredSigningKey as Row};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the store is asked for keys of other nodes: far more often than a key waits before it signs.
const LOOK: Duration = Duration::from_secs(60);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoKeys {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    #[error("a task of the server was lost: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl From<NoKeys> for StartError {
    fn from(error: NoKeys) -> Self {
        match error {
            NoKeys::Store(error) => Self::Store(error),
            NoKeys::Key(error) => Self::SigningKeys(error),
            NoKeys::Task(error) => Self::Task(error),
        }
    }
}

/// The keys in the store, with those added that are due at `now` and those removed that nobody needs any more.
pub(crate) async fn current(store: &dyn Store, now: Timestamp) -> Result<SigningKeys, NoKeys> {
    let mut keys = read(store.signing_keys().await?)?;
    for Due { algorithm, after, signs_from } in keys.due(now) {
        let made =
            tokio::task::spawn_blocking(move || StoredSigningKey::generate(algorithm, now, signs_from))
                .await??;
        keys = read(store.put_signing_key_after(after.as_deref(), &row(made)).await?)?;
    }
    let gone: Vec<String> = keys.gone(now).map(str::to_owned).collect();
    if gone.is_empty() {
        return Ok(keys);
    }
    for id in &gone {
        store.delete_signing_key(id).await?;
    }
    Ok(read(store.signing_keys().await?)?)
}

/// Keeps the authority's keys as they are in the store, until `stop`.
pub(crate) async fn keep(core: Arc<Core>, store: Arc<dyn Store>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        match current(store.as_ref(), core.authority.now()).await {
            Ok(keys) => {
                if let Err(refusal) = core.authority.take_signing_keys(keys).await {
                    tracing::error!(%refusal, "the issuer's new keys are not taken: they could not be recorded");
                }
            }
            Err(error) => tracing::warn!(%error, "the issuer's keys could not be looked after; they go on"),
        }
    }
}

fn read(rows: Vec<Row>) -> Result<SigningKeys, SigningKeyError> {
    rows.into_iter()
        .map(|row| {
            let algorithm = SigningAlgorithm::by_name(&row.algorithm)
                .ok_or_else(|| SigningKeyError::Unreadable(row.id.clone()))?;
            Ok(StoredSigningKey {
                id: row.id,
                algorithm,
                pkcs8: row.secret,
                created_at: row.created_at,
                signs_from: row.signs_from,
            })
        })
        .collect::<Result<Vec<_>, _>>()
        .and_then(SigningKeys::from_stored)
}

fn row(key: StoredSigningKey) -> Row {
    Row {
        id: key.id,
        algorithm: key.algorithm.name().to_owned(),
        secret: key.pkcs8,
        created_at: key.created_at,
        signs_from: key.signs_from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagedoor_session::{KEEP_PUBLISHED, PUBLISH_AHEAD, SIGN_FOR};

    fn ids(keys: &SigningKeys) -> Vec<String> {
        keys.ids().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn keys_are_made_kept_followed_and_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("s.db").display());
        let store = stagedoor_store::open(&url).await.unwrap();
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let first = current(store.as_ref(), start).await.unwrap();
        assert_eq!(first.algorithms().collect::<Vec<_>>(), SigningAlgorithm::ALL);
        let again = current(store.as_ref(), start + PUBLISH_AHEAD).await.unwrap();
        assert_eq!(ids(&again), ids(&first));

        let due = start + SIGN_FOR - PUBLISH_AHEAD;
        let two_nodes = tokio::join!(current(store.as_ref(), due), current(store.as_ref(), due));
        let both = two_nodes.0.unwrap();
        assert_eq!(ids(&both).len(), 6);
        assert_eq!(ids(&both), ids(&two_nodes.1.unwrap()));
        let over = start + SIGN_FOR + KEEP_PUBLISHED + jiff::SignedDuration::from_secs(1);
        let later = ids(&current(store.as_ref(), over).await.unwrap());
        assert_eq!(later.len(), 3);
        assert!(ids(&first).iter().all(|id| !later.contains(id)));
        store.close().await.unwrap();
    }
}
