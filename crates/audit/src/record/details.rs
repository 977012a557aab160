//! Our part of a record.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A token was exchanged for a credential, or was refused one.
    Assume,
    /// A credential was used at a gate.
    Use,
    /// A caller asked who it is.
    Identity,
    /// A person approved or declined a request.
    Approval,
    /// A session or a grant was taken back.
    Revocation,
    /// A configuration snapshot was taken into use, or was refused.
    Reload,
    /// A sealing or signing key was rotated.
    KeyRotation,
    /// The admin API was called.
    Admin,
    /// The server started or stopped.
    Lifecycle,
    /// A kind that a newer version wrote.
    #[serde(other)]
    Other,
}

impl Kind {
    /// Name in a record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assume => "assume",
            Self::Use => "use",
            Self::Identity => "identity",
            Self::Approval => "approval",
            Self::Revocation => "revocation",
            Self::Reload => "reload",
            Self::KeyRotation => "key_rotation",
            Self::Admin => "admin",
            Self::Lifecycle => "lifecycle",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Outcome of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Let in.
    Allow,
    /// Turned away.
    Deny,
}

impl Decision {
    /// Name in a record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The policy statement that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Name of the policy, such as `trust.json`.
    pub policy: String,
    /// Position in the policy, from 0.
    pub index: u64,
    /// Statement id, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What `CloudTrail` has no place for: one line from the token through the
/// decision and the credential to each use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// What happened.
    pub kind: Kind,
    /// Outcome.
    pub decision: Decision,
    /// Stable reason code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Text for the operator: statement, condition, value found and wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Name of the issuer in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Provider kind, such as `bitbucket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Repository that the token names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Branch or tag.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Commit id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Pipeline run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Job or step of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Deployment environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Pull or merge request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<String>,
    /// Person or agent that started the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Claims that the role's policy names or that tell where the token is from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Value>,
    /// Statement that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// Digest of the configuration snapshot that decided (hex SHA-256).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Access key id of the session issued or used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Access key id of the session that this one was derived from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Index of the record that issued the session in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_at_index: Option<u64>,
    /// Role name or ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Gate or door through which the request came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// Action that was decided, such as `execute-api:Invoke`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Resource ARN that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// HTTP status that the caller got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Time from request to decision, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<u64>,
    /// SHA-256 of the token (hex).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_sha256: Option<String>,
    /// SHA-256 of the token's `jti` (hex).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti_sha256: Option<String>,
    /// Names of members that were cut because they were too long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub truncated: Vec<String>,
    /// Commitment to the record's personal members, which lie beside the log
    /// and can be erased there: SHA-256 of their salted form (hex). Set when
    /// the record is written. The last member, always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_sha256: Option<String>,
}

impl Details {
    /// Empty details of `kind`, denying.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            decision: Decision::Deny,
            reason: None,
            detail: None,
            issuer: None,
            provider: None,
            repository: None,
            reference: None,
            commit: None,
            run: None,
            job: None,
            environment: None,
            pull_request: None,
            actor: None,
            claims: BTreeMap::new(),
            statement: None,
            snapshot: None,
            session: None,
            parent: None,
            issued_at_index: None,
            role: None,
            gate: None,
            action: None,
            resource: None,
            http_status: None,
            latency_us: None,
            token_sha256: None,
            jti_sha256: None,
            truncated: Vec::new(),
            personal_sha256: None,
        }
    }
}
