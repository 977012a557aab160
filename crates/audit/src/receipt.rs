//! What an append gives back.

use std::fmt;
use std::str::FromStr;

/// Where a record lies in the log, given out once it is on disk.
///
/// Shown and parsed as `<index>:<leaf hash in hex>`, which is what a pipeline
/// should keep in its own job log: the hash anchors the record's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// Index of the record, from 0.
    pub index: u64,
    /// Leaf hash of the record (RFC 6962 §2.1).
    pub leaf_hash: [u8; 32],
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.index, hex::encode(self.leaf_hash))
    }
}

/// A text that is no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a receipt is `<index>:<64 hex digits>`")]
pub struct MalformedReceipt;

impl FromStr for Receipt {
    type Err = MalformedReceipt;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (index, hash) = text.split_once(':').ok_or(MalformedReceipt)?;
        let index = index.parse().map_err(|_| MalformedReceipt)?;
        let mut leaf_hash = [0; 32];
        hex::decode_to_slice(hash, &mut leaf_hash).map_err(|_| MalformedReceipt)?;
        Ok(Self { index, leaf_hash })
    }
}

/// Proof that a value was recorded before it took effect: only
/// [`Log::record`](crate::Log::record) makes one.
#[derive(Clone, Debug)]
pub struct Recorded<T> {
    value: T,
    receipt: Receipt,
}

impl<T> Recorded<T> {
    pub(crate) fn new(value: T, receipt: Receipt) -> Self {
        Self { value, receipt }
    }

    /// What was recorded.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Where it was recorded.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        self.receipt
    }

    /// Gives up the proof and keeps the value.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_shows() {
        let receipt = Receipt { index: 70_000, leaf_hash: [0xa5; 32] };
        assert_eq!(receipt.to_string().parse(), Ok(receipt));
        assert_eq!("70000".parse::<Receipt>(), Err(MalformedReceipt));
        assert_eq!("1:abcd".parse::<Receipt>(), Err(MalformedReceipt));
    }
}
