//! Rows of the keyring.

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
    /// When it stopped sealing; it may still open what it sealed before.
    pub retired_at: Option<Timestamp>,
}

impl fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSecret")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("created_at", &self.created_at)
            .field("retired_at", &self.retired_at)
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
            retired_at: None,
        };
        let text = format!("{key:?}");
        assert!(text.contains("k1") && text.contains("[redacted]"));
        assert!(!text.contains("hunter2") && !text.contains("104, 117"));
    }
}
