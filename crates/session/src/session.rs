//! What a credential stands for.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A session: one role, assumed by one caller, until one moment.
///
/// It travels whole inside the sealed session token. Times are kept to the second in the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The access key id, `ASIA…`, 20 characters: see [`crate::new_access_key_id`].
    pub id: String,
    /// The account in ARNs, 12 digits.
    pub account: String,
    /// The role's name.
    pub role: String,
    /// The role's ARN, `arn:aws:iam::<account>:role/<name>`.
    pub role_arn: String,
    /// The role's stable id, `AROA…`: see [`crate::role_id`].
    pub role_id: String,
    /// The session name that the caller chose, 2 to 64 characters.
    pub session_name: String,
    /// When the session began.
    pub issued_at: Timestamp,
    /// The first moment at which the session is no longer good. Absolute: nothing extends it.
    pub expires_at: Timestamp,
    /// The source identity, immutable once set, also through role chaining.
    pub source_identity: Option<String>,
    /// The session tags.
    pub tags: BTreeMap<String, String>,
    /// The keys of `tags` that follow into a chained session.
    pub transitive_tags: Vec<String>,
    /// The session policies, as JSON documents: the session never exceeds any of them.
    pub policies: Vec<String>,
    /// The token that the session was made from; none for a chained session.
    pub federation: Option<Federation>,
    /// Where the caller came from (`provider`, `repository`, `commit`, `run` …), for the record.
    pub provenance: BTreeMap<String, String>,
    /// The session id of the session that assumed this one (role chaining).
    pub parent: Option<String>,
    /// The index of the audit record that proves the decision.
    pub receipt: Option<u64>,
}

/// The identity token behind a session.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// The ARN of the issuer, `arn:aws:iam::<account>:oidc-provider/<issuer without https://>`.
    #[serde(rename = "p")]
    pub provider_arn: String,
    /// The exact `iss` claim.
    #[serde(rename = "i")]
    pub issuer: String,
    /// The `sub` claim.
    #[serde(rename = "s")]
    pub subject: String,
    /// The audience that the token was accepted for.
    #[serde(rename = "a")]
    pub audience: String,
}

impl Session {
    /// The ARN of this session, `arn:aws:sts::<account>:assumed-role/<role>/<session name>`.
    #[must_use]
    pub fn assumed_role_arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role, self.session_name)
    }

    /// The id of this session as `GetCallerIdentity` tells it, `AROA…:<session name>`.
    #[must_use]
    pub fn assumed_role_id(&self) -> String {
        format!("{}:{}", self.role_id, self.session_name)
    }
}
