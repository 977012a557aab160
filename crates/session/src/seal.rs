//! The session token: a sealed, self-contained session.
//!
//! ```text
//! token   = base64url without padding ( header nonce ciphertext tag )
//! header  = version (1 byte, 1)  length of key id (1 byte)  key id
//! sealed  = AES-256-GCM-SIV (RFC 8452), 12 random bytes of nonce, the header as associated data
//! content = JSON with one-letter names
//! ```
//! AES-GCM-SIV, since several nodes draw random nonces for one key: a repeated nonce then tells only that two
//! equal sessions are equal.
//!
//! Old readers and new data: a field that a reader does not know is refused, never skipped, since it may narrow
//! what the session can do. A field that is missing has its empty value. So a release may add a field if it leaves
//! it out when empty, and may use it once every node knows it. Any other change takes a new version byte.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::{aead, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::id::is_access_key_id;
use crate::keyring::{Keyring, SealingKey};
use crate::lineage::Lineage;
use crate::refusal::SessionRefusal;
use crate::session::{Federation, MAX_ACTORS, Session, SessionKind};

/// The longest session token, in characters: it has to fit into a request header.
pub const MAX_SESSION_TOKEN: usize = 8 * 1024;

const VERSION: u8 = 1;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// What a client signs with.
#[derive(Clone)]
pub struct Credentials {
    /// `ASIA…`, 20 characters; the session's id.
    pub access_key_id: String,
    /// 40 characters.
    pub secret_access_key: SecretString,
    /// The sealed session, at most [`MAX_SESSION_TOKEN`] characters, base64url.
    pub session_token: SecretString,
    /// When the session expires, to the second.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why a session could not be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The session's id is not an access key id.
    #[error("the session id `{0}` is not an access key id: wanted `ASIA` and 16 base32 characters")]
    BadId(String),
    /// The session would be over before it began.
    #[error("the session would expire at {expires_at}, not after it is issued at {issued_at}")]
    BadLifetime {
        /// When it is issued.
        issued_at: Timestamp,
        /// When it would expire.
        expires_at: Timestamp,
    },
    /// The session does not fit into a token: fewer or smaller session policies or tags are needed.
    #[error(
        "the session takes {percent}% of the space in a session token: send smaller session policies or tags"
    )]
    TooLarge {
        /// How full the token would be; over 100.
        percent: usize,
    },
    /// Too many sessions act for each other.
    #[error("{0} sessions act for each other: wanted at most {MAX_ACTORS}")]
    TooManyActors(usize),
    /// The cipher failed, or the system has no randomness.
    #[error("sealing failed: the system gave no random bytes or the cipher refused")]
    Cipher,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    #[serde(rename = "i", borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "k", default, skip_serializing_if = "is_usual")]
    kind: SessionKind,
    #[serde(rename = "a", borrow)]
    account: Cow<'a, str>,
    #[serde(rename = "r", borrow)]
    role: Cow<'a, str>,
    #[serde(rename = "R", borrow)]
    role_arn: Cow<'a, str>,
    #[serde(rename = "o", borrow)]
    role_id: Cow<'a, str>,
    #[serde(rename = "n", borrow)]
    session_name: Cow<'a, str>,
    #[serde(rename = "b")]
    issued_at: i64,
    #[serde(rename = "e")]
    expires_at: i64,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    source_identity: Option<Cow<'a, str>>,
    #[serde(rename = "t", default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: Cow<'a, BTreeMap<String, String>>,
    #[serde(rename = "T", default, skip_serializing_if = "is_empty")]
    transitive_tags: Cow<'a, [String]>,
    #[serde(rename = "p", default, skip_serializing_if = "is_empty")]
    policies: Cow<'a, [String]>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    federation: Option<Cow<'a, Federation>>,
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    provenance: Cow<'a, BTreeMap<String, String>>,
    #[serde(rename = "l", default, skip_serializing_if = "no_lineage")]
    lineage: Cow<'a, Lineage>,
    #[serde(rename = "A", borrow, default, skip_serializing_if = "Option::is_none")]
    actor: Option<Box<Content<'a>>>,
    #[serde(rename = "g", default, skip_serializing_if = "is_empty")]
    gates: Cow<'a, [String]>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    receipt: Option<u64>,
}

fn is_empty(list: &[String]) -> bool {
    list.is_empty()
}

fn is_usual(kind: &SessionKind) -> bool {
    *kind == SessionKind::default()
}

fn no_lineage(lineage: &Lineage) -> bool {
    lineage.is_empty()
}

impl<'a> From<&'a Session> for Content<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            id: Cow::Borrowed(&session.id),
            kind: session.kind,
            account: Cow::Borrowed(&session.account),
            role: Cow::Borrowed(&session.role),
            role_arn: Cow::Borrowed(&session.role_arn),
            role_id: Cow::Borrowed(&session.role_id),
            session_name: Cow::Borrowed(&session.session_name),
            issued_at: session.issued_at.as_second(),
            expires_at: session.expires_at.as_second(),
            source_identity: session.source_identity.as_deref().map(Cow::Borrowed),
            tags: Cow::Borrowed(&session.tags),
            transitive_tags: Cow::Borrowed(&session.transitive_tags),
            policies: Cow::Borrowed(&session.policies),
            federation: session.federation.as_ref().map(Cow::Borrowed),
            provenance: Cow::Borrowed(&session.provenance),
            lineage: Cow::Borrowed(&session.lineage),
            actor: session.actor.as_deref().map(|actor| Box::new(Self::from(actor))),
            gates: Cow::Borrowed(&session.gates),
            receipt: session.receipt,
        }
    }
}

impl TryFrom<Content<'_>> for Session {
    type Error = jiff::Error;

    fn try_from(content: Content<'_>) -> Result<Self, Self::Error> {
        Ok(Self {
            id: content.id.into_owned(),
            kind: content.kind,
            account: content.account.into_owned(),
            role: content.role.into_owned(),
            role_arn: content.role_arn.into_owned(),
            role_id: content.role_id.into_owned(),
            session_name: content.session_name.into_owned(),
            issued_at: Timestamp::from_second(content.issued_at)?,
            expires_at: Timestamp::from_second(content.expires_at)?,
            source_identity: content.source_identity.map(Cow::into_owned),
            tags: content.tags.into_owned(),
            transitive_tags: content.transitive_tags.into_owned(),
            policies: content.policies.into_owned(),
            federation: content.federation.map(Cow::into_owned),
            provenance: content.provenance.into_owned(),
            lineage: content.lineage.into_owned(),
            actor: content.actor.map(|actor| Session::try_from(*actor).map(Box::new)).transpose()?,
            gates: content.gates.into_owned(),
            receipt: content.receipt,
        })
    }
}

impl Keyring {
    /// Seals `session` with the key that is active when it is issued, and derives its secret access key.
    ///
    /// # Errors
    /// When the id or the lifetime is not sound, there are more than [`MAX_ACTORS`] actors, the session does not fit into [`MAX_SESSION_TOKEN`], or the system
    /// has no randomness.
    pub fn seal(&self, session: &Session) -> Result<Credentials, SealError> {
        if !is_access_key_id(&session.id) {
            return Err(SealError::BadId(session.id.clone()));
        }
        let (issued_at, expires_at) = (session.issued_at, session.expires_at);
        if expires_at.as_second() <= issued_at.as_second() {
            return Err(SealError::BadLifetime { issued_at, expires_at });
        }
        let actors = session.actors().take(MAX_ACTORS + 1).count();
        if actors > MAX_ACTORS {
            return Err(SealError::TooManyActors(actors));
        }
        let key = self.active(issued_at).ok_or(SealError::Cipher)?;
        let id = key.stored.id.as_bytes();
        let mut token = vec![VERSION, u8::try_from(id.len()).map_err(|_| SealError::Cipher)?];
        token.extend_from_slice(id);

        let mut content =
            Zeroizing::new(serde_json::to_vec(&Content::from(session)).map_err(|_| SealError::Cipher)?);
        let length = (token.len() + NONCE_LEN + content.len() + TAG_LEN).div_ceil(3) * 4;
        if length > MAX_SESSION_TOKEN {
            return Err(SealError::TooLarge { percent: (length * 100).div_ceil(MAX_SESSION_TOKEN) });
        }
        let nonce = key
            .seal
            .seal_in_place_append_tag(aead::Aad::from(&token), &mut *content)
            .map_err(|_| SealError::Cipher)?;
        token.extend_from_slice(nonce.as_ref());
        token.extend_from_slice(&content);

        let session_token = URL_SAFE_NO_PAD.encode(&token);
        let secret_access_key = secret_access_key(key, &session.id, &session_token);
        Ok(Credentials {
            access_key_id: session.id.clone(),
            secret_access_key: SecretString::from(std::mem::take(
                &mut *secret_access_key.ok_or(SealError::Cipher)?,
            )),
            session_token: SecretString::from(session_token),
            expires_at: Timestamp::from_second(expires_at.as_second()).map_err(|_| SealError::Cipher)?,
        })
    }

    /// Opens a session token.
    ///
    /// # Errors
    /// [`SessionRefusal::TooLarge`] before anything is parsed, [`SessionRefusal::SessionTokenInvalid`] when any part
    /// of it is not as it was sealed, [`SessionRefusal::SessionExpired`] from the moment that it names.
    pub fn open(&self, session_token: &str, now: Timestamp) -> Result<Session, SessionRefusal> {
        self.open_with_key(session_token, now).map(|(session, _)| session)
    }

    /// Opens a session token, and tells the key that sealed it.
    pub(crate) fn open_with_key(
        &self,
        session_token: &str,
        now: Timestamp,
    ) -> Result<(Session, &SealingKey), SessionRefusal> {
        const INVALID: fn(&'static str) -> SessionRefusal = SessionRefusal::SessionTokenInvalid;
        if session_token.len() > MAX_SESSION_TOKEN {
            return Err(SessionRefusal::TooLarge {
                at: "the session token",
                limit: MAX_SESSION_TOKEN,
                found: session_token.len(),
            });
        }
        let token = URL_SAFE_NO_PAD.decode(session_token).map_err(|_| INVALID("not base64url"))?;
        let (&[version, id_len], rest) = token.split_first_chunk::<2>().ok_or(INVALID("too short"))?;
        if version != VERSION {
            return Err(INVALID("unknown version"));
        }
        let (id, rest) = rest.split_at_checked(usize::from(id_len)).ok_or(INVALID("too short"))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(INVALID("too short"))?;
        let (header, _) = token.split_at_checked(2 + id.len()).ok_or(INVALID("too short"))?;
        let key = self.opening(id, now).ok_or(INVALID("unknown or retired key"))?;

        let mut content = Zeroizing::new(sealed.to_vec());
        let content = key
            .seal
            .open_in_place(aead::Nonce::from(nonce), aead::Aad::from(header), &mut content)
            .map_err(|_| INVALID("not authentic"))?;
        let content: Content<'_> = serde_json::from_slice(content).map_err(|_| INVALID("unknown content"))?;
        let session = Session::try_from(content).map_err(|_| INVALID("unknown content"))?;
        if now >= session.expires_at {
            return Err(SessionRefusal::SessionExpired {
                id: session.id,
                expired_at: session.expires_at,
                now,
            });
        }
        Ok((session, key))
    }
}

/// The secret access key that goes with a token: 40 characters, 240 bits, an HMAC over the access key id and the
/// token's hash. It is derived again at each use and never stored.
pub(crate) fn secret_access_key(
    key: &SealingKey,
    id: &str,
    session_token: &str,
) -> Option<Zeroizing<String>> {
    let mut context = hmac::Context::with_key(&key.secrets);
    context.update(id.as_bytes());
    context.update(b"\0");
    context.update(digest::digest(&digest::SHA256, session_token.as_bytes()).as_ref());
    let tag = context.sign();
    tag.as_ref().first_chunk::<30>().map(|bytes| Zeroizing::new(STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#""i":"I","a":"1","r":"r","R":"R","o":"O","n":"n","b":1,"e":2"#;

    fn read(content: &str) -> Option<Session> {
        serde_json::from_str::<Content<'_>>(content).ok().and_then(|content| Session::try_from(content).ok())
    }

    #[test]
    fn a_new_reader_takes_old_data_and_an_old_reader_refuses_new_data() {
        let session = read(&format!("{{{LEAST}}}")).unwrap();
        assert_eq!((session.id.as_str(), session.expires_at.as_second()), ("I", 2));
        assert!(session.policies.is_empty() && session.tags.is_empty() && session.federation.is_none());

        assert_eq!(read(&format!(r#"{{{LEAST},"q":["deny"]}}"#)), None);
        assert_eq!(read(&format!(r#"{{{LEAST},"i":"J"}}"#)), None);
        assert_eq!(read(&format!(r#"{{{LEAST},"f":{{"p":"","i":"","s":"","a":"","z":1}}}}"#)), None);
        assert_eq!(read(r#"{"i":"I"}"#), None);
    }

    #[test]
    fn what_is_empty_takes_no_room() {
        let session = read(&format!("{{{LEAST}}}")).unwrap();
        assert_eq!(serde_json::to_string(&Content::from(&session)).unwrap(), format!("{{{LEAST}}}"));
    }
}
