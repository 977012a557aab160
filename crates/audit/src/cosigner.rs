//! Cosignatures: a third party's word that it saw a log only grow (C2SP
//! tlog-cosignature).

use std::fmt;

use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair as _, ML_DSA_44, ML_DSA_44_SIGNING, PqdsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::AuditError;
use crate::checkpoint::Checkpoint;
use crate::note::{Note, is_key_name, key_id, signature_text, split_key};

/// Bytes of a seed, of either algorithm.
const SEED: usize = 32;

/// How a cosigner signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CosignatureAlgorithm {
    /// Ed25519, which every client knows.
    Ed25519,
    /// ML-DSA-44 (FIPS 204), which withstands quantum computers.
    MlDsa44,
}

impl CosignatureAlgorithm {
    /// Both, in the order in which they are given out.
    const ALL: [Self; 2] = [Self::Ed25519, Self::MlDsa44];

    /// Signature type identifier.
    const fn identifier(self) -> u8 {
        match self {
            Self::Ed25519 => 4,
            Self::MlDsa44 => 6,
        }
    }

    /// Bytes of a public key.
    const fn public(self) -> usize {
        match self {
            Self::Ed25519 => 32,
            Self::MlDsa44 => 1312,
        }
    }

    fn of(identifier: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.identifier() == identifier)
    }
}

/// Public key of a cosigner, such as a witness: `<name>+<key id>+<base64>`.
#[derive(Clone, PartialEq, Eq)]
pub struct CosignerKey {
    name: String,
    id: u32,
    algorithm: CosignatureAlgorithm,
    public: Vec<u8>,
}

impl CosignerKey {
    fn new(name: &str, algorithm: CosignatureAlgorithm, public: &[u8]) -> Self {
        let id = key_id(name, algorithm.identifier(), public);
        Self { name: name.to_owned(), id, algorithm, public: public.to_vec() }
    }

    /// Reads a cosigner's verifier key.
    ///
    /// # Errors
    /// [`AuditError::Malformed`] if it is not one of Ed25519 or ML-DSA-44.
    pub fn parse(text: &str) -> Result<Self, AuditError> {
        let read = || {
            let (name, id, typed) = split_key(text.trim_end())?;
            let (identifier, public) = typed.split_first()?;
            let algorithm = CosignatureAlgorithm::of(*identifier)?;
            let key = Self::new(name, algorithm, public);
            (public.len() == algorithm.public() && key.id == id).then_some(key)
        };
        let reason = "wanted `<name>+<8 hex digits>+<base64>` of a cosigner with Ed25519 or ML-DSA-44";
        read().ok_or_else(|| malformed("cosigner key", reason))
    }

    /// Name of the cosigner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> CosignatureAlgorithm {
        self.algorithm
    }

    /// When the cosigner signed the checkpoint `note`: it had seen the log only
    /// grow until then. Whether the log's own key signed it is not looked at.
    ///
    /// # Errors
    /// [`AuditError::Malformed`] if `note` is no checkpoint, or carries no
    /// cosignature of this key that holds.
    pub fn cosigned(&self, note: &str) -> Result<Timestamp, AuditError> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        for signature in note.signatures_of(&self.name, self.id) {
            let Some((time, signature)) = signature.split_first_chunk::<8>() else { continue };
            let time = u64::from_be_bytes(*time);
            let Some(message) = self.message(note.text(), &checkpoint, time) else { continue };
            let holds = match self.algorithm {
                CosignatureAlgorithm::Ed25519 => {
                    UnparsedPublicKey::new(&ED25519, &self.public).verify(&message, signature)
                }
                CosignatureAlgorithm::MlDsa44 => {
                    UnparsedPublicKey::new(&ML_DSA_44, &self.public).verify(&message, signature)
                }
            };
            let time = i64::try_from(time).ok().and_then(|time| Timestamp::from_second(time).ok());
            if let (Ok(()), Some(time)) = (holds, time) {
                return Ok(time);
            }
        }
        Err(malformed("checkpoint", &format!("it is not cosigned by `{}`", self.name)))
    }

    /// What is signed; `None` if a name is too long for the algorithm.
    fn message(&self, text: &str, checkpoint: &Checkpoint, time: u64) -> Option<Vec<u8>> {
        match self.algorithm {
            CosignatureAlgorithm::Ed25519 => {
                Some(format!("cosignature/v1\ntime {time}\n{text}").into_bytes())
            }
            CosignatureAlgorithm::MlDsa44 => {
                let length = |name: &str| u8::try_from(name.len()).ok().filter(|length| *length > 0);
                let mut message = b"subtree/v1\n\0".to_vec();
                message.push(length(&self.name)?);
                message.extend_from_slice(self.name.as_bytes());
                message.extend_from_slice(&time.to_be_bytes());
                message.push(length(&checkpoint.origin)?);
                message.extend_from_slice(checkpoint.origin.as_bytes());
                message.extend_from_slice(&0_u64.to_be_bytes());
                message.extend_from_slice(&checkpoint.size.to_be_bytes());
                message.extend_from_slice(&checkpoint.root);
                Some(message)
            }
        }
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.algorithm.identifier()], self.public.as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(typed))
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({}+{:08x}, {:?})", self.name, self.id, self.algorithm)
    }
}

/// Secret keys of a cosigner, one for each algorithm.
pub(crate) struct Cosigner {
    pairs: Vec<(CosignerKey, Pair)>,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    MlDsa44(Box<PqdsaKeyPair>),
}

impl Cosigner {
    /// Makes new keys named `name`, and their text, which must be kept.
    pub(crate) fn generate(name: &str) -> Result<(Self, Zeroizing<String>), AuditError> {
        if !is_key_name(name) || name.len() > usize::from(u8::MAX) {
            let reason = "it must have at most 255 bytes, and no spaces, `+` and control characters";
            return Err(malformed("witness name", reason));
        }
        let mut pairs = Vec::new();
        let mut text = Zeroizing::new(String::with_capacity(1024));
        for algorithm in CosignatureAlgorithm::ALL {
            let mut seed = Zeroizing::new([0; SEED]);
            aws_lc_rs::rand::fill(&mut *seed).map_err(|_| malformed("key", "no randomness to be had"))?;
            let pair = open(name, algorithm, &*seed)?;
            let typed = Zeroizing::new([&[algorithm.identifier()], seed.as_slice()].concat());
            let secret = Zeroizing::new(STANDARD.encode(&*typed));
            text.push_str(&format!("PRIVATE+KEY+{name}+{:08x}+", pair.0.id));
            text.push_str(&secret);
            text.push('\n');
            pairs.push(pair);
        }
        Ok((Self { pairs }, text))
    }

    /// Reads the text of the keys.
    pub(crate) fn parse(text: &str) -> Result<Self, AuditError> {
        let read = |line: &str| {
            let (name, id, typed) = split_key(line.strip_prefix("PRIVATE+KEY+")?)?;
            let (identifier, seed) = typed.split_first()?;
            let pair = open(name, CosignatureAlgorithm::of(*identifier)?, seed).ok()?;
            (pair.0.id == id).then_some(pair)
        };
        let pairs = text.lines().map(read).collect::<Option<Vec<_>>>().filter(|pairs| !pairs.is_empty());
        let reason = "wanted lines of `PRIVATE+KEY+<name>+<8 hex digits>+<base64>`";
        pairs.map(|pairs| Self { pairs }).ok_or_else(|| malformed("witness key", reason))
    }

    /// The public keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &CosignerKey> {
        self.pairs.iter().map(|(key, _)| key)
    }

    /// Signature lines over a checkpoint, one for each key.
    pub(crate) fn cosign(
        &self,
        text: &str,
        checkpoint: &Checkpoint,
        now: Timestamp,
    ) -> Result<String, AuditError> {
        let time = u64::try_from(now.as_second()).unwrap_or(0);
        let mut lines = String::new();
        for (key, pair) in &self.pairs {
            let too_long = || malformed("origin", "it is longer than 255 bytes");
            let message = key.message(text, checkpoint, time).ok_or_else(too_long)?;
            let signature = match pair {
                Pair::Ed25519(pair) => pair.sign(&message).as_ref().to_vec(),
                Pair::MlDsa44(pair) => {
                    let mut signature = vec![0; ML_DSA_44_SIGNING.signature_len()];
                    pair.sign(&message, &mut signature)
                        .map_err(|_| malformed("witness key", "it cannot sign"))?;
                    signature
                }
            };
            let timestamped = [time.to_be_bytes().as_slice(), &signature].concat();
            lines.push_str(&signature_text(&key.name, key.id, &timestamped));
        }
        Ok(lines)
    }
}

fn open(name: &str, algorithm: CosignatureAlgorithm, seed: &[u8]) -> Result<(CosignerKey, Pair), AuditError> {
    let refused = || malformed("witness key", "its seed was refused");
    Ok(match algorithm {
        CosignatureAlgorithm::Ed25519 => {
            let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| refused())?;
            (CosignerKey::new(name, algorithm, pair.public_key().as_ref()), Pair::Ed25519(pair))
        }
        CosignatureAlgorithm::MlDsa44 => {
            let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, seed).map_err(|_| refused())?;
            (CosignerKey::new(name, algorithm, pair.public_key().as_ref()), Pair::MlDsa44(Box::new(pair)))
        }
    })
}

fn malformed(what: &'static str, reason: &str) -> AuditError {
    AuditError::Malformed { what, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of C2SP tlog-witness: a checkpoint of the Go checksum
    /// database's form, cosigned by ours and read back.
    #[test]
    fn cosignatures_hold_for_what_was_signed_only() {
        let (cosigner, text) = Cosigner::generate("witness.example/w1").unwrap();
        let again = Cosigner::parse(&text).unwrap();
        let body = "log.example/one\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(body).unwrap();
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let note = format!("{body}\n{}", again.cosign(body, &checkpoint, now).unwrap());
        assert_eq!(cosigner.keys().count(), 2);
        let (stranger, _) = Cosigner::generate("witness.example/w1").unwrap();
        for (key, other) in cosigner.keys().zip(stranger.keys()) {
            let key = CosignerKey::parse(&key.to_string()).unwrap();
            assert_eq!(key.cosigned(&note).unwrap(), now);
            assert!(key.cosigned(&note.replace("\n7\n", "\n8\n")).is_err());
            assert!(other.cosigned(&note).is_err());
        }
    }

    /// The example of C2SP tlog-cosignature carries a cosignature whose key is
    /// not given, but whose time can be read: the layout is theirs.
    #[test]
    fn the_time_lies_where_the_specification_puts_it() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let note = Note::parse(note).unwrap();
        let signature = note.signatures_of("witness.example.com/w1", 0x8d66_cf3f).next().unwrap();
        let (time, rest) = signature.split_first_chunk::<8>().unwrap();
        assert_eq!((u64::from_be_bytes(*time), rest.len()), (1_679_315_147, 64));
    }

    #[test]
    fn a_log_key_is_no_cosigner_key() {
        let (log, _) = crate::note::SigningKey::generate("log.example/one").unwrap();
        assert!(CosignerKey::parse(&log.verifier().to_string()).is_err());
        assert!(Cosigner::generate("two words").is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(?s).{0,200}") {
            let _ = CosignerKey::parse(&text);
            let _ = Cosigner::parse(&text);
        }
    }
}
