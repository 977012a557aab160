//! Issuer keys: fetched once for all who wait, refreshed ahead, kept through an outage.

mod address;
mod entry;
mod fetch;
mod set;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::algorithm::Algorithm;
use crate::issuer::{Issuer, Issuers};
use crate::refusal::TokenRefusal;

use entry::{Entry, Look};
use set::{Found, shown};
pub use set::{KEY_COUNT_LIMIT, KEY_SET_LIMIT};
pub(crate) use set::{Key, KeySet};

/// How long keys are used and how often their issuers are asked. All ages are by the `now` of the callers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeysOptions {
    /// Longest wait for one answer of an issuer, its body included. 5 s.
    pub fetch_timeout: Duration,
    /// Age at which a set is refreshed while it goes on being used. 5 min.
    pub refresh_after: Duration,
    /// Age at which a verification waits for a refresh, unless the last one failed; the old set goes on being
    /// used if it does. 1 h.
    pub renew_after: Duration,
    /// Age at which a set is no longer used at all. 24 h.
    pub stale_limit: Duration,
    /// Shortest time between two fetches because of an unknown `kid`. 10 s.
    pub cool_down: Duration,
    /// Wait after the first failed fetch; doubled with each further one. 1 s.
    pub back_off: Duration,
    /// Longest wait after failed fetches. 60 s.
    pub back_off_limit: Duration,
    /// Age at which a key file is read again. 5 s.
    pub file_age: Duration,
}

impl Default for KeysOptions {
    fn default() -> Self {
        KeysOptions {
            fetch_timeout: Duration::from_secs(5),
            refresh_after: Duration::from_secs(5 * 60),
            renew_after: Duration::from_secs(3600),
            stale_limit: Duration::from_secs(24 * 3600),
            cool_down: Duration::from_secs(10),
            back_off: Duration::from_secs(1),
            back_off_limit: Duration::from_secs(60),
            file_age: Duration::from_secs(5),
        }
    }
}

/// The live key cache of all issuers. Clones share it; it survives a change of configuration.
#[derive(Clone, Debug)]
pub struct Keys {
    options: Arc<KeysOptions>,
    entries: Arc<Mutex<HashMap<String, Arc<Entry>>>>,
}

/// How the keys of an issuer stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// The issuer's URL.
    pub issuer: String,
    /// How many keys are in its set, usable or not.
    pub keys: usize,
    /// When the set in use was fetched; none if there is none.
    pub fetched_at: Option<Timestamp>,
    /// Why the last attempt failed; none if it succeeded.
    pub failure: Option<String>,
}

impl Default for Keys {
    fn default() -> Self {
        Keys::new(KeysOptions::default())
    }
}

impl Keys {
    /// An empty cache.
    #[must_use]
    pub fn new(options: KeysOptions) -> Self {
        Keys { options: Arc::new(options), entries: Arc::default() }
    }

    /// Forgets the keys of issuers that are not configured any more.
    pub fn retain(&self, issuers: &Issuers) {
        self.locked().retain(|url, _| issuers.by_url(url).is_some());
    }

    /// How the keys of each issuer asked so far stand, in no particular order.
    #[must_use]
    pub fn status(&self) -> Vec<KeyStatus> {
        let entries: Vec<_> =
            self.locked().iter().map(|(url, entry)| (url.clone(), Arc::clone(entry))).collect();
        entries.into_iter().map(|(url, entry)| entry.status(url)).collect()
    }

    /// Fetches the issuer's keys now, whatever is cached, for a health check or a warm start.
    ///
    /// # Errors
    /// [`TokenRefusal::IssuerUnreachable`].
    pub async fn refresh(&self, issuer: &Arc<Issuer>, now: Timestamp) -> Result<KeyStatus, TokenRefusal> {
        let entry = self.entry(issuer);
        let seen = entry.look(now, &self.options).attempts;
        entry.fetch(seen, now, &self.options).await;
        let status = entry.status(issuer.url.clone());
        match status.failure {
            None => Ok(status),
            Some(problem) => Err(TokenRefusal::IssuerUnreachable { issuer: issuer.name.clone(), problem }),
        }
    }

    /// The key with which the token can be verified.
    pub(crate) async fn find(
        &self,
        issuer: &Arc<Issuer>,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<Key>, TokenRefusal> {
        let entry = self.entry(issuer);
        let mut look = entry.look(now, &self.options);
        if look.must_fetch {
            entry.fetch(look.attempts, now, &self.options).await;
            look = entry.look(now, &self.options);
        } else if look.may_refresh {
            entry.refresh_aside(look.attempts, now, &self.options);
        }
        let mut set = usable(issuer, &look)?;
        if matches!(set.find(id, algorithm), Found::Nothing) && look.may_look_again {
            entry.fetch(look.attempts, now, &self.options).await;
            look = entry.look(now, &self.options);
            set = usable(issuer, &look)?;
        }
        match set.find(id, algorithm) {
            Found::Key(key) => Ok(Arc::clone(key)),
            Found::Unsuitable(problem) => Err(TokenRefusal::KeyUnsuitable {
                issuer: issuer.name.clone(),
                key: shown(id),
                algorithm,
                problem,
            }),
            Found::Nothing => match look.failure {
                Some(problem) => {
                    Err(TokenRefusal::IssuerUnreachable { issuer: issuer.name.clone(), problem })
                }
                None => Err(TokenRefusal::KeyUnknown {
                    issuer: issuer.name.clone(),
                    key: shown(id),
                    known: set.len(),
                    retry_seconds: look.retry_seconds,
                }),
            },
        }
    }

    /// The issuer's entry; a new one if its keys now come from elsewhere.
    fn entry(&self, issuer: &Arc<Issuer>) -> Arc<Entry> {
        let mut entries = self.locked();
        match entries.get(&issuer.url) {
            Some(entry) if entry.serves(issuer) => Arc::clone(entry),
            _ => {
                let entry = Arc::new(Entry::new(Arc::clone(issuer)));
                entries.insert(issuer.url.clone(), Arc::clone(&entry));
                entry
            }
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn usable(issuer: &Issuer, look: &Look) -> Result<Arc<KeySet>, TokenRefusal> {
    look.set.clone().ok_or_else(|| TokenRefusal::IssuerUnreachable {
        issuer: issuer.name.clone(),
        problem: look.failure.clone().unwrap_or_else(|| "no key set was fetched yet".to_owned()),
    })
}

/// Whether two issuers' keys come from the same place under the same rules.
fn same_source(left: &Issuer, right: &Issuer) -> bool {
    left.url == right.url
        && left.keys == right.keys
        && left.private_network == right.private_network
        && left.ca_bundle == right.ca_bundle
        && left.jwks_hosts == right.jwks_hosts
        && left.provider == right.provider
}
