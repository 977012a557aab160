//! No altered token and no altered signature gets in; no input makes it panic.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use stagedoor_session::{Body, HttpRequest};

use crate::stage::{GATE, S3, credentials, get, keyring, now, presigned_get};

#[test]
fn no_single_bit_of_a_token_can_be_flipped() {
    let token = URL_SAFE_NO_PAD.decode(credentials().session_token.expose_secret()).unwrap();
    let keyring = keyring();
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refusal = keyring.open(&URL_SAFE_NO_PAD.encode(&flipped), now()).unwrap_err();
        assert_eq!(refusal.code(), "session_token_invalid", "bit {bit}");
    }
}

#[test]
fn no_token_can_be_cut_or_lengthened() {
    let sealed = credentials();
    let token = sealed.session_token.expose_secret();
    for end in 0..token.len() {
        assert_eq!(
            keyring().open(&token[..end], now()).unwrap_err().code(),
            "session_token_invalid",
            "{end}"
        );
    }
    for longer in [format!("{token}A"), format!("{token}AAAA"), format!("{token}="), format!(" {token}")] {
        assert_eq!(keyring().open(&longer, now()).unwrap_err().code(), "session_token_invalid");
    }
}

#[test]
fn no_character_of_a_token_has_a_twin() {
    let sealed = credentials();
    let token = sealed.session_token.expose_secret();
    for index in 0..token.len() {
        for twin in *b"AQgw-_/+" {
            let mut bytes = token.as_bytes().to_vec();
            if bytes[index] == twin {
                continue;
            }
            bytes[index] = twin;
            assert!(keyring().open(std::str::from_utf8(&bytes).unwrap(), now()).is_err(), "{index}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_header_request_is_refused(place in any::<prop::sample::Index>(), flip in 1u8..0x80) {
        let mut request = get();
        let names: Vec<HeaderName> = request.headers.keys().cloned().collect();
        let lengths: Vec<usize> = names.iter().map(|name| request.headers[name].len()).collect();
        let total = request.method.len() + request.path.len() + request.query.len() + lengths.iter().sum::<usize>();
        let mut at = place.index(total);
        let mut hit = |text: &str| -> Option<String> {
            if at >= text.len() {
                at -= text.len();
                return None;
            }
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= flip;
            at = usize::MAX;
            Some(String::from_utf8(bytes).unwrap())
        };
        let (method, path, query) = (hit(&request.method), hit(&request.path), hit(&request.query));
        for name in &names {
            let value = request.headers[name].to_str().unwrap().to_owned();
            if let Some(changed) = hit(&value) {
                // A tab for the space after a comma is no change: both are trimmed.
                prop_assume!(HeaderValue::from_str(&changed).is_ok() && !changed.contains('\t'));
                request.headers.insert(name, HeaderValue::from_str(&changed).unwrap());
            }
        }
        request.method = method.unwrap_or(request.method);
        request.path = path.unwrap_or(request.path);
        request.query = query.unwrap_or(request.query);
        prop_assert!(request.authenticate(&GATE).is_err(), "{request:?}");
    }

    #[test]
    fn a_changed_presigned_query_is_refused(place in any::<prop::sample::Index>(), letter in "[a-zA-Z0-9]") {
        let mut request = presigned_get();
        let at = place.index(request.query.len());
        let before = request.query.clone();
        request.query.replace_range(at..=at, &letter);
        let decode = |query: &str| percent_encoding::percent_decode_str(query).collect::<Vec<u8>>();
        prop_assume!(decode(&before) != decode(&request.query));
        // The name `X-Amz-Signature` is the only part that is not signed; its case does not matter.
        let renamed = before.to_lowercase() == request.query.to_lowercase()
            && before.find("X-Amz-Signature").is_some_and(|from| (from..from + 15).contains(&at));
        prop_assume!(!renamed);
        prop_assert!(request.authenticate(&GATE).is_err(), "{}", request.query);
    }

    #[test]
    fn random_tokens_are_refused(token in "[A-Za-z0-9_-]{0,200}") {
        prop_assert!(keyring().open(&token, now()).is_err());
    }

    #[test]
    fn random_content_under_a_known_key_is_refused(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut token = b"\x01\x02k1".to_vec();
        token.extend(content);
        prop_assert!(keyring().open(&URL_SAFE_NO_PAD.encode(&token), now()).is_err());
    }

    #[test]
    fn random_requests_never_panic_and_never_pass(
        method in ".{0,8}",
        path in ".{0,60}",
        query in "(([xX]-[aA]mz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)|[a-z%+]{0,4})(=|%3D|)([A-Z0-9/%;-]{0,24}|AWS4-HMAC-SHA256)&?){0,9}",
        authorization in "(AWS4-HMAC-SHA256|Bearer|) ?(Credential=|SignedHeaders=|Signature=|,|;|/|[a-z0-9-]{0,9}| ){0,12}",
        date in "[0-9TZ]{0,17}",
        s3 in any::<bool>(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", &authorization), ("x-amz-date", &date), ("host", &path)] {
            if let Ok(value) = HeaderValue::from_str(value) && !value.is_empty() {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let request = HttpRequest { method: &method, path: &path, query: &query, headers: &headers, body: Body::empty() };
        let expected = if s3 { S3 } else { GATE };
        prop_assert!(keyring().authenticate(&request, &expected, now()).is_err());
    }

    #[test]
    fn random_passwords_never_panic_and_never_pass(password in ".{0,20}(/\\?)?(Action=connect)?&?(DBUser=.{0,5})?.{0,80}") {
        prop_assert!(keyring().authenticate_database(&password, None, now()).is_err());
    }
}
