//! Access tokens in the JWT profile (RFC 9068): a signed envelope around a sealed session.
//!
//! The claims are for whoever has to read them. What a gate goes by is the sealed session inside, which is why such a
//! token is made for our own gates only: another service that gets it could use it here.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::key::{SigningAlgorithm, SigningKeyError};
use super::keys::SigningKeys;
use crate::refusal::SessionRefusal;
use crate::seal::Credentials;
use crate::session::Session;

/// The longest access token that is read, in bytes: a session token of the greatest length, encoded once more, and its
/// claims.
pub const MAX_ACCESS_TOKEN: usize = 15 * 1024;

/// RFC 9068 §2.1, without `application/`.
const MEDIA_TYPE: &str = "at+jwt";

/// The claim that holds the session token.
const SEALED: &str = "session_token";

/// What makes and reads access tokens.
#[derive(Debug, Clone, Copy)]
pub struct AccessTokens<'a> {
    /// The keys that sign them.
    pub keys: &'a SigningKeys,
    /// The exact `iss`.
    pub issuer: &'a str,
}

impl AccessTokens<'_> {
    /// An access token around `credentials`, the sealed `session`, for `audience`: gates of ours. `client` is whoever
    /// asked for it.
    ///
    /// # Errors
    /// When it cannot be signed, or would be longer than [`MAX_ACCESS_TOKEN`].
    pub fn issue(
        &self,
        session: &Session,
        credentials: &Credentials,
        audience: &[String],
        client: &str,
        now: Timestamp,
    ) -> Result<SecretString, SigningKeyError> {
        let mut claims = Map::new();
        for (name, value) in [
            ("iss", json!(self.issuer)),
            ("sub", json!(session.subject())),
            ("aud", json!(audience)),
            ("client_id", json!(client)),
            ("iat", json!(session.issued_at.as_second())),
            ("exp", json!(session.expires_at.as_second())),
            ("jti", json!(session.id)),
            (SEALED, json!(credentials.session_token.expose_secret())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        if let Some(act) = session.act() {
            claims.insert("act".to_owned(), act);
        }
        let token = self.keys.sign(SigningAlgorithm::RS256, MEDIA_TYPE, &claims, now)?;
        if token.len() > MAX_ACCESS_TOKEN {
            return Err(SigningKeyError::TooLarge { found: token.len() });
        }
        Ok(SecretString::from(token))
    }

    /// The session token in an access token whose signature, issuer and type are ours. Its end is the session's.
    ///
    /// # Errors
    /// [`SessionRefusal::TooLarge`] and [`SessionRefusal::SessionTokenInvalid`].
    pub(crate) fn sealed_in(&self, token: &str, now: Timestamp) -> Result<SecretString, SessionRefusal> {
        if token.len() > MAX_ACCESS_TOKEN {
            return Err(SessionRefusal::TooLarge {
                at: "the access token",
                limit: MAX_ACCESS_TOKEN,
                found: token.len(),
            });
        }
        let verified =
            self.keys.verify(token, now).map_err(|problem| SessionRefusal::SessionTokenInvalid(problem.0))?;
        if verified.media_type != MEDIA_TYPE {
            return Err(SessionRefusal::SessionTokenInvalid("its type is not `at+jwt`"));
        }
        let text = |name: &str| verified.claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(self.issuer) {
            return Err(SessionRefusal::SessionTokenInvalid("its issuer is another"));
        }
        text(SEALED).map(SecretString::from).ok_or(SessionRefusal::SessionTokenInvalid("no session in it"))
    }
}
