//! What is known of the caller: a verified token, or claims that nobody vouched for.

use std::path::Path;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use stagedoor_config::Snapshot;
use stagedoor_identity::{Claims, Keys, KeysOptions, TOKEN_LIMIT, TokenRefusal, verify};

use crate::failure::Failure;
use crate::{input, token};

/// Claims and how far they can be trusted.
pub(super) struct Evidence {
    pub(super) claims: Claims,
    /// Whether signature, issuer, audience and times were checked.
    pub(super) verified: bool,
    /// Where they came from, in words.
    pub(super) origin: String,
}

impl Evidence {
    /// Claims from a file of JSON.
    ///
    /// # Errors
    /// When the file cannot be read or holds no JSON object.
    pub(super) fn claims(path: &Path) -> Result<Self, Failure> {
        let input = input::read("the claims", path, TOKEN_LIMIT)?;
        let claims = Claims::from_json(&input.text)
            .map_err(|refusal| Failure::input(format!("{} holds no claims: {refusal}", input.origin)))?;
        Ok(Self { claims, verified: false, origin: format!("the claims in {}", input.origin) })
    }

    /// The claims of a token; the inner error is the token's own fault.
    ///
    /// # Errors
    /// When there is no token to read.
    pub(super) async fn token(
        file: Option<&Path>,
        verified: bool,
        snapshot: Option<&Snapshot>,
    ) -> Result<Result<Self, TokenRefusal>, Failure> {
        let found = token::find(file, token::AWS_AUDIENCE).await?;
        let text = found.token.expose_secret();
        let claims = match snapshot {
            Some(snapshot) if verified => {
                let keys = Keys::new(KeysOptions::default());
                verify(&snapshot.issuers, &keys, text, Timestamp::now())
                    .await
                    .map(|token| token.claims().clone())
            }
            _ => Claims::decode_unverified(text).map(|(_, claims)| claims),
        };
        Ok(claims.map(|claims| Self { claims, verified, origin: format!("the token from {}", found.origin) }))
    }
}
