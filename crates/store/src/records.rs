//! Rows of the keyring, and of the keys that our own issuer signs with.

use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

/// One sealing key of the keyring, as stored.
///
/// Times keep microseconds; what is finer is cut off when stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// The key's id, unique in the store.
    pub id: String,
    /// The key itself; wiped from memory when dropped.
    pub secret: Zeroizing<Vec<u8>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it seals.
    pub activates_at: Timestamp,
    /// When it stops sealing; it may still open what it sealed before.
    pub retired_at: Option<Timestamp>,
}

impl fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSecret")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("created_at", &self.created_at)
            .field("activates_at", &self.activates_at)
            .field("retired_at", &self.retired_at)
            .finish()
    }
}

/// One key of our own OpenID Connect issuer, as stored.
///
/// Times keep microseconds; what is finer is cut off when stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// The key's id, unique in the store.
    pub id: String,
    /// The name of the signature algorithm.
    pub algorithm: String,
    /// The private key; wiped from memory when dropped.
    pub secret: Zeroizing<Vec<u8>>,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// When it begins to sign.
    pub signs_from: Timestamp,
}

impl fmt::Debug for StoredSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSigningKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .field("secret", &"[redacted]")
            .field("created_at", &self.created_at)
            .field("signs_from", &self.signs_from)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_secret() {
        let key = StoredSecret {
            id: "k1".into(),
            secret: Zeroizing::new(b"hunter2".to_vec()),
            created_at: Timestamp::UNIX_EPOCH,
            activates_at: Timestamp::UNIX_EPOCH,
            retired_at: None,
        };
        let text = format!("{key:?}");
        assert!(text.contains("k1") && text.contains("[redacted]"));
        assert!(!text.contains("hunter2") && !text.contains("104, 117"));

        let key = StoredSigningKey {
            id: "s1".into(),
            algorithm: "RS256".into(),
            secret: Zeroizing::new(b"hunter2".to_vec()),
            created_at: Timestamp::UNIX_EPOCH,
            signs_from: Timestamp::UNIX_EPOCH,
        };
        let text = format!("{key:?}");
        assert!(text.contains("s1") && text.contains("[redacted]") && !text.contains("104, 117"));
    }
}
