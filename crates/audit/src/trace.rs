//! The whole chain behind a record: token, decision, credential, each use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use crate::disk::Disk;
use crate::query::Order;
use crate::reader::Reader;
use crate::search::Hits;
use crate::{AuditError, Entry, Kind, Query};

/// What to trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A pipeline run.
    Run(String),
    /// A commit id, or at least the first 7 characters of one.
    Commit(String),
    /// An access key id.
    Session(String),
    /// A record.
    Index(u64),
    /// Whichever of these a text names: a session, a commit, a run or the
    /// index of a record, tried in this order.
    Any(String),
}

impl FromStr for Subject {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::Any(text.to_owned()))
    }
}

/// A record and what followed from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The record.
    pub entry: Entry,
    /// Uses of the session that the record issued, and sessions derived from
    /// it, the oldest first.
    pub followed_by: Vec<Link>,
}

/// Traces `subject` in the log at `directory`: from each token that it names,
/// or that led to it, to everything that followed. At most `limit` records are
/// given; whether there are more is told beside them.
///
/// # Errors
/// As [`search`](fn@crate::search).
pub fn trace(directory: &Path, subject: &Subject, limit: usize) -> Result<(Vec<Link>, bool), AuditError> {
    let mut tracer = Tracer { directory, left: limit, cut: false, seen: BTreeSet::new() };
    let mut roots = BTreeMap::new();
    for entry in tracer.start(subject)? {
        let root = tracer.root_of(entry)?;
        roots.insert(root.index, root);
    }
    let mut links = Vec::new();
    for (_, root) in roots {
        links.extend(tracer.follow(root)?);
    }
    Ok((links, tracer.cut))
}

struct Tracer<'a> {
    directory: &'a Path,
    left: usize,
    cut: bool,
    /// Records that are in the chain already.
    seen: BTreeSet<u64>,
}

impl Tracer<'_> {
    fn find(&self, query: Query) -> Result<Vec<Entry>, AuditError> {
        // The record that issued a session, and one more than may be given.
        let limit = Some(self.left.saturating_add(2));
        let query = Query { order: Order::OldestFirst, limit, ..query };
        Hits::new(Reader::open(&Disk::new(self.directory))?, &query).collect()
    }

    /// Records that the subject names.
    fn start(&self, subject: &Subject) -> Result<Vec<Entry>, AuditError> {
        match subject {
            Subject::Run(run) => self.find(Query { run: Some(run.clone()), ..Query::default() }),
            Subject::Commit(commit) => self.find(Query { commit: Some(commit.clone()), ..Query::default() }),
            Subject::Session(session) => {
                self.find(Query { session: Some(session.clone()), ..Query::default() })
            }
            Subject::Index(index) => Ok(vec![crate::show(self.directory, *index)?]),
            Subject::Any(text) => {
                let mut readings = Vec::new();
                if text.starts_with("ASIA") {
                    readings.push(Subject::Session(text.clone()));
                }
                if text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    readings.push(Subject::Commit(text.clone()));
                }
                readings.push(Subject::Run(text.clone()));
                readings.extend(text.parse().ok().map(Subject::Index));
                for reading in readings {
                    match self.start(&reading) {
                        Ok(found) if found.is_empty() => {}
                        Err(AuditError::NoSuchRecord { .. }) => {}
                        other => return other,
                    }
                }
                Ok(Vec::new())
            }
        }
    }

    /// Goes back from a record to the exchange of the token that led to it.
    fn root_of(&self, entry: Entry) -> Result<Entry, AuditError> {
        let mut root = entry;
        let mut passed = BTreeSet::new();
        while passed.insert(root.index) {
            let details = &root.record.stagedoor;
            let is_issue = details.kind == Kind::Assume;
            let before = if is_issue { &details.parent } else { &details.session };
            let Some(before) = before.clone() else { break };
            let issued =
                Query { session: Some(before.clone()), kind: Some(Kind::Assume), ..Query::default() };
            let issuer = self.find(issued)?.into_iter().find(|issuer| {
                issuer.index != root.index && issuer.record.stagedoor.session.as_ref() == Some(&before)
            });
            match issuer {
                Some(issuer) => root = issuer,
                None => break,
            }
        }
        Ok(root)
    }

    /// Goes on from a record to all that followed.
    fn follow(&mut self, entry: Entry) -> Result<Option<Link>, AuditError> {
        if !self.seen.insert(entry.index) {
            return Ok(None);
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.cut = true;
            return Ok(None);
        };
        self.left = left;
        let details = &entry.record.stagedoor;
        let mut followed_by = Vec::new();
        if let (Kind::Assume, Some(session)) = (details.kind, details.session.clone()) {
            for next in self.find(Query { session: Some(session.clone()), ..Query::default() })? {
                let details = &next.record.stagedoor;
                // A session follows from its parent, a use from its session.
                let follows = match details.kind {
                    Kind::Assume => details.parent.as_ref() == Some(&session),
                    _ => details.session.as_ref() == Some(&session),
                };
                if follows {
                    followed_by.extend(self.follow(next)?);
                }
            }
        }
        Ok(Some(Link { entry, followed_by }))
    }
}
