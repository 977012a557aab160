//! Who a session belongs to: `GetCallerIdentity` and `GetAccessKeyInfo`.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::{Answered, Authority, Caller, CallerIdentity, Reason, Refusal};
use stagedoor_audit::Kind;
use stagedoor_session::{HttpRequest, is_access_key_id};

impl Authority {
    /// Tells whose credentials signed a request. `request.body` must be the hash of the body that came. No
    /// permission is needed, but the role must still exist.
    ///
    /// # Errors
    /// A recorded refusal.
    pub async fn caller_identity(
        &self,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<CallerIdentity, Refusal> {
        let attempt = Attempt::of(self, Kind::Identity, "sts:GetCallerIdentity", caller);
        let (attempt, session, _) = self.signed(attempt, request).await?;
        let decision_id = attempt.id().to_owned();
        let recorded = attempt.allow(session).await?;
        let receipt = recorded.receipt().index;
        let session = recorded.into_value();
        Ok(CallerIdentity {
            user_id: session.user_id(),
            arn: session.arn(),
            account: session.account,
            decision_id,
            receipt,
        })
    }

    /// Tells the account that an access key id belongs to: this one, for any id that could be ours, whether or not
    /// such a session was ever issued. The caller needs `sts:GetAccessKeyInfo`.
    ///
    /// # Errors
    /// A recorded refusal, also for ids of another shape than ours.
    pub async fn access_key_info(
        &self,
        access_key_id: &str,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<Answered<String>, Refusal> {
        self.permitted("sts:GetAccessKeyInfo", request, caller, |attempt, _| {
            attempt.parameter("accessKeyId", access_key_id);
            if is_access_key_id(access_key_id) {
                return Ok(attempt.snapshot.settings.account.clone());
            }
            let detail = format!("`{access_key_id}` is no access key id of ours: they begin with `ASIA`");
            Err(No::new(Reason::RequestInvalid, "The access key id is not one of this account.", detail))
        })
        .await
    }
}
