//! Sealed session tokens and the keyring.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use stagedoor_session::{
    Ancestor, Keyring, KeyringError, Lineage, MAX_ANCESTORS, MAX_SESSION_TOKEN, RETENTION, SealError,
    Session, SessionKind, StoredKey,
};

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
        lineage: Lineage::default(),
        actor: None,
        gates: Vec::new(),
        receipt: None,
        ..session()
    };
    let sealed = keyring().seal(&bare).unwrap();
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(bare));

    let lineage = Lineage { policies: vec!["{}".to_owned()], ..Lineage::of(&session()).unwrap() };
    let derived = Session { kind: SessionKind::FederatedUser, federation: None, lineage, ..session() };
    let sealed = keyring().seal(&derived).unwrap();
    assert_eq!(keyring().open(sealed.session_token.expose_secret(), now()), Ok(derived));
}

#[test]
fn a_lineage_names_every_session_before_and_has_an_end() {
    let mut newest = session();
    for number in 1..=MAX_ANCESTORS {
        let lineage = Lineage::of(&newest).unwrap();
        assert_eq!(lineage.ancestors.len(), number);
        assert_eq!(lineage.federation, session().federation);
        let id = stagedoor_session::new_access_key_id([u8::try_from(number).unwrap(); 10]);
        newest = Session { id, lineage, federation: None, ..session() };
    }
    assert_eq!(Lineage::of(&newest), None);
    let oldest = Ancestor { id: session().id, role_arn: session().role_arn, issued_at: session().issued_at };
    assert_eq!(newest.lineage.ancestors[0], oldest);
    assert_eq!(newest.parent().map(str::len), Some(20));
    assert_eq!(newest.root(), session().federation.as_ref());
    assert_eq!(session().parent(), None);
}

#[test]
fn names_follow_aws() {
    let session = session();
    let derived = Session { kind: SessionKind::SessionToken, ..session.clone() };
    for session in [&session, &derived] {
        assert_eq!(session.arn(), "arn:aws:sts::123456789012:assumed-role/deploy-prod/run-574");
        assert_eq!(session.user_id(), format!("{}:run-574", session.role_id));
    }
    let user = Session { kind: SessionKind::FederatedUser, ..session };
    assert_eq!(user.arn(), "arn:aws:sts::123456789012:federated-user/run-574");
    assert_eq!(user.user_id(), "123456789012:run-574");
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
    let second = first.rotate(later(-120), later(-60)).unwrap();
    assert_ne!(second.active_id(now()), first.active_id(now()));
    assert_eq!(second.to_stored().len(), 2);
    assert_eq!(second.open(token, now()), Ok(session()));
    let newer = second.seal(&session()).unwrap();
    assert!(first.open(newer.session_token.expose_secret(), now()).is_err());

    let restarted = Keyring::from_stored(second.to_stored()).unwrap();
    assert_eq!(restarted.active_id(now()), second.active_id(now()));
    assert_eq!(restarted.open(token, now()), Ok(session()));
    assert!(restarted.open(newer.session_token.expose_secret(), now()).is_ok());

    let mut long = session();
    long.expires_at = later(100 * 3600);
    let sealed = first.seal(&long).unwrap();
    let token = sealed.session_token.expose_secret();
    assert!(second.open(token, later(-60) + RETENTION).is_ok());
    let over = later(-59) + RETENTION;
    assert_eq!(second.open(token, over).unwrap_err().code(), "session_token_invalid");
    assert_eq!(second.rotate(over, over).unwrap().to_stored().len(), 2);
}

#[test]
fn a_new_key_is_known_before_it_seals() {
    let first = keyring();
    let second = first.rotate(now(), later(300)).unwrap();
    let published = second.to_stored().into_iter().find(|key| key.id != "k1").unwrap().id;
    assert_eq!(second.active_id(later(299)), "k1");
    assert_eq!(second.active_id(later(300)), published);
    let issued = |at: i64| Session { issued_at: later(at), ..session() };
    let early = second.seal(&issued(299)).unwrap();
    assert!(first.open(early.session_token.expose_secret(), later(400)).is_ok());
    let late = second.seal(&issued(300)).unwrap();
    assert!(first.open(late.session_token.expose_secret(), later(400)).is_err());
    assert!(second.open(late.session_token.expose_secret(), later(400)).is_ok());

    let third = second.rotate(later(10), later(10)).unwrap();
    let at_once = third.to_stored().into_iter().find(|key| key.created_at == later(10)).unwrap().id;
    assert_eq!(third.active_id(later(10)), at_once);
    assert_eq!(third.active_id(later(301)), at_once, "a key that was pending never seals");
    assert_eq!(Keyring::from_stored(vec![stored("k1", 7)]).unwrap().active_id(later(-10)), "k1");
}

#[test]
fn the_youngest_key_seals_and_ties_are_settled() {
    let older = StoredKey { activates_at: later(-10), ..stored("z", 1) };
    let (a, b) = (stored("a", 2), stored("b", 3));
    let retired = StoredKey { retired_at: Some(later(0)), ..stored("r", 4) };
    for order in [[older.clone(), a.clone(), b.clone(), retired.clone()], [retired, b, a, older]] {
        assert_eq!(Keyring::from_stored(order.to_vec()).unwrap().active_id(now()), "b");
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
    assert_ne!(generated.active_id(now()), Keyring::generate(now()).unwrap().active_id(now()));
}
