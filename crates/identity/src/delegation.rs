//! The user on whose behalf a Backstage plugin acts: a token inside its token.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::checks;
use crate::claims::{Claims, describe};
use crate::issuer::{Issuer, Issuers};
use crate::jws::Compact;
use crate::keys::Keys;
use crate::refusal::TokenRefusal;

/// The claim that holds the user's token.
const CLAIM: &str = "obo";
/// Its `typ` header.
const TYPE: &str = "vnd.backstage.limited-user";

/// Verifies the user's token of an issuer without `iss` and puts `{"sub": …}` in its place: the token
/// itself is a credential. It is signed by the auth plugin beside the one that signed the token around it.
pub(crate) async fn resolve(
    issuers: &Issuers,
    keys: &Keys,
    issuer: &Arc<Issuer>,
    claims: &mut Claims,
    now: Timestamp,
) -> Result<(), TokenRefusal> {
    if issuer.provider.names_issuer {
        return Ok(());
    }
    let user = match claims.get(CLAIM) {
        None => return Ok(()),
        Some(Value::String(token)) => verify(issuers, keys, issuer, token, now).await?,
        Some(other) => return Err(checks::wrong_type(CLAIM, other, "a user's token")),
    };
    claims.replace(CLAIM, json!({ "sub": user }));
    Ok(())
}

async fn verify(
    issuers: &Issuers,
    keys: &Keys,
    plugin: &Issuer,
    token: &str,
    now: Timestamp,
) -> Result<String, TokenRefusal> {
    let base = plugin.url.rsplit_once('/').map_or("", |(base, _)| base);
    let url = format!("{base}/auth");
    let issuer = issuers.by_url(&url).ok_or_else(|| TokenRefusal::ClaimInvalid {
        claim: CLAIM.to_owned(),
        found: "a user's token that can't be verified".to_owned(),
        wanted: format!("an issuer of kind `backstage` with the URL `{url}` in the configuration"),
    })?;
    let parts = Compact::split(token)?;
    let header = parts.header()?;
    let claims = parts.claims()?;
    let algorithm = checks::header(&header, issuer, &[TYPE.to_owned()])?;
    let subject = checks::subject(&claims)?.to_owned();
    checks::times(&claims, issuer, now)?;
    if let Some(named) = claims.get("iss").filter(|named| named.as_str() != Some(&issuer.url)) {
        return Err(TokenRefusal::ClaimInvalid {
            claim: format!("{CLAIM}/iss"),
            found: describe(named),
            wanted: format!("`{url}` or nothing"),
        });
    }
    let key = keys.find(issuer, header.key_id()?, algorithm, now).await?;
    key.verify(&parts, algorithm, issuer)?;
    Ok(subject)
}
