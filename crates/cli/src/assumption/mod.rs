//! What would become of a token that asks for a role, without a server: the same steps as the authority takes after
//! the token is verified.

mod session;
mod subject;

use jiff::Timestamp;
use stagedoor_identity::{Claims, Issuer, KeyHints, Profile, TokenRefusal};
use stagedoor_policy::{Context, Explanation, Hints, Principal, Request};

pub(crate) use self::session::permitted;
pub(crate) use self::subject::{Subject, find};

/// A token's claims asking for a role.
pub(crate) struct Assumption<'a> {
    /// The role or trust policy.
    pub(crate) subject: &'a Subject,
    /// The token's claims.
    pub(crate) claims: &'a Claims,
    /// Whose condition keys they become.
    pub(crate) profile: Profile,
    /// The name of the session to be.
    pub(crate) session_name: &'a str,
    /// Further condition keys, which win over all others.
    pub(crate) extra: &'a Context,
    /// The time of the request.
    pub(crate) now: Timestamp,
}

/// What becomes of it.
pub(crate) enum Verdict {
    /// The token is refused before any policy is asked, or whatever it says.
    Refused { code: &'static str, message: String },
    /// The trust policy was asked.
    Decided(Box<Explanation>),
}

impl Verdict {
    pub(crate) fn is_allow(&self) -> bool {
        matches!(self, Self::Decided(explanation) if explanation.decision().is_allow())
    }
}

impl From<TokenRefusal> for Verdict {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Refused { code: refusal.code(), message: refusal.to_string() }
    }
}

impl Assumption<'_> {
    /// Judges.
    pub(crate) fn judge(&self) -> Verdict {
        let verdict =
            self.request().map_or_else(|refusal| refusal, |request| self.explain(request, &self.hints()));
        match self.unwanted_audience() {
            Some(refusal) if verdict.is_allow() => refusal.into(),
            _ => verdict,
        }
    }

    /// The server refuses a token for other audiences before it asks a policy.
    fn unwanted_audience(&self) -> Option<TokenRefusal> {
        let issuer = self.configured().filter(|_| self.profile == Profile::Stagedoor)?;
        let context = issuer.context(self.claims, self.profile).ok()?;
        (!has_audience(issuer, &context)).then(|| TokenRefusal::AudienceMismatch {
            issuer: issuer.name.clone(),
            found: self.claims.audiences().unwrap_or_default(),
            wanted: issuer.audiences.clone(),
        })
    }

    /// The issuer that the claims name.
    pub(crate) fn issuer(&self) -> &str {
        self.claims.issuer().unwrap_or_default()
    }

    /// What the catalogue knows of the issuer's keys.
    pub(crate) fn hints(&self) -> KeyHints<'_> {
        let hints = KeyHints::new(self.issuer(), self.profile).claims(self.claims);
        match self.configured() {
            Some(issuer) if self.profile == Profile::Stagedoor => {
                hints.provider(issuer.provider).audiences(&issuer.audiences)
            }
            Some(issuer) => hints.provider(issuer.provider),
            None => hints,
        }
    }

    fn configured(&self) -> Option<&Issuer> {
        let issuers = &self.subject.snapshot()?.issuers;
        issuers.by_url(self.issuer()).map(AsRef::as_ref)
    }

    /// The request that the trust policy decides.
    ///
    /// # Errors
    /// The refusal of a token whose claims make no sound condition keys.
    pub(crate) fn request(&self) -> Result<Request, Verdict> {
        let url = self
            .claims
            .issuer()
            .ok_or_else(|| TokenRefusal::ClaimMissing { claim: "iss".to_owned(), also: None })?;
        let configured = self.configured();
        if let Some(snapshot) = self.subject.snapshot()
            && configured.is_none()
            && self.profile == Profile::Stagedoor
        {
            let bare = |url: &str| url.trim_end_matches('/').to_lowercase();
            let nearest = snapshot.issuers.iter().find(|issuer| bare(&issuer.url) == bare(url));
            let nearest = nearest.map(|issuer| issuer.url.clone());
            return Err(TokenRefusal::IssuerUnknown { found: url.to_owned(), nearest }.into());
        }
        let mut context = match configured {
            Some(issuer) => {
                let context = issuer.context(self.claims, self.profile)?;
                // It is worth seeing which audience it is that nobody configured.
                if has_audience(issuer, &context) {
                    context
                } else {
                    self.claims.context(url, self.profile)?
                }
            }
            None => self.claims.context(url, self.profile)?,
        };
        let provider = self.subject.provider(url);
        self.keys_of_assumption(&mut context, &provider)?;
        context.merge(self.extra);
        let (resource, resource_account) = self.subject.resource();
        Ok(Request {
            principal: Principal::Federated { provider },
            action: "sts:AssumeRoleWithWebIdentity".to_owned(),
            resource,
            resource_account,
            context,
        })
    }

    fn keys_of_assumption(&self, context: &mut Context, provider: &str) -> Result<(), TokenRefusal> {
        context.insert("aws:FederatedProvider", provider);
        context.insert("sts:RoleSessionName", self.session_name);
        context.insert("sts:RoleAuthorizedByIdp", self.claims.authorized_roles()?.is_some());
        context.insert("aws:CurrentTime", self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        context.insert("aws:EpochTime", self.now.as_second().to_string());
        if let Some(region) = self.subject.region() {
            context.insert("aws:RequestedRegion", region);
        }
        if let Some(source_identity) = self.claims.source_identity()? {
            context.insert("sts:SourceIdentity", source_identity);
        }
        let Some(tags) = self.claims.session_tags()? else { return Ok(()) };
        for (key, value) in &tags.tags {
            context.insert(format!("aws:RequestTag/{key}"), value.as_str());
        }
        if !tags.tags.is_empty() {
            context.insert("aws:TagKeys", tags.tags.keys().cloned().collect::<Vec<String>>());
        }
        if !tags.transitive.is_empty() {
            context.insert("sts:TransitiveTagKeys", tags.transitive);
        }
        Ok(())
    }

    /// Asks the trust policy, first whether the role may be assumed at all, then for what the token brings along.
    pub(crate) fn explain(&self, mut request: Request, hints: &dyn Hints) -> Verdict {
        if let (Ok(Some(roles)), Some(arn)) = (self.claims.authorized_roles(), self.subject.arn())
            && !roles.iter().any(|role| role == arn)
        {
            let message = format!("the token's `https://aws.amazon.com/roles` does not list `{arn}`");
            return Verdict::Refused { code: "token_role_not_listed", message };
        }
        let trust = self.subject.trust();
        let tags = self.claims.session_tags().ok().flatten().is_some_and(|tags| !tags.tags.is_empty());
        let source_identity = self.claims.source_identity().ok().flatten().is_some();
        let further = [(tags, "sts:TagSession"), (source_identity, "sts:SetSourceIdentity")];
        let explanation = trust.explain_with(&request, hints);
        if explanation.decision().is_allow() {
            for (_, action) in further.into_iter().filter(|(wanted, _)| *wanted) {
                request.action = action.to_owned();
                let further = trust.explain_with(&request, hints);
                if !further.decision().is_allow() {
                    return Verdict::Decided(Box::new(further));
                }
            }
        }
        Verdict::Decided(Box::new(explanation))
    }
}

/// Whether one of the issuer's configured audiences is in the condition keys.
fn has_audience(issuer: &Issuer, context: &Context) -> bool {
    let audience = context.get(&format!("{}:aud", issuer.key_prefix()));
    audience.is_some_and(|audience| !audience.values().is_empty())
}
