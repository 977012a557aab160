//! The authority itself: what it holds, and how its configuration is exchanged.

use crate::attempt::Attempt;
use crate::clock::{Clock, ClockTrouble, WatchedClock};
use crate::{Decided, Observer, Reason, Refusal};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use stagedoor_audit::{Kind, Log, Receipt};
use stagedoor_config::Snapshot;
use stagedoor_identity::Keys;
use stagedoor_session::{Keyring, SigningKeys};
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
