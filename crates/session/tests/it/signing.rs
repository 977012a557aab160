//! The keys of our own issuer, their rotation, and access tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use stagedoor_session::{
    AccessTokens, Due, KEEP_PUBLISHED, MAX_ACCESS_TOKEN, MAX_ACTORS, PUBLISH_AHEAD, SIGN_FOR, Scheme,
    SealError, Session, SessionRefusal, SigningAlgorithm, SigningKeyError, SigningKeys, StoredSigningKey,
};
use std::sync::LazyLock;

use crate::stage::{credentials, keyring, now, session};

const ISSUER: &str = "https://stagedoor.acme.internal";

fn key(algorithm: SigningAlgorithm, signs_from: Timestamp) -> StoredSigningKey {
    StoredSigningKey::generate(algorithm, now(), signs_from).unwrap()
}

/// RSA keys take their time: one set for all tests.
static KEYS: LazyLock<SigningKeys> = LazyLock::new(|| {
    SigningKeys::from_stored(SigningAlgorithm::ALL.map(|algorithm| key(algorithm, now())).to_vec()).unwrap()
});

fn claims() -> Map<String, Value> {
    json!({ "iss": ISSUER, "sub": "role:deploy" }).as_object().unwrap().clone()
}

fn kids(keys: &SigningKeys, at: Timestamp) -> Vec<String> {
    keys.jwks(at)["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

fn header(token: &str) -> Value {
    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn access_tokens() -> AccessTokens<'static> {
    AccessTokens { keys: &KEYS, issuer: ISSUER }
}

fn access_token() -> String {
    let gates = ["arn:aws:execute-api:us-east-1:123456789012:orders".to_owned()];
    let token = access_tokens().issue(&session(), &credentials(), &gates, "portal", now()).unwrap();
    token.expose_secret().to_owned()
}

#[test]
fn a_token_of_each_algorithm_verifies_and_names_its_published_key() {
    let jwks = KEYS.jwks(now());
    assert_eq!(KEYS.algorithms().collect::<Vec<_>>(), SigningAlgorithm::ALL);
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 3);
    for algorithm in SigningAlgorithm::ALL {
        let token = KEYS.sign(algorithm, "JWT", &claims(), now()).unwrap();
        let header = header(&token);
        let of_key = |key: &&Value| key["kid"] == header["kid"] && key["alg"] == algorithm.name();
        let jwk = jwks["keys"].as_array().unwrap().iter().find(of_key).unwrap();
        assert_eq!(jwk["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(jwk.get(private).is_none(), "{private} is published");
        }
        assert_eq!(header["typ"], "JWT");
        let verified = KEYS.verify(&token, now()).unwrap();
        assert_eq!((verified.media_type.as_str(), verified.claims), ("JWT", claims()));
    }
    let none = SigningKeys::default();
    let error = none.sign(SigningAlgorithm::RS256, "JWT", &claims(), now()).unwrap_err();
    assert_eq!(error, SigningKeyError::NoKey(SigningAlgorithm::RS256));
}

#[test]
fn tokens_of_another_house_and_other_algorithms_are_not_ours() {
    let stranger = SigningKeys::from_stored(vec![key(SigningAlgorithm::ES256, now())]).unwrap();
    let token = stranger.sign(SigningAlgorithm::ES256, "JWT", &claims(), now()).unwrap();
    assert!(stranger.verify(&token, now()).is_ok());
    assert!(KEYS.verify(&token, now()).is_err());

    let good = KEYS.sign(SigningAlgorithm::RS256, "JWT", &claims(), now()).unwrap();
    let (_, rest) = good.split_once('.').unwrap();
    let kid = &header(&good)["kid"];
    for alg in ["none", "HS256", "ES256", "rs256", ""] {
        let header = json!({ "typ": "JWT", "alg": alg, "kid": kid }).to_string();
        assert!(KEYS.verify(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header)), now()).is_err(), "{alg}");
    }
    for junk in ["", ".", "..", "a.b.c", "e30.e30.", &good[..good.len() - 1]] {
        assert!(KEYS.verify(junk, now()).is_err(), "{junk}");
    }
}

#[test]
fn a_key_is_published_before_it_signs_and_after_its_last_token_ended() {
    let algorithm = SigningAlgorithm::ES256;
    let first = key(algorithm, now());
    let alone = SigningKeys::from_stored(vec![first.clone()]).unwrap();
    let due = |keys: &SigningKeys, at| keys.due(at).into_iter().find(|due| due.algorithm == algorithm);

    let ends = now() + SIGN_FOR;
    assert_eq!(due(&alone, ends - PUBLISH_AHEAD - SignedDuration::from_secs(1)), None);
    let next = Due { algorithm, after: Some(first.id.clone()), signs_from: ends };
    assert_eq!(due(&alone, ends - PUBLISH_AHEAD), Some(next));
    // A server that slept too long still publishes ahead.
    let late = ends + SignedDuration::from_hours(1000);
    assert_eq!(due(&alone, late).unwrap().signs_from, late + PUBLISH_AHEAD);

    let second = key(algorithm, ends);
    let both = SigningKeys::from_stored(vec![second.clone(), first.clone()]).unwrap();
    assert_eq!(due(&both, ends), None);
    let signer = |at| header(&both.sign(algorithm, "JWT", &claims(), at).unwrap())["kid"].clone();
    let before = ends - SignedDuration::from_secs(1);
    assert_eq!(signer(before), json!(first.id));
    assert_eq!(kids(&both, before), [first.id.clone(), second.id.clone()]);
    assert_eq!(signer(ends), json!(second.id));

    let old = both.sign(algorithm, "JWT", &claims(), before).unwrap();
    let kept = ends + KEEP_PUBLISHED;
    assert!(both.verify(&old, kept).is_ok());
    assert_eq!(both.gone(kept).count(), 0);
    let over = kept + SignedDuration::from_secs(1);
    assert!(both.verify(&old, over).is_err());
    assert_eq!(kids(&both, over), std::slice::from_ref(&second.id));
    assert_eq!(both.gone(over).collect::<Vec<_>>(), [first.id.as_str()]);
}

#[test]
fn the_first_keys_are_due_at_once_and_sign_at_once() {
    let due = SigningKeys::default().due(now());
    assert_eq!(due.len(), SigningAlgorithm::ALL.len());
    assert!(due.iter().all(|due| due.after.is_none() && due.signs_from == now()));
    let slow_clock = now() - SignedDuration::from_secs(5);
    assert!(KEYS.sign(SigningAlgorithm::ES256, "JWT", &claims(), slow_clock).is_ok());
}

#[test]
fn an_access_token_is_a_bearer_that_opens_its_session() {
    let token = access_token();
    assert_eq!(header(&token)["typ"], "at+jwt");
    let claims = KEYS.verify(&token, now()).unwrap().claims;
    assert_eq!(claims["jti"], session().id);
    assert_eq!(claims["sub"], "role:deploy-prod");
    assert_eq!(claims["client_id"], "portal");
    assert_eq!(claims["exp"], session().expires_at.as_second());
    assert_eq!(claims["aud"], json!(["arn:aws:execute-api:us-east-1:123456789012:orders"]));

    let bearer = |token: &str, at| keyring().authenticate_bearer(token, Some(&access_tokens()), at);
    let authenticated = bearer(&token, now()).unwrap();
    assert_eq!((authenticated.session, authenticated.scheme), (session(), Scheme::Bearer));
    let sealed = credentials().session_token;
    assert_eq!(bearer(sealed.expose_secret(), now()).unwrap().session, session());
    assert!(keyring().authenticate_bearer(&token, None, now()).is_err());

    let expired = bearer(&token, session().expires_at).unwrap_err();
    assert!(matches!(expired, SessionRefusal::SessionExpired { .. }), "{expired:?}");
    let elsewhere = AccessTokens { issuer: "https://other.acme.internal", ..access_tokens() };
    let refusal = keyring().authenticate_bearer(&token, Some(&elsewhere), now()).unwrap_err();
    assert_eq!(refusal, SessionRefusal::SessionTokenInvalid("its issuer is another"));
    let long = format!("a.{}", "b".repeat(MAX_ACCESS_TOKEN));
    assert!(matches!(bearer(&long, now()), Err(SessionRefusal::TooLarge { .. })));
}

#[test]
fn a_token_for_others_is_no_bearer_here() {
    let mut claims = claims();
    let sealed = credentials().session_token.expose_secret().to_owned();
    claims.insert("session_token".to_owned(), json!(sealed));
    let identity = KEYS.sign(SigningAlgorithm::RS256, "JWT", &claims, now()).unwrap();
    let refusal = keyring().authenticate_bearer(&identity, Some(&access_tokens()), now()).unwrap_err();
    assert_eq!(refusal, SessionRefusal::SessionTokenInvalid("its type is not `at+jwt`"));
    claims.remove("session_token");
    let empty = KEYS.sign(SigningAlgorithm::RS256, "at+jwt", &claims, now()).unwrap();
    assert!(keyring().authenticate_bearer(&empty, Some(&access_tokens()), now()).is_err());
}

#[test]
fn who_acts_for_whom_travels_along_within_limits() {
    let behind = |actor: Option<Session>| Session { actor: actor.map(Box::new), ..session() };
    let agent = Session { role: "agent".to_owned(), session_name: "bot-1".to_owned(), ..session() };
    let delegated = Session { gates: vec!["orders".to_owned()], ..behind(Some(agent.clone())) };
    let sealed = keyring().seal(&delegated).unwrap();
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(delegated.clone()));
    let token = access_tokens().issue(&delegated, &sealed, &[], "portal", now()).unwrap();
    let claims = KEYS.verify(token.expose_secret(), now()).unwrap().claims;
    assert_eq!(claims["act"], json!({ "sub": "role:agent", "session_name": "bot-1" }));

    let twice = behind(Some(behind(Some(agent))));
    assert_eq!(twice.act().unwrap()["act"]["sub"], "role:agent");
    let mut deep = session();
    for _ in 0..MAX_ACTORS {
        deep = behind(Some(deep));
    }
    assert_eq!(deep.actors().count(), MAX_ACTORS);
    let refused = keyring().seal(&behind(Some(deep))).unwrap_err();
    assert_eq!(refused, SealError::TooManyActors(MAX_ACTORS + 1));
}

proptest! {
    #[test]
    fn no_character_of_an_access_token_can_be_changed(place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.-]") {
        let token = access_token();
        let mut changed = token.clone();
        let at = place.index(token.len());
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != token);
        prop_assert!(keyring().authenticate_bearer(&changed, Some(&access_tokens()), now()).is_err());
    }

    #[test]
    fn no_text_is_an_access_token(token in "[A-Za-z0-9_-]{0,60}\\.?[A-Za-z0-9_-]{0,60}\\.?[A-Za-z0-9_-]{0,60}") {
        prop_assert!(keyring().authenticate_bearer(&token, Some(&access_tokens()), now()).is_err());
        prop_assert!(KEYS.verify(&token, now()).is_err());
    }
}
