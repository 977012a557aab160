//! RSA keys and JWS signatures (RFC 7515, RFC 7517).

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

/// The cryptography failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No RSA key could be made.
    #[error("no RSA-2048 key could be generated")]
    Generate,
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Sign,
}

/// An RSA-2048 key with its key id, the JWK thumbprint (RFC 7638).
pub(crate) struct SigningKey {
    pair: KeyPair,
    pub(crate) kid: String,
    modulus: String,
    exponent: String,
}

impl SigningKey {
    /// Takes some tenths of a second.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        let encode = |bytes: &[u8]| BASE64URL.encode(bytes);
        let modulus = encode(pair.public_key().modulus().big_endian_without_leading_zero());
        let exponent = encode(pair.public_key().exponent().big_endian_without_leading_zero());
        let members = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        let kid = encode(digest::digest(&digest::SHA256, members.as_bytes()).as_ref());
        Ok(Self { pair, kid, modulus, exponent })
    }

    pub(crate) fn jwk(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self.modulus, "e": self.exponent })
    }

    /// RS256 over `message` (RFC 7518 §3.3).
    pub(crate) fn sign(&self, message: &str) -> Result<String, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| KeyError::Sign)?;
        Ok(BASE64URL.encode(signature))
    }
}

/// HS256 over `message` (RFC 7518 §3.2).
pub(crate) fn hs256(secret: &[u8], message: &str) -> String {
    BASE64URL.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes()))
}

/// The part of a JWS that is signed.
pub(crate) fn signing_input(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()))
}
