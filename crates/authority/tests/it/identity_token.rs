//! Tokens of our own issuer: who gets one, what it says, and that others can verify it.

use crate::house::{House, Role, caller, policy, trust};
use jiff::ToSpan as _;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use stagedoor_audit::{Decision, Kind};
use stagedoor_authority::{Assumed, IdentityToken, IdentityTokenRequest, Reason, Refusal};
use stagedoor_identity::{Issuer, Issuers, KeySource, Keys, Provider, VerifiedToken, verify};
use stagedoor_session::{SessionRefusal, SigningAlgorithm};
use std::time::Duration;

const URL: &str = "http://127.0.0.1:8010";

fn asks(audience: &str) -> IdentityTokenRequest {
    IdentityTokenRequest {
        audiences: vec![audience.to_owned()],
        duration: None,
        algorithm: SigningAlgorithm::RS256,
        tags: Default::default(),
    }
}

/// A role whose sessions may have tokens for AWS only.
fn deployer() -> Role {
    let actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
    let trusted = trust("Allow", &actions, json!({ "StringEquals": { "PREFIX:aud": "stagedoor" } }));
    Role::new("deployer", policy(json!([trusted])))
        .settings("[identity_token]\nroles = [\"arn:aws:iam::210987654321:role/deploy\"]\n")
        .permissions(json!([{
            "Effect": "Allow", "Action": "sts:GetWebIdentityToken", "Resource": "*",
            "Condition": { "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": "sts.amazonaws.com" } },
        }]))
}

async fn ask(
    house: &House,
    assumed: &Assumed,
    request: IdentityTokenRequest,
) -> Result<IdentityToken, Refusal> {
    let proof = house.authority.authenticate_bearer(assumed.credentials.session_token.expose_secret());
    house.authority.identity_token(proof, request, "sts", &caller()).await
}

/// What a relying party that knows nothing but the published keys makes of a token.
async fn verified(house: &House, token: &IdentityToken, audience: &str) -> VerifiedToken {
    let provider = Provider::by_kind("oidc").unwrap();
    let mut issuer = Issuer::new("us", provider, URL, vec![audience.to_owned()]);
    issuer.keys = KeySource::Inline(house.authority.jwks().to_string());
    issuer.algorithms.push(stagedoor_identity::Algorithm::ES384);
    let issuers = Issuers::new(vec![issuer]).unwrap();
    verify(&issuers, &Keys::default(), token.token.expose_secret(), house.now()).await.unwrap()
}

fn claims() -> Value {
    json!({
        "https://aws.amazon.com/tags": { "principal_tags": { "team": ["shop"] }, "transitive_tag_keys": ["team"] },
        "https://aws.amazon.com/source_identity": "jane",
    })
}

#[tokio::test]
async fn a_relying_party_can_verify_it_and_sees_what_aws_obeys() {
    let house = House::open(&[deployer()]).await;
    let assumed = house.assume("deployer", &claims()).await.unwrap();
    for algorithm in SigningAlgorithm::ALL {
        let request = IdentityTokenRequest { algorithm, ..asks("sts.amazonaws.com") };
        let token = ask(&house, &assumed, request).await.unwrap();
        let verified = verified(&house, &token, "sts.amazonaws.com").await;
        assert_eq!(verified.subject(), "role:deployer");
        assert_eq!((verified.issued_at(), verified.expires_at()), (house.now(), token.expires_at));
        assert_eq!(token.expires_at, house.now() + 5.minutes());
        let claims = verified.claims();
        assert_eq!(claims.get("jti").unwrap(), &json!(token.decision_id));
        assert_eq!(claims.get("role").unwrap(), "deployer");
        assert_eq!(claims.get("provider").unwrap(), "oidc");
        assert_eq!(claims.authorized_roles().unwrap().unwrap(), ["arn:aws:iam::210987654321:role/deploy"]);
        assert_eq!(claims.source_identity().unwrap().unwrap(), "jane");
        let tags = claims.session_tags().unwrap().unwrap();
        assert_eq!((tags.tags["team"].as_str(), tags.transitive), ("shop", vec!["team".to_owned()]));
    }
}

#[tokio::test]
async fn it_is_recorded_before_it_exists_and_without_itself() {
    let house = House::open(&[deployer()]).await;
    let assumed = house.assume("deployer", &json!({})).await.unwrap();
    let token = ask(&house, &assumed, asks("sts.amazonaws.com")).await.unwrap();
    let record = house.record(&token.decision_id);
    assert_eq!(
        (record.event_source.as_str(), record.event_name.as_str()),
        ("sts.amazonaws.com", "GetWebIdentityToken")
    );
    assert_eq!(record.request_parameters["audience"], json!(["sts.amazonaws.com"]));
    assert_eq!(record.response_elements["webIdentityToken"]["sub"], "role:deployer");
    let details = &record.stagedoor;
    assert_eq!((details.kind, details.decision), (Kind::Assume, Decision::Allow));
    assert_eq!(details.session, Some(assumed.session.id.clone()));
    let written = serde_json::to_string(&record).unwrap();
    let signature = token.token.expose_secret().rsplit('.').next().unwrap();
    assert!(!written.contains(signature));

    house.log.clone().close().await.unwrap();
    let refusal = ask(&house, &assumed, asks("sts.amazonaws.com")).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::AuditUnavailable);
}

#[tokio::test]
async fn the_role_decides_who_may_see_it() {
    let house = House::open(&[deployer()]).await;
    let assumed = house.assume("deployer", &json!({})).await.unwrap();
    let refusal = ask(&house, &assumed, asks("https://evil.example")).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
    let both = IdentityTokenRequest {
        audiences: vec!["sts.amazonaws.com".to_owned(), "https://evil.example".to_owned()],
        ..asks("")
    };
    assert_eq!(ask(&house, &assumed, both).await.unwrap_err().reason, Reason::PermissionNotGranted);
    let tagged = IdentityTokenRequest {
        tags: [("admin".to_owned(), "yes".to_owned())].into(),
        ..asks("sts.amazonaws.com")
    };
    assert_eq!(ask(&house, &assumed, tagged).await.unwrap_err().reason, Reason::PermissionNotGranted);

    let mut narrow = crate::house::request("deployer", house.token(&json!({})));
    let nothing = json!([{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }]);
    narrow.policy = Some(policy(nothing).to_string());
    let narrow = house.authority.assume_role_with_web_identity(narrow, &caller()).await.unwrap();
    let refusal = ask(&house, &narrow, asks("sts.amazonaws.com")).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::PermissionNotGranted);
}

#[tokio::test]
async fn it_never_outlives_its_session() {
    let house = House::open(&[deployer()]).await;
    let assumed = house.assume("deployer", &json!({})).await.unwrap();
    let hour =
        IdentityTokenRequest { duration: Some(Duration::from_secs(3600)), ..asks("sts.amazonaws.com") };
    house.clock.advance(30.minutes()).unwrap();
    let token = ask(&house, &assumed, hour.clone()).await.unwrap();
    assert_eq!(token.expires_at, assumed.session.expires_at);
    house.clock.advance(30.minutes()).unwrap();
    assert_eq!(ask(&house, &assumed, hour).await.unwrap_err().reason, Reason::SessionExpired);
}

#[tokio::test]
async fn bounds_hold_whatever_the_door_checks() {
    let house = House::open(&[deployer()]).await;
    let assumed = house.assume("deployer", &json!({})).await.unwrap();
    let lasting = |seconds| IdentityTokenRequest {
        duration: Some(Duration::from_secs(seconds)),
        ..asks("sts.amazonaws.com")
    };
    let for_all = |audiences| IdentityTokenRequest { audiences, ..asks("") };
    for request in [
        lasting(59),
        lasting(3601),
        for_all(vec![]),
        for_all(vec![String::new()]),
        for_all(vec!["a".repeat(1001)]),
        for_all(vec!["sts.amazonaws.com".to_owned(); 11]),
    ] {
        let refusal = ask(&house, &assumed, request).await.unwrap_err();
        assert_eq!(refusal.reason, Reason::RequestInvalid);
    }
    assert!(ask(&house, &assumed, lasting(60)).await.is_ok());
}

#[tokio::test]
async fn who_proves_no_session_gets_none_and_is_recorded() {
    let house = House::open(&[deployer()]).await;
    let proof = Err(SessionRefusal::CredentialsMissing);
    let refusal = house.authority.identity_token(proof, asks("x"), "sts", &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::CredentialsMissing);
    assert_eq!(house.record(&refusal.decision_id).stagedoor.decision, Decision::Deny);
}

#[tokio::test]
async fn other_keys_are_taken_over_with_a_record() {
    use stagedoor_session::{SigningKeys, StoredSigningKey};
    let house = House::open(&[deployer()]).await;
    let running = house.authority.signing_keys();
    house.authority.take_signing_keys((*running).clone()).await.unwrap();
    assert!(house.records().is_empty());
    let key = StoredSigningKey::generate(SigningAlgorithm::ES256, house.now(), house.now()).unwrap();
    let only = SigningKeys::from_stored(vec![key.clone()]).unwrap();
    house.authority.take_signing_keys(only).await.unwrap();
    let record = house.records().pop().unwrap();
    assert_eq!((record.event_name.as_str(), record.stagedoor.kind), ("RotateSigningKeys", Kind::KeyRotation));
    assert_eq!(record.request_parameters["added"], json!([key.id]));
    assert_eq!(record.request_parameters["removed"].as_array().unwrap().len(), 3);
    assert_eq!(house.authority.jwks()["keys"][0]["kid"], json!(key.id));
    assert_eq!(house.authority.signing_algorithms(), [SigningAlgorithm::ES256]);
}
