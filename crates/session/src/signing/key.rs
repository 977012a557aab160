//! One signing key, and its public half as a JSON Web Key (RFC 7517).

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};
use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A signature algorithm of our own issuer (RFC 7518 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, the one that every verifier knows.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384, the other one of AWS's `GetWebIdentityToken`.
    ES384,
}

impl SigningAlgorithm {
    /// Every one, the most widely understood first.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::ES384];

    /// The name in a token's `alg` header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
        }
    }

    /// The algorithm with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn curve(self) -> Option<(&'static EcdsaSigningAlgorithm, &'static str)> {
        match self {
            Self::RS256 => None,
            Self::ES256 => Some((&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")),
            Self::ES384 => Some((&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")),
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a signing key could not be made or read, or did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// The system gave no key.
    #[error("no {0} key could be generated: nothing can be signed until the system has randomness")]
    Generate(SigningAlgorithm),
    /// The stored key cannot be read.
    #[error("the stored signing key `{0}` is no private key of its algorithm, or has another id")]
    Unreadable(String),
    /// There is no key of this algorithm.
    #[error("there is no {0} key to sign with")]
    NoKey(SigningAlgorithm),
    /// The token would be longer than it may be.
    #[error(
        "the access token would have {found} bytes, more than a request header takes: ask for the opaque form"
    )]
    TooLarge {
        /// Its length, in bytes.
        found: usize,
    },
    /// The signature could not be made.
    #[error("the token could not be signed")]
    Sign,
}

/// A signing key as the store keeps it.
#[derive(Clone)]
pub struct StoredSigningKey {
    /// The JWK thumbprint (RFC 7638): the `kid` of its tokens.
    pub id: String,
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// The private key, PKCS #8 in DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
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
            .field("created_at", &self.created_at)
            .field("signs_from", &self.signs_from)
            .finish_non_exhaustive()
    }
}

impl StoredSigningKey {
    /// A fresh key. An RSA key, of 2048 bits, takes some tenths of a second.
    ///
    /// # Errors
    /// [`SigningKeyError::Generate`].
    pub fn generate(
        algorithm: SigningAlgorithm,
        created_at: Timestamp,
        signs_from: Timestamp,
    ) -> Result<Self, SigningKeyError> {
        let failed = |_| SigningKeyError::Generate(algorithm);
        let pkcs8 = match algorithm.curve() {
            None => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let der = pair.as_der().map_err(failed)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            Some((curve, _)) => {
                let der = EcdsaKeyPair::generate_pkcs8(curve, &rand::SystemRandom::new()).map_err(failed)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
        };
        let public = Public::of(&Pair::read(algorithm, &pkcs8).ok_or(SigningKeyError::Generate(algorithm))?);
        Ok(Self { id: public.thumbprint(), algorithm, pkcs8, created_at, signs_from })
    }
}

/// A key that signs.
pub(super) struct SigningKey {
    pub(super) stored: StoredSigningKey,
    pair: Pair,
    public: Public,
}

impl SigningKey {
    pub(super) fn new(stored: StoredSigningKey) -> Result<Self, SigningKeyError> {
        let unreadable = || SigningKeyError::Unreadable(stored.id.clone());
        let pair = Pair::read(stored.algorithm, &stored.pkcs8).ok_or_else(unreadable)?;
        let public = Public::of(&pair);
        if public.thumbprint() != stored.id {
            return Err(unreadable());
        }
        Ok(Self { stored, pair, public })
    }

    /// The public half.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = self.public.members();
        for (name, value) in
            [("kid", self.stored.id.as_str()), ("use", "sig"), ("alg", self.stored.algorithm.name())]
        {
            if let Some(members) = jwk.as_object_mut() {
                members.insert(name.to_owned(), value.into());
            }
        }
        jwk
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        let random = rand::SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| SigningKeyError::Sign)?;
                Ok(signature)
            }
            Pair::Ecdsa { pair, .. } => {
                pair.sign(&random, message).map(|s| s.as_ref().to_vec()).map_err(|_| SigningKeyError::Sign)
            }
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match (&self.pair, self.stored.algorithm) {
            (Pair::Rsa(pair), _) => {
                let public = pair.public_key();
                RsaPublicKeyComponents {
                    n: public.modulus().big_endian_without_leading_zero(),
                    e: public.exponent().big_endian_without_leading_zero(),
                }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok()
            }
            (Pair::Ecdsa { pair, .. }, algorithm) => {
                let verification = match algorithm {
                    SigningAlgorithm::ES384 => &ECDSA_P384_SHA384_FIXED,
                    _ => &ECDSA_P256_SHA256_FIXED,
                };
                UnparsedPublicKey::new(verification, pair.public_key().as_ref())
                    .verify(message, signature)
                    .is_ok()
            }
        }
    }
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa { pair: EcdsaKeyPair, curve: &'static str },
}

impl Pair {
    fn read(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        match algorithm.curve() {
            None => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).ok()?;
                (pair.public_modulus_len() >= 256).then(|| Self::Rsa(Box::new(pair)))
            }
            Some((curve, name)) => {
                let pair = EcdsaKeyPair::from_pkcs8(curve, pkcs8).ok()?;
                Some(Self::Ecdsa { pair, curve: name })
            }
        }
    }
}

/// The members of a public key that its thumbprint covers, encoded.
enum Public {
    Rsa { modulus: String, exponent: String },
    Ecdsa { curve: &'static str, x: String, y: String },
}

impl Public {
    fn of(pair: &Pair) -> Self {
        match pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                Self::Rsa {
                    modulus: BASE64URL.encode(public.modulus().big_endian_without_leading_zero()),
                    exponent: BASE64URL.encode(public.exponent().big_endian_without_leading_zero()),
                }
            }
            Pair::Ecdsa { pair, curve } => {
                // An uncompressed point (SEC 1 §2.3.3): a byte 4, then both coordinates in full length.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                Self::Ecdsa { curve, x: BASE64URL.encode(x), y: BASE64URL.encode(y) }
            }
        }
    }

    fn members(&self) -> Value {
        match self {
            Self::Rsa { modulus, exponent } => json!({ "kty": "RSA", "n": modulus, "e": exponent }),
            Self::Ecdsa { curve, x, y } => json!({ "kty": "EC", "crv": curve, "x": x, "y": y }),
        }
    }

    /// RFC 7638 §3: SHA-256 over the required members in the order of their names.
    fn thumbprint(&self) -> String {
        let text = match self {
            Self::Rsa { modulus, exponent } => format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#),
            Self::Ecdsa { curve, x, y } => {
                format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        BASE64URL.encode(digest::digest(&digest::SHA256, text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_that_of_rfc_7638() {
        let public = Public::Rsa {
            modulus: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw".to_owned(),
            exponent: "AQAB".to_owned(),
        };
        assert_eq!(public.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_key_that_was_exchanged_or_renamed_is_refused() {
        let now = Timestamp::UNIX_EPOCH;
        let key = StoredSigningKey::generate(SigningAlgorithm::ES256, now, now).unwrap();
        let other = StoredSigningKey::generate(SigningAlgorithm::ES256, now, now).unwrap();
        assert!(SigningKey::new(key.clone()).is_ok());
        for bad in [
            StoredSigningKey { id: "x".to_owned(), ..key.clone() },
            StoredSigningKey { pkcs8: other.pkcs8, ..key.clone() },
            StoredSigningKey { algorithm: SigningAlgorithm::ES384, ..key.clone() },
            StoredSigningKey { algorithm: SigningAlgorithm::RS256, ..key.clone() },
            StoredSigningKey { pkcs8: Zeroizing::new(Vec::new()), ..key.clone() },
        ] {
            assert!(matches!(SigningKey::new(bad), Err(SigningKeyError::Unreadable(_))));
        }
    }

    #[test]
    fn debug_hides_the_private_key() {
        let now = Timestamp::UNIX_EPOCH;
        let key = StoredSigningKey::generate(SigningAlgorithm::ES256, now, now).unwrap();
        assert!(!format!("{key:?}").contains("pkcs8"));
    }
}
