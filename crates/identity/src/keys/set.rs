//! A JSON Web Key Set (RFC 7517) as verification keys.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::issuer::Issuer;
use crate::json;
use crate::jws::Compact;
use crate::refusal::{TokenRefusal, excerpt};

/// Longest key set read, in bytes.
pub const KEY_SET_LIMIT: usize = 1024 * 1024;
/// Most keys in a set.
pub const KEY_COUNT_LIMIT: usize = 256;

/// The verification keys of one issuer.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Arc<Key>>,
}

/// One verification key.
#[derive(Debug)]
pub(crate) struct Key {
    id: Option<String>,
    /// The `alg` it is restricted to.
    algorithm: Option<String>,
    material: Result<Material, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    P256,
    P384,
    Ed25519,
}

struct Material {
    family: Family,
    key: DecodingKey,
}

impl std::fmt::Debug for Material {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.family.fmt(f)
    }
}

impl KeySet {
    /// Reads a key set. Keys that can't verify anything (symmetric, for encryption, too weak) stay in it
    /// with the reason, so that a token that names one is refused with it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<KeySet, String> {
        if bytes.len() > KEY_SET_LIMIT {
            return Err(format!("the key set is longer than {KEY_SET_LIMIT} bytes"));
        }
        let object =
            json::object(bytes).map_err(|problem| format!("the key set can't be read: {problem}"))?;
        let Some(Value::Array(entries)) = object.get("keys") else {
            return Err("the key set has no array `keys`".to_owned());
        };
        if entries.len() > KEY_COUNT_LIMIT {
            let found = entries.len();
            return Err(format!("the key set has {found} keys and at most {KEY_COUNT_LIMIT} are read"));
        }
        let keys: Vec<Arc<Key>> =
            entries.iter().filter_map(Value::as_object).map(|jwk| Arc::new(Key::parse(jwk))).collect();
        if keys.iter().all(|key| key.material.is_err()) {
            let reason = keys.iter().find_map(|key| key.material.as_ref().err());
            let reason = reason.map_or_else(String::new, |reason| format!("; the first {reason}"));
            return Err(format!("the key set has no usable key among {}{reason}", entries.len()));
        }
        Ok(KeySet { keys })
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key that the token names, or the only one that fits if it names none.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let mut named = self.keys.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        let mut fitting = named.clone().filter(|key| key.fit(algorithm).is_ok());
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Found::Key(key),
            (Some(_), Some(_)) if id.is_some() => Found::Unsuitable("several keys have this id".to_owned()),
            (Some(_), Some(_)) => Found::Unsuitable("the token names no key and several fit".to_owned()),
            (None, _) => match named.next().filter(|_| id.is_some()) {
                Some(key) => Found::Unsuitable(key.fit(algorithm).err().unwrap_or_default()),
                None => Found::Nothing,
            },
        }
    }
}

/// What a look-up gives.
pub(crate) enum Found<'a> {
    Key(&'a Arc<Key>),
    Unsuitable(String),
    Nothing,
}

impl Key {
    fn parse(jwk: &Map<String, Value>) -> Key {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        Key { id: text("kid"), algorithm: text("alg"), material: Material::parse(jwk) }
    }

    fn fit(&self, algorithm: Algorithm) -> Result<&Material, String> {
        let material = self.material.as_ref().map_err(Clone::clone)?;
        if material.family != family(algorithm) {
            return Err(format!("it is a key for {}", material.family.name()));
        }
        match &self.algorithm {
            Some(only) if only != algorithm.name() => Err(format!("it is for `{}` only", excerpt(only))),
            _ => Ok(material),
        }
    }

    /// Checks the token's signature.
    pub(crate) fn verify(
        &self,
        token: &Compact<'_>,
        algorithm: Algorithm,
        issuer: &Issuer,
    ) -> Result<(), TokenRefusal> {
        let material = self.fit(algorithm).map_err(|problem| TokenRefusal::KeyUnsuitable {
            issuer: issuer.name.clone(),
            key: shown(self.id.as_deref()),
            algorithm,
            problem,
        })?;
        let signed = token.signed.as_bytes();
        match jsonwebtoken::crypto::verify(token.signature, signed, &material.key, algorithm.verifier()) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TokenRefusal::SignatureInvalid {
                issuer: issuer.name.clone(),
                key: shown(self.id.as_deref()),
            }),
        }
    }
}

/// A key id as messages show it.
pub(crate) fn shown(id: Option<&str>) -> String {
    id.map_or_else(|| "(none)".to_owned(), excerpt)
}

impl Family {
    const fn name(self) -> &'static str {
        match self {
            Family::Rsa => "RSA signatures",
            Family::P256 => "ES256",
            Family::P384 => "ES384",
            Family::Ed25519 => "EdDSA",
        }
    }
}

const fn family(algorithm: Algorithm) -> Family {
    match algorithm {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => Family::Rsa,
        Algorithm::ES256 => Family::P256,
        Algorithm::ES384 => Family::P384,
        Algorithm::EdDSA => Family::Ed25519,
    }
}

impl Material {
    fn parse(jwk: &Map<String, Value>) -> Result<Material, String> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|usage| usage != "sig" && usage != "jwt-svid") {
            return Err("is not for signatures (`use`)".to_owned());
        }
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some("verify")))
        };
        if jwk.get("key_ops").is_some_and(|operations| !verifies(operations)) {
            return Err("is not for verifying (`key_ops`)".to_owned());
        }
        if jwk.contains_key("d") {
            return Err("has its private part published, so anyone can sign with it".to_owned());
        }
        let part = |name: &str| -> Result<(&str, Vec<u8>), String> {
            let encoded = text(name).ok_or_else(|| format!("has no `{name}`"))?;
            let bytes = URL_SAFE_NO_PAD
                .decode(encoded)
                .map_err(|_| format!("has a `{name}` that is not base64url"))?;
            Ok((encoded, bytes))
        };
        let bad = |_| "can't be read".to_owned();
        match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let (modulus, exponent) = (part("n")?, part("e")?);
                check_rsa(&modulus.1, &exponent.1)?;
                let key = DecodingKey::from_rsa_components(modulus.0, exponent.0).map_err(bad)?;
                Ok(Material { family: Family::Rsa, key })
            }
            (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
                let (family, length) = if curve == "P-256" { (Family::P256, 32) } else { (Family::P384, 48) };
                let (x, y) = (part("x")?, part("y")?);
                if x.1.len() != length || y.1.len() != length {
                    return Err(format!("has coordinates that are not {length} bytes long"));
                }
                Ok(Material { family, key: DecodingKey::from_ec_components(x.0, y.0).map_err(bad)? })
            }
            (Some("OKP"), Some("Ed25519")) => {
                let x = part("x")?;
                if x.1.len() != 32 {
                    return Err("has an `x` that is not 32 bytes long".to_owned());
                }
                let key = DecodingKey::from_ed_components(x.0).map_err(bad)?;
                Ok(Material { family: Family::Ed25519, key })
            }
            (Some("oct"), _) => Err("is symmetric, which is never accepted".to_owned()),
            (Some(kty), curve) => Err(format!(
                "is of type `{}`{}, which is not supported",
                excerpt(kty),
                curve.map_or_else(String::new, |curve| format!(" on `{}`", excerpt(curve)))
            )),
            (None, _) => Err("has no `kty`".to_owned()),
        }
    }
}

/// NIST SP 800-131A: at least 2048 bits; an even or tiny exponent makes signatures forgeable.
fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), String> {
    let digits = |bytes: &[u8]| bytes.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<_>>();
    let modulus = digits(modulus);
    let bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(format!("has {bits} bits; RSA keys of 2048 to 8192 bits are accepted"));
    }
    let exponent = digits(exponent);
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    if !odd || exponent.len() > 4 || exponent == [1] {
        return Err("has an exponent that is even, 1 or longer than 32 bits".to_owned());
    }
    Ok(())
}
