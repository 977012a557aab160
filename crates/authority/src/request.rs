//! What can be asked of the authority by a door.

use secrecy::SecretString;
use stagedoor_session::{Credentials, Session};
use std::time::Duration;

/// The parameters of `AssumeRoleWithWebIdentity`.
#[derive(Debug, Clone)]
pub struct AssumeWithWebIdentity {
    /// The ARN of the role to assume.
    pub role_arn: String,
    /// The session's name: 2 to 64 characters of `[\w+=,.@-]`.
    pub session_name: String,
    /// The OpenID Connect token, a compact JWS.
    pub token: SecretString,
    /// How long the session is to last: 15 minutes up to the role's maximum. One hour, or the role's maximum
    /// when that is less, if absent.
    pub duration: Option<Duration>,
    /// A session policy as JSON, which can only take rights away.
    pub policy: Option<String>,
    /// The ARNs of further session policies.
    pub policy_arns: Vec<String>,
    /// The host of an OAuth 2.0 provider. An OpenID Connect token must come without it.
    pub provider_id: Option<String>,
}

/// The parameters of `AssumeRole`.
#[derive(Debug, Clone, Default)]
pub struct AssumeRole {
    /// The ARN of the role to assume.
    pub role_arn: String,
    /// The new session's name: 2 to 64 characters of `[\w+=,.@-]`.
    pub session_name: String,
    /// How long the session is to last: 15 minutes up to an hour and the role's maximum.
    pub duration: Option<Duration>,
    /// A session policy as JSON, which can only take rights away.
    pub policy: Option<String>,
    /// The ARNs of further session policies.
    pub policy_arns: Vec<String>,
    /// `sts:ExternalId`.
    pub external_id: Option<String>,
    /// The session tags, by key.
    pub tags: Vec<(String, String)>,
    /// The keys of the tags that follow into sessions made from the new one.
    pub transitive_tag_keys: Vec<String>,
    /// The source identity, which a session that has one cannot change.
    pub source_identity: Option<String>,
    /// Whether the request brings a code of a device, which nobody has here.
    pub device_code: bool,
}

/// The parameters of `GetFederationToken`.
#[derive(Debug, Clone, Default)]
pub struct FederationToken {
    /// The federated user's name: 2 to 32 characters of `[\w+=,.@-]`.
    pub name: String,
    /// How long the session is to last; never longer than the caller's.
    pub duration: Option<Duration>,
    /// What the user may do at most, as JSON. Without any policy the user may do nothing.
    pub policy: Option<String>,
    /// The ARNs of further such policies.
    pub policy_arns: Vec<String>,
    /// The session tags, by key.
    pub tags: Vec<(String, String)>,
}

/// Credentials and the session that they stand for.
#[derive(Debug)]
pub struct Issued {
    /// What to sign with.
    pub credentials: Credentials,
    /// What the credentials stand for.
    pub session: Session,
    /// How full the session token's room for policies and tags is, in percent; absent when there are none.
    pub packed_policy_size: Option<u8>,
    /// The id of the record, for the answer's header.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}

/// An answer without credentials, and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The id of the record, for the answer's header.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}

/// Who a session belongs to: the answer of `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `AROA…:<session name>`.
    pub user_id: String,
    /// The account in the ARN.
    pub account: String,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session name>`.
    pub arn: String,
    /// The id of the record, for the answer's header.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}

/// A role assumed: the answer of `AssumeRoleWithWebIdentity`.
#[derive(Debug)]
pub struct Assumed {
    /// What to sign with.
    pub credentials: Credentials,
    /// What the credentials stand for.
    pub session: Session,
    /// The token's `sub`.
    pub subject: String,
    /// The token's `iss`.
    pub provider: String,
    /// The audience that the token was accepted for.
    pub audience: String,
    /// How full the session token's room for policies and tags is, in percent; absent when there are none.
    pub packed_policy_size: Option<u8>,
    /// The id of the record, for the answer's header.
    pub decision_id: String,
    /// The record's index in the log.
    pub receipt: u64,
}
