//! Sessions that end before their time, tokens that are good once, and limits of rates.

use crate::house::{House, Role, bearer, caller, next, role_arn, signed, trusts, trusts_audience};
use jiff::ToSpan as _;
use serde_json::json;
use stagedoor_audit::Kind;
use stagedoor_authority::{Authority, Issued, Reason};
use stagedoor_session::{Credentials, Keyring};
use stagedoor_store::{NewRevocation, Revocation, Revoked};
use std::sync::Arc;

async fn house() -> House {
    let all = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]);
    House::open(&[
        Role::new("first", trusts_audience()).permissions(all.clone()),
        Role::new("second", trusts(&role_arn("first"), &["sts:AssumeRole"], json!({}))).permissions(all),
    ])
    .await
}

fn revocation(house: &House, sequence: u64, revoked: Revoked) -> Revocation {
    let now = house.now();
    Revocation {
        sequence,
        order: NewRevocation {
            revoked,
            issued_before: now,
            expires_at: now.checked_add(36.hours()).unwrap(),
            created_at: now,
            actor: "jane".to_owned(),
            reason: "laptop lost".to_owned(),
        },
    }
}

/// A session, and one that was made from it.
async fn pair(house: &House, subject: &str) -> (Credentials, Issued) {
    let first = house.assume("first", &json!({ "sub": subject })).await.unwrap().credentials;
    let second = house.chain(&first, next("second")).await.unwrap();
    (first, second)
}

async fn stands(house: &House, who: &Credentials) -> bool {
    match house.may(who, "GET/x").await {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal.reason, Reason::SessionRevoked, "{refusal}");
            assert_eq!(refusal.public, "The security token included in the request is invalid");
            false
        }
    }
}

#[tokio::test]
async fn whatever_was_made_from_a_revoked_session_ends_with_it() {
    let house = house().await;
    let (first, second) = pair(&house, "someone").await;
    let (other, _) = pair(&house, "someone").await;
    assert!(stands(&house, &first).await && stands(&house, &second.credentials).await);
    let session = Revoked::Session(first.access_key_id.clone());
    house.authority.take_revocations(&[revocation(&house, 1, session)], 0).await;
    assert!(!stands(&house, &first).await && !stands(&house, &second.credentials).await);
    assert!(stands(&house, &other).await);

    let headers = bearer(&second.credentials);
    let refusal = house.authority.caller_identity(&signed(&headers), &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionRevoked);
    let refusal = house.chain(&first, next("second")).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionRevoked);
}

#[tokio::test]
async fn subjects_roles_and_everything_end_up_to_a_moment() {
    let house = house().await;
    for (sequence, revoked) in [
        (1, Revoked::Subject("jane".to_owned())),
        (2, Revoked::Role(role_arn("first"))),
        (3, Revoked::Everything),
    ] {
        let (jane, chained) = pair(&house, "jane").await;
        let (joe, _) = pair(&house, "joe").await;
        house.clock.advance(1.second()).unwrap();
        let all = sequence > 1;
        house.authority.take_revocations(&[revocation(&house, sequence, revoked)], 0).await;
        assert!(!stands(&house, &jane).await && !stands(&house, &chained.credentials).await);
        assert_eq!(stands(&house, &joe).await, !all);
        let (later, _) = pair(&house, "jane").await;
        assert!(stands(&house, &later).await, "a session that began afterwards");
        house.clock.advance(1.second()).unwrap();
    }
}

#[tokio::test]
async fn a_revocation_is_recorded_once_and_the_latest_counts() {
    let house = house().await;
    let (jane, _) = pair(&house, "jane").await;
    house.clock.advance(1.second()).unwrap();
    let late = revocation(&house, 1, Revoked::Everything);
    let mut early = revocation(&house, 2, Revoked::Everything);
    early.order.issued_before = "2020-01-01T00:00:00Z".parse().unwrap();
    house.authority.take_revocations(&[late.clone(), early.clone()], 1).await;
    house.authority.take_revocations(&[late, early], 0).await;
    assert!(!stands(&house, &jane).await);
    assert_eq!(house.authority.last_revocation(), 2);
    let records: Vec<_> =
        house.records().into_iter().filter(|record| record.stagedoor.kind == Kind::Revocation).collect();
    assert_eq!(records.len(), 1, "the first was in the log already");
    assert_eq!(records[0].event_name, "RevokeSessions");
    assert_eq!(records[0].request_parameters["sequence"], 2);
    assert_eq!(records[0].request_parameters["reason"], "laptop lost");
    assert_eq!(records[0].stagedoor.actor.as_deref(), Some("jane"));
}

#[tokio::test]
async fn keys_are_exchanged_without_dropping_a_session_and_recorded() {
    let house = house().await;
    let (first, _) = pair(&house, "jane").await;
    let known = Keyring::generate(house.now()).unwrap();
    house.authority.replace_keyring(known.clone()).await.unwrap();
    let (second, _) = pair(&house, "jane").await;
    let next = known.rotate(house.now(), house.now()).unwrap();
    house.authority.replace_keyring(next.clone()).await.unwrap();
    house.authority.replace_keyring(next).await.unwrap();
    assert!(stands(&house, &second).await);
    let rotations = house.records().into_iter().filter(|r| r.stagedoor.kind == Kind::KeyRotation).count();
    assert_eq!(rotations, 2);
    let headers = bearer(&first);
    let refusal = house.authority.caller_identity(&signed(&headers), &caller()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::SessionTokenInvalid, "sealed by a key that is gone");
}

fn amend(house: &House, file: &str, text: &str) {
    let path = house.path().join(file);
    let old = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{old}{text}")).unwrap();
}

/// The same house, whose authority has a store.
async fn with_store(mut house: House) -> (House, Arc<dyn stagedoor_store::Store>) {
    let store =
        stagedoor_store::open(&format!("sqlite:{}", house.path().join("s.db").display())).await.unwrap();
    let authority = Authority::new(
        house.read(),
        stagedoor_identity::Keys::default(),
        Keyring::generate(house.now()).unwrap(),
        house.log.clone(),
        Arc::clone(&house.clock) as Arc<_>,
    );
    house.authority = Arc::new(authority.remembering_in(Arc::clone(&store)));
    (house, store)
}

#[tokio::test]
async fn a_token_that_is_good_once_is_good_once() {
    let house = house().await;
    amend(&house, "issuers/ci.toml", "single_use = true\n");
    let (house, store) = with_store(house).await;
    let token = house.token(&json!({ "jti": "run-1" }));
    let ask = async |role: &str, token: &str| {
        let request = crate::house::request(role, token.to_owned());
        house.authority.assume_role_with_web_identity(request, &caller()).await.map_err(|no| no.reason)
    };
    assert_eq!(ask("second", &token).await.unwrap_err(), Reason::TrustNotGranted, "a denial uses nothing up");
    ask("first", &token).await.unwrap();
    assert_eq!(ask("first", &token).await.unwrap_err(), Reason::TokenReplayed);
    ask("first", &house.token(&json!({ "jti": "run-2" }))).await.unwrap();
    store.close().await.unwrap();
    let fresh = house.token(&json!({ "jti": "run-3" }));
    assert_eq!(ask("first", &fresh).await.unwrap_err(), Reason::StoreUnavailable);
}

#[tokio::test]
async fn rates_are_limited_for_each_subject_and_for_the_issuer() {
    let house = house().await;
    amend(&house, "stagedoor.toml", "[rate_limits]\nissuer = \"3/m\"\nsubject = \"2/m\"\n");
    house.authority.replace(house.read()).await.unwrap();
    let ask = async |subject: &str| house.assume("first", &json!({ "sub": subject })).await;
    ask("jane").await.unwrap();
    ask("jane").await.unwrap();
    let refusal = ask("jane").await.unwrap_err();
    assert_eq!((refusal.reason, refusal.public.as_str()), (Reason::Throttled, "Rate exceeded"));
    assert_eq!((refusal.retry_after, refusal.retry), (Some(30), true));
    ask("joe").await.unwrap();
    let refusal = ask("jack").await.unwrap_err();
    assert_eq!((refusal.reason, refusal.retry_after), (Reason::Throttled, Some(20)));
    house.clock.advance(30.seconds()).unwrap();
    ask("jane").await.unwrap();
}
