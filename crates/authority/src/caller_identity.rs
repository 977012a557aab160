//! `GetCallerIdentity`: who a session belongs to.

use crate::assume::No;
use crate::attempt::Attempt;
use crate::authorize::{living, unauthenticated};
use crate::{Authority, Caller, CallerIdentity, Refusal, origin};
use stagedoor_audit::Kind;
use stagedoor_session::{Authenticated, Expected, HttpRequest, Payload, Scheme, SessionRefusal};

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
        let mut attempt = Attempt::of(self, Kind::Identity, "sts:GetCallerIdentity", caller);
        attempt.record.stagedoor.gate = Some("sts".to_owned());
        let expected = Expected { region: None, services: &["sts"], s3: false };
        let session = match self.authenticate(request, &expected).and_then(signed_whole) {
            Ok(authenticated) => authenticated.session,
            Err(refusal) => return Err(unauthenticated(attempt, &refusal).await),
        };
        origin::session(&mut attempt, &session);
        if let Err(No { reason, public, detail }) = living(&mut attempt, &session) {
            return Err(attempt.refuse(reason, public, detail).await);
        }
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
}

/// The operation's name stands in the body, so a signature that leaves the body out proves too little.
fn signed_whole(authenticated: Authenticated) -> Result<Authenticated, SessionRefusal> {
    match (authenticated.scheme, &authenticated.payload) {
        (Scheme::Bearer, _) | (_, Payload::Hash(_)) => Ok(authenticated),
        _ => Err(SessionRefusal::PayloadUnsupported("UNSIGNED-PAYLOAD".to_owned())),
    }
}
