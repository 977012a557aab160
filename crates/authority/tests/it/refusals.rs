//! Every way to be turned away: the reason, the caller's text, and the record.

use crate::house::{House, Role, caller, policy, request, trust, trusts_audience};
use serde_json::{Value, json};
use stagedoor_audit::Decision;
use stagedoor_authority::{AssumeWithWebIdentity, Reason, Refusal};
use stagedoor_rehearsal::SignWith;
use std::time::Duration;

async fn house() -> House {
    let anyone = json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } });
    let denying = policy(json!([
        trust("Allow", &["sts:AssumeRoleWithWebIdentity"], anyone.clone()),
        trust("Deny", &["sts:*"], json!({ "StringEquals": { "PREFIX:sub": "banned" } })),
    ]));
    let tags_only = trust("Allow", &["sts:AssumeRoleWithWebIdentity", "sts:TagSession"], anyone);
    House::open(&[
        Role::new("build", trusts_audience()),
        Role::new("denying", denying),
        Role::new("tags-only", policy(json!([tags_only]))),
    ])
    .await
}

/// Asks, expects this refusal, and that it was recorded.
async fn refused(house: &House, request: AssumeWithWebIdentity, reason: Reason) -> Refusal {
    let before = house.log.size();
    let refusal = house.authority.assume_role_with_web_identity(request, &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, reason, "{refusal}");
    assert_eq!(refusal.receipt, Some(before));
    let record = house.record(&refusal.decision_id);
    assert_eq!(record.stagedoor.decision, Decision::Deny);
    assert_eq!(record.stagedoor.reason.as_deref(), Some(reason.code()));
    assert_eq!(record.error_code.as_deref(), Some(reason.aws_code()));
    assert_eq!(record.error_message.as_ref(), Some(&refusal.public));
    assert_eq!(record.stagedoor.detail.as_ref(), Some(&refusal.detail));
    assert_eq!(record.stagedoor.session, None);
    refusal
}

async fn refused_claims(house: &House, role: &str, claims: Value, reason: Reason) -> Refusal {
    refused(house, request(role, house.token(&claims)), reason).await
}

#[tokio::test]
async fn tokens_that_prove_nothing() {
    let house = house().await;
    let forged = |with| {
        let claims = house.issuer.claims(house.now(), &json!({}));
        house.issuer.sign_raw(&house.issuer.header(), &claims, with).unwrap()
    };
    let build = |token: String| request("build", token);

    refused(&house, build("not a token".to_owned()), Reason::TokenMalformed).await;
    refused(&house, build("a".repeat(20_000)), Reason::TokenTooLarge).await;
    refused(&house, build(forged(SignWith::OtherKey)), Reason::TokenSignatureInvalid).await;
    refused(&house, build(house.issuer.unsigned(&json!({}))), Reason::TokenAlgorithmRefused).await;

    let refusal =
        refused_claims(&house, "build", json!({ "iss": "https://evil" }), Reason::TokenIssuerUnknown).await;
    assert_eq!(refusal.public, "No OpenIDConnect provider found in your account for https://evil");
    let refusal =
        refused_claims(&house, "build", json!({ "aud": "else" }), Reason::TokenAudienceMismatch).await;
    assert_eq!(refusal.public, "Incorrect token audience");
    assert!(refusal.detail.contains("`else`") && refusal.detail.contains("`stagedoor`"), "{refusal}");
    let refusal = refused_claims(&house, "build", json!({ "exp": null }), Reason::TokenClaimMissing).await;
    assert_eq!(refusal.public, "Missing a required claim: exp");
    refused_claims(&house, "build", json!({ "exp": "soon" }), Reason::TokenClaimInvalid).await;

    let now = house.now().as_second();
    let old = json!({ "iat": now - 3600, "exp": now - 600 });
    let refusal = refused_claims(&house, "build", old, Reason::TokenExpired).await;
    let expired = now - 600;
    assert_eq!(
        refusal.public,
        format!("Token expired: current date/time {now} must be before the expiration date/time {expired}")
    );
    let early = json!({ "iat": now + 600, "exp": now + 1200 });
    refused_claims(&house, "build", early, Reason::TokenNotYetValid).await;
}

#[tokio::test]
async fn what_a_refused_token_says_is_recorded_as_unverified() {
    let house = house().await;
    let claims = json!({ "aud": "else", "sub": "x".repeat(300) });
    let refusal = refused_claims(&house, "build", claims, Reason::TokenAudienceMismatch).await;
    let record = house.record(&refusal.decision_id);
    let told = &record.stagedoor.claims["unverified"];
    assert_eq!(told["iss"], house.issuer.url());
    assert_eq!(told["aud"], "else");
    assert_eq!(told["sub"].as_str().map(str::len), Some(256));
    assert_eq!(told["provider"], "oidc");
    assert_eq!(record.stagedoor.provider, None);
    assert_eq!(record.user_identity.kind, "Unknown");
}

#[tokio::test]
async fn an_unreachable_issuer_may_be_tried_again() {
    let house = house().await;
    house.issuer.set_down(true);
    let refusal = refused_claims(&house, "build", json!({}), Reason::IssuerUnreachable).await;
    assert!(refusal.retry);
    assert_eq!(
        refusal.public,
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements"
    );
}

#[tokio::test]
async fn an_unknown_role_cannot_be_told_from_one_that_does_not_trust() {
    let house = house().await;
    let unknown = refused_claims(&house, "ghost", json!({}), Reason::RoleUnknown).await;
    let untrusted =
        refused_claims(&house, "build", json!({ "aud": "second" }), Reason::TrustNotGranted).await;
    let denied = refused_claims(&house, "denying", json!({ "sub": "banned" }), Reason::TrustDenied).await;
    for refusal in [&unknown, &untrusted, &denied] {
        assert_eq!(refusal.public, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        assert_eq!(refusal.reason.public_code(), "access_denied");
        assert_eq!(refusal.reason.aws_code(), "AccessDenied");
        assert!(!refusal.retry);
    }
    assert!(unknown.detail.contains("role/ghost"), "{unknown}");
}

#[tokio::test]
async fn the_record_of_a_denial_names_what_did_not_fit() {
    let house = house().await;
    let refusal = refused_claims(&house, "build", json!({ "aud": "second" }), Reason::TrustNotGranted).await;
    for part in ["trust.json", "aud", "second", "stagedoor"] {
        assert!(refusal.detail.contains(part), "`{part}` is missing: {}", refusal.detail);
        assert!(!refusal.public.contains(part));
    }
    let refusal = refused_claims(&house, "denying", json!({ "sub": "banned" }), Reason::TrustDenied).await;
    let statement = house.record(&refusal.decision_id).stagedoor.statement.unwrap();
    assert_eq!((statement.policy.as_str(), statement.index), ("trust.json", 1));
}

#[tokio::test]
async fn tags_and_source_identity_need_their_own_permission() {
    let house = house().await;
    let tags = json!({ "https://aws.amazon.com/tags": { "principal_tags": { "team": ["shop"] } } });
    let refusal = refused_claims(&house, "build", tags.clone(), Reason::TagSessionNotGranted).await;
    assert_eq!(refusal.public, "Not authorized to perform sts:TagSession");
    assert!(house.assume("tags-only", &tags).await.is_ok());
    let named = json!({ "https://aws.amazon.com/source_identity": "jane" });
    let refusal = refused_claims(&house, "tags-only", named, Reason::SourceIdentityNotGranted).await;
    assert_eq!(refusal.public, "Not authorized to perform sts:SetSourceIdentity");

    let many: serde_json::Map<String, Value> = (0..51).map(|n| (format!("k{n}"), json!(["v"]))).collect();
    let tags = json!({ "https://aws.amazon.com/tags": { "principal_tags": many } });
    refused_claims(&house, "tags-only", tags, Reason::TokenClaimInvalid).await;
    let named = json!({ "https://aws.amazon.com/source_identity": "a b" });
    refused_claims(&house, "build", named, Reason::TokenClaimInvalid).await;
}

#[tokio::test]
async fn a_token_for_named_roles_is_good_for_no_other() {
    let house = house().await;
    let pinned = json!({ "https://aws.amazon.com/roles": ["arn:aws:iam::123456789012:role/denying"] });
    let refusal = refused_claims(&house, "build", pinned.clone(), Reason::TokenRoleNotListed).await;
    assert_eq!(refusal.public, "The target role ARN is not present in the roles claim of the identity token");
    assert!(house.assume("denying", &pinned).await.is_ok());
}

#[tokio::test]
async fn requests_out_of_bounds() {
    let house = house().await;
    let with = |change: fn(&mut AssumeWithWebIdentity)| {
        let mut request = request("build", house.token(&json!({})));
        change(&mut request);
        request
    };
    let provider = with(|request| request.provider_id = Some("www.amazon.com".to_owned()));
    refused(&house, provider, Reason::ProviderIdNotAllowed).await;
    let name = with(|request| request.session_name = "a/b".to_owned());
    refused(&house, name, Reason::RequestInvalid).await;
    let short = with(|request| request.duration = Some(Duration::from_secs(899)));
    refused(&house, short, Reason::RequestInvalid).await;
    let long = with(|request| request.duration = Some(Duration::from_secs(3601)));
    let refusal = refused(&house, long, Reason::DurationTooLong).await;
    assert_eq!(
        refusal.public,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    let arn = with(|request| request.policy_arns = vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()]);
    refused(&house, arn, Reason::SessionPolicyUnknown).await;
    let malformed = with(|request| request.policy = Some("{\"Version\":".to_owned()));
    refused(&house, malformed, Reason::SessionPolicyMalformed).await;
    let principal = with(|request| {
        request.policy = Some(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#
                .to_owned(),
        );
    });
    refused(&house, principal, Reason::SessionPolicyMalformed).await;
    let large = with(|request| request.policy = Some(" ".repeat(2049)));
    refused(&house, large, Reason::SessionPolicyTooLarge).await;
}

#[tokio::test]
async fn tags_and_policies_must_fit_into_a_session_token() {
    let house = house().await;
    let tags: serde_json::Map<String, Value> =
        (0..30).map(|n| (format!("key-{n}"), json!(["v".repeat(200)]))).collect();
    let claims = json!({ "https://aws.amazon.com/tags": { "principal_tags": tags } });
    let refusal = refused_claims(&house, "tags-only", claims, Reason::SessionPolicyTooLarge).await;
    assert!(refusal.public.starts_with("Packed size of session tags consumes 2"), "{}", refusal.public);
    assert!(refusal.public.ends_with("% of allotted space."), "{}", refusal.public);
}
