//! One issuer's keys in the cache, and when they are fetched.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::{KeySet, KeyStatus, KeysOptions, fetch, same_source};
use crate::issuer::{Issuer, KeySource};

/// The keys of one issuer.
pub(super) struct Entry {
    issuer: Arc<Issuer>,
    state: Mutex<State>,
    /// Held while fetching, so that all who need the keys wait for one fetch.
    flight: tokio::sync::Mutex<fetch::Fetcher>,
}

#[derive(Debug, Default)]
struct State {
    set: Option<(Arc<KeySet>, Timestamp)>,
    /// How many fetches have ended.
    attempts: u64,
    last_attempt: Option<Timestamp>,
    /// The last failure and how many there were in a row.
    failure: Option<(String, u32)>,
    refreshing: bool,
}

/// What the cache holds for an issuer at a time, and what may be done about it.
pub(super) struct Look {
    /// The set to use, unless it is too old.
    pub(super) set: Option<Arc<KeySet>>,
    /// Why the last fetch failed.
    pub(super) failure: Option<String>,
    pub(super) attempts: u64,
    /// There is no usable set, or one so old that the caller must wait for a new one. During an outage
    /// nobody waits while there is a usable one.
    pub(super) must_fetch: bool,
    /// The set is old enough to be refreshed aside.
    pub(super) may_refresh: bool,
    /// A key that is not in the set justifies a fetch.
    pub(super) may_look_again: bool,
    /// When an unknown key would next justify a fetch; never for keys in the configuration.
    pub(super) retry_seconds: Option<u64>,
}

impl Entry {
    pub(super) fn new(issuer: Arc<Issuer>) -> Self {
        Entry { issuer, state: Mutex::default(), flight: tokio::sync::Mutex::default() }
    }

    pub(super) fn serves(&self, issuer: &Arc<Issuer>) -> bool {
        Arc::ptr_eq(&self.issuer, issuer) || same_source(&self.issuer, issuer)
    }

    pub(super) fn status(&self, issuer: String) -> KeyStatus {
        let state = self.locked();
        KeyStatus {
            issuer,
            keys: state.set.as_ref().map_or(0, |(set, _)| set.len()),
            fetched_at: state.set.as_ref().map(|(_, at)| *at),
            failure: state.failure.as_ref().map(|(problem, _)| problem.clone()),
        }
    }

    pub(super) fn look(&self, now: Timestamp, options: &KeysOptions) -> Look {
        let state = self.locked();
        let (refresh_after, renew_after, cool_down) = match self.issuer.keys {
            KeySource::Discovery | KeySource::JwksUri(_) => {
                (options.refresh_after, options.renew_after, options.cool_down)
            }
            KeySource::File(_) => (options.file_age, options.file_age, options.file_age),
            KeySource::Inline(_) => (Duration::MAX, Duration::MAX, Duration::MAX),
        };
        let waited = state.last_attempt.map_or(Duration::MAX, |at| age(at, now));
        let rested = waited >= state.pause(options);
        let set_age = match (&state.set, &self.issuer.keys) {
            (None, _) => None,
            (Some(_), KeySource::Inline(_)) => Some(Duration::ZERO),
            (Some((_, at)), _) => Some(age(*at, now)),
        };
        let usable = set_age.is_some_and(|age| age < options.stale_limit);
        let due = |after: Duration| set_age.is_some_and(|age| age >= after);
        Look {
            set: state.set.as_ref().filter(|_| usable).map(|(set, _)| Arc::clone(set)),
            failure: state.failure.as_ref().map(|(problem, _)| problem.clone()),
            attempts: state.attempts,
            must_fetch: rested && (!usable || (due(renew_after) && state.failure.is_none())),
            may_refresh: rested && !state.refreshing && due(refresh_after.min(renew_after)),
            may_look_again: rested && waited >= cool_down,
            retry_seconds: (cool_down != Duration::MAX).then(|| {
                cool_down.max(state.pause(options)).saturating_sub(waited).as_secs().saturating_add(1)
            }),
        }
    }

    /// Fetches the keys, unless another fetch has ended since `seen` attempts; waits for one under way.
    /// The fetch goes on if the caller goes away.
    pub(super) async fn fetch(self: &Arc<Self>, seen: u64, now: Timestamp, options: &Arc<KeysOptions>) {
        let (entry, options) = (Arc::clone(self), Arc::clone(options));
        let fetching = tokio::spawn(async move { entry.fetch_here(seen, now, &options).await });
        if let Err(error) = fetching.await {
            tracing::error!(issuer = %self.issuer.url, %error, "fetching keys broke off");
        }
    }

    /// As [`Entry::fetch`], without waiting.
    pub(super) fn refresh_aside(self: &Arc<Self>, seen: u64, now: Timestamp, options: &Arc<KeysOptions>) {
        self.locked().refreshing = true;
        let (entry, options) = (Arc::clone(self), Arc::clone(options));
        drop(tokio::spawn(async move { entry.fetch_here(seen, now, &options).await }));
    }

    async fn fetch_here(&self, seen: u64, now: Timestamp, options: &KeysOptions) {
        let mut fetcher = self.flight.lock().await;
        {
            let mut state = self.locked();
            if state.attempts != seen {
                state.refreshing = false;
                return;
            }
        }
        let fetched = fetcher.fetch(&self.issuer, options).await;
        let mut state = self.locked();
        state.attempts += 1;
        state.last_attempt = Some(now);
        state.refreshing = false;
        match fetched {
            Ok(set) => {
                state.set = Some((Arc::new(set), now));
                state.failure = None;
            }
            Err(problem) => {
                tracing::warn!(issuer = %self.issuer.url, %problem, kept = state.set.is_some(), "no keys fetched");
                let before = state.failure.as_ref().map_or(0, |(_, times)| *times);
                state.failure = Some((problem, before.saturating_add(1)));
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long to leave the issuer alone after the last attempt.
    fn pause(&self, options: &KeysOptions) -> Duration {
        match self.failure {
            None => Duration::ZERO,
            Some((_, times)) => {
                let doublings = times.saturating_sub(1).min(16);
                options.back_off.saturating_mul(1 << doublings).min(options.back_off_limit)
            }
        }
    }
}

/// How far apart the times are: a clock that was set back ages what it fetched before.
fn age(at: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(at).unsigned_abs()
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("issuer", &self.issuer.url).finish_non_exhaustive()
    }
}
