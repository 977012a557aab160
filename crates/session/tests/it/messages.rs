//! Sealed messages.

use jiff::SignedDuration;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use stagedoor_session::{Keyring, MAX_MESSAGE, RETENTION};

use crate::stage::{credentials, keyring, later, now, stored};

#[test]
fn only_the_installation_reads_its_messages() {
    let message = keyring().seal_message("denied: größe", now()).unwrap();
    assert!(!message.contains("denied"));
    assert_eq!(keyring().open_message(&message, now()).as_deref(), Some("denied: größe"));
    let other = Keyring::from_stored(vec![stored("k1", 8)]).unwrap();
    assert_eq!(other.open_message(&message, now()), None);
    assert_ne!(message, keyring().seal_message("denied: größe", now()).unwrap());
}

#[test]
fn a_message_is_no_session_token_and_a_session_token_no_message() {
    let message = keyring().seal_message("{}", now()).unwrap();
    assert!(keyring().open(&message, now()).is_err());
    assert_eq!(keyring().open_message(credentials().session_token.expose_secret(), now()), None);
}

#[test]
fn messages_outlive_a_rotation_and_end_with_their_key() {
    let message = keyring().seal_message("x", now()).unwrap();
    let rotated = keyring().rotate(now(), now()).unwrap();
    assert_eq!(rotated.open_message(&message, now() + RETENTION).as_deref(), Some("x"));
    assert_eq!(rotated.open_message(&message, now() + RETENTION + SignedDuration::from_secs(1)), None);
    assert!(rotated.seal_message("x", later(1)).unwrap().len() > 20);
}

#[test]
fn the_length_is_bounded_on_both_sides() {
    assert!(keyring().seal_message(&"x".repeat(MAX_MESSAGE), now()).is_err());
    assert_eq!(keyring().open_message(&"A".repeat(MAX_MESSAGE + 1), now()), None);
}

proptest! {
    #[test]
    fn a_changed_message_is_not_read(text in ".{0,60}", at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let message = keyring().seal_message(&text, now()).unwrap();
        let mut bytes = message.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(changed) = String::from_utf8(bytes) {
            let read = keyring().open_message(&changed, now());
            prop_assert!(read.is_none(), "{read:?}");
        }
        for end in 0..message.len() {
            prop_assert_eq!(keyring().open_message(&message[..end], now()), None);
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        prop_assert_eq!(keyring().open_message(&text, now()), None);
    }
}
