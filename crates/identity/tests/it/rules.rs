//! The form of a token and its claims.

use serde_json::{Value, json};
use stagedoor_identity::{Algorithm, Issuer, Issuers, Provider, TokenRefusal};

use crate::forge::{
    AUDIENCE, NOW, URL, at, b64, claims, code, issuer, judge, judge_claims, judge_usual, p256, rsa,
};

fn payload(text: &str) -> &'static str {
    code(judge_usual(&rsa().raw(Algorithm::RS256, r#"{"alg":"RS256","kid":"k1"}"#, text)))
}

#[test]
fn a_token_has_exactly_two_dots_and_no_padding() {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    assert_eq!(code(judge_usual(&token)), "accepted");
    for form in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        ".".repeat(16_000),
        format!("{token}."),
        format!("{token}.x"),
        format!(".{token}"),
        format!(" {token}"),
        format!("Bearer {token}"),
        token.replacen('.', "=.", 1),
        token.replacen('.', "", 1),
        token.replacen('.', "+.", 1),
        token.replacen('.', "\n.", 1),
    ] {
        assert_eq!(code(judge_usual(&form)), "token_malformed", "{form}");
    }
}

#[test]
fn the_last_character_of_a_part_has_no_spare_bits() {
    // `e30` is `{}`; `e31` differs only in bits that decoding drops.
    let (header, payload) =
        (b64(br#"{"alg":"RS256","kid":"k1"}"#), b64(claims(json!({})).to_string().as_bytes()));
    assert_eq!(code(judge_usual(&format!("{header}.e31.AAAA"))), "token_malformed");
    assert_eq!(code(judge_usual(&format!("e31.{payload}.AAAA"))), "token_malformed");
}

#[test]
fn a_token_over_the_limit_is_not_looked_at() {
    let token = format!("{}{}", "a".repeat(16 * 1024 - 2), "..");
    assert_eq!(code(judge_usual(&token)), "token_malformed");
    let refusal = judge_usual(&format!("{token}.")).unwrap_err();
    assert_eq!(refusal, TokenRefusal::TooLarge { found: 16 * 1024 + 1, limit: 16 * 1024 });
    assert_eq!(code(judge_usual(&"a.".repeat(512 * 1024))), "token_too_large");
}

#[test]
fn header_and_payload_are_strict_json() {
    let good = claims(json!({})).to_string();
    assert_eq!(payload(&good), "accepted");
    assert_eq!(payload(&good.replacen('{', r#"{"sub":"admin","#, 1)), "token_malformed");
    assert_eq!(payload(&good.replacen('{', r#"{"\u0073ub":"admin","#, 1)), "token_malformed");
    assert_eq!(payload(&good.replacen('{', r#"{"x":{"y":1,"y":1},"#, 1)), "token_malformed");
    assert_eq!(payload(&good.replacen('{', r#"{"x":1e999,"#, 1)), "token_malformed");
    assert_eq!(payload(&format!("{good} {good}")), "token_malformed");
    let deep = format!(r#"{{"x":{}{},"#, "[".repeat(16), "]".repeat(16));
    assert_eq!(payload(&good.replacen('{', &deep, 1)), "token_malformed");
    let fine = format!(r#"{{"x":{}{},"#, "[".repeat(15), "]".repeat(15));
    assert_eq!(payload(&good.replacen('{', &fine, 1)), "accepted");
    for header in [
        r#"{"alg":"RS256","alg":"RS256","kid":"k1"}"#,
        "[]",
        "null",
        r#"{"kid":"k1"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["RS256"]}"#,
    ] {
        assert_eq!(
            code(judge_usual(&rsa().raw(Algorithm::RS256, header, &good))),
            "token_malformed",
            "{header}"
        );
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for iss in [
        "https://issuer.example.com/",
        "https://issuer.example.com//",
        "https://Issuer.example.com",
        "HTTPS://issuer.example.com",
        "http://issuer.example.com",
        "issuer.example.com",
        "https://issuer.example.com:443",
        "https://issuer.example.com/.",
        "https://issuer.example.com.evil.example",
        " https://issuer.example.com",
        "https://issuer.example.com\0",
        "",
        "https://issuer.example.com?x",
        "https://issuer.example.com#",
        "https://user@issuer.example.com",
    ] {
        assert_eq!(code(judge_claims(json!({ "iss": iss }))), "token_issuer_unknown", "{iss}");
    }
    let refusal = judge_claims(json!({"iss": "https://issuer.example.com/"})).unwrap_err();
    let message = refusal.to_string();
    assert!(
        message.contains("`https://issuer.example.com/` (the nearest is `https://issuer.example.com`)"),
        "{message}"
    );
    assert_eq!(code(judge_claims(json!({ "iss": null }))), "token_claim_missing");
    for iss in [json!([URL]), json!({"url": URL}), json!(1), json!(true)] {
        assert_eq!(code(judge_claims(json!({ "iss": iss }))), "token_claim_invalid", "{iss}");
    }
}

#[test]
fn the_audience_is_mandatory_exact_and_array_aware() {
    let refused = |aud: Value| code(judge_claims(json!({ "aud": aud })));
    assert_eq!(refused(json!(AUDIENCE)), "accepted");
    assert_eq!(refused(json!([AUDIENCE])), "accepted");
    assert_eq!(refused(json!(["other", AUDIENCE])), "accepted");
    for aud in ["Stagedoor", "stagedoor ", "stagedoor/", "stage", "stagedoor2", "*"] {
        assert_eq!(refused(json!(aud)), "token_audience_mismatch", "{aud}");
        assert_eq!(refused(json!([aud, "other"])), "token_audience_mismatch", "{aud}");
    }
    assert_eq!(refused(json!(null)), "token_claim_missing");
    for aud in [
        json!(""),
        json!([]),
        json!([AUDIENCE, 1]),
        json!([[AUDIENCE]]),
        json!([""]),
        json!(1),
        json!(true),
        json!({"a": AUDIENCE}),
    ] {
        assert_eq!(refused(aud.clone()), "token_claim_invalid", "{aud}");
    }
    let refusal = judge_claims(json!({"aud": ["a", "b"]})).unwrap_err().to_string();
    assert!(refusal.contains("the token is for `a`, `b`; issuer `main` accepts `stagedoor`"), "{refusal}");
}

#[test]
fn an_issuer_without_audience_accepts_nothing() {
    let mut silent = issuer(&[rsa().jwk("k1")]);
    silent.audiences = Vec::new();
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    assert_eq!(code(judge(silent, &token)), "token_audience_mismatch");
}

#[test]
fn subject_and_times_are_required_with_their_types() {
    for claim in ["sub", "exp", "iat"] {
        let mut changes = json!({});
        changes[claim] = Value::Null;
        let refusal = judge_claims(changes).unwrap_err();
        assert_eq!(refusal.code(), "token_claim_missing", "{claim}");
        assert!(refusal.to_string().contains(&format!("no `{claim}` claim")), "{refusal}");
    }
    for sub in [json!(""), json!(1), json!(["user-1"]), json!(false)] {
        assert_eq!(code(judge_claims(json!({ "sub": sub }))), "token_claim_invalid", "{sub}");
    }
    // CVE-2026-25537: a wrong-typed time is an error, not an absent claim.
    for wrong in
        [json!("1795169200"), json!(true), json!([NOW + 300]), json!({}), json!(-1), json!(1e15), json!(-0.5)]
    {
        for claim in ["exp", "iat", "nbf"] {
            let mut changes = json!({});
            changes[claim] = wrong.clone();
            assert_eq!(code(judge_claims(changes)), "token_claim_invalid", "{claim} {wrong}");
        }
    }
    for claim in ["exp", "iat", "nbf", "sub", "aud"] {
        let name = format!("\"{claim}\":");
        let text = claims(json!({"nbf": NOW})).to_string();
        let start = text.find(&name).unwrap() + name.len();
        let end = text[start..].find([',', '}']).unwrap() + start;
        let nulled = format!("{}null{}", &text[..start], &text[end..]);
        assert_eq!(payload(&nulled), "token_claim_invalid", "{claim}");
    }
    assert_eq!(code(judge_claims(json!({"exp": NOW as f64 + 300.5}))), "accepted");
}

#[test]
fn times_have_sixty_seconds_of_leeway() {
    let judged = |iat: i64, nbf: Option<i64>, exp: i64| {
        code(judge_claims(json!({"iat": NOW + iat, "nbf": nbf.map(|nbf| NOW + nbf), "exp": NOW + exp})))
    };
    assert_eq!(judged(-100, None, -59), "accepted");
    assert_eq!(judged(-100, None, -60), "token_expired");
    assert_eq!(judged(60, None, 100), "accepted");
    assert_eq!(judged(61, None, 100), "token_not_yet_valid");
    assert_eq!(judged(-10, Some(60), 100), "accepted");
    assert_eq!(judged(-10, Some(61), 100), "token_not_yet_valid");
    assert_eq!(judged(0, None, 0), "token_claim_invalid");
    assert_eq!(judged(10, None, 5), "token_claim_invalid");

    let refusal = judge_claims(json!({"iat": NOW - 100, "exp": NOW - 60})).unwrap_err();
    assert_eq!(refusal, TokenRefusal::Expired { now: at(NOW), expires: at(NOW - 60) });
    assert!(refusal.to_string().starts_with("the token expired at 2026-11-20T"), "{refusal}");
}

#[test]
fn the_lifetime_is_capped() {
    let day = 24 * 3600;
    assert_eq!(code(judge_claims(json!({"iat": NOW, "exp": NOW + day}))), "accepted");
    assert_eq!(code(judge_claims(json!({"iat": NOW, "exp": NOW + day + 1}))), "token_lifetime_too_long");
    assert_eq!(code(judge_claims(json!({"iat": 0, "exp": 253_402_207_200_i64}))), "token_lifetime_too_long");
}

#[test]
fn a_refusal_shows_no_control_characters_and_no_flood() {
    let refusal = judge_claims(json!({"iss": format!("\u{1b}[2J\u{202e}{}", "x".repeat(5000))})).unwrap_err();
    let message = refusal.to_string();
    assert!(message.contains("\\u{1b}[2J\\u{202e}xxx"), "{message}");
    assert!(message.len() < 600, "{}", message.len());
    assert!(!refusal.is_transient());
}

#[test]
fn what_was_verified_can_be_read() {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({"jti": "t-1", "aud": ["x", AUDIENCE]})));
    let verified = judge_usual(&token).unwrap();
    assert_eq!(verified.issuer().name, "main");
    assert_eq!(verified.subject(), "user-1");
    assert_eq!(verified.audience(), ["x", AUDIENCE]);
    assert_eq!((verified.issued_at(), verified.expires_at()), (at(NOW - 10), at(NOW + 300)));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    assert_eq!(verified.token_hash(), hash.as_ref());
    let same_jti = rsa().token(Algorithm::RS256, "k1", &claims(json!({"jti": "t-1"})));
    let again = judge_usual(&same_jti).unwrap();
    assert_eq!(again.jti_hash(), verified.jti_hash());
    assert_ne!(again.token_hash(), verified.token_hash());
}

#[test]
fn replay_keys_do_not_depend_on_the_signature() {
    // An ECDSA signature can be respelled by anyone; without `jti` both spellings must count as one token.
    let keys = [p256().jwk("k1")];
    let header = json!({"alg": "ES256", "kid": "k1"}).to_string();
    let body = claims(json!({})).to_string();
    let first = judge(issuer(&keys), &p256().raw(Algorithm::ES256, &header, &body)).unwrap();
    let second = judge(issuer(&keys), &p256().raw(Algorithm::ES256, &header, &body)).unwrap();
    assert_ne!(first.token_hash(), second.token_hash());
    assert_eq!(first.jti_hash(), second.jti_hash());
}

#[test]
fn issuers_do_not_share_a_name_or_an_address() {
    let provider = Provider::by_kind("oidc").unwrap();
    let make = |name: &str, url: &str| Issuer::new(name, provider, url, vec![AUDIENCE.to_owned()]);
    let duplicate = |a: Issuer, b: Issuer| Issuers::new(vec![a, b]).unwrap_err().to_string();
    let message = duplicate(make("a", URL), make("b", URL));
    assert_eq!(
        message,
        format!("issuers `a` and `b` both have the URL `{URL}`; a token must belong to exactly one")
    );
    // They would have one ARN and one set of condition keys.
    assert!(duplicate(make("a", "http://127.0.0.1"), make("b", "https://127.0.0.1")).contains("URL"));
    assert!(duplicate(make("a", URL), make("a", "https://second.example.com")).contains("name `a`"));

    let issuers = Issuers::new(vec![make("a", URL), make("b", "https://b.example.com/x/")]).unwrap();
    assert_eq!(issuers.len(), 2);
    assert_eq!(
        issuers.by_name("b").unwrap().arn("123456789012"),
        "arn:aws:iam::123456789012:oidc-provider/b.example.com/x/"
    );
    let found = issuers.by_arn("123456789012", "arn:aws:iam::123456789012:oidc-provider/b.example.com/x/");
    assert_eq!(found.unwrap().name, "b");
    assert!(
        issuers.by_arn("123456789012", "arn:aws:iam::210987654321:oidc-provider/b.example.com/x/").is_none()
    );
}
