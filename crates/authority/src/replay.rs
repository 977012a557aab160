//! Tokens that are good once.

use crate::assume::No;
use crate::{Authority, Reason, message};
use jiff::{SignedDuration, Timestamp};
use stagedoor_identity::VerifiedToken;

/// Tokens are taken for a while past their expiry, for clocks that differ: so long they must be remembered as well.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

impl Authority {
    /// Notes that a token is used, if its issuer's tokens are good once. Without the store's answer it is refused.
    pub(crate) async fn first_use(&self, token: &VerifiedToken, now: Timestamp) -> Result<(), No> {
        if !token.issuer().single_use {
            return Ok(());
        }
        let unknown = |detail: String| No::new(Reason::StoreUnavailable, message::NOT_NOTED, detail);
        let store = self.store.as_ref().ok_or_else(|| unknown("there is no store".to_owned()))?;
        let until = token.expires_at().checked_add(LEEWAY).map_err(|error| unknown(error.to_string()))?;
        match store.note_use(&token.jti_hash(), until, now).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let detail = format!(
                    "the tokens of the issuer `{}` are good for one exchange (`single_use`), and this one was used \
                     before",
                    token.issuer().name
                );
                Err(No::new(Reason::TokenReplayed, "The token was used before", detail))
            }
            Err(error) => Err(unknown(error.to_string())),
        }
    }
}
