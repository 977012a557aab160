//! What is known of the caller: a verified token, or claims that nobody vouched for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use stagedoor_config::Snapshot;
use stagedoor_identity::{Claims, Keys, KeysOptions, TOKEN_LIMIT, TokenRefusal, verify};

use crate::failure::{self, Failure};
use crate::token;

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
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(TOKEN_LIMIT as u64 + 1).read_to_string(&mut text))
            .map_err(|error| failure::file("read the claims", path, &error))?;
        let shown = path.display();
        let claims = Claims::from_json(&text)
            .map_err(|refusal| Failure::input(format!("`{shown}` holds no claims: {refusal}")))?;
        Ok(Self { claims, verified: false, origin: format!("the claims in `{shown}`") })
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
