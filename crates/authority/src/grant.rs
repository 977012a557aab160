//! From a recorded decision to credentials. There is no other way.

use crate::attempt::Attempt;
use crate::{Authority, Issued, Reason, Refusal, message, origin};
use stagedoor_audit::Recorded;
use stagedoor_session::{Keyring, SealError, Session};

/// A decision to let somebody in: the session that they are to have.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) session: Session,
    pub(crate) packed_policy_size: Option<u8>,
}

impl Authority {
    /// Ends an attempt with a grant: its record first, then the credentials.
    pub(crate) async fn issue(&self, mut attempt: Attempt<'_>, grant: Grant) -> Result<Issued, Refusal> {
        origin::granted(&mut attempt, &grant.session);
        let failed = attempt.again();
        let decision_id = attempt.id().to_owned();
        let recorded = attempt.allow(grant).await?;
        match seal(&self.keyring.load(), recorded, decision_id) {
            Ok(issued) => Ok(issued),
            Err(error) => {
                let reason = match error {
                    SealError::TooLarge { .. } => Reason::SessionPolicyTooLarge,
                    _ => Reason::IssuingFailed,
                };
                Err(failed.refuse(reason, message::NOT_ISSUED, error.to_string()).await)
            }
        }
    }
}

/// Seals the session of a grant whose record is on disk; the record's index goes into the session.
fn seal(keyring: &Keyring, grant: Recorded<Grant>, decision_id: String) -> Result<Issued, SealError> {
    let receipt = grant.receipt().index;
    let Grant { mut session, packed_policy_size } = grant.into_value();
    session.receipt = Some(receipt);
    let credentials = keyring.seal(&session)?;
    Ok(Issued { credentials, session, packed_policy_size, decision_id, receipt })
}
