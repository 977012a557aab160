//! The JWS compact form (RFC 7515 §7.1), read strictly and within bounds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::claims::{Claims, describe};
use crate::json;
use crate::refusal::TokenRefusal;

/// Longest token read, in bytes.
pub const TOKEN_LIMIT: usize = 16 * 1024;

/// Refuses more than [`TOKEN_LIMIT`] bytes before anything looks at them.
pub(crate) const fn check_size(found: usize) -> Result<(), TokenRefusal> {
    if found > TOKEN_LIMIT {
        return Err(TokenRefusal::TooLarge { found, limit: TOKEN_LIMIT });
    }
    Ok(())
}

/// A token's three parts, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    /// Header and payload with the dot between them: what is signed.
    pub(crate) signed: &'a str,
    header: &'a str,
    payload: &'a str,
    pub(crate) signature: &'a str,
}

impl<'a> Compact<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, TokenRefusal> {
        check_size(token.len())?;
        let dots = token.bytes().filter(|byte| *byte == b'.').count();
        let malformed = || TokenRefusal::Malformed {
            part: "form",
            problem: match dots {
                2 => "one of its parts is empty".to_owned(),
                4 => "it has four dots, as an encrypted token has".to_owned(),
                other => format!("it has {other} dots instead of two"),
            },
        };
        if dots != 2 {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        if header.is_empty() || payload.is_empty() {
            return Err(malformed());
        }
        Ok(Compact { signed, header, payload, signature })
    }

    pub(crate) fn header(&self) -> Result<Header, TokenRefusal> {
        let bytes = decode("header", self.header)?;
        json::object(&bytes)
            .map(Header)
            .map_err(|problem| TokenRefusal::Malformed { part: "header", problem })
    }

    pub(crate) fn claims(&self) -> Result<Claims, TokenRefusal> {
        Claims::from_bytes(&decode("payload", self.payload)?)
    }
}

/// Unpadded base64url with zero trailing bits, so that each token has one spelling.
fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, TokenRefusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| TokenRefusal::Malformed {
        part,
        problem: format!("it is not base64url without padding ({error})").to_lowercase(),
    })
}

/// A token's JOSE header. `jku`, `jwk`, `x5u` and `x5c` are never looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Header(Map<String, Value>);

impl Header {
    /// The `alg` parameter.
    ///
    /// # Errors
    /// It is absent or not a string.
    pub fn algorithm(&self) -> Result<&str, TokenRefusal> {
        self.text("alg")?
            .ok_or_else(|| TokenRefusal::Malformed { part: "header", problem: "it has no `alg`".to_owned() })
    }

    /// The `kid` parameter: a key to look up among the issuer's, nothing else.
    ///
    /// # Errors
    /// It is not a string.
    pub fn key_id(&self) -> Result<Option<&str>, TokenRefusal> {
        self.text("kid")
    }

    /// The `typ` parameter.
    ///
    /// # Errors
    /// It is not a string.
    pub fn media_type(&self) -> Result<Option<&str>, TokenRefusal> {
        self.text("typ")
    }

    /// The header as a JSON object.
    #[must_use]
    pub const fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    fn text(&self, name: &str) -> Result<Option<&str>, TokenRefusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(TokenRefusal::Malformed {
                part: "header",
                problem: format!("its `{name}` is {} instead of a string", describe(other)),
            }),
        }
    }
}
