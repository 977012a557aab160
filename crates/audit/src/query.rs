//! What to look for in the log.

use aho_corasick::AhoCorasick;
use jiff::Timestamp;
use memchr::memmem::Finder;

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

/// Fewest characters that stand for a commit id.
pub(crate) const COMMIT_PREFIX: usize = 7;
/// Characters of the shortest whole commit id.
pub(crate) const COMMIT_LENGTH: usize = 40;

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
    /// Index of the first record to look at: what follows a search later on.
    pub from: Option<u64>,
    /// Text that occurs anywhere in the record, ASCII case ignored.
    pub text: Option<String>,
    /// Order of the answers.
    pub order: Order,
    /// At most so many answers; `None` is all.
    pub limit: Option<usize>,
    /// Read every record instead of asking the index, which whoever can write
    /// to the directory could have made to conceal a record.
    pub exhaustive: bool,
}

impl Query {
    /// Whether `record` fits, its text apart, which [`Filter`] looks for.
    pub(crate) fn matches(&self, record: &Record) -> bool {
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
            && (is(&self.provider, &details.provider) || is(&self.provider, &details.issuer))
            && (is(&self.session, &details.session) || is(&self.session, &details.parent))
            && self.role.as_deref().is_none_or(|role| is_role(role, details.role.as_deref()))
            && self.commit.as_deref().is_none_or(|commit| is_commit(commit, details.commit.as_deref()))
    }

    /// A cheap test that a record must pass before it is worth reading.
    pub(crate) fn filter(&self) -> Filter {
        let mut needles = Vec::new();
        let quoted = [
            &self.session,
            &self.provider,
            &self.repository,
            &self.reference,
            &self.run,
            &self.pull_request,
            &self.actor,
            &self.reason,
            &self.gate,
        ];
        needles.extend(quoted.into_iter().flatten().map(|text| as_json(text)));
        let inside = [self.commit.as_deref(), self.role.as_deref().map(role_name)];
        needles.extend(inside.into_iter().flatten().map(|text| as_json(text).trim_matches('"').to_owned()));
        needles.extend(self.decision.map(|decision| format!("\"decision\":\"{decision}\"")));
        needles
            .extend(self.kind.filter(|kind| *kind != Kind::Other).map(|kind| format!("\"kind\":\"{kind}\"")));
        let needles = needles.iter().map(|needle| Finder::new(needle).into_owned()).collect();
        Filter { needles, text: self.filter_text() }
    }

    /// Finds the text, ASCII case ignored; `None` if every record holds it.
    fn filter_text(&self) -> Option<AhoCorasick> {
        let text = as_json(self.text.as_deref().filter(|text| !text.is_empty())?);
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&text);
        AhoCorasick::builder().ascii_case_insensitive(true).build([text]).ok()
    }
}

/// A cheap test on a record as logged, which every record passes that fits.
#[derive(Debug)]
pub(crate) struct Filter {
    needles: Vec<Finder<'static>>,
    text: Option<AhoCorasick>,
}

impl Filter {
    /// Whether the record may fit.
    pub(crate) fn may_match(&self, raw: &[u8], personal: &[u8]) -> bool {
        let holds = |needle: &Finder<'_>| needle.find(raw).is_some() || needle.find(personal).is_some();
        self.needles.iter().all(holds)
            && self.text.as_ref().is_none_or(|text| text.is_match(raw) || text.is_match(personal))
    }
}

/// A text as it stands in a record.
pub(crate) fn as_json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Name of a role, out of its name or ARN.
pub(crate) fn role_name(role: &str) -> &str {
    role.rsplit_once(":role/").map_or(role, |(_, name)| name)
}

/// Whether a role name or ARN means the role named in a record.
fn is_role(wanted: &str, found: Option<&str>) -> bool {
    let is_arn = |role: &str| role.contains(":role/");
    found.is_some_and(|found| {
        if is_arn(wanted) && is_arn(found) { found == wanted } else { role_name(found) == role_name(wanted) }
    })
}

/// Whether a commit id, perhaps abbreviated, means the one in a record.
fn is_commit(wanted: &str, found: Option<&str>) -> bool {
    let abbreviated = COMMIT_PREFIX..COMMIT_LENGTH;
    found.is_some_and(|found| {
        found == wanted || (abbreviated.contains(&wanted.len()) && found.starts_with(wanted))
    })
}
