//! From a token to a [`VerifiedToken`], or a refusal.

use std::sync::Arc;

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde_json::Value;
use stagedoor_policy::Context;

use crate::checks;
use crate::claims::{Claims, missing};
use crate::context::Profile;
use crate::delegation;
use crate::issuer::{Issuer, Issuers};
use crate::jws::Compact;
use crate::keys::Keys;
use crate::provenance::Provenance;
use crate::refusal::{TokenRefusal, excerpt};

/// A token whose signature, issuer, audience and times were checked. Only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedToken {
    issuer: Arc<Issuer>,
    claims: Claims,
    subject: String,
    audience: Vec<String>,
    issued_at: Timestamp,
    expires_at: Timestamp,
    /// SHA-256 of header and payload: an ECDSA signature has a second valid spelling.
    signed_hash: [u8; 32],
    token_hash: [u8; 32],
}

/// Verifies `token` for the time `now`: everything that can be checked without the issuer's keys first.
///
/// # Errors
/// The first rule that the token breaks. Only [`TokenRefusal::IssuerUnreachable`] is transient.
pub async fn verify(
    issuers: &Issuers,
    keys: &Keys,
    token: &str,
    now: Timestamp,
) -> Result<VerifiedToken, TokenRefusal> {
    let parts = Compact::split(token)?;
    let header = parts.header()?;
    let mut claims = parts.claims()?;
    let issuer = find_issuer(issuers, &claims)?;
    let algorithm = checks::header(&header, issuer, &issuer.token_types)?;
    let checked = checks::claims(&claims, issuer, now)?;
    let key = keys.find(issuer, header.key_id()?, algorithm, now).await?;
    key.verify(&parts, algorithm, issuer)?;
    delegation::resolve(issuers, keys, issuer, &mut claims, now).await?;
    claims.remove(issuer.provider.secrets);
    let (signed_hash, token_hash) = hashes(&parts);
    Ok(VerifiedToken {
        issuer: Arc::clone(issuer),
        subject: checked.subject,
        audience: checked.audience,
        issued_at: checked.issued_at,
        expires_at: checked.expires_at,
        signed_hash,
        token_hash,
        claims,
    })
}

fn find_issuer<'a>(issuers: &'a Issuers, claims: &Claims) -> Result<&'a Arc<Issuer>, TokenRefusal> {
    let found = match claims.get("iss") {
        None => return unnamed_issuer(issuers, claims),
        Some(Value::String(url)) => url,
        Some(other) => return Err(checks::wrong_type("iss", other, "a string")),
    };
    issuers.by_url(found).filter(|issuer| issuer.provider.names_issuer).ok_or_else(|| {
        TokenRefusal::IssuerUnknown {
            found: excerpt(found),
            nearest: issuers.iter().find(|issuer| alike(&issuer.url, found)).map(|issuer| issuer.url.clone()),
        }
    })
}

/// The issuer of a token without `iss`: the one that its subject and audience name among those configured.
fn unnamed_issuer<'a>(issuers: &'a Issuers, claims: &Claims) -> Result<&'a Arc<Issuer>, TokenRefusal> {
    let Some(subject) = claims.get("sub").and_then(Value::as_str) else { return Err(missing("iss")) };
    let Ok(audiences) = claims.audiences() else { return Err(missing("iss")) };
    let accepts = |issuer: &Issuer| audiences.iter().any(|audience| issuer.audiences.contains(audience));
    let mut fitting = issuers.all_unnamed().filter(|issuer| issuer.signs_for(subject) && accepts(issuer));
    match (fitting.next(), fitting.next()) {
        (Some(issuer), None) => Ok(issuer),
        (None, _) => Err(missing("iss")),
        (Some(first), Some(second)) => Err(TokenRefusal::ClaimInvalid {
            claim: "aud".to_owned(),
            found: format!("one of both issuer `{}` and issuer `{}`", first.name, second.name),
            wanted: "an audience of its own for each issuer whose tokens have no `iss`".to_owned(),
        }),
    }
}

/// Whether two URLs differ only in scheme, case, or trailing slashes.
fn alike(left: &str, right: &str) -> bool {
    fn bare(url: &str) -> &str {
        crate::context::key_prefix(url).trim_end_matches('/')
    }
    bare(left).eq_ignore_ascii_case(bare(right))
}

/// The hash of what is signed, and that of the whole token.
fn hashes(parts: &Compact<'_>) -> ([u8; 32], [u8; 32]) {
    let mut signed = digest::Context::new(&digest::SHA256);
    signed.update(parts.signed.as_bytes());
    let mut whole = signed.clone();
    whole.update(b".");
    whole.update(parts.signature.as_bytes());
    (bytes(&signed.finish()), bytes(&whole.finish()))
}

fn bytes(digest: &digest::Digest) -> [u8; 32] {
    let mut hash = [0; 32];
    for (slot, byte) in hash.iter_mut().zip(digest.as_ref()) {
        *slot = *byte;
    }
    hash
}

impl VerifiedToken {
    /// The configured issuer that signed it.
    #[must_use]
    pub const fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// The `sub` claim.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// All audiences of the token; at least one is configured.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// The `iat` claim.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The `exp` claim, without leeway.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// All claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// SHA-256 of the token as it came: the only trace of it that may be stored.
    #[must_use]
    pub const fn token_hash(&self) -> [u8; 32] {
        self.token_hash
    }

    /// The key of replay protection: SHA-256 of the issuer's URL, a zero byte and `jti`; where there is no
    /// `jti`, of the token's header and payload.
    #[must_use]
    pub fn jti_hash(&self) -> [u8; 32] {
        match self.claims.get("jti") {
            Some(Value::String(jti)) if !jti.is_empty() => {
                bytes(&digest::digest(&digest::SHA256, format!("{}\0{jti}", self.issuer.url).as_bytes()))
            }
            _ => self.signed_hash,
        }
    }

    /// The token's condition keys under `profile`, and `aws:FederatedProvider` with the issuer's ARN in
    /// `account`.
    ///
    /// # Errors
    /// Two claims that would be one condition key, and what AWS refuses under [`Profile::Aws`].
    pub fn context(&self, profile: Profile, account: &str) -> Result<Context, TokenRefusal> {
        let mut context = self.issuer.context(&self.claims, profile)?;
        context.insert("aws:FederatedProvider", self.issuer.arn(account));
        Ok(context)
    }

    /// Which repository and run the token came from.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        Provenance::of(&self.claims, self.issuer.provider)
    }
}
