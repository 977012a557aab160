//! What a credential stands for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::lineage::Lineage;

/// How a session came to be, which decides its names and what it may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum SessionKind {
    /// A role was assumed, with a token or by another session.
    #[default]
    #[serde(rename = "r")]
    AssumedRole,
    /// `GetSessionToken`: the same session again, under a key of its own.
    #[serde(rename = "s")]
    SessionToken,
    /// `GetFederationToken`: a user whom the calling session vouches for.
    #[serde(rename = "f")]
    FederatedUser,
}

/// A session: one role, assumed by one caller, until one moment.
///
/// It travels whole inside the sealed session token. Times are kept to the second in the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The access key id, `ASIA…`, 20 characters: see [`crate::new_access_key_id`].
    pub id: String,
    /// How it came to be.
    pub kind: SessionKind,
    /// The account in ARNs, 12 digits.
    pub account: String,
    /// The role's name.
    pub role: String,
    /// The role's ARN, `arn:aws:iam::<account>:role/<name>`.
    pub role_arn: String,
    /// The role's stable id, `AROA…`: see [`crate::role_id`].
    pub role_id: String,
    /// The session name that the caller chose, 2 to 64 characters; a federated user's name.
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
    /// The session policies, as JSON documents or ARNs. The session never exceeds what they allow together.
    pub policies: Vec<String>,
    /// The token that the session was made from; none for a session that was made from another.
    pub federation: Option<Federation>,
    /// Where the caller came from (`provider`, `repository`, `commit`, `run` …), for the record.
    pub provenance: BTreeMap<String, String>,
    /// The sessions that this one was made from, if any.
    pub lineage: Lineage,
    /// Who acts for this session's holder (RFC 8693 §4.1): the session of an agent, say. What both may do is what this
    /// one may do. An actor can have an actor, at most [`MAX_ACTORS`] deep.
    pub actor: Option<Box<Session>>,
    /// The names of the only gates and doors that it is good at; empty means all.
    pub gates: Vec<String>,
    /// The index of the audit record that proves the decision.
    pub receipt: Option<u64>,
}

/// How many sessions may stand behind each other, each acting for the one before.
pub const MAX_ACTORS: usize = 3;

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
    /// The subject of tokens that our own issuer makes for this session: `role:<role>`, the same for each session of
    /// the role.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("role:{}", self.role)
    }

    /// The `act` claim (RFC 8693 §4.1) of tokens for this session, if somebody acts for its holder.
    #[must_use]
    pub fn act(&self) -> Option<Value> {
        let actor = self.actor.as_deref()?;
        let mut act = json!({ "sub": actor.subject(), "session_name": actor.session_name });
        if let (Some(further), Some(members)) = (actor.act(), act.as_object_mut()) {
            members.insert("act".to_owned(), further);
        }
        Some(act)
    }

    /// The actors, from the one that acts for this session's holder onwards.
    pub fn actors(&self) -> impl Iterator<Item = &Session> {
        std::iter::successors(self.actor.as_deref(), |session| session.actor.as_deref())
    }

    /// The ARN of the session: `arn:aws:sts::<account>:assumed-role/<role>/<session name>`, or
    /// `arn:aws:sts::<account>:federated-user/<name>`.
    #[must_use]
    pub fn arn(&self) -> String {
        match self.kind {
            SessionKind::FederatedUser => {
                format!("arn:aws:sts::{}:federated-user/{}", self.account, self.session_name)
            }
            SessionKind::AssumedRole | SessionKind::SessionToken => {
                format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role, self.session_name)
            }
        }
    }

    /// The id of the session as `GetCallerIdentity` tells it, `AROA…:<session name>`, or `<account>:<name>` for a
    /// federated user.
    #[must_use]
    pub fn user_id(&self) -> String {
        let before = match self.kind {
            SessionKind::FederatedUser => &self.account,
            SessionKind::AssumedRole | SessionKind::SessionToken => &self.role_id,
        };
        format!("{before}:{}", self.session_name)
    }

    /// The session that this one was made from.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.lineage.ancestors.last().map(|parent| parent.id.as_str())
    }

    /// The token at the root of this session, which may have been made from others in between.
    #[must_use]
    pub fn root(&self) -> Option<&Federation> {
        self.federation.as_ref().or(self.lineage.federation.as_ref())
    }
}
