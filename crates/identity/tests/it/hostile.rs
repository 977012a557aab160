//! Random and mutated tokens: never a panic, never accepted, in bounded work.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::json;
use stagedoor_identity::{Algorithm, Claims, Issuers, Keys, Profile, verify};

use crate::forge::{NOW, URL, at, b64, claims, issuer, rsa, runtime};

fn token() -> &'static str {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| {
        rsa().token(Algorithm::RS256, "k1", &claims(json!({"list": ["a", {"b": [1, 2.5, true, null]}]})))
    })
}

/// Judged by everything that reads untrusted tokens; whether it was accepted.
fn accepted(text: &str) -> bool {
    static ISSUERS: OnceLock<(Issuers, Keys)> = OnceLock::new();
    let (issuers, keys) =
        ISSUERS.get_or_init(|| (Issuers::new(vec![issuer(&[rsa().jwk("k1")])]).unwrap(), Keys::default()));
    if let Ok((_, claims)) = Claims::decode_unverified(text) {
        for profile in [Profile::Stagedoor, Profile::Aws] {
            let _ = claims.context(URL, profile);
        }
        let _ = (claims.session_tags(), claims.source_identity(), claims.authorized_roles());
        for provider in stagedoor_identity::Provider::all() {
            let _ = claims.provenance(provider);
        }
    }
    let result = runtime().block_on(verify(issuers, keys, text, at(NOW)));
    if let Err(refusal) = &result {
        assert!(refusal.to_string().len() < 4096);
    }
    result.is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_refused(text in "\\PC{0,200}") {
        prop_assert!(!accepted(&text));
    }

    #[test]
    fn random_parts_are_refused(header in any::<Vec<u8>>(), payload in any::<Vec<u8>>(), signature in any::<Vec<u8>>()) {
        let text = [b64(&header), b64(&payload), b64(&signature)].join(".");
        prop_assert!(!accepted(&text));
    }

    #[test]
    fn any_changed_byte_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let mut bytes = token().as_bytes().to_vec();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(!accepted(std::str::from_utf8(&bytes).unwrap()));
    }

    #[test]
    fn any_cut_or_doubled_token_is_refused(place in any::<prop::sample::Index>()) {
        let place = place.index(token().len());
        prop_assert!(!accepted(&token()[..place]));
        let doubled = [token(), &token()[place..]].concat();
        prop_assert!(!accepted(&doubled));
    }

    #[test]
    fn any_json_payload_is_read_or_refused(payload in json_text(), header in json_text()) {
        let signed = rsa().raw(Algorithm::RS256, r#"{"alg":"RS256","kid":"k1"}"#, &payload);
        prop_assert!(!accepted(&signed));
        prop_assert!(!accepted(&rsa().raw(Algorithm::RS256, &header, &payload)));
    }
}

/// JSON objects whose names are those that the checks read, with values of any type.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("JSON", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        "[a-z:/.]{0,12}".prop_map(|value| format!("\"{value}\"")),
        Just(format!("\"{URL}\"")),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(("[a-z]{1,3}", inner), 0..4).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    });
    let name = prop_oneof![
        Just("iss"),
        Just("aud"),
        Just("sub"),
        Just("exp"),
        Just("iat"),
        Just("nbf"),
        Just("azp"),
        Just("alg"),
        Just("kid"),
        Just("crit"),
        Just("https://aws.amazon.com/tags"),
        Just("https://aws.amazon.com/roles"),
    ];
    prop::collection::vec((name, value), 0..8).prop_map(|fields| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

#[test]
fn the_base_token_is_accepted_and_floods_are_not() {
    assert!(accepted(token()));
    for length in [1, 100, 16 * 1024, 16 * 1024 + 1, 1024 * 1024] {
        for filler in ["a", ".", "{", "e30.", "\u{10348}"] {
            let text: String = filler.chars().cycle().take(length / filler.len().min(length)).collect();
            assert!(!accepted(&text));
        }
    }
    let brackets = b64("[".repeat(11_000).as_bytes());
    assert!(!accepted(&format!("{brackets}.{brackets}.")));
}
