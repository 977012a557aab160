//! Where a session comes from that was made from another session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::session::{Federation, Session};

/// The most sessions that a session can come from, one after the other.
pub const MAX_ANCESTORS: usize = 8;

/// The sessions that a session was made from. Whatever ends one of them ends it as well.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// Oldest first; the last is the parent. At most [`MAX_ANCESTORS`].
    #[serde(rename = "a")]
    pub ancestors: Vec<Ancestor>,
    /// The token that the oldest was made from.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub federation: Option<Federation>,
    /// The parent's session policies, where they limit this session too (`GetSessionToken`,
    /// `GetFederationToken`): it exceeds neither them nor its own.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// A session that another one was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ancestor {
    /// Its access key id.
    #[serde(rename = "i")]
    pub id: String,
    /// Its role's ARN.
    #[serde(rename = "r")]
    pub role_arn: String,
    /// When it began.
    #[serde(rename = "b", with = "jiff::fmt::serde::timestamp::second::required")]
    pub issued_at: Timestamp,
}

impl Lineage {
    /// The lineage of a session that is made from `parent`; none when there are too many before it.
    #[must_use]
    pub fn of(parent: &Session) -> Option<Self> {
        let mut ancestors = parent.lineage.ancestors.clone();
        ancestors.push(Ancestor {
            id: parent.id.clone(),
            role_arn: parent.role_arn.clone(),
            issued_at: parent.issued_at,
        });
        let federation = parent.root().cloned();
        (ancestors.len() <= MAX_ANCESTORS).then_some(Self { ancestors, federation, policies: Vec::new() })
    }

    /// Whether the session was made from no other.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ancestors.is_empty()
    }
}
