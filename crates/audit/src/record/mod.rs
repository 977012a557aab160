//! The audit record: `CloudTrail`'s shape at the top, ours under `stagedoor`.

mod bound;
mod details;
mod encode;
mod identity;
mod personal;
mod printable;

pub use details::{Decision, Details, Kind, Statement};
pub(crate) use encode::{Encoded, decode, encode};
pub use identity::{FederationData, SessionContext, SessionIssuer, UserIdentity};
pub(crate) use personal::{State as PersonalState, state as personal_state};
pub use printable::Printable;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One audit record.
///
/// Top-level members have `CloudTrail`'s names and meanings (record contents,
/// event version 1.11), so tools for it read ours; what it has no place for is
/// in [`Details`]. Members chosen by outsiders are cut when the record is
/// written, see [`Details::truncated`]; show them through [`Printable`].
///
/// A record never holds a token or a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Version of the `CloudTrail` record format.
    pub event_version: String,
    /// Who asked.
    #[serde(default)]
    pub user_identity: UserIdentity,
    /// When the request was decided.
    pub event_time: Timestamp,
    /// Service asked, such as `sts.amazonaws.com`.
    #[serde(default)]
    pub event_source: String,
    /// Action asked for, such as `AssumeRoleWithWebIdentity`.
    pub event_name: String,
    /// Region of the installation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub aws_region: String,
    /// Address of the caller as the server saw it.
    #[serde(default, rename = "sourceIPAddress", skip_serializing_if = "String::is_empty")]
    pub source_ip_address: String,
    /// User agent as the caller gave it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_agent: String,
    /// Error code the caller got, such as `AccessDenied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Error text the caller got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Parameters of the request, without secrets.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub request_parameters: Map<String, Value>,
    /// Answer, without secrets.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub response_elements: Map<String, Value>,
    /// Resources touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Request id that the caller got.
    #[serde(default, rename = "requestID", skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// Unique id of this record: the decision id in a refusal.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// `AwsApiCall` for a caller's request, `AwsServiceEvent` for our own.
    #[serde(default)]
    pub event_type: String,
    /// Account of the installation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub recipient_account_id: String,
    /// What `CloudTrail` has no place for.
    pub stagedoor: Details,
}

/// A resource touched by a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// ARN of the resource.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// Account that owns it.
    #[serde(default, rename = "accountId", skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Resource type, such as `AWS::IAM::Role`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Record {
    /// Starts a record of `kind` about `event_name`, decided at `now`, that is
    /// known to callers as `event_id`. The decision is [`Decision::Deny`]
    /// until [`Record::allow`] is called.
    #[must_use]
    pub fn new(
        kind: Kind,
        event_name: impl Into<String>,
        event_id: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            event_version: "1.11".to_owned(),
            user_identity: UserIdentity::default(),
            event_time: now,
            event_source: "stagedoor".to_owned(),
            event_name: event_name.into(),
            aws_region: String::new(),
            source_ip_address: String::new(),
            user_agent: String::new(),
            error_code: None,
            error_message: None,
            request_parameters: Map::new(),
            response_elements: Map::new(),
            resources: Vec::new(),
            request_id: String::new(),
            event_id: event_id.into(),
            event_type: "AwsApiCall".to_owned(),
            recipient_account_id: String::new(),
            stagedoor: Details::new(kind),
        }
    }

    /// Marks the record as an allowed request.
    #[must_use]
    pub fn allow(mut self) -> Self {
        self.stagedoor.decision = Decision::Allow;
        self
    }

    /// Marks the record as a refused request: the stable reason code, the
    /// error code the caller gets, and the text for the operator.
    #[must_use]
    pub fn deny(
        mut self,
        reason: impl Into<String>,
        error_code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        self.stagedoor.decision = Decision::Deny;
        self.stagedoor.reason = Some(reason.into());
        self.stagedoor.detail = Some(detail.into());
        self.error_code = Some(error_code.into());
        self
    }

    /// Whether the record may be written from the reserve when the disk is
    /// full: it denies something, or takes a right away.
    #[must_use]
    pub fn is_essential(&self) -> bool {
        self.stagedoor.decision == Decision::Deny || self.stagedoor.kind == Kind::Revocation
    }
}
