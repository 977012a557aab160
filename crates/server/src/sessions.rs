//! What other nodes and the command line do to sessions, learnt from the store: revocations and sealing keys.

use crate::core::Core;
use crate::{StartError, keyring};
use stagedoor_audit::{Kind, Order, Query};
use stagedoor_authority::Authority;
use stagedoor_store::Store;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the store is asked for revocations: each counts within a second.
const REVOCATIONS: Duration = Duration::from_millis(400);
/// The store is asked for its keys, and to forget what has expired, once in so many times.
const KEYS: u32 = 10;
const PRUNE: u32 = 1500;

/// The number of the last revocation in the audit log at `directory`: those after it are still to be recorded.
pub(crate) fn recorded(directory: &Path) -> u64 {
    let query =
        Query { kind: Some(Kind::Revocation), order: Order::NewestFirst, limit: Some(1), ..Query::default() };
    let newest = stagedoor_audit::search(directory, &query).ok().and_then(|mut found| found.next());
    let number = newest
        .and_then(Result::ok)
        .and_then(|entry| entry.record.request_parameters.get("sequence").and_then(|number| number.as_u64()));
    number.unwrap_or(0)
}

/// Takes in the revocations that stand, before anything is served.
pub(crate) async fn first(authority: &Authority, store: &dyn Store, recorded: u64) -> Result<(), StartError> {
    let told = store.revocations_after(0).await?;
    authority.take_revocations(&told, recorded).await;
    Ok(())
}

/// Asks the store again and again, until `stop`.
pub(crate) async fn keep(core: Arc<Core>, store: Arc<dyn Store>, stop: CancellationToken) {
    let mut silent = false;
    let mut turn: u32 = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REVOCATIONS) => {}
        }
        turn = turn.wrapping_add(1);
        match ask(&core, store.as_ref(), turn).await {
            Ok(()) if silent => tracing::info!("the store answers again"),
            Ok(()) => {}
            Err(error) if !silent => {
                tracing::error!(%error, "the store does not tell which sessions are revoked; asking on");
                silent = true;
                continue;
            }
            Err(_) => continue,
        }
        silent = false;
    }
}

async fn ask(core: &Core, store: &dyn Store, turn: u32) -> Result<(), StartError> {
    let authority = &core.authority;
    let told = store.revocations_after(authority.last_revocation()).await?;
    authority.take_revocations(&told, 0).await;
    if turn.is_multiple_of(KEYS) {
        let next = keyring::open(store, authority.now()).await?;
        if let Err(refusal) = authority.replace_keyring(next).await {
            tracing::error!(%refusal, "the sealing keys changed, which could not be recorded");
        }
    }
    if turn.is_multiple_of(PRUNE) {
        store.prune(authority.now()).await?;
    }
    Ok(())
}
