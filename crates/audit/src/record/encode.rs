//! A record as an entry of the log.

use super::personal::{self, State};
use super::{Record, bound};
use crate::AuditError;
use crate::tree::{Hash, leaf_hash};

/// Most bytes in an entry (C2SP tlog-tiles: its length is a uint16).
const MAX_ENTRY: usize = 65_535;

/// Longest text that outsiders may put into a member, in bytes; the smaller
/// ones apply if the whole is too long.
const LIMITS: [usize; 3] = [1024, 256, 64];

/// A record ready to be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// The entry: JSON without insignificant whitespace, members in a fixed
    /// order, maps sorted by name.
    pub(crate) entry: Vec<u8>,
    /// The personal members, salted.
    pub(crate) personal: Vec<u8>,
    /// Leaf hash of the entry.
    pub(crate) leaf: Hash,
}

/// Encodes a record, cutting what is too long.
pub(crate) fn encode(mut record: Record) -> Result<Encoded, AuditError> {
    record.stagedoor.truncated.clear();
    record.request_parameters.sort_keys();
    record.response_elements.sort_keys();
    for limit in LIMITS {
        bound::bound(&mut record, limit);
        if let Some(encoded) = encode_once(record.clone())? {
            return Ok(encoded);
        }
    }
    bound::drop_maps(&mut record);
    let too_long =
        || AuditError::Malformed { what: "record", reason: "it is longer than 65,535 bytes".into() };
    encode_once(record)?.ok_or_else(too_long)
}

/// Encodes a record unless it is too long.
fn encode_once(mut record: Record) -> Result<Option<Encoded>, AuditError> {
    let personal = personal::separate(&mut record)?;
    let entry = serde_json::to_vec(&record)?;
    if entry.len() > MAX_ENTRY || personal.len() > MAX_ENTRY {
        return Ok(None);
    }
    let leaf = leaf_hash(&entry);
    Ok(Some(Encoded { entry, personal, leaf }))
}

/// Reads an entry and its personal members. Members that this version does
/// not know are ignored.
pub(crate) fn decode(entry: &[u8], personal: &[u8]) -> Result<Record, serde_json::Error> {
    let mut record: Record = serde_json::from_slice(entry)?;
    if personal::state(entry, personal) == State::Intact {
        personal::rejoin(&mut record, personal)?;
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::record::{Kind, Statement};

    fn record() -> Record {
        let now: Timestamp = "2026-11-20T10:00:00.25Z".parse().unwrap();
        let mut record = Record::new(Kind::Assume, "AssumeRoleWithWebIdentity", "e-1", now);
        record.source_ip_address = "192.0.2.7".into();
        record.user_agent = "aws-cli/2".into();
        record.user_identity.user_name = Some("alice@acme.example".into());
        record.stagedoor.repository = Some("shop".into());
        record.stagedoor.claims.insert("email".into(), json!("alice@acme.example"));
        record.stagedoor.claims.insert("branch".into(), json!("main"));
        record.stagedoor.statement = Some(Statement { policy: "trust.json".into(), index: 0, sid: None });
        record
    }

    #[test]
    fn personal_members_lie_apart_and_come_back() {
        let encoded = encode(record()).unwrap();
        let entry = String::from_utf8(encoded.entry.clone()).unwrap();
        for secret in ["192.0.2.7", "aws-cli", "alice"] {
            assert!(!entry.contains(secret), "{secret} in {entry}");
        }
        assert_eq!(personal::state(&encoded.entry, &encoded.personal), State::Intact);
        let mut read = decode(&encoded.entry, &encoded.personal).unwrap();
        assert!(read.stagedoor.personal_sha256.take().is_some());
        assert_eq!(read, record());
    }

    #[test]
    fn erased_members_are_told_from_edited_ones() {
        let encoded = encode(record()).unwrap();
        let erased = vec![0; encoded.personal.len()];
        assert_eq!(personal::state(&encoded.entry, &erased), State::Erased);
        let read = decode(&encoded.entry, &erased).unwrap();
        assert_eq!(read.stagedoor.repository.as_deref(), Some("shop"));
        assert_eq!(read.source_ip_address, "");
        let mut edited = encoded.personal.clone();
        *edited.last_mut().unwrap() ^= 1;
        assert_eq!(personal::state(&encoded.entry, &edited), State::Edited);
    }

    #[test]
    fn a_claim_cannot_pose_as_the_commitment() {
        let mut record = Record::new(Kind::Assume, "x", "e", Timestamp::UNIX_EPOCH);
        let hash = hex::encode(crate::tree::sha256(b"forged"));
        record.stagedoor.claims.insert("personal_sha256".into(), json!(hash));
        let encoded = encode(record).unwrap();
        assert!(encoded.personal.is_empty());
        assert_eq!(personal::state(&encoded.entry, b""), State::None);
        assert_eq!(personal::state(&encoded.entry, b"forged"), State::Edited);
    }

    #[test]
    fn long_members_are_cut_and_named() {
        let mut record = record();
        record.stagedoor.reference = Some("ä".repeat(4000));
        record.stagedoor.claims.insert("branch".into(), json!("b".repeat(9000)));
        let encoded = encode(record).unwrap();
        let read = decode(&encoded.entry, &encoded.personal).unwrap();
        assert_eq!(read.stagedoor.reference, Some("ä".repeat(512)));
        assert_eq!(read.stagedoor.claims["branch"], json!("b".repeat(1024)));
        assert_eq!(read.stagedoor.truncated, ["ref", "claims"]);
    }

    #[test]
    fn a_hostile_record_still_fits() {
        let mut hostile = record();
        let long = "\u{1}".repeat(70_000);
        for index in 0..1000 {
            hostile
                .stagedoor
                .claims
                .insert(format!("c{index}"), json!([&long, [&long, [&long, [[[&long]]]]]]));
            hostile.request_parameters.insert(format!("p{index}"), json!(&long));
        }
        hostile.stagedoor.detail = Some(long.clone());
        hostile.stagedoor.resource = Some(long.clone());
        hostile.user_agent = long.clone();
        hostile.stagedoor.actor = Some(long);
        let encoded = encode(hostile).unwrap();
        assert!(encoded.entry.len() <= MAX_ENTRY);
        let read = decode(&encoded.entry, &encoded.personal).unwrap();
        assert_eq!(read.stagedoor.repository.as_deref(), Some("shop"));
        assert!(!read.stagedoor.truncated.is_empty());
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "(?s).{0,300}", claim in "(?s).{0,60}") {
            let mut record = record();
            record.stagedoor.reference = Some(text.clone());
            record.stagedoor.claims.insert(claim.clone(), json!(text));
            let encoded = encode(record).unwrap();
            let read = decode(&encoded.entry, &encoded.personal).unwrap();
            if text.len() <= 1024 {
                prop_assert_eq!(read.stagedoor.reference.as_ref(), Some(&text));
            }
            if text.len() <= 1024 && claim.len() <= 256 {
                prop_assert_eq!(&read.stagedoor.claims[&claim], &json!(text));
            }
        }

        #[test]
        fn reading_never_panics(entry in prop::collection::vec(any::<u8>(), 0..200), blob in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&entry, &blob);
        }
    }
}
