//! What can be revoked.

use jiff::Timestamp;

/// Which sessions a revocation ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// The session with this access key id (`ASIA…`).
    Session(String),
    /// Every session of this token subject, whatever its issuer.
    Subject(String),
    /// Every session of the role with this ARN.
    Role(String),
    /// Every session.
    Everything,
}

impl Revoked {
    /// The stored name of the kind and what it names (empty for [`Revoked::Everything`]).
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Session(id) => ("session", id),
            Self::Subject(subject) => ("subject", subject),
            Self::Role(arn) => ("role", arn),
            Self::Everything => ("everything", ""),
        }
    }

    pub(crate) fn from_parts(kind: &str, target: String) -> Option<Self> {
        Some(match kind {
            "session" => Self::Session(target),
            "subject" => Self::Subject(target),
            "role" => Self::Role(target),
            "everything" => Self::Everything,
            _ => return None,
        })
    }
}

/// A revocation to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevocation {
    /// Which sessions end.
    pub revoked: Revoked,
    /// Only sessions issued before this instant end.
    pub issued_before: Timestamp,
    /// From this instant no session that it names can be living; the row may then be pruned.
    pub expires_at: Timestamp,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// Who ordered it.
    pub actor: String,
    /// Why, in the operator's words; may be empty.
    pub reason: String,
}

/// A stored revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its place in the order in which revocations took effect: each is larger than every one that
    /// was visible before, also across nodes, so a node that asks for what follows the largest it
    /// has seen misses nothing.
    pub sequence: u64,
    /// What was ordered.
    pub order: NewRevocation,
}
