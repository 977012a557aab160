//! Signing keys and tokens made by hand, so that a test controls each byte.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use stagedoor_identity::{
    Algorithm, Issuer, Issuers, KeySource, Keys, Provider, TokenRefusal, VerifiedToken, verify,
};

/// The issuer of most tests.
pub(crate) const URL: &str = "https://issuer.example.com";
/// Its audience.
pub(crate) const AUDIENCE: &str = "stagedoor";
/// The time of most tests, in seconds since 1970.
pub(crate) const NOW: i64 = 1_795_168_900;

pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The RSA key of most tests; `other_rsa` is one that nobody trusts.
pub(crate) fn rsa() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
}

pub(crate) fn other_rsa() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
}

pub(crate) fn p256() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
}

pub(crate) fn p384() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()))
}

pub(crate) fn ed25519() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::Ed25519(Ed25519KeyPair::generate().unwrap()))
}

impl Signer {
    /// The public key as a JWK with this id.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let point = |curve: &str, bytes: &[u8]| {
            let half = bytes.len() / 2;
            json!({"kty": "EC", "crv": curve, "x": b64(&bytes[1..=half]), "y": b64(&bytes[half + 1..])})
        };
        let mut jwk = match self {
            Signer::Rsa(pair) => {
                let public = pair.public_key();
                json!({
                    "kty": "RSA",
                    "n": b64(public.modulus().big_endian_without_leading_zero()),
                    "e": b64(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Signer::P256(pair) => point("P-256", pair.public_key().as_ref()),
            Signer::P384(pair) => point("P-384", pair.public_key().as_ref()),
            Signer::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())})
            }
        };
        jwk["kid"] = json!(kid);
        jwk
    }

    fn signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Signer::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding = match algorithm {
                    Algorithm::RS384 => &RSA_PKCS1_SHA384,
                    Algorithm::RS512 => &RSA_PKCS1_SHA512,
                    Algorithm::PS256 => &RSA_PSS_SHA256,
                    Algorithm::PS384 => &RSA_PSS_SHA384,
                    Algorithm::PS512 => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Signer::P256(pair) | Signer::P384(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Signer::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token over exactly these header and payload texts.
    pub(crate) fn raw(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
        let signature = b64(&self.signature(algorithm, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// A token with this key id and these claims.
    pub(crate) fn token(&self, algorithm: Algorithm, kid: &str, claims: &Value) -> String {
        self.raw(
            algorithm,
            &json!({"alg": algorithm.name(), "typ": "JWT", "kid": kid}).to_string(),
            &claims.to_string(),
        )
    }
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Claims that are accepted, with `changes` laid over them; a null removes a claim.
pub(crate) fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": URL, "aud": AUDIENCE, "sub": "user-1", "iat": NOW - 10, "exp": NOW + 300});
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn key_set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// An issuer at [`URL`] with these keys inline.
pub(crate) fn issuer(keys: &[Value]) -> Issuer {
    let mut issuer = Issuer::new("main", Provider::by_kind("oidc").unwrap(), URL, vec![AUDIENCE.to_owned()]);
    issuer.keys = KeySource::Inline(key_set(keys));
    issuer
}

/// What becomes of a token at [`NOW`] with this issuer alone configured.
pub(crate) fn judge(issuer: Issuer, token: &str) -> Result<VerifiedToken, TokenRefusal> {
    let issuers = Issuers::new(vec![issuer]).unwrap();
    runtime().block_on(verify(&issuers, &Keys::default(), token, at(NOW)))
}

/// The same with the usual issuer.
pub(crate) fn judge_usual(token: &str) -> Result<VerifiedToken, TokenRefusal> {
    judge(issuer(&[rsa().jwk("k1")]), token)
}

/// What becomes of the usual issuer's token with these changes to its claims.
pub(crate) fn judge_claims(changes: Value) -> Result<VerifiedToken, TokenRefusal> {
    judge_usual(&rsa().token(Algorithm::RS256, "k1", &claims(changes)))
}

/// The code of a refusal.
pub(crate) fn code<T>(result: Result<T, TokenRefusal>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(refusal) => refusal.code(),
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn shared(issuer: Issuer) -> (Issuers, Arc<Issuer>) {
    let issuers = Issuers::new(vec![issuer]).unwrap();
    let first = Arc::clone(issuers.iter().next().unwrap());
    (issuers, first)
}
