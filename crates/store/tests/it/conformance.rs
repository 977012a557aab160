//! What every store must do. Each function gets a store of its own, empty.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use stagedoor_store::{NewRevocation, Revoked, Store, StoreError, StoredSecret, StoredSigningKey};

pub(crate) fn now() -> Timestamp {
    "2026-11-20T10:00:00.123456Z".parse().unwrap()
}

pub(crate) fn key(id: &str, secret: &[u8], seconds: i64) -> StoredSecret {
    StoredSecret {
        id: id.into(),
        secret: secret.to_vec().into(),
        created_at: now() + SignedDuration::from_secs(seconds),
        activates_at: now() + SignedDuration::from_secs(seconds + 300),
        retired_at: None,
    }
}

fn order(revoked: Revoked) -> NewRevocation {
    NewRevocation {
        revoked,
        issued_before: now(),
        expires_at: now() + SignedDuration::from_hours(12),
        created_at: now(),
        actor: "user:default/jane".into(),
        reason: "laptop 'lost'; \u{1f4bb}".into(),
    }
}

pub(crate) async fn keys_come_back_oldest_first(store: Arc<dyn Store>) {
    assert_eq!(store.keys().await.unwrap(), vec![]);
    let secret: Vec<u8> = (0..=255).collect();
    let newer = key("b", &secret, 10);
    let older = key("z", b"\0\0", 0);
    store.put_key(&newer).await.unwrap();
    store.put_key(&older).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), vec![older.clone(), newer.clone()]);

    let retired = StoredSecret { retired_at: Some(now() + SignedDuration::from_secs(20)), ..older };
    store.put_key(&retired).await.unwrap();
    store.put_key(&retired).await.unwrap();
    assert_eq!(store.keys().await.unwrap(), vec![retired, newer.clone()]);

    assert!(store.delete_key("z").await.unwrap());
    assert!(!store.delete_key("z").await.unwrap());
    assert_eq!(store.keys().await.unwrap(), vec![newer]);
}

pub(crate) async fn a_key_id_cannot_change_its_secret(store: Arc<dyn Store>) {
    let first = key("a", b"one", 0);
    store.put_key(&first).await.unwrap();
    let error = store.put_key(&key("a", b"two", 0)).await.unwrap_err();
    assert!(matches!(error, StoreError::KeyConflict { ref id } if id == "a"));
    assert!(!error.is_transient());
    assert_eq!(store.keys().await.unwrap(), vec![first]);
}

pub(crate) async fn nodes_that_start_at_once_share_the_first_key(store: Arc<dyn Store>) {
    let tasks: Vec<_> = (0..8)
        .map(|node| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mine = key(&format!("node-{node}"), &[node; 32], 0);
                store.put_first_key(&mine).await.unwrap()
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    assert_eq!(seen[0].len(), 1);
    assert!(seen.iter().all(|keys| keys == &seen[0]));
    assert_eq!(store.keys().await.unwrap(), seen[0]);
}

fn signing_key(id: &str, algorithm: &str, seconds: i64) -> StoredSigningKey {
    StoredSigningKey {
        id: id.into(),
        algorithm: algorithm.into(),
        secret: vec![0, 255, 7].into(),
        created_at: now(),
        signs_from: now() + SignedDuration::from_secs(seconds),
    }
}

pub(crate) async fn a_signing_key_follows_the_one_that_was_seen(store: Arc<dyn Store>) {
    let (first, other) = (signing_key("z", "RS256", 0), signing_key("e", "ES256", 0));
    assert_eq!(store.put_signing_key_after(None, &first).await.unwrap(), vec![first.clone()]);
    let both = vec![other.clone(), first.clone()];
    assert_eq!(store.put_signing_key_after(None, &other).await.unwrap(), both);
    let late = signing_key("late", "RS256", 0);
    assert_eq!(store.put_signing_key_after(None, &late).await.unwrap(), both);
    assert_eq!(store.put_signing_key_after(Some("e"), &late).await.unwrap(), both);

    let next = signing_key("a", "RS256", 60);
    let three = vec![other.clone(), first.clone(), next.clone()];
    assert_eq!(store.put_signing_key_after(Some("z"), &next).await.unwrap(), three);
    assert_eq!(store.put_signing_key_after(Some("z"), &late).await.unwrap(), three);
    assert_eq!(store.signing_keys().await.unwrap(), three);

    assert!(store.delete_signing_key("z").await.unwrap());
    assert!(!store.delete_signing_key("z").await.unwrap());
    assert_eq!(store.signing_keys().await.unwrap(), vec![other, next]);
}

pub(crate) async fn nodes_that_rotate_at_once_end_with_one_successor(store: Arc<dyn Store>) {
    store.put_signing_key_after(None, &signing_key("first", "RS256", 0)).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|node| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mine = signing_key(&format!("node-{node}"), "RS256", 60);
                store.put_signing_key_after(Some("first"), &mine).await.unwrap()
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    assert_eq!(seen[0].len(), 2);
    assert!(seen.iter().all(|keys| keys == &seen[0]));
}

pub(crate) async fn revocations_keep_their_order(store: Arc<dyn Store>) {
    let orders = [
        Revoked::Session("ASIAEXAMPLEEXAMPLE12".into()),
        Revoked::Subject("{c7a1}:{f3aa}:{5d0c}".into()),
        Revoked::Role("arn:aws:iam::123456789012:role/deploy-prod".into()),
        Revoked::Everything,
    ]
    .map(order);
    let mut stored = Vec::new();
    for order in &orders {
        stored.push(store.revoke(order).await.unwrap());
    }
    assert_eq!(stored.iter().map(|r| r.order.clone()).collect::<Vec<_>>(), orders);
    assert!(stored.windows(2).all(|w| w[0].sequence < w[1].sequence));
    assert_eq!(store.revocations_after(0).await.unwrap(), stored);
    assert_eq!(store.revocations_after(stored[1].sequence).await.unwrap(), stored[2..]);
    assert_eq!(store.revocations_after(u64::MAX).await.unwrap(), vec![]);
}

pub(crate) async fn concurrent_revocations_get_numbers_of_their_own(store: Arc<dyn Store>) {
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let order = order(Revoked::Session(format!("ASIA{n:016}")));
                store.revoke(&order).await.unwrap().sequence
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<u64>>());
}

pub(crate) async fn numbers_are_not_used_again_after_pruning(store: Arc<dyn Store>) {
    let first = store.revoke(&order(Revoked::Everything)).await.unwrap();
    let expiry = first.order.expires_at;
    assert_eq!(store.prune(expiry - SignedDuration::from_micros(1)).await.unwrap(), 0);
    assert_eq!(store.prune(expiry).await.unwrap(), 1);
    assert_eq!(store.revocations_after(0).await.unwrap(), vec![]);
    let second = store.revoke(&order(Revoked::Everything)).await.unwrap();
    assert!(second.sequence > first.sequence);
}

pub(crate) async fn a_token_is_new_once(store: Arc<dyn Store>) {
    let expiry = now() + SignedDuration::from_hours(1);
    assert!(store.note_use(&[1; 32], expiry, now()).await.unwrap());
    assert!(!store.note_use(&[1; 32], expiry, now()).await.unwrap());
    assert!(store.note_use(&[2; 32], expiry, now()).await.unwrap());

    let just_before = expiry - SignedDuration::from_micros(1);
    assert!(!store.note_use(&[1; 32], expiry, just_before).await.unwrap());
    let later = expiry + SignedDuration::from_hours(1);
    assert!(store.note_use(&[1; 32], later, expiry).await.unwrap());
    assert!(!store.note_use(&[1; 32], later, expiry).await.unwrap());

    assert_eq!(store.prune(expiry).await.unwrap(), 1);
    assert!(!store.note_use(&[1; 32], later, expiry).await.unwrap());
}

pub(crate) async fn of_many_uses_at_once_one_is_first(store: Arc<dyn Store>) {
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let expiry = now() + SignedDuration::from_hours(1);
                store.note_use(&[7; 32], expiry, now()).await.unwrap()
            })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        first += usize::from(task.await.unwrap());
    }
    assert_eq!(first, 1);
}

pub(crate) async fn a_closed_store_is_an_outage(store: Arc<dyn Store>) {
    store.close().await.unwrap();
    let error = store.keys().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

/// Makes a test of each function above, on the store that `$open` gives under the test's name.
macro_rules! suite {
    ($open:path: $($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(fixture) = $open(stringify!($name)).await {
                    crate::conformance::$name(std::sync::Arc::clone(&fixture.store)).await;
                    fixture.finish().await;
                }
            }
        )+
    };
    ($open:path) => {
        crate::conformance::suite!($open:
            keys_come_back_oldest_first,
            a_key_id_cannot_change_its_secret,
            nodes_that_start_at_once_share_the_first_key,
            a_signing_key_follows_the_one_that_was_seen,
            nodes_that_rotate_at_once_end_with_one_successor,
            revocations_keep_their_order,
            concurrent_revocations_get_numbers_of_their_own,
            numbers_are_not_used_again_after_pruning,
            a_token_is_new_once,
            of_many_uses_at_once_one_is_first,
            a_closed_store_is_an_outage,
        );
    };
}
pub(crate) use suite;
