//! The sealing keys: several by id, one active at a time, rotated without dropping a session.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{aead, hkdf, hmac, rand};
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

/// How long a retired key still opens sessions: the longest session that AWS knows (36 hours).
pub const RETENTION: SignedDuration = SignedDuration::from_hours(36);

const SECRET_LEN: usize = 32;
const MAX_ID_LEN: usize = 32;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes: nothing can be issued until it does")]
pub struct RandomnessUnavailable;

/// Why no keyring came to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No key is active, so nothing could be sealed.
    #[error("the keyring has no active key: wanted at least one that is not retired")]
    NoActiveKey,
    /// Two stored keys have one id.
    #[error("the keyring has two keys with the id `{0}`")]
    DuplicateId(String),
    /// A key id does not fit into a token.
    #[error("the key id `{0}` is not 1 to 32 letters, digits, `-` or `_`")]
    BadId(String),
    /// A secret has the wrong length.
    #[error("the secret of key `{id}` has {found} bytes, wanted {SECRET_LEN}")]
    BadSecret {
        /// The key's id.
        id: String,
        /// The length found, in bytes.
        found: usize,
    },
    /// No randomness for a new key.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

/// A sealing key as the store keeps it.
#[derive(Clone)]
pub struct StoredKey {
    /// 1 to 32 letters, digits, `-` or `_`; stands in clear text in each token that the key sealed.
    pub id: String,
    /// 32 random bytes.
    pub secret: Zeroizing<Vec<u8>>,
    /// When the key was made.
    pub created_at: Timestamp,
    /// From when the key seals. Between its making and this moment every node learns of it.
    pub activates_at: Timestamp,
    /// When the key stops sealing; it opens sessions for [`RETENTION`] longer.
    pub retired_at: Option<Timestamp>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("id", &self.id)
            .field("created_at", &self.created_at)
            .field("activates_at", &self.activates_at)
            .field("retired_at", &self.retired_at)
            .finish_non_exhaustive()
    }
}

/// The sealing keys of an installation. Immutable and cheap to clone; a rotation makes a new one.
#[derive(Clone)]
pub struct Keyring {
    /// By the time at which they begin to seal.
    keys: Arc<[SealingKey]>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.stored.id.as_str()).collect();
        f.debug_struct("Keyring").field("keys", &ids).finish()
    }
}

impl Keyring {
    /// A keyring with one fresh key.
    ///
    /// # Errors
    /// [`KeyringError::Randomness`] when the system has none to give.
    pub fn generate(now: Timestamp) -> Result<Self, KeyringError> {
        Self::from_stored(vec![fresh_key(now, now)?])
    }

    /// A keyring from what the store keeps. The order does not matter.
    ///
    /// # Errors
    /// When every key is retired, two have one id, or one has a bad id or secret.
    pub fn from_stored(stored: Vec<StoredKey>) -> Result<Self, KeyringError> {
        let mut keys: Vec<SealingKey> = Vec::with_capacity(stored.len());
        for key in stored {
            if keys.iter().any(|known| known.stored.id == key.id) {
                return Err(KeyringError::DuplicateId(key.id));
            }
            keys.push(SealingKey::new(key)?);
        }
        if keys.iter().all(|key| key.stored.retired_at.is_some()) {
            return Err(KeyringError::NoActiveKey);
        }
        keys.sort_by(|a, b| {
            (a.stored.activates_at, &a.stored.id).cmp(&(b.stored.activates_at, &b.stored.id))
        });
        Ok(Self { keys: keys.into() })
    }

    /// What the store should keep.
    #[must_use]
    pub fn to_stored(&self) -> Vec<StoredKey> {
        self.keys.iter().map(|key| key.stored.clone()).collect()
    }

    /// A keyring with a fresh key that seals from `activates_at`, when the keys before it retire. Those that were
    /// retired longer than [`RETENTION`] ago are gone. Sessions sealed before go on.
    ///
    /// # Errors
    /// [`KeyringError::Randomness`] when the system has none to give.
    pub fn rotate(&self, now: Timestamp, activates_at: Timestamp) -> Result<Self, KeyringError> {
        let mut stored: Vec<StoredKey> = self
            .keys
            .iter()
            .filter(|key| key.opens_at(now))
            .map(|key| {
                let mut stored = key.stored.clone();
                stored.retired_at.get_or_insert(activates_at);
                stored
            })
            .collect();
        stored.push(fresh_key(now, activates_at)?);
        Self::from_stored(stored)
    }

    /// The id of the key that seals at `now`.
    #[must_use]
    pub fn active_id(&self, now: Timestamp) -> &str {
        self.active(now).map_or("", |key| &key.stored.id)
    }

    /// The key that seals at `now`: the last to have begun. Before any has begun, the first to begin.
    pub(crate) fn active(&self, now: Timestamp) -> Option<&SealingKey> {
        let sealing = |key: &&SealingKey| {
            key.stored.activates_at <= now && key.stored.retired_at.is_none_or(|retired| now < retired)
        };
        let first = || self.keys.iter().find(|key| key.stored.retired_at.is_none());
        self.keys.iter().rev().find(sealing).or_else(first)
    }

    /// The key with this id, unless it has been retired for longer than [`RETENTION`].
    pub(crate) fn opening(&self, id: &[u8], now: Timestamp) -> Option<&SealingKey> {
        self.keys.iter().find(|key| key.stored.id.as_bytes() == id && key.opens_at(now))
    }
}

/// A stored key with what is derived from its secret (HKDF-SHA256, RFC 5869): one key to seal sessions, one to seal
/// messages, one to derive secret access keys.
pub(crate) struct SealingKey {
    pub(crate) stored: StoredKey,
    pub(crate) seal: aead::RandomizedNonceKey,
    pub(crate) messages: aead::RandomizedNonceKey,
    pub(crate) secrets: hmac::Key,
}

impl SealingKey {
    fn new(stored: StoredKey) -> Result<Self, KeyringError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if stored.id.is_empty() || stored.id.len() > MAX_ID_LEN || !stored.id.bytes().all(good) {
            return Err(KeyringError::BadId(stored.id));
        }
        let bad_secret = || KeyringError::BadSecret { id: stored.id.clone(), found: stored.secret.len() };
        if stored.secret.len() != SECRET_LEN {
            return Err(bad_secret());
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"stagedoor keyring v1").extract(&stored.secret);
        let cipher = |purpose: &[u8]| {
            let key = derive(&root, purpose)?;
            aead::RandomizedNonceKey::new(&aead::AES_256_GCM_SIV, &*key).ok()
        };
        let seal = cipher(b"seal session tokens").ok_or_else(bad_secret)?;
        let messages = cipher(b"seal messages").ok_or_else(bad_secret)?;
        let secrets = derive(&root, b"derive secret access keys").ok_or_else(bad_secret)?;
        Ok(Self { seal, messages, secrets: hmac::Key::new(hmac::HMAC_SHA256, &*secrets), stored })
    }

    fn opens_at(&self, now: Timestamp) -> bool {
        self.stored.retired_at.is_none_or(|retired| now.duration_since(retired) <= RETENTION)
    }
}

fn derive(root: &hkdf::Prk, purpose: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut out = Zeroizing::new([0; 32]);
    let info = [purpose];
    root.expand(&info, hkdf::HKDF_SHA256).ok()?.fill(&mut *out).ok()?;
    Some(out)
}

fn fresh_key(now: Timestamp, activates_at: Timestamp) -> Result<StoredKey, RandomnessUnavailable> {
    let id = format!("k{}", hex::encode(random::<8>()?));
    let secret = Zeroizing::new(Zeroizing::new(random::<SECRET_LEN>()?).to_vec());
    Ok(StoredKey { id, secret, created_at: now, activates_at, retired_at: None })
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], RandomnessUnavailable> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| RandomnessUnavailable)?;
    Ok(bytes)
}
