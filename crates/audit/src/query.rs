//! What to look for in the log.

use jiff::Timestamp;

use crate::{Decision, Kind, Record};

/// Order of the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest record first.
    #[default]
    NewestFirst,
    /// Oldest record first.
    OldestFirst,
}

/// What to look for. Every member that is set must fit (a conjunction);
/// [`Query::default`] fits every record.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Role name or ARN.
    pub role: Option<String>,
    /// Access key id of the session, issued, used or parent.
    pub session: Option<String>,
    /// Provider kind or issuer name.
    pub provider: Option<String>,
    /// Repository.
    pub repository: Option<String>,
    /// Branch or tag.
    pub reference: Option<String>,
    /// Commit id, or at least the first 7 characters of one.
    pub commit: Option<String>,
    /// Pipeline run.
    pub run: Option<String>,
    /// Pull or merge request.
    pub pull_request: Option<String>,
    /// Person or agent.
    pub actor: Option<String>,
    /// Kind of record.
    pub kind: Option<Kind>,
    /// Outcome.
    pub decision: Option<Decision>,
    /// Stable reason code.
    pub reason: Option<String>,
    /// Gate or door.
    pub gate: Option<String>,
    /// Earliest time, inclusive.
    pub since: Option<Timestamp>,
    /// Latest time, exclusive.
    pub until: Option<Timestamp>,
    /// Text that occurs anywhere in the record, ASCII case ignored.
    pub text: Option<String>,
    /// Order of the answers.
    pub order: Order,
    /// At most so many answers; `None` is all.
    pub limit: Option<usize>,
}

impl Query {
    /// Whether `record`, stored as `json`, fits.
    #[must_use]
    pub fn matches(&self, record: &Record, json: &[u8]) -> bool {
        let details = &record.stagedoor;
        let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        self.since.is_none_or(|since| record.event_time >= since)
            && self.until.is_none_or(|until| record.event_time < until)
            && self.kind.is_none_or(|kind| details.kind == kind)
            && self.decision.is_none_or(|decision| details.decision == decision)
            && is(&self.reason, &details.reason)
            && is(&self.gate, &details.gate)
            && is(&self.repository, &details.repository)
            && is(&self.reference, &details.reference)
            && is(&self.run, &details.run)
            && is(&self.pull_request, &details.pull_request)
            && is(&self.actor, &details.actor)
            && (self.provider.is_none()
                || self.provider == details.provider
                || self.provider == details.issuer)
            && (self.session.is_none() || self.session == details.session || self.session == details.parent)
            && self.role.as_deref().is_none_or(|role| is_role(role, details.role.as_deref()))
            && self.commit.as_deref().is_none_or(|commit| is_commit(commit, details.commit.as_deref()))
            && self.text.as_deref().is_none_or(|text| contains_ignoring_case(json, text))
    }
}

/// Whether a role name or ARN means the role named in a record.
fn is_role(wanted: &str, found: Option<&str>) -> bool {
    let name = |role: &str| role.rsplit_once(":role/").map(|(_, name)| name.to_owned());
    found.is_some_and(|found| {
        found == wanted
            || name(found).is_some_and(|found| found == wanted)
            || name(wanted).is_some_and(|wanted| found == wanted)
    })
}

/// Whether a commit id, perhaps abbreviated, means the one in a record.
fn is_commit(wanted: &str, found: Option<&str>) -> bool {
    found.is_some_and(|found| found == wanted || (wanted.len() >= 7 && found.starts_with(wanted)))
}

fn contains_ignoring_case(json: &[u8], text: &str) -> bool {
    text.is_empty() || json.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}
