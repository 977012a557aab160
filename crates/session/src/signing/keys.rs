//! All signing keys: which one signs, which are published, and when a new one is due.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::key::{SigningAlgorithm, SigningKey, SigningKeyError, StoredSigningKey};

/// How long a key is published before it signs: verifiers may keep a key set for a day.
pub const PUBLISH_AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// How long a key signs before its successor does.
pub const SIGN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a key stays published after its successor has begun to sign: longer than any token that it signed lives.
pub const KEEP_PUBLISHED: SignedDuration = SignedDuration::from_hours(48);

/// The keys of our own issuer. Immutable and cheap to clone; without keys by default.
#[derive(Clone, Default)]
pub struct SigningKeys {
    /// In the order in which they begin to sign.
    keys: Arc<[Arc<SigningKey>]>,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.stored)).finish()
    }
}

/// A key that has to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// The key that it follows; none for the first.
    pub after: Option<String>,
    /// When it is to begin to sign.
    pub signs_from: Timestamp,
}

/// A token that one of our keys signed. Its times, issuer and audience are not checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The `typ` header.
    pub media_type: String,
    /// The claims.
    pub claims: Map<String, Value>,
}

/// The token is none that our keys signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token was not signed by this issuer: {0}")]
pub struct NotOurs(pub &'static str);

impl SigningKeys {
    /// The keys that the store keeps, in any order.
    ///
    /// # Errors
    /// [`SigningKeyError::Unreadable`].
    pub fn from_stored(stored: Vec<StoredSigningKey>) -> Result<Self, SigningKeyError> {
        let mut keys = stored
            .into_iter()
            .map(SigningKey::new)
            .map(|key| key.map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_by(|a, b| (a.stored.signs_from, &a.stored.id).cmp(&(b.stored.signs_from, &b.stored.id)));
        Ok(Self { keys: keys.into() })
    }

    /// The ids of all keys, published or not.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.stored.id.as_str())
    }

    /// The algorithms that there is a key for.
    pub fn algorithms(&self) -> impl Iterator<Item = SigningAlgorithm> {
        SigningAlgorithm::ALL.into_iter().filter(|algorithm| self.of(*algorithm).next().is_some())
    }

    /// The JSON Web Key Set (RFC 7517 §5) to be published: keys that sign, will sign, or have signed lately.
    #[must_use]
    pub fn jwks(&self, now: Timestamp) -> Value {
        let keys: Vec<Value> =
            self.keys.iter().filter(|key| self.is_published(key, now)).map(|key| key.jwk()).collect();
        json!({ "keys": keys })
    }

    /// Signs `claims` as a JWS in compact form (RFC 7515 §7.1) whose `typ` is `media_type`.
    ///
    /// # Errors
    /// [`SigningKeyError::NoKey`] and [`SigningKeyError::Sign`].
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        media_type: &str,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, SigningKeyError> {
        let begun = |key: &&Arc<SigningKey>| key.stored.signs_from <= now;
        // The first key signs at once, also where another node's clock was a little ahead when it made it.
        let key = self
            .of(algorithm)
            .rfind(begun)
            .or_else(|| self.of(algorithm).next())
            .ok_or(SigningKeyError::NoKey(algorithm))?;
        let header = json!({ "typ": media_type, "alg": algorithm.name(), "kid": key.stored.id });
        let claims = serde_json::to_vec(claims).map_err(|_| SigningKeyError::Sign)?;
        let mut token = format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims));
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Reads a token that one of the published keys signed. The caller has bounded its length.
    ///
    /// # Errors
    /// [`NotOurs`], whatever is wrong with it.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, NotOurs> {
        let (signed, signature) = token.rsplit_once('.').ok_or(NotOurs("it is no JWS"))?;
        let (header, claims) = signed.split_once('.').ok_or(NotOurs("it is no JWS"))?;
        let object = |text: &str| -> Option<Map<String, Value>> {
            serde_json::from_slice(&BASE64URL.decode(text).ok()?).ok()
        };
        let header = object(header).ok_or(NotOurs("its header is not readable"))?;
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, algorithm) = (text("kid"), text("alg"));
        let key = self
            .keys
            .iter()
            .find(|key| key.stored.id == id && key.stored.algorithm.name() == algorithm)
            .filter(|key| self.is_published(key, now))
            .ok_or(NotOurs("its key is not published"))?;
        let signature = BASE64URL.decode(signature).map_err(|_| NotOurs("its signature is not readable"))?;
        if !key.verifies(signed.as_bytes(), &signature) {
            return Err(NotOurs("its signature does not verify"));
        }
        let claims = object(claims).ok_or(NotOurs("its claims are not readable"))?;
        Ok(Verified { media_type: text("typ").to_owned(), claims })
    }

    /// The keys that have to be made now: the first of an algorithm, at once; or the successor of one that has signed
    /// for [`SIGN_FOR`] when the new one has been published for [`PUBLISH_AHEAD`].
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<Due> {
        let ahead = now.checked_add(PUBLISH_AHEAD).unwrap_or(Timestamp::MAX);
        SigningAlgorithm::ALL
            .into_iter()
            .filter_map(|algorithm| match self.of(algorithm).next_back() {
                None => Some(Due { algorithm, after: None, signs_from: now }),
                Some(last) => {
                    let ends = last.stored.signs_from.checked_add(SIGN_FOR).ok()?;
                    let due =
                        Due { algorithm, after: Some(last.stored.id.clone()), signs_from: ends.max(ahead) };
                    (ends <= ahead).then_some(due)
                }
            })
            .collect()
    }

    /// The keys that are no longer published, so that the store may forget them.
    pub fn gone(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.keys.iter().filter(move |key| !self.is_published(key, now)).map(|key| key.stored.id.as_str())
    }

    fn of(&self, algorithm: SigningAlgorithm) -> impl DoubleEndedIterator<Item = &Arc<SigningKey>> {
        self.keys.iter().filter(move |key| key.stored.algorithm == algorithm)
    }

    fn is_published(&self, key: &SigningKey, now: Timestamp) -> bool {
        let successor =
            self.of(key.stored.algorithm).skip_while(|other| other.stored.id != key.stored.id).nth(1);
        successor.is_none_or(|next| now.duration_since(next.stored.signs_from) <= KEEP_PUBLISHED)
    }
}
