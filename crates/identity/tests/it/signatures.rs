//! Algorithms, keys and signatures.

use serde_json::{Value, json};
use stagedoor_identity::{Algorithm, Provider, TokenRefusal};

use crate::forge::{
    Signer, b64, claims, code, ed25519, issuer, judge, judge_usual, key_set, other_rsa, p256, p384, rsa,
};

fn signer(algorithm: Algorithm) -> &'static Signer {
    match algorithm {
        Algorithm::ES256 => p256(),
        Algorithm::ES384 => p384(),
        Algorithm::EdDSA => ed25519(),
        _ => rsa(),
    }
}

#[test]
fn each_algorithm_verifies_with_its_own_key() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let signer = signer(algorithm);
        let token = signer.token(algorithm, "k1", &claims(json!({})));
        let verified = judge(issuer(&[signer.jwk("k1")]), &token).unwrap();
        assert_eq!(verified.subject(), "user-1", "{algorithm}");
    }
}

#[test]
fn a_key_of_another_type_is_not_used() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let token = signer(algorithm).token(algorithm, "k1", &claims(json!({})));
        for other in [rsa(), p256(), p384(), ed25519()] {
            if std::ptr::eq(other, signer(algorithm)) {
                continue;
            }
            let keys = [other.jwk("k1"), signer(algorithm).jwk("k2")];
            assert_eq!(code(judge(issuer(&keys), &token)), "token_key_unsuitable", "{algorithm}");
        }
    }
}

#[test]
fn another_algorithm_of_the_same_family_does_not_verify() {
    let token = rsa().raw(Algorithm::PS256, r#"{"alg":"RS256","kid":"k1"}"#, &claims(json!({})).to_string());
    assert_eq!(code(judge_usual(&token)), "token_signature_invalid");
}

#[test]
fn algorithms_come_from_the_configuration() {
    let mut only_es256 = issuer(&[rsa().jwk("k1"), p256().jwk("k2")]);
    only_es256.algorithms = vec![Algorithm::ES256];
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let refusal = judge(only_es256, &token).unwrap_err();
    assert_eq!(
        refusal,
        TokenRefusal::AlgorithmRefused {
            found: "RS256".to_owned(),
            wanted: vec![Algorithm::ES256],
            issuer: "main".to_owned()
        }
    );
    assert!(refusal.to_string().contains("signed with `RS256`; issuer `main` allows ES256"), "{refusal}");

    let mut none = issuer(&[rsa().jwk("k1")]);
    none.algorithms = Vec::new();
    assert_eq!(code(judge(none, &token)), "token_algorithm_refused");
}

#[test]
fn none_and_symmetric_algorithms_are_refused_in_every_spelling() {
    let payload = b64(claims(json!({})).to_string().as_bytes());
    for alg in
        ["none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "hs256", "rs256", "RS256 ", "ES512", ""]
    {
        let header = b64(json!({"alg": alg, "kid": "k1"}).to_string().as_bytes());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(code(judge_usual(&token)), "token_algorithm_refused", "{alg} {signature}");
        }
    }
    for alg in ["none", "HS256", "HS384", "HS512", "ES512", "RS1"] {
        assert!(alg.parse::<Algorithm>().is_err(), "{alg}");
    }
}

#[test]
fn a_public_key_is_never_a_symmetric_secret() {
    // CVE-2026-33322: HS256 keyed with the published modulus, and a set that offers an `oct` key.
    let jwk = rsa().jwk("k1");
    let secret =
        aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, jwk["n"].as_str().unwrap().as_bytes());
    let signed = format!(
        "{}.{}",
        b64(br#"{"alg":"HS256","kid":"k1"}"#),
        b64(claims(json!({})).to_string().as_bytes())
    );
    let token = format!("{signed}.{}", b64(aws_lc_rs::hmac::sign(&secret, signed.as_bytes()).as_ref()));
    assert_eq!(code(judge_usual(&token)), "token_algorithm_refused");

    let oct = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "k1", "alg": "RS256"});
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let refusal = judge(issuer(&[oct, rsa().jwk("k2")]), &token).unwrap_err();
    assert_eq!(refusal.code(), "token_key_unsuitable");
    assert!(refusal.to_string().contains("symmetric"), "{refusal}");
}

#[test]
fn an_altered_or_foreign_signature_is_refused() {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let foreign = other_rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    assert_eq!(code(judge_usual(&foreign)), "token_signature_invalid");

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let admin = b64(claims(json!({"sub": "admin"})).to_string().as_bytes());
    assert_eq!(code(judge_usual(&format!("{header}.{admin}.{signature}"))), "token_signature_invalid");
    for broken in
        ["", &signature[..signature.len() - 4], &signature.replacen(&signature[..1], "!", 1), &b64(&[0; 256])]
    {
        assert_eq!(code(judge_usual(&format!("{signed}.{broken}"))), "token_signature_invalid", "{broken}");
    }
    assert_eq!(code(judge_usual(&format!("{signed}.{signature}="))), "token_signature_invalid");
}

#[test]
fn keys_in_the_header_are_ignored() {
    let own = other_rsa().jwk("own");
    for extra in [
        json!({"jwk": own}),
        json!({"jku": "https://evil.example.com/keys"}),
        json!({"x5u": "https://evil.example.com/cert"}),
        json!({"x5c": ["MIIB"]}),
    ] {
        let mut header = json!({"alg": "RS256", "kid": "k1"});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let payload = claims(json!({})).to_string();
        let forged = other_rsa().raw(Algorithm::RS256, &header.to_string(), &payload);
        assert_eq!(code(judge_usual(&forged)), "token_signature_invalid", "{extra}");
        let honest = rsa().raw(Algorithm::RS256, &header.to_string(), &payload);
        assert_eq!(code(judge_usual(&honest)), "accepted", "{extra}");
    }
}

#[test]
fn the_key_id_is_only_looked_up() {
    for kid in ["k2", "../k1", "k1\0", "K1", "", "' OR 1=1", "/etc/passwd", "https://evil.example.com/k1"] {
        let token = rsa().token(Algorithm::RS256, kid, &claims(json!({})));
        assert_eq!(code(judge_usual(&token)), "token_key_unknown", "{kid}");
    }
    let numeric = rsa().raw(Algorithm::RS256, r#"{"alg":"RS256","kid":1}"#, &claims(json!({})).to_string());
    assert_eq!(code(judge_usual(&numeric)), "token_malformed");
}

#[test]
fn without_key_id_only_a_single_fitting_key_is_used() {
    let token = rsa().raw(Algorithm::RS256, r#"{"alg":"RS256"}"#, &claims(json!({})).to_string());
    assert_eq!(code(judge(issuer(&[rsa().jwk("a"), p256().jwk("b")]), &token)), "accepted");
    assert_eq!(code(judge(issuer(&[rsa().jwk("a"), other_rsa().jwk("b")]), &token)), "token_key_unsuitable");
    assert_eq!(code(judge(issuer(&[p256().jwk("b")]), &token)), "token_key_unknown");
}

#[test]
fn keys_not_meant_for_signatures_are_not_used() {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let with = |name: &str, value: Value| {
        let mut jwk = rsa().jwk("k1");
        jwk[name] = value;
        code(judge(issuer(&[jwk, p256().jwk("other")]), &token))
    };
    assert_eq!(with("use", json!("enc")), "token_key_unsuitable");
    assert_eq!(with("key_ops", json!(["encrypt"])), "token_key_unsuitable");
    assert_eq!(with("alg", json!("RS512")), "token_key_unsuitable");
    assert_eq!(with("alg", json!("RSA-OAEP")), "token_key_unsuitable");
    assert_eq!(with("d", json!("AQAB")), "token_key_unsuitable");
    assert_eq!(with("e", json!("AQ")), "token_key_unsuitable");
    assert_eq!(with("e", json!("Ag")), "token_key_unsuitable");
    assert_eq!(with("n", json!(b64(&[0xff; 128]))), "token_key_unsuitable");
    assert_eq!(with("kty", json!("EC")), "token_key_unsuitable");
    assert_eq!(with("use", json!("sig")), "accepted");
    assert_eq!(with("key_ops", json!(["verify"])), "accepted");
    assert_eq!(with("alg", json!("RS256")), "accepted");
}

#[test]
fn two_keys_of_one_id_are_not_chosen_between() {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let twice = issuer(&[rsa().jwk("k1"), other_rsa().jwk("k1")]);
    assert_eq!(code(judge(twice, &token)), "token_key_unsuitable");
    let other_type = issuer(&[p256().jwk("k1"), rsa().jwk("k1")]);
    assert_eq!(code(judge(other_type, &token)), "accepted");
}

#[test]
fn a_key_set_is_read_strictly_and_within_bounds() {
    use stagedoor_identity::KeySource;
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
    let with = |text: String| {
        let mut issuer = issuer(&[]);
        issuer.keys = KeySource::Inline(text);
        code(judge(issuer, &token))
    };
    let jwk = rsa().jwk("k1");
    assert_eq!(with(key_set(std::slice::from_ref(&jwk))), "accepted");
    assert_eq!(with(key_set(&vec![p256().jwk("x"); 255]).replacen('[', &format!("[{jwk},"), 1)), "accepted");
    assert_eq!(with(key_set(&vec![jwk.clone(); 257])), "issuer_unreachable");
    assert_eq!(with(key_set(&vec![jwk.clone(); 10_000])), "issuer_unreachable");
    assert_eq!(
        with(format!("{}{}", key_set(std::slice::from_ref(&jwk)), " ".repeat(1024 * 1024))),
        "issuer_unreachable"
    );
    assert_eq!(with(format!(r#"{{"keys":[],"keys":[{jwk}]}}"#)), "issuer_unreachable");
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#, r#"{"keys":[1,"a"]}"#, "<html>"] {
        assert_eq!(with(text.to_owned()), "issuer_unreachable", "{text}");
    }
}

#[test]
fn the_header_type_must_be_that_of_a_credential() {
    let typed = |typ: Value| {
        let mut header = json!({"alg": "RS256", "kid": "k1"});
        if !typ.is_null() {
            header["typ"] = typ;
        }
        rsa().raw(Algorithm::RS256, &header.to_string(), &claims(json!({})).to_string())
    };
    for typ in [json!(null), json!("JWT"), json!("jwt"), json!("at+jwt"), json!("application/at+JWT")] {
        assert_eq!(code(judge_usual(&typed(typ.clone()))), "accepted", "{typ}");
    }
    for typ in
        ["logout+jwt", "dpop+jwt", "secevent+jwt", "application/", "JWT ", "application/application/jwt", ""]
    {
        assert_eq!(code(judge_usual(&typed(json!(typ)))), "token_type_refused", "{typ}");
    }
    assert_eq!(code(judge_usual(&typed(json!(5)))), "token_malformed");

    let mut strict = issuer(&[rsa().jwk("k1")]);
    strict.token_types = vec!["vnd.backstage.user".to_owned()];
    assert_eq!(code(judge(strict.clone(), &typed(json!("vnd.backstage.user")))), "accepted");
    assert_eq!(code(judge(strict.clone(), &typed(json!("JWT")))), "token_type_refused");
    assert_eq!(code(judge(strict, &typed(json!(null)))), "token_type_refused");
}

#[test]
fn critical_extensions_are_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("exp"), json!(null)] {
        let header = json!({"alg": "RS256", "kid": "k1", "crit": crit}).to_string();
        let token = rsa().raw(Algorithm::RS256, &header, &claims(json!({})).to_string());
        assert_eq!(code(judge_usual(&token)), "token_critical_header", "{crit}");
    }
    let unencoded = rsa().raw(
        Algorithm::RS256,
        r#"{"alg":"RS256","kid":"k1","b64":false}"#,
        &claims(json!({})).to_string(),
    );
    assert_eq!(code(judge_usual(&unencoded)), "token_critical_header");
}

#[test]
fn keys_belong_to_their_issuer() {
    // Two issuers with the same key id: each token verifies with the key of its own issuer only.
    use crate::forge::{NOW, at, runtime};
    use stagedoor_identity::{Issuer, Issuers, KeySource, Keys, verify};
    let mut second = Issuer::new(
        "second",
        Provider::by_kind("oidc").unwrap(),
        "https://second.example.com",
        vec!["stagedoor".into()],
    );
    second.keys = KeySource::Inline(key_set(&[other_rsa().jwk("k1")]));
    let issuers = Issuers::new(vec![issuer(&[rsa().jwk("k1")]), second]).unwrap();
    let keys = Keys::default();
    let judge = |token: String| code(runtime().block_on(verify(&issuers, &keys, &token, at(NOW))));
    let of_second = claims(json!({"iss": "https://second.example.com"}));
    assert_eq!(judge(rsa().token(Algorithm::RS256, "k1", &claims(json!({})))), "accepted");
    assert_eq!(judge(other_rsa().token(Algorithm::RS256, "k1", &of_second)), "accepted");
    assert_eq!(judge(rsa().token(Algorithm::RS256, "k1", &of_second)), "token_signature_invalid");
    assert_eq!(
        judge(other_rsa().token(Algorithm::RS256, "k1", &claims(json!({})))),
        "token_signature_invalid"
    );
}
