//! Sessions that were ended before their time.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::{Authority, Reason, message};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use stagedoor_audit::Kind;
use stagedoor_session::Session;
use stagedoor_store::{Revocation, Revoked};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the store told of revocations, and when.
pub(crate) struct Revocations {
    index: ArcSwap<Index>,
    started: Instant,
    /// Milliseconds from `started` to the last word of the store, plus one; 0 while there is no store.
    heard: AtomicU64,
}

#[derive(Debug, Clone, Default)]
struct Index {
    sessions: HashSet<String>,
    subjects: HashMap<String, Timestamp>,
    roles: HashMap<String, Timestamp>,
    everything: Option<Timestamp>,
    last: u64,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { index: ArcSwap::default(), started: Instant::now(), heard: AtomicU64::new(0) }
    }
}

impl Authority {
    /// Takes in revocations as the store told them, in their order: sessions that they name are refused from now on,
    /// at every door and gate. Call it at each word of the store, also when nothing is new: when it stays silent for
    /// longer than `max_staleness`, all sessions are refused. Those after `recorded` go into the audit log.
    pub async fn take_revocations(&self, told: &[Revocation], recorded: u64) {
        let known = self.revocations.index.load();
        let new: Vec<&Revocation> =
            told.iter().filter(|revocation| revocation.sequence > known.last).collect();
        if !new.is_empty() {
            let mut index = Index::clone(&known);
            for revocation in &new {
                index.add(revocation);
            }
            self.revocations.index.store(Arc::new(index));
        }
        let elapsed = u64::try_from(self.revocations.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.revocations.heard.store(elapsed + 1, Ordering::SeqCst);
        for revocation in new.into_iter().filter(|revocation| revocation.sequence > recorded) {
            if let Err(refusal) = note(self, revocation).await {
                tracing::error!(%refusal, sequence = revocation.sequence, "a revocation counts, but is not recorded");
            }
        }
    }

    /// The number of the last revocation that counts here.
    pub fn last_revocation(&self) -> u64 {
        self.revocations.index.load().last
    }

    /// Whether a session was ended before its time, or whether nobody can tell any more.
    pub(crate) fn revoked(&self, session: &Session, max_staleness: Duration) -> Result<(), No> {
        let heard = self.revocations.heard.load(Ordering::SeqCst);
        if heard > 0 {
            let silent = self.revocations.started.elapsed().saturating_sub(Duration::from_millis(heard - 1));
            if silent > max_staleness {
                let detail = format!(
                    "the store has not told for {} s which sessions are revoked; look at the store",
                    silent.as_secs()
                );
                return Err(No::new(Reason::RevocationsUnknown, message::NO_REVOCATIONS, detail));
            }
        }
        match self.revocations.index.load().ended(session) {
            None => Ok(()),
            Some(why) => Err(No::new(Reason::SessionRevoked, message::SESSION_INVALID, why)),
        }
    }
}

async fn note(authority: &Authority, revocation: &Revocation) -> Result<(), crate::Refusal> {
    let order = &revocation.order;
    let mut attempt = Attempt::internal(authority, Kind::Revocation, "RevokeSessions");
    attempt.record.stagedoor.actor = Some(order.actor.clone());
    attempt.parameter("sequence", revocation.sequence);
    attempt.parameter("issuedBefore", order.issued_before.to_string());
    attempt.parameter("reason", order.reason.as_str());
    match &order.revoked {
        Revoked::Session(id) => {
            attempt.parameter("session", id.as_str());
            attempt.record.stagedoor.session = Some(id.clone());
        }
        Revoked::Subject(subject) => attempt.parameter("subject", subject.as_str()),
        Revoked::Role(arn) => {
            attempt.parameter("role", arn.as_str());
            attempt.record.stagedoor.role = Some(arn.clone());
        }
        Revoked::Everything => attempt.parameter("everything", true),
    }
    attempt.allow(()).await.map(drop)
}

impl Index {
    /// Of several revocations of the same, the latest counts.
    fn add(&mut self, revocation: &Revocation) {
        let before = revocation.order.issued_before;
        let later = |known: &mut Timestamp| *known = (*known).max(before);
        match &revocation.order.revoked {
            Revoked::Session(id) => {
                self.sessions.insert(id.clone());
            }
            Revoked::Subject(subject) => {
                self.subjects.entry(subject.clone()).and_modify(later).or_insert(before);
            }
            Revoked::Role(arn) => {
                self.roles.entry(arn.clone()).and_modify(later).or_insert(before);
            }
            Revoked::Everything => self.everything = self.everything.max(Some(before)),
        }
        self.last = self.last.max(revocation.sequence);
    }

    /// Why the session, or one that it was made from, has ended.
    fn ended(&self, session: &Session) -> Option<String> {
        if self.last == 0 {
            return None;
        }
        let ancestors = session.lineage.ancestors.iter().map(|a| (&a.id, &a.role_arn, a.issued_at));
        let own = (&session.id, &session.role_arn, session.issued_at);
        let subject = session.root().map(|root| root.subject.as_str());
        std::iter::once(own).chain(ancestors).find_map(|(id, role, issued_at)| {
            let before = |limit: Option<&Timestamp>| limit.is_some_and(|limit| issued_at < *limit);
            if self.sessions.contains(id) {
                Some(format!("the session `{id}` was revoked"))
            } else if before(self.roles.get(role)) {
                Some(format!("the sessions of the role `{role}` were revoked"))
            } else if before(subject.and_then(|subject| self.subjects.get(subject))) {
                Some("the sessions of the token's subject were revoked".to_owned())
            } else if before(self.everything.as_ref()) {
                Some("all sessions were revoked".to_owned())
            } else {
                None
            }
        })
    }
}
