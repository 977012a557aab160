//! What is looked up in the index.

use aws_lc_rs::digest::{Context, SHA256};

use crate::query::{COMMIT_LENGTH, COMMIT_PREFIX, Query, as_json, role_name};
use crate::record::Record;
use crate::tree::finish;

/// Member that a term is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Role = 1,
    Session = 2,
    Provider = 3,
    Repository = 4,
    Reference = 5,
    Commit = 6,
    CommitPrefix = 14,
    Run = 7,
    PullRequest = 8,
    Actor = 9,
    Reason = 10,
    Gate = 11,
    Decision = 12,
    Kind = 13,
}

/// Terms of a record.
pub(super) fn of_record(record: &Record) -> impl Iterator<Item = (Field, &str)> {
    let ours = &record.stagedoor;
    let optional = [
        (Field::Role, ours.role.as_deref().map(role_name)),
        (Field::Session, ours.session.as_deref()),
        (Field::Session, ours.parent.as_deref()),
        (Field::Provider, ours.provider.as_deref()),
        (Field::Provider, ours.issuer.as_deref()),
        (Field::Repository, ours.repository.as_deref()),
        (Field::Reference, ours.reference.as_deref()),
        (Field::Commit, ours.commit.as_deref()),
        (Field::CommitPrefix, ours.commit.as_deref().map(commit_prefix)),
        (Field::Run, ours.run.as_deref()),
        (Field::PullRequest, ours.pull_request.as_deref()),
        (Field::Actor, ours.actor.as_deref()),
        (Field::Reason, ours.reason.as_deref()),
        (Field::Gate, ours.gate.as_deref()),
        (Field::Decision, Some(ours.decision.as_str())),
        (Field::Kind, Some(ours.kind.as_str())),
    ];
    optional.into_iter().filter_map(|(field, value)| value.map(|value| (field, value)))
}

/// Terms that every record has that fits `query`.
pub(super) fn of_query(query: &Query) -> impl Iterator<Item = (Field, &str)> {
    let whole = query.commit.as_deref().filter(|commit| commit.len() >= COMMIT_LENGTH);
    let optional = [
        (Field::Role, query.role.as_deref().map(role_name)),
        (Field::Session, query.session.as_deref()),
        (Field::Provider, query.provider.as_deref()),
        (Field::Repository, query.repository.as_deref()),
        (Field::Reference, query.reference.as_deref()),
        (Field::Commit, whole),
        (Field::CommitPrefix, query.commit.as_deref().map(commit_prefix)),
        (Field::Run, query.run.as_deref()),
        (Field::PullRequest, query.pull_request.as_deref()),
        (Field::Actor, query.actor.as_deref()),
        (Field::Reason, query.reason.as_deref()),
        (Field::Gate, query.gate.as_deref()),
        (Field::Decision, query.decision.map(crate::Decision::as_str)),
        (Field::Kind, query.kind.map(crate::Kind::as_str)),
    ];
    optional.into_iter().filter_map(|(field, value)| value.map(|value| (field, value)))
}

fn commit_prefix(commit: &str) -> &str {
    commit.get(..COMMIT_PREFIX).unwrap_or(commit)
}

/// Hash of a term under the index's key.
pub(super) fn hash(key: &[u8; 32], field: Field, value: &str) -> u64 {
    let mut context = Context::new(&SHA256);
    context.update(key);
    context.update(&[field as u8]);
    context.update(value.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = finish(context);
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Hashed trigrams of a text that is looked for, as it stands in a record.
pub(super) fn trigrams_of_text(text: &str) -> Vec<u16> {
    let json = as_json(text);
    let inner = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(&json);
    let mut found: Vec<_> = trigrams(inner.as_bytes()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Hashed trigrams of `bytes`, ASCII case ignored.
pub(super) fn trigrams(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.array_windows::<3>().map(|trigram| {
        let [a, b, c] = trigram.map(|byte| u32::from(byte.to_ascii_lowercase()));
        let mixed = (a << 16 | b << 8 | c).wrapping_mul(0x9e37_79b1);
        u16::try_from(mixed >> 16).unwrap_or(0)
    })
}
