//! `CloudTrail`'s `userIdentity` element.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who asked (`CloudTrail` `userIdentity` element).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// `WebIdentityUser`, `AssumedRole`, `AWSService` or `Unknown`.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// `<issuer ARN>:<audience>:<subject>` for a token, `AROA…:<session name>`
    /// for a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// ARN of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Account of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Access key id that signed the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Subject of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Issuer ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
    /// Where the session came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_context: Option<SessionContext>,
}

/// Where a session came from (`CloudTrail` `sessionContext` element).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionContext {
    /// Role that issued the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_issuer: Option<SessionIssuer>,
    /// Federation that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_id_federation_data: Option<FederationData>,
    /// `creationDate`, `mfaAuthenticated`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Source identity, which survives role chaining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
}

/// Role that issued a session (`CloudTrail` `sessionIssuer` element).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionIssuer {
    /// `Role`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// `AROA…` id of the role.
    #[serde(default)]
    pub principal_id: String,
    /// ARN of the role.
    #[serde(default)]
    pub arn: String,
    /// Account of the role.
    #[serde(default)]
    pub account_id: String,
    /// Name of the role.
    #[serde(default)]
    pub user_name: String,
}

/// Federation behind a session (`CloudTrail` `webIdFederationData` element).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FederationData {
    /// Issuer ARN.
    #[serde(default)]
    pub federated_provider: String,
    /// Attributes, such as the token's audience.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}
