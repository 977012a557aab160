//! The members that can name a person, kept apart from the log's entry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Record;
use crate::AuditError;
use crate::tree::{Hash, sha256};

/// Claims that can name a person, by the names that providers give them.
const PERSONAL_CLAIMS: [&str; 14] = [
    "actor",
    "email",
    "family_name",
    "given_name",
    "login",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "user_email",
    "user_identities",
    "user_login",
    "username",
];

/// Length of the salt before the members.
const SALT: usize = 16;

/// How a commitment ends an entry.
const COMMITMENT: &[u8] = b"\"personal_sha256\":\"";

/// The members that can name a person.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Personal {
    #[serde(default, rename = "sourceIPAddress", skip_serializing_if = "String::is_empty")]
    source_ip_address: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    user_agent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    claims: BTreeMap<String, Value>,
}

/// Takes the personal members out of `record` and leaves the commitment to
/// them; gives back their salted form, empty if there are none.
pub(super) fn separate(record: &mut Record) -> Result<Vec<u8>, AuditError> {
    let ours = &mut record.stagedoor;
    let names = PERSONAL_CLAIMS.iter().filter_map(|name| ours.claims.remove_entry(*name));
    let personal = Personal {
        source_ip_address: std::mem::take(&mut record.source_ip_address),
        user_agent: std::mem::take(&mut record.user_agent),
        principal_id: record.user_identity.principal_id.take(),
        user_name: record.user_identity.user_name.take(),
        claims: names.collect(),
        actor: ours.actor.take(),
    };
    ours.personal_sha256 = None;
    if personal == Personal::default() {
        return Ok(Vec::new());
    }
    let mut blob = vec![0; SALT];
    aws_lc_rs::rand::fill(&mut blob)
        .map_err(|_| AuditError::Malformed { what: "record", reason: "no randomness to be had".into() })?;
    serde_json::to_writer(&mut blob, &personal)?;
    ours.personal_sha256 = Some(hex::encode(sha256(&blob)));
    Ok(blob)
}

/// Puts the personal members in `blob` back into `record`.
pub(super) fn rejoin(record: &mut Record, blob: &[u8]) -> Result<(), serde_json::Error> {
    let Some((_, json)) = blob.split_at_checked(SALT) else { return Ok(()) };
    let personal: Personal = serde_json::from_slice(json)?;
    record.source_ip_address = personal.source_ip_address;
    record.user_agent = personal.user_agent;
    record.user_identity.principal_id = personal.principal_id;
    record.user_identity.user_name = personal.user_name;
    record.stagedoor.actor = personal.actor;
    record.stagedoor.claims.extend(personal.claims);
    Ok(())
}

/// What became of an entry's personal members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The entry has none.
    None,
    /// They are as committed to.
    Intact,
    /// They were erased.
    Erased,
    /// They differ from the commitment.
    Edited,
}

/// Compares the personal members in `blob` to the commitment in `entry`.
pub(crate) fn state(entry: &[u8], blob: &[u8]) -> State {
    match commitment(entry) {
        None if blob.is_empty() => State::None,
        None => State::Edited,
        Some(_) if blob.iter().all(|byte| *byte == 0) => State::Erased,
        Some(hash) if hash == sha256(blob) => State::Intact,
        Some(_) => State::Edited,
    }
}

/// The commitment at the end of an entry.
fn commitment(entry: &[u8]) -> Option<Hash> {
    let (before, hash) = entry.strip_suffix(b"\"}}")?.split_last_chunk::<64>()?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes).ok()?;
    before.ends_with(COMMITMENT).then_some(bytes)
}
