//! The keys of our own issuer, as the authority holds them.

use crate::attempt::Attempt;
use crate::{Authority, Refusal};
use serde_json::Value;
use stagedoor_audit::Kind;
use stagedoor_session::{SigningAlgorithm, SigningKeys};
use std::sync::Arc;

impl Authority {
    /// The same authority, whose own issuer signs with `keys`.
    #[must_use]
    pub fn signing_with(self, keys: SigningKeys) -> Authority {
        self.signing.store(Arc::new(keys));
        self
    }

    /// The keys that our own issuer signs with.
    pub fn signing_keys(&self) -> Arc<SigningKeys> {
        self.signing.load_full()
    }

    /// The JSON Web Key Set (RFC 7517) that verifies the tokens of our own issuer.
    pub fn jwks(&self) -> Value {
        self.signing.load().jwks(self.now())
    }

    /// The algorithms that our own issuer can sign with.
    pub fn signing_algorithms(&self) -> Vec<SigningAlgorithm> {
        self.signing.load().algorithms().collect()
    }

    /// Records that the keys of our own issuer are others now, then takes them. Keys that it has already change
    /// nothing.
    ///
    /// # Errors
    /// When the record cannot be written: the keys before them then stay.
    pub async fn take_signing_keys(&self, keys: SigningKeys) -> Result<(), Refusal> {
        let running = self.signing.load_full();
        let (before, after): (Vec<&str>, Vec<&str>) = (running.ids().collect(), keys.ids().collect());
        if before == after {
            return Ok(());
        }
        let mut attempt = Attempt::internal(self, Kind::KeyRotation, "RotateSigningKeys");
        let missing = |of: &[&str], from: &[&str]| -> Vec<String> {
            of.iter().filter(|id| !from.contains(id)).map(|id| (*id).to_owned()).collect()
        };
        attempt.parameter("added", missing(&after, &before));
        attempt.parameter("removed", missing(&before, &after));
        let recorded = attempt.allow(keys).await?;
        self.signing.store(Arc::new(recorded.into_value()));
        Ok(())
    }
}
