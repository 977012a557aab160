//! Checkpoints (C2SP tlog-checkpoint).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::AuditError;
use crate::note::{Note, Signed, SigningKey, VerifierKey};
use crate::tree::Hash;

/// What a log commits to: its first `size` records, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Origin line: which log.
    pub origin: String,
    /// Number of records.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: [u8; 32],
}

impl Checkpoint {
    /// Reads a checkpoint that is a note signed by `key`.
    ///
    /// # Errors
    /// [`AuditError::Malformed`], also if `key` did not sign it.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, AuditError> {
        let (checkpoint, signed) = Self::read(note, key)?;
        match signed {
            Signed::Valid => Ok(checkpoint),
            Signed::Invalid => Err(malformed(format!("the signature of `{}` does not hold", key.name()))),
            Signed::Absent => Err(malformed(format!("it is not signed by `{key}`"))),
        }
    }

    /// Reads a checkpoint, and whether `key` signed it.
    pub(crate) fn read(note: &str, key: &VerifierKey) -> Result<(Self, Signed), AuditError> {
        let note = Note::parse(note)?;
        Ok((Self::parse(note.text())?, note.signed_by(key)))
    }

    /// Reads the text of a checkpoint.
    pub(crate) fn parse(text: &str) -> Result<Self, AuditError> {
        let mut lines = text.lines();
        let mut line = |what: &str| {
            lines.next().filter(|line| !line.is_empty()).ok_or_else(|| malformed(format!("it has no {what}")))
        };
        let (origin, size, root) = (line("origin")?, line("tree size")?, line("root hash")?);
        let canonical = size.bytes().all(|b| b.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        let size = size
            .parse()
            .ok()
            .filter(|_| canonical)
            .ok_or_else(|| malformed(format!("`{size}` is no tree size")))?;
        let root: Option<Hash> = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or_else(|| malformed("its root hash is not 32 bytes in base64".to_owned()))?;
        if lines.any(str::is_empty) {
            return Err(malformed("an extension line is empty".to_owned()));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Signs the checkpoint.
    pub(crate) fn sign(&self, key: &SigningKey) -> String {
        key.sign(&format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root)))
    }
}

fn malformed(reason: String) -> AuditError {
    AuditError::Malformed { what: "checkpoint", reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_signed() {
        let (key, _) = SigningKey::generate("acme.example/audit").unwrap();
        let checkpoint = Checkpoint { origin: "acme.example/audit".into(), size: 70_000, root: [3; 32] };
        let note = checkpoint.sign(&key);
        assert_eq!(Checkpoint::open(&note, key.verifier()).unwrap(), checkpoint);
        let error = Checkpoint::open(&note.replace("70000", "70001"), key.verifier()).unwrap_err();
        assert!(error.to_string().contains("does not hold"), "{error}");
    }

    #[test]
    fn refuses_other_spellings() {
        let root = STANDARD.encode([0; 32]);
        assert!(Checkpoint::parse(&format!("o\n0\n{root}\n")).is_ok());
        assert!(Checkpoint::parse(&format!("o\n1\n{root}\nextension\n")).is_ok());
        for size in ["00", "01", "+1", "-1", "", "18446744073709551616"] {
            assert!(Checkpoint::parse(&format!("o\n{size}\n{root}\n")).is_err(), "{size}");
        }
        assert!(Checkpoint::parse("o\n1\nAAAA\n").is_err());
        assert!(Checkpoint::parse("o\n1\n").is_err());
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(text in "(?s).{0,200}") {
            let _ = Checkpoint::parse(&text);
        }
    }
}
