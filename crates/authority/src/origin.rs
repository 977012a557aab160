//! Where a request comes from, as its record tells it.

use crate::AssumeWithWebIdentity;
use crate::attempt::Attempt;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use stagedoor_audit::{Details, FederationData, Resource, SessionContext, SessionIssuer, UserIdentity};
use stagedoor_config::Role;
use stagedoor_identity::{Claims, Provenance, VerifiedToken};
use stagedoor_policy::{Context, Value as KeyValue};
use stagedoor_session::{Session, SessionKind};
use std::collections::BTreeMap;

/// The longest text of a token that goes into a session or, unverified, into a record, in characters.
const LONGEST: usize = 256;

/// Providers that policies name by host instead of by ARN.
const BUILT_IN: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com"];

/// Notes what was asked for.
pub(crate) fn requested(attempt: &mut Attempt<'_>, request: &AssumeWithWebIdentity) {
    attempt.parameter("roleArn", request.role_arn.as_str());
    attempt.parameter("roleSessionName", request.session_name.as_str());
    if let Some(duration) = request.duration {
        attempt.parameter("durationSeconds", duration.as_secs());
    }
    if let Some(policy) = &request.policy {
        attempt.parameter("policy", policy.as_str());
    }
    if !request.policy_arns.is_empty() {
        attempt.parameter("policyArns", request.policy_arns.clone());
    }
    if let Some(provider) = &request.provider_id {
        attempt.parameter("providerId", provider.as_str());
    }
    target(attempt, &request.role_arn);
}

/// Notes which role is to be assumed.
pub(crate) fn target(attempt: &mut Attempt<'_>, role_arn: &str) {
    let account = attempt.snapshot.settings.account.clone();
    attempt.record.resources = vec![Resource {
        arn: role_arn.to_owned(),
        account_id: Some(account),
        kind: Some("AWS::IAM::Role".to_owned()),
    }];
    attempt.record.stagedoor.resource = Some(role_arn.to_owned());
    attempt.record.stagedoor.role = Some(role_arn.to_owned());
    attempt.record.stagedoor.gate = Some("sts".to_owned());
}

/// Notes whose token it is.
pub(crate) fn verified(attempt: &mut Attempt<'_>, token: &VerifiedToken, account: &str) {
    let provider = token.issuer().arn(account);
    let (audience, subject) = (audience(token), token.subject());
    attempt.record.user_identity = UserIdentity {
        kind: "WebIdentityUser".to_owned(),
        principal_id: Some(format!("{provider}:{audience}:{subject}")),
        user_name: Some(subject.to_owned()),
        identity_provider: Some(provider),
        ..UserIdentity::default()
    };
    let details = &mut attempt.record.stagedoor;
    details.issuer = Some(token.issuer().name.clone());
    details.token_sha256 = Some(hex::encode(token.token_hash()));
    details.jti_sha256 = Some(hex::encode(token.jti_hash()));
    let Provenance { provider, repository, reference, commit, run, job, environment, pull_request, actor } =
        token.provenance();
    details.provider = Some(provider);
    details.repository = repository;
    details.reference = reference;
    details.commit = commit;
    details.run = run;
    details.job = job;
    details.environment = environment;
    details.pull_request = pull_request;
    details.actor = actor;
}

/// Notes what a refused token says of itself, under a name that nobody takes for the truth.
pub(crate) fn unverified(attempt: &mut Attempt<'_>, token: &str) {
    let Ok((_, claims)) = Claims::decode_unverified(token) else { return };
    let mut told = Map::new();
    for name in ["iss", "sub", "aud"] {
        if let Some(value) = claims.get(name) {
            told.insert(name.to_owned(), short(value));
        }
    }
    let issuer = claims.issuer().and_then(|url| attempt.snapshot.issuers.by_url(url));
    if let Some(Ok(Value::Object(provenance))) =
        issuer.map(|issuer| serde_json::to_value(claims.provenance(issuer.provider)))
    {
        told.extend(provenance.into_iter().map(|(name, value)| (name, short(&value))));
    }
    attempt.record.stagedoor.claims.insert("unverified".to_owned(), Value::Object(told));
}

/// A value that an outsider chose, as text of bounded length.
fn short(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Value::String(text.chars().take(LONGEST).collect())
}

/// Notes the claims that the role's trust policy asks about, with the token's values.
pub(crate) fn named_claims(attempt: &mut Attempt<'_>, role: &Role, context: &Context, prefix: &str) {
    let conditions = role.trust_document.statements().iter().flat_map(|statement| &statement.conditions);
    for condition in conditions {
        let key = &*condition.key.value;
        let ours = key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let claim = key.get(prefix.len()..).and_then(|rest| rest.strip_prefix(':')).filter(|_| ours);
        if let (Some(claim), Some(value)) = (claim, context.get(key)) {
            let value = match value {
                KeyValue::One(one) => json!(one),
                KeyValue::Many(many) => json!(many),
            };
            attempt.record.stagedoor.claims.insert(claim.to_owned(), value);
        }
    }
}

/// Notes what is given out, without the secrets.
pub(crate) fn granted(attempt: &mut Attempt<'_>, session: &Session) {
    attempt.record.stagedoor.session = Some(session.id.clone());
    attempt.record.stagedoor.parent = session.parent().map(str::to_owned);
    attempt.record.stagedoor.role = Some(session.role.clone());
    if let Some(source_identity) = &session.source_identity {
        attempt.parameter("sourceIdentity", source_identity.as_str());
    }
    if !session.tags.is_empty() {
        attempt.parameter("principalTags", json!(session.tags));
        attempt.parameter("transitiveTagKeys", session.transitive_tags.clone());
    }
    let mut elements = Map::new();
    elements.insert(
        "credentials".to_owned(),
        json!({ "accessKeyId": session.id, "expiration": seconds(session.expires_at) }),
    );
    if let Some(federation) = &session.federation {
        elements.insert("subjectFromWebIdentityToken".to_owned(), json!(federation.subject));
        elements.insert("provider".to_owned(), json!(federation.issuer));
        elements.insert("audience".to_owned(), json!(federation.audience));
    }
    if let Some(source_identity) = &session.source_identity {
        elements.insert("sourceIdentity".to_owned(), json!(source_identity));
    }
    let (user, id) = match session.kind {
        SessionKind::AssumedRole => ("assumedRoleUser", "assumedRoleId"),
        SessionKind::FederatedUser => ("federatedUser", "federatedUserId"),
        SessionKind::SessionToken => ("user", "userId"),
    };
    elements.insert(user.to_owned(), json!({ (id): session.user_id(), "arn": session.arn() }));
    attempt.record.response_elements = elements;
}

/// Notes whose session it is and where that came from.
pub(crate) fn session(attempt: &mut Attempt<'_>, session: &Session) {
    let federation = session.federation.as_ref().map(|federation| FederationData {
        federated_provider: federation.provider_arn.clone(),
        attributes: BTreeMap::from([
            ("sub".to_owned(), federation.subject.clone()),
            ("aud".to_owned(), federation.audience.clone()),
        ]),
    });
    attempt.record.user_identity = UserIdentity {
        kind: match session.kind {
            SessionKind::FederatedUser => "FederatedUser".to_owned(),
            SessionKind::AssumedRole | SessionKind::SessionToken => "AssumedRole".to_owned(),
        },
        principal_id: Some(session.user_id()),
        arn: Some(session.arn()),
        account_id: Some(session.account.clone()),
        access_key_id: Some(session.id.clone()),
        session_context: Some(SessionContext {
            session_issuer: Some(SessionIssuer {
                kind: "Role".to_owned(),
                principal_id: session.role_id.clone(),
                arn: session.role_arn.clone(),
                account_id: session.account.clone(),
                user_name: session.role.clone(),
            }),
            web_id_federation_data: federation,
            attributes: BTreeMap::from([
                ("creationDate".to_owned(), seconds(session.issued_at)),
                ("mfaAuthenticated".to_owned(), "false".to_owned()),
            ]),
            source_identity: session.source_identity.clone(),
        }),
        ..UserIdentity::default()
    };
    let details: &mut Details = &mut attempt.record.stagedoor;
    details.session = Some(session.id.clone());
    details.parent = session.parent().map(str::to_owned);
    details.issued_at_index = session.receipt;
    details.role = Some(session.role.clone());
    let told = |name: &str| session.provenance.get(name).cloned();
    details.issuer = told("issuer");
    details.provider = told("provider");
    details.repository = told("repository");
    details.reference = told("ref");
    details.commit = told("commit");
    details.run = told("run");
    details.job = told("job");
    details.environment = told("environment");
    details.pull_request = told("pull_request");
    details.actor = told("actor");
}

/// What a session remembers of its token's origin; read back by [`session`].
pub(crate) fn provenance(token: &VerifiedToken) -> BTreeMap<String, String> {
    let told = token.provenance();
    [
        ("issuer", Some(token.issuer().name.clone())),
        ("provider", Some(told.provider)),
        ("repository", told.repository),
        ("ref", told.reference),
        ("commit", told.commit),
        ("run", told.run),
        ("job", told.job),
        ("environment", told.environment),
        ("pull_request", told.pull_request),
        ("actor", told.actor),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), text?.chars().take(LONGEST).collect())))
    .collect()
}

/// The audience that the token was accepted for.
pub(crate) fn audience(token: &VerifiedToken) -> String {
    let accepted = token.audience().iter().find(|audience| token.issuer().audiences.contains(audience));
    accepted.cloned().unwrap_or_default()
}

/// The principal that a trust policy names.
pub(crate) fn provider(token: &VerifiedToken, account: &str) -> String {
    let host = token.issuer().key_prefix();
    if BUILT_IN.contains(&host) { host.to_owned() } else { token.issuer().arn(account) }
}

fn seconds(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
