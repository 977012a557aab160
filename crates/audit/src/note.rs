//! Signed notes and their keys (C2SP signed-note), Ed25519 only.

use std::fmt::Write as _;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::AuditError;
use crate::tree::sha256;

/// Signature type identifier of Ed25519.
const ED25519_TYPE: u8 = 1;

/// Most bytes in a note that is read.
pub(crate) const MAX_NOTE: usize = 128 << 10;

/// Public half of a log's key, in a form that the note format calls verifier
/// key: `<name>+<key id>+<base64>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: [u8; 32],
}

impl VerifierKey {
    fn new(name: &str, public: [u8; 32]) -> Self {
        Self { name: name.to_owned(), id: key_id(name, ED25519_TYPE, &public), public }
    }

    /// Reads a verifier key.
    ///
    /// # Errors
    /// [`AuditError::Malformed`] if it is not an Ed25519 verifier key.
    pub fn parse(text: &str) -> Result<Self, AuditError> {
        let (name, id, key) = key_parts(text.trim_end(), "verifier key")?;
        let key = Self::new(name, key);
        if key.id != id {
            return Err(malformed("verifier key", "its key id is not that of its name and key"));
        }
        Ok(key)
    }

    /// Name of the key, which is the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(key))
    }
}

/// Secret half of a log's key.
pub(crate) struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Makes a new key named `name`, and its text, which must be kept.
    pub(crate) fn generate(name: &str) -> Result<(Self, Zeroizing<String>), AuditError> {
        if !is_key_name(name) {
            return Err(malformed("origin", "it must be a name without spaces, `+` and control characters"));
        }
        let mut seed = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(&mut *seed).map_err(|_| malformed("key", "no randomness to be had"))?;
        let key = Self::from_seed(name, &seed)?;
        let mut bytes = Zeroizing::new(vec![ED25519_TYPE]);
        bytes.extend_from_slice(&*seed);
        let secret = Zeroizing::new(STANDARD.encode(&*bytes));
        let mut text = Zeroizing::new(String::with_capacity(160));
        let _ = writeln!(text, "PRIVATE+KEY+{name}+{:08x}+{}", key.verifier.id, *secret);
        Ok((key, text))
    }

    /// Reads the text of a key.
    pub(crate) fn parse(text: &str) -> Result<Self, AuditError> {
        let rest = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or_else(|| malformed("signing key", "it does not begin with `PRIVATE+KEY+`"))?;
        let (name, id, seed) = key_parts(rest.trim_end(), "signing key")?;
        let seed = Zeroizing::new(seed);
        let key = Self::from_seed(name, &seed)?;
        if key.verifier.id != id {
            return Err(malformed("signing key", "its key id is not that of its name and key"));
        }
        Ok(key)
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, AuditError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| malformed("signing key", "its seed was refused"))?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| malformed("signing key", "its public half is not 32 bytes"))?;
        Ok(Self { pair, verifier: VerifierKey::new(name, public) })
    }

    /// The public half.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs `text`, which ends in a newline: the whole note.
    pub(crate) fn sign(&self, text: &str) -> String {
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}\n{}", signature_text(&self.verifier.name, self.verifier.id, signature.as_ref()))
    }
}

/// What a key says about a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// The key signed it.
    Valid,
    /// It carries a signature in the key's name that does not hold.
    Invalid,
    /// It carries no signature of the key.
    Absent,
}

/// A note, not yet verified.
#[derive(Clone, Debug)]
pub(crate) struct Note<'a> {
    text: &'a str,
    signatures: Vec<(&'a str, u32, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Reads a note.
    pub(crate) fn parse(note: &'a str) -> Result<Self, AuditError> {
        if note.len() > MAX_NOTE {
            return Err(malformed("note", "it is longer than 128 KiB"));
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(malformed("note", "it holds a control character"));
        }
        let split = note.rfind("\n\n").ok_or_else(|| malformed("note", "it has no signatures"))?;
        let (text, lines) = note.split_at(split.saturating_add(1));
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or_else(|| malformed("note", "its last line has no end"))?;
        let signatures = lines.split('\n').map(signature_line).collect::<Option<Vec<_>>>();
        let signatures = signatures.ok_or_else(|| malformed("note", "a signature line is malformed"))?;
        Ok(Self { text, signatures })
    }

    /// Whether `key` signed the note.
    pub(crate) fn signed_by(&self, key: &VerifierKey) -> Signed {
        let mut found = Signed::Absent;
        for (name, id, signature) in &self.signatures {
            if *name == key.name && *id == key.id {
                if !key.verifies(self.text, signature) {
                    return Signed::Invalid;
                }
                found = Signed::Valid;
            }
        }
        found
    }

    /// The signature line of `key`, if it signed the note.
    pub(crate) fn line_of(&self, key: &VerifierKey) -> Option<String> {
        let mut signatures = self.signatures_of(&key.name, key.id);
        let signature = signatures.find(|signature| key.verifies(self.text, signature))?;
        Some(signature_text(&key.name, key.id, signature))
    }

    /// Signatures in the name and with the id of a key: they are not checked.
    pub(crate) fn signatures_of(&self, name: &str, id: u32) -> impl Iterator<Item = &[u8]> {
        let of_key = move |signature: &&(&str, u32, Vec<u8>)| signature.0 == name && signature.1 == id;
        self.signatures.iter().filter(of_key).map(|(_, _, signature)| signature.as_slice())
    }

    /// The text, which is worth nothing until [`Note::signed_by`] says so.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }
}

/// A signature line.
pub(crate) fn signature_text(name: &str, id: u32, signature: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", STANDARD.encode([id.to_be_bytes().as_slice(), signature].concat()))
}

fn signature_line(line: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = STANDARD.decode(signature).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_key_name(name) && !signature.is_empty()).then(|| (name, u32::from_be_bytes(*id), signature.to_vec()))
}

/// Key id: the start of a hash over name, type and public key (C2SP
/// signed-note).
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8]) -> u32 {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[kind], public].concat());
    u32::from_be_bytes([a, b, c, d])
}

/// Name, key id, and type with key out of `<name>+<key id>+<base64>`.
pub(crate) type KeyParts<'a> = (&'a str, u32, Zeroizing<Vec<u8>>);

/// Splits `<name>+<key id>+<base64 of type and key>`.
pub(crate) fn split_key(text: &str) -> Option<KeyParts<'_>> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let id = (id.len() == 8).then(|| u32::from_str_radix(id, 16).ok()).flatten()?;
    let key = Zeroizing::new(STANDARD.decode(key).ok()?);
    is_key_name(name).then_some((name, id, key))
}

/// Splits `<name>+<key id>+<base64 of type and 32 bytes>`.
fn key_parts<'a>(text: &'a str, what: &'static str) -> Result<(&'a str, u32, [u8; 32]), AuditError> {
    let wanted = || malformed(what, "wanted `<name>+<8 hex digits>+<base64>` with an Ed25519 key");
    let (name, id, key) = split_key(text).ok_or_else(wanted)?;
    match key.split_first() {
        Some((&ED25519_TYPE, key)) => Ok((name, id, key.try_into().map_err(|_| wanted())?)),
        _ => Err(wanted()),
    }
}

pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn malformed(what: &'static str, reason: &str) -> AuditError {
    AuditError::Malformed { what, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_and_notes_survive_their_texts() {
        let (key, text) = SigningKey::generate("acme.example/audit").unwrap();
        let again = SigningKey::parse(&text).unwrap();
        let note = again.sign("acme.example/audit\n0\n");
        let verifier = VerifierKey::parse(&key.verifier().to_string()).unwrap();
        let parsed = Note::parse(&note).unwrap();
        assert_eq!(parsed.text(), "acme.example/audit\n0\n");
        assert_eq!(parsed.signed_by(&verifier), Signed::Valid);
        let edited = note.replace("\n0\n", "\n1\n");
        assert_eq!(Note::parse(&edited).unwrap().signed_by(&verifier), Signed::Invalid);
        let (stranger, _) = SigningKey::generate("acme.example/audit").unwrap();
        assert_eq!(parsed.signed_by(stranger.verifier()), Signed::Absent);
    }

    /// The example of golang.org/x/mod/sumdb/note, whose format C2SP took up.
    #[test]
    fn verifies_what_others_signed() {
        let key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert_eq!(Note::parse(note).unwrap().signed_by(&key.unwrap()), Signed::Valid);
    }

    #[test]
    fn refuses_malformed_keys() {
        let (key, text) = SigningKey::generate("acme.example/audit").unwrap();
        let verifier = key.verifier().to_string();
        assert!(VerifierKey::parse(&verifier.replacen("acme", "evil", 1)).is_err());
        assert!(VerifierKey::parse("").is_err());
        assert!(VerifierKey::parse(&text).is_err());
        assert!(SigningKey::parse(&verifier).is_err());
        assert!(SigningKey::generate("two words").is_err());
        assert!(SigningKey::generate("a+b").is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(?s).{0,200}") {
            let _ = Note::parse(&text);
            let _ = VerifierKey::parse(&text);
            let _ = SigningKey::parse(&text);
        }
    }
}
