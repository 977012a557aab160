//! From a recorded decision to credentials. There is no other way.

use crate::Assumed;
use stagedoor_audit::Recorded;
use stagedoor_session::{Keyring, SealError, Session};

/// A decision to let somebody in: the session that they are to have.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) session: Session,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) packed_policy_size: Option<u8>,
    pub(crate) decision_id: String,
}

/// Seals the session of a grant whose record is on disk; the record's index goes into the session.
///
/// # Errors
/// When the session does not fit into a token, or the system has no randomness.
pub(crate) fn issue(keyring: &Keyring, grant: Recorded<Grant>) -> Result<Assumed, SealError> {
    let receipt = grant.receipt().index;
    let Grant { mut session, subject, issuer, audience, packed_policy_size, decision_id } =
        grant.into_value();
    session.receipt = Some(receipt);
    let credentials = keyring.seal(&session)?;
    Ok(Assumed {
        credentials,
        session,
        subject,
        provider: issuer,
        audience,
        packed_policy_size,
        decision_id,
        receipt,
    })
}
