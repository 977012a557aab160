//! Sealed session tokens and the keyring.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use stagedoor_session::{Keyring, KeyringError, MAX_SESSION_TOKEN, RETENTION, SealError, Session, StoredKey};

use crate::stage::{credentials, keyring, later, now, session, stored};

#[test]
fn a_session_comes_back_whole() {
    let sealed = credentials();
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(session()));
    assert_eq!(sealed.access_key_id, session().id);
    assert_eq!(sealed.expires_at, session().expires_at);
    let secret = sealed.secret_access_key.expose_secret();
    assert_eq!(secret.len(), 40);
    assert!(secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/'));
    assert!(sealed.session_token.expose_secret().len() < 1600);

    let bare = Session {
        source_identity: None,
        tags: Default::default(),
        transitive_tags: Vec::new(),
        policies: Vec::new(),
        federation: None,
        provenance: Default::default(),
        parent: Some("ASIAPARENT".to_owned()),
        receipt: None,
        ..session()
    };
    let sealed = keyring().seal(&bare).unwrap();
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(bare));
}

#[test]
fn names_follow_aws() {
    let session = session();
    assert_eq!(session.assumed_role_arn(), "arn:aws:sts::123456789012:assumed-role/deploy-prod/run-574");
    assert_eq!(session.assumed_role_id(), format!("{}:run-574", session.role_id));
}

#[test]
fn nothing_in_the_token_can_be_read() {
    let token = URL_SAFE_NO_PAD.decode(credentials().session_token.expose_secret()).unwrap();
    assert!(token.starts_with(b"\x01\x02k1"));
    let text = String::from_utf8_lossy(&token);
    for secret in ["deploy-prod", "123456789012", "acme"] {
        assert!(!text.contains(secret));
    }
}

#[test]
fn fractions_of_a_second_are_dropped() {
    let precise =
        Session { expires_at: session().expires_at + SignedDuration::from_millis(900), ..session() };
    let sealed = keyring().seal(&precise).unwrap();
    assert_eq!(sealed.expires_at, session().expires_at);
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(session()));
}

#[test]
fn unsound_sessions_are_not_sealed() {
    let seal = |session: Session| keyring().seal(&session).unwrap_err();
    assert_eq!(seal(Session { id: "AKIA".to_owned(), ..session() }), SealError::BadId("AKIA".to_owned()));
    let issued_at = session().issued_at;
    let never = seal(Session { expires_at: issued_at, ..session() });
    assert_eq!(never, SealError::BadLifetime { issued_at, expires_at: issued_at });
    let fat = seal(Session { policies: vec!["x".repeat(MAX_SESSION_TOKEN)], ..session() });
    let SealError::TooLarge { percent } = fat else { unreachable!("{fat}") };
    assert!((133..200).contains(&percent), "{percent}");
}

#[test]
fn the_fullest_token_that_is_sealed_is_opened() {
    let full = |length: usize| Session { policies: vec!["x".repeat(length)], ..session() };
    let longest = (0..MAX_SESSION_TOKEN).rev().find(|length| keyring().seal(&full(*length)).is_ok()).unwrap();
    let sealed = keyring().seal(&full(longest)).unwrap();
    let length = sealed.session_token.expose_secret().len();
    assert!((MAX_SESSION_TOKEN - 4..=MAX_SESSION_TOKEN).contains(&length), "{length}");
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(full(longest)));
}

#[test]
fn rotation_drops_no_session_and_forgets_in_the_end() {
    let first = keyring();
    let sealed = credentials();
    let token = sealed.session_token.expose_secret();
    let second = first.rotate(now()).unwrap();
    assert_ne!(second.active_id(), first.active_id());
    assert_eq!(second.to_stored().len(), 2);
    assert_eq!(second.open(token, now()), Ok(session()));
    let newer = second.seal(&session()).unwrap();
    assert!(first.open(newer.session_token.expose_secret(), now()).is_err());

    let restarted = Keyring::from_stored(second.to_stored()).unwrap();
    assert_eq!(restarted.active_id(), second.active_id());
    assert_eq!(restarted.open(token, now()), Ok(session()));
    assert!(restarted.open(newer.session_token.expose_secret(), now()).is_ok());

    let mut long = session();
    long.expires_at = later(100 * 3600);
    let sealed = first.seal(&long).unwrap();
    let token = sealed.session_token.expose_secret();
    assert!(second.open(token, now() + RETENTION).is_ok());
    let over = now() + RETENTION + SignedDuration::from_secs(1);
    assert_eq!(second.open(token, over).unwrap_err().code(), "session_token_invalid");
    assert_eq!(second.rotate(over).unwrap().to_stored().len(), 2);
}

#[test]
fn the_youngest_key_seals_and_ties_are_settled() {
    let older = StoredKey { created_at: later(-10), ..stored("z", 1) };
    let (a, b) = (stored("a", 2), stored("b", 3));
    let retired = StoredKey { created_at: later(10), retired_at: Some(later(11)), ..stored("r", 4) };
    for order in [[older.clone(), a.clone(), b.clone(), retired.clone()], [retired, b, a, older]] {
        assert_eq!(Keyring::from_stored(order.to_vec()).unwrap().active_id(), "b");
    }
}

#[test]
fn bad_keyrings_are_refused() {
    let refused = |keys: Vec<StoredKey>| Keyring::from_stored(keys).unwrap_err();
    assert_eq!(refused(Vec::new()), KeyringError::NoActiveKey);
    let retired = StoredKey { retired_at: Some(now()), ..stored("k1", 7) };
    assert_eq!(refused(vec![retired]), KeyringError::NoActiveKey);
    assert_eq!(refused(vec![stored("k1", 7), stored("k1", 8)]), KeyringError::DuplicateId("k1".to_owned()));
    for id in ["", "a b", "é", &"k".repeat(33)] {
        assert_eq!(refused(vec![stored(id, 7)]), KeyringError::BadId(id.to_owned()));
    }
    let short = StoredKey { secret: vec![7; 31].into(), ..stored("k1", 7) };
    assert_eq!(refused(vec![short]), KeyringError::BadSecret { id: "k1".to_owned(), found: 31 });
    let generated = Keyring::generate(now()).unwrap();
    assert_ne!(generated.active_id(), Keyring::generate(now()).unwrap().active_id());
}
