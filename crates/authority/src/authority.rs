//! The authority itself: what it holds, and how its configuration is exchanged.

use crate::attempt::Attempt;
use crate::clock::{Clock, ClockTrouble, WatchedClock};
use crate::rate::Buckets;
use crate::revocation::Revocations;
use crate::{Decided, Observer, Reason, Refusal};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use stagedoor_audit::{Kind, Log, Receipt};
use stagedoor_config::Snapshot;
use stagedoor_identity::Keys;
use stagedoor_session::{Keyring, SigningKeys};
use stagedoor_store::Store;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Decides, records and issues. One for a process, shared by all doors and gates.
pub struct Authority {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) keys: Keys,
    pub(crate) keyring: ArcSwap<Keyring>,
    /// The keys of our own issuer; none unless given.
    pub(crate) signing: ArcSwap<SigningKeys>,
    pub(crate) log: Log,
    /// For tokens that are good once; none unless given.
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) revocations: Revocations,
    pub(crate) buckets: Buckets,
    clock: WatchedClock,
    observer: Option<Arc<dyn Observer>>,
    /// Held while a snapshot is exchanged, so that records stand in the order of the exchanges.
    exchange: Mutex<()>,
}

impl Authority {
    /// An authority that decides by `snapshot`, verifies with `keys`, seals with `keyring` and records in `log`.
    pub fn new(
        snapshot: Snapshot,
        keys: Keys,
        keyring: Keyring,
        log: Log,
        clock: Arc<dyn Clock>,
    ) -> Authority {
        Authority {
            snapshot: ArcSwap::from_pointee(snapshot),
            keys,
            keyring: ArcSwap::from_pointee(keyring),
            signing: ArcSwap::from_pointee(SigningKeys::default()),
            log,
            store: None,
            revocations: Revocations::default(),
            buckets: Buckets::default(),
            clock: WatchedClock::new(clock),
            observer: None,
            exchange: Mutex::new(()),
        }
    }

    /// The same authority, whose decisions `observer` is told of.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Authority {
        Authority { observer: Some(observer), ..self }
    }

    /// The same authority, which asks `store` about tokens that are good once.
    #[must_use]
    pub fn remembering_in(self, store: Arc<dyn Store>) -> Authority {
        Authority { store: Some(store), ..self }
    }

    /// Seals with `next` from now on, and records it if it seals with another key than before or has another one in
    /// waiting.
    ///
    /// # Errors
    /// When the record cannot be written. The keyring is exchanged all the same: other nodes use it.
    pub async fn replace_keyring(&self, next: Keyring) -> Result<(), Refusal> {
        let known = self.keyring.load();
        let ids = |keyring: &Keyring| -> Vec<_> {
            keyring.to_stored().into_iter().map(|key| (key.id, key.activates_at, key.retired_at)).collect()
        };
        let (before, after) = (ids(&known), ids(&next));
        if before == after {
            return Ok(());
        }
        self.keyring.store(Arc::new(next));
        let mut attempt = Attempt::internal(self, Kind::KeyRotation, "RotateSealingKeys");
        let names: Vec<String> = after.into_iter().map(|(id, ..)| id).collect();
        attempt.parameter("keys", names);
        attempt.allow(()).await.map(drop)
    }

    pub(crate) fn observe(&self, decided: &Decided) {
        if let Some(observer) = &self.observer {
            observer.decided(decided);
        }
    }

    /// The key cache, for its status.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The snapshot that decides now. A request keeps the one it began with.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The time as the authority's clock tells it.
    pub fn now(&self) -> Timestamp {
        self.clock.unchecked()
    }

    /// The time to decide by, unless the clock is not to be believed.
    pub(crate) fn trusted_now(&self) -> Result<Timestamp, ClockTrouble> {
        self.clock.now()
    }

    /// Whether credentials could be issued now: the clock is sound and the log takes every kind of record.
    ///
    /// # Errors
    /// The operator's text of what is wrong.
    pub fn ready(&self) -> Result<(), String> {
        self.trusted_now().map_err(|trouble| trouble.to_string())?;
        self.log.healthy().map_err(|error| error.to_string())
    }

    /// Records that `next` takes over, then exchanges the snapshot whole.
    ///
    /// # Errors
    /// When the record cannot be written: the running snapshot then stays.
    pub async fn replace(&self, next: Snapshot) -> Result<Receipt, Refusal> {
        let _order = self.exchange.lock().await;
        let next = Arc::new(next);
        let mut attempt = Attempt::internal(self, Kind::Reload, "ReloadConfiguration");
        attempt.record.stagedoor.snapshot = Some(next.digest.clone());
        let running = self.snapshot();
        attempt.parameter("previousSnapshot", running.digest.as_str());
        attempt.parameter("snapshot", next.digest.as_str());
        attempt.record.stagedoor.detail = Some(Snapshot::diff(&running, &next));
        let recorded = attempt.allow(next).await?;
        let receipt = recorded.receipt();
        let next = recorded.into_value();
        self.keys.retain(&next.issuers);
        self.snapshot.store(next);
        Ok(receipt)
    }

    /// Records that the server begins to serve by the present snapshot, or stops.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn note_lifecycle(&self, event: Lifecycle) -> Result<Receipt, Refusal> {
        let attempt = Attempt::internal(self, Kind::Lifecycle, event.name());
        attempt.allow(()).await.map(|recorded| recorded.receipt())
    }

    /// Records that a changed configuration was refused, with the reason in `report`; the running snapshot stays.
    pub async fn refuse_reload(&self, report: &str) -> Refusal {
        let attempt = Attempt::internal(self, Kind::Reload, "ReloadConfiguration");
        attempt.refuse(Reason::ConfigurationInvalid, "The configuration has errors.", report).await
    }
}

/// A turn in a server's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// The server begins to serve.
    Start,
    /// The server has finished its last request.
    Stop,
}

impl Lifecycle {
    const fn name(self) -> &'static str {
        match self {
            Lifecycle::Start => "StartServer",
            Lifecycle::Stop => "StopServer",
        }
    }
}
