//! `AssumeRoleWithWebIdentity`: verified token, decision, record, credentials.

use crate::attempt::Attempt;
use crate::context::{self, Wishes};
use crate::grant::Grant;
use crate::lifetime::Lifetime;
use crate::{
    AssumeWithWebIdentity, Assumed, Authority, Caller, Issued, Reason, Refusal, lifetime, message, origin,
    policies, tags,
};
use secrecy::ExposeSecret as _;
use stagedoor_audit::Kind;
use stagedoor_config::Role;
use stagedoor_identity::{Profile, TokenRefusal, VerifiedToken, verify};
use stagedoor_policy::{Context, Outcome, Principal, Request};
use stagedoor_session::{Federation, Lineage, Session, SessionKind, random_access_key_id};
use std::collections::BTreeMap;
use std::sync::Arc;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// Why an attempt ends: the reason, the caller's text and the operator's.
pub(crate) struct No {
    pub(crate) reason: Reason,
    pub(crate) public: String,
    pub(crate) detail: String,
    /// In how many seconds it may be otherwise, where that is known.
    pub(crate) retry_after: Option<u64>,
}

impl No {
    pub(crate) fn new(reason: Reason, public: impl Into<String>, detail: impl Into<String>) -> Self {
        No { reason, public: public.into(), detail: detail.into(), retry_after: None }
    }

    pub(crate) fn after(self, seconds: u64) -> Self {
        No { retry_after: Some(seconds), ..self }
    }
}

impl From<TokenRefusal> for No {
    fn from(refusal: TokenRefusal) -> Self {
        let reason = Reason::from_code(refusal.code()).unwrap_or(Reason::TokenRefused);
        No::new(reason, message::token(&refusal), refusal.to_string())
    }
}

impl Authority {
    /// Exchanges an OpenID Connect token for the credentials of a role that trusts it.
    ///
    /// The decision's record is on disk before the credentials exist.
    ///
    /// # Errors
    /// A recorded refusal. An unknown role and a trust policy that does not allow look the same to the caller.
    pub async fn assume_role_with_web_identity(
        &self,
        request: AssumeWithWebIdentity,
        caller: &Caller,
    ) -> Result<Assumed, Refusal> {
        let mut attempt = Attempt::of(self, Kind::Assume, ACTION, caller);
        origin::requested(&mut attempt, &request);
        let (grant, federation) = match self.judge(&mut attempt, &request, caller).await {
            Ok(judged) => judged,
            Err(no) => return Err(attempt.refuse_for(no).await),
        };
        let Issued { credentials, session, packed_policy_size, decision_id, receipt } =
            self.issue(attempt, grant).await?;
        let Federation { issuer, subject, audience, .. } = federation;
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

    /// The way of a token. What is checked after the trust policy may tell the caller that the role exists.
    async fn judge(
        &self,
        attempt: &mut Attempt<'_>,
        request: &AssumeWithWebIdentity,
        caller: &Caller,
    ) -> Result<(Grant, Federation), No> {
        let now =
            attempt.now().map_err(|trouble| No::new(Reason::ClockUnusable, message::NO_CLOCK, trouble))?;
        check_shape(request)?;
        let snapshot = Arc::clone(&attempt.snapshot);
        let account = snapshot.settings.account.as_str();
        let text = request.token.expose_secret();
        let token = verify(&snapshot.issuers, &self.keys, text, now)
            .await
            .inspect_err(|_| origin::unverified(attempt, text))?;
        origin::verified(attempt, &token, account);
        let rates = snapshot.settings.rate_limits;
        self.within_rates(rates, &token.issuer().url, token.subject(), now)?;
        let mut wishes = wishes(&token, &request.role_arn)?;

        let Some(role) = snapshot.roles.by_arn(&request.role_arn) else {
            let detail = format!("no role has the ARN `{}`", request.role_arn);
            return Err(No::new(Reason::RoleUnknown, message::NOT_AUTHORIZED, detail));
        };
        attempt.record.stagedoor.role = Some(role.name.clone());
        let mut context = token.context(Profile::Stagedoor, account)?;
        context::of_request(&mut context, caller, now, &snapshot.settings.region);
        let provider = origin::provider(&token, account);
        context::of_federation(&mut context, &provider, &wishes);
        context::of_wishes(&mut context, &request.session_name, &wishes);
        origin::named_claims(attempt, role, &context, token.issuer().key_prefix());
        let mapped = tags::mapped(role, &context, token.issuer().key_prefix())?;
        trusted(attempt, role, provider, context, &wishes)?;

        let lifetime = lifetime::of(now, request.duration, role.max_session)?;
        tags::overlay(&mut wishes.tags, mapped)?;
        let asked = policies::Asked { policy: request.policy.as_deref(), arns: &request.policy_arns };
        let narrowing = policies::narrowing(&snapshot, &asked, &wishes.tags)?;
        let federation = Federation {
            provider_arn: token.issuer().arn(account),
            issuer: token.issuer().url.clone(),
            subject: token.subject().to_owned(),
            audience: origin::audience(&token),
        };
        let mut session =
            session(account, lifetime, role, request.session_name.clone(), wishes, narrowing.policies)?;
        session.federation = Some(federation.clone());
        session.provenance = origin::provenance(&token);
        self.first_use(&token, now).await?;
        Ok((Grant { session, packed_policy_size: narrowing.packed_size }, federation))
    }
}

/// What a door has checked already, and what no door may forget.
fn check_shape(request: &AssumeWithWebIdentity) -> Result<(), No> {
    if request.provider_id.is_some() {
        let public = "ProviderId must not be given for OpenID Connect ID tokens.";
        return Err(No::new(Reason::ProviderIdNotAllowed, public, "the request names a `ProviderId`"));
    }
    check_name(&request.session_name, 64)
}

/// Whether `name` can be a session's name or a source identity.
pub(crate) fn check_name(name: &str, most: usize) -> Result<(), No> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || b"_+=,.@-".contains(&c);
    if (2..=most).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    let public = format!("The session name must be 2 to {most} characters of [\\w+=,.@-].");
    Err(No::new(Reason::RequestInvalid, public.clone(), public))
}

/// What the token asks for, unless it is good for other roles only.
fn wishes(token: &VerifiedToken, role_arn: &str) -> Result<Wishes, No> {
    let claims = token.claims();
    let roles = claims.authorized_roles()?;
    if let Some(roles) = &roles
        && !roles.iter().any(|listed| listed == role_arn)
    {
        let public = "The target role ARN is not present in the roles claim of the identity token";
        let detail = format!("the token's `https://aws.amazon.com/roles` does not list `{role_arn}`");
        return Err(No::new(Reason::TokenRoleNotListed, public, detail));
    }
    Ok(Wishes {
        tags: claims.session_tags()?.unwrap_or_default(),
        source_identity: claims.source_identity()?,
        pinned: roles.is_some(),
    })
}

/// Whether the role's trust policy allows all that the token brings along.
fn trusted(
    attempt: &mut Attempt<'_>,
    role: &Role,
    provider: String,
    context: Context,
    wishes: &Wishes,
) -> Result<(), No> {
    let mut request = Request {
        principal: Principal::Federated { provider },
        action: ACTION.to_owned(),
        resource: Some(role.arn.clone()),
        resource_account: Some(attempt.snapshot.settings.account.clone()),
        context,
    };
    let decision = role.trust.decide(&request);
    attempt.decided_by(&decision);
    if !decision.is_allow() {
        let reason = match decision.outcome {
            Outcome::ExplicitDeny => Reason::TrustDenied,
            _ => Reason::TrustNotGranted,
        };
        return Err(No::new(reason, message::NOT_AUTHORIZED, policies::explained(&role.trust, &request)));
    }
    let has_tags = !wishes.tags.tags.is_empty();
    let has_source_identity = wishes.source_identity.is_some();
    let further = [
        (has_tags, "sts:TagSession", Reason::TagSessionNotGranted),
        (has_source_identity, "sts:SetSourceIdentity", Reason::SourceIdentityNotGranted),
    ];
    for (_, action, reason) in further.into_iter().filter(|(wanted, ..)| *wanted) {
        request.action = action.to_owned();
        let decision = role.trust.decide(&request);
        if !decision.is_allow() {
            attempt.decided_by(&decision);
            let public = format!("Not authorized to perform {action}");
            return Err(No::new(reason, public, policies::explained(&role.trust, &request)));
        }
    }
    Ok(())
}

/// A session of `role` that knows nothing yet of where it comes from.
pub(crate) fn session(
    account: &str,
    lifetime: Lifetime,
    role: &Role,
    session_name: String,
    wishes: Wishes,
    policies: Vec<String>,
) -> Result<Session, No> {
    let id = random_access_key_id()
        .map_err(|error| No::new(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()))?;
    Ok(Session {
        id,
        kind: SessionKind::AssumedRole,
        account: account.to_owned(),
        role: role.name.clone(),
        role_arn: role.arn.clone(),
        role_id: stagedoor_session::role_id(account, &role.name),
        session_name,
        issued_at: lifetime.issued_at,
        expires_at: lifetime.expires_at,
        source_identity: wishes.source_identity,
        tags: wishes.tags.tags,
        transitive_tags: wishes.tags.transitive,
        policies,
        federation: None,
        provenance: BTreeMap::new(),
        lineage: Lineage::default(),
        actor: None,
        gates: Vec::new(),
        receipt: None,
    })
}
