//! What single platforms do differently.

use serde_json::{Value, json};
use stagedoor_identity::{
    Algorithm, Claims, Issuer, Issuers, KeySource, Keys, Profile, Provider, TokenRefusal, VerifiedToken,
    verify,
};

use crate::forge::{NOW, Signer, at, code, ed25519, key_set, p256, rsa, runtime};

const BASE: &str = "https://backstage.acme.dev/api";

fn of_kind(kind: &str, url: &str, audience: &str, keys: &[Value]) -> Issuer {
    let mut issuer = Issuer::new(url, Provider::by_kind(kind).unwrap(), url, vec![audience.to_owned()]);
    issuer.keys = KeySource::Inline(key_set(keys));
    issuer
}

fn judge(issuers: Vec<Issuer>, token: &str) -> Result<VerifiedToken, TokenRefusal> {
    let issuers = Issuers::new(issuers).unwrap();
    runtime().block_on(verify(&issuers, &Keys::default(), token, at(NOW)))
}

/// A token of this `typ` with these claims, and times that are accepted.
fn typed(signer: &Signer, algorithm: Algorithm, typ: Option<&str>, claims: Value) -> String {
    let mut header = json!({"alg": algorithm.name(), "kid": "k1"});
    if let Some(typ) = typ {
        header["typ"] = json!(typ);
    }
    let mut body = json!({"iat": NOW - 10, "exp": NOW + 300});
    body.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    signer.raw(algorithm, &header.to_string(), &body.to_string())
}

mod cognito {
    use super::*;

    const URL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";

    fn token(claims: Value) -> Result<VerifiedToken, TokenRefusal> {
        let mut body = json!({"iss": URL, "sub": "u"});
        body.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let token = typed(rsa(), Algorithm::RS256, None, body);
        judge(vec![of_kind("cognito", URL, "app-1", &[rsa().jwk("k1")])], &token)
    }

    #[test]
    fn the_client_stands_for_the_audience_of_access_tokens_only() {
        let verified = token(json!({"token_use": "access", "client_id": "app-1"})).unwrap();
        assert_eq!(verified.audience(), ["app-1"]);
        let context = verified.context(Profile::Stagedoor, "123456789012").unwrap();
        let key = format!("{}:aud", URL.strip_prefix("https://").unwrap());
        assert_eq!(context.get(&key).unwrap().values(), ["app-1"]);
        assert_eq!(code(verified.context(Profile::Aws, "123456789012")), "token_claim_missing");

        assert_eq!(
            code(token(json!({"token_use": "access", "client_id": "app-2"}))),
            "token_audience_mismatch"
        );
        assert_eq!(code(token(json!({"token_use": "access", "client_id": ""}))), "token_claim_missing");
        assert_eq!(
            code(token(json!({"token_use": "access", "client_id": ["app-1"]}))),
            "token_claim_missing"
        );
        assert_eq!(code(token(json!({"token_use": "id", "client_id": "app-1"}))), "token_claim_missing");
        // A real audience goes before the client.
        let other = json!({"token_use": "access", "client_id": "app-1", "aud": "other"});
        assert_eq!(code(token(other)), "token_audience_mismatch");
    }

    #[test]
    fn the_use_of_a_token_must_be_known() {
        assert_eq!(code(token(json!({"token_use": "id", "aud": "app-1"}))), "accepted");
        assert_eq!(code(token(json!({"aud": "app-1"}))), "token_claim_missing");
        for wrong in [json!("refresh"), json!(""), json!(["id"])] {
            assert_eq!(
                code(token(json!({"token_use": wrong, "aud": "app-1"}))),
                "token_claim_invalid",
                "{wrong}"
            );
        }
    }

    #[test]
    fn other_providers_have_no_stand_in() {
        let claims =
            json!({"iss": "https://x.example.com", "sub": "u", "token_use": "access", "client_id": "app-1"});
        let token = typed(rsa(), Algorithm::RS256, None, claims);
        let oidc = of_kind("oidc", "https://x.example.com", "app-1", &[rsa().jwk("k1")]);
        assert_eq!(code(judge(vec![oidc], &token)), "token_claim_missing");
    }
}

mod backstage {
    use super::*;

    const USER: Option<&str> = Some("vnd.backstage.user");
    const LIMITED: Option<&str> = Some("vnd.backstage.limited-user");
    const PLUGIN: Option<&str> = Some("vnd.backstage.plugin");

    fn users() -> Issuer {
        of_kind("backstage", &format!("{BASE}/auth"), "backstage", &[p256().jwk("k1")])
    }

    /// A plugin signs with its own key, not with that of the users.
    fn scaffolder() -> Issuer {
        let mut issuer =
            of_kind("backstage-plugin", &format!("{BASE}/scaffolder"), "stagedoor", &[ed25519().jwk("k1")]);
        issuer.algorithms = vec![Algorithm::EdDSA];
        issuer
    }

    fn user_token() -> String {
        let claims = json!({"iss": format!("{BASE}/auth"), "aud": "backstage", "sub": "user:default/jane", "uip": "MEUC"});
        typed(p256(), Algorithm::ES256, USER, claims)
    }

    fn limited() -> String {
        typed(p256(), Algorithm::ES256, LIMITED, json!({"sub": "user:default/jane"}))
    }

    fn plugin_token(claims: Value) -> String {
        let mut body = json!({"sub": "scaffolder", "aud": "stagedoor"});
        body.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        typed(ed25519(), Algorithm::EdDSA, PLUGIN, body)
    }

    #[test]
    fn a_users_token_is_known_by_its_type_and_keeps_no_secret() {
        let verified = judge(vec![users()], &user_token()).unwrap();
        assert_eq!(verified.subject(), "user:default/jane");
        assert_eq!(verified.claims().get("uip"), None);
        let context = verified.context(Profile::Stagedoor, "123456789012").unwrap();
        assert!(context.iter().all(|(name, _)| !name.ends_with(":uip")));
        let (_, unverified) = Claims::decode_unverified(&user_token()).unwrap();
        assert!(
            users()
                .context(&unverified, Profile::Stagedoor)
                .unwrap()
                .get("backstage.acme.dev/api/auth:uip")
                .is_none()
        );

        let body = json!({"iss": format!("{BASE}/auth"), "aud": "backstage", "sub": "user:default/jane"});
        for typ in [None, Some("JWT"), LIMITED, PLUGIN] {
            let token = typed(p256(), Algorithm::ES256, typ, body.clone());
            assert_eq!(code(judge(vec![users()], &token)), "token_type_refused", "{typ:?}");
        }
    }

    #[test]
    fn a_limited_token_is_no_credential() {
        assert_eq!(code(judge(vec![users(), scaffolder()], &limited())), "token_claim_missing");
    }

    #[test]
    fn a_plugins_token_names_its_issuer_by_subject_and_audience() {
        let verified = judge(vec![users(), scaffolder()], &plugin_token(json!({}))).unwrap();
        assert_eq!(
            (verified.subject(), verified.issuer().url.as_str()),
            ("scaffolder", &*format!("{BASE}/scaffolder"))
        );
        assert_eq!(verified.provenance().actor.as_deref(), Some("scaffolder"));
        for changes in [
            json!({"sub": "catalog"}),
            json!({"aud": "catalog"}),
            json!({"sub": "api/scaffolder"}),
            json!({"aud": 1}),
        ] {
            let refused = judge(vec![users(), scaffolder()], &plugin_token(changes.clone()));
            assert_eq!(code(refused), "token_claim_missing", "{changes}");
        }
        let by_users_key =
            typed(p256(), Algorithm::ES256, PLUGIN, json!({"sub": "scaffolder", "aud": "stagedoor"}));
        assert_eq!(code(judge(vec![users(), scaffolder()], &by_users_key)), "token_algorithm_refused");
        // With an `iss` it is not the plugin's.
        let named = plugin_token(json!({"iss": format!("{BASE}/scaffolder")}));
        assert_eq!(code(judge(vec![scaffolder()], &named)), "token_issuer_unknown");
        // Tokens of ordinary issuers can't do without `iss`.
        let oidc = of_kind("oidc", "https://x.example.com/scaffolder", "stagedoor", &[ed25519().jwk("k1")]);
        assert_eq!(code(judge(vec![oidc], &plugin_token(json!({})))), "token_claim_missing");
    }

    #[test]
    fn two_instances_need_audiences_of_their_own() {
        let mut other = scaffolder();
        other.url = "https://other.acme.dev/api/scaffolder".to_owned();
        other.name = "other".to_owned();
        let message =
            judge(vec![scaffolder(), other.clone()], &plugin_token(json!({}))).unwrap_err().to_string();
        assert!(message.contains("an audience of its own for each issuer"), "{message}");
        other.audiences = vec!["stagedoor-other".to_owned()];
        assert_eq!(code(judge(vec![scaffolder(), other], &plugin_token(json!({})))), "accepted");
    }

    #[test]
    fn the_user_behind_a_plugin_is_verified_and_only_the_name_kept() {
        let token = plugin_token(json!({"obo": limited()}));
        let verified = judge(vec![users(), scaffolder()], &token).unwrap();
        assert_eq!(verified.claims().get("obo"), Some(&json!({"sub": "user:default/jane"})));
        assert_eq!(verified.provenance().actor.as_deref(), Some("user:default/jane"));
        let context = verified.context(Profile::Stagedoor, "123456789012").unwrap();
        let user = context.get("backstage.acme.dev/api/scaffolder:obo/sub").unwrap();
        assert_eq!(user.values(), ["user:default/jane"]);
    }

    #[test]
    fn a_user_who_is_not_proven_makes_the_plugins_token_worthless() {
        let judged =
            |obo: Value| code(judge(vec![users(), scaffolder()], &plugin_token(json!({ "obo": obo }))));
        let body = json!({"sub": "user:default/admin"});
        assert_eq!(judged(json!(typed(p256(), Algorithm::ES256, LIMITED, body.clone()))), "accepted");
        assert_eq!(
            judged(json!(typed(ed25519(), Algorithm::EdDSA, LIMITED, body.clone()))),
            "token_algorithm_refused"
        );
        assert_eq!(
            judged(json!(typed(rsa(), Algorithm::RS256, LIMITED, body.clone()))),
            "token_algorithm_refused"
        );
        for typ in [None, USER, PLUGIN, Some("JWT")] {
            assert_eq!(
                judged(json!(typed(p256(), Algorithm::ES256, typ, body.clone()))),
                "token_type_refused"
            );
        }
        let expired = json!({"sub": "user:default/jane", "iat": NOW - 4000, "exp": NOW - 400});
        assert_eq!(judged(json!(typed(p256(), Algorithm::ES256, LIMITED, expired))), "token_expired");
        let elsewhere = json!({"sub": "user:default/jane", "iss": "https://other.acme.dev/api/auth"});
        assert_eq!(judged(json!(typed(p256(), Algorithm::ES256, LIMITED, elsewhere))), "token_claim_invalid");
        let cut = limited();
        assert_eq!(judged(json!(cut[..cut.len() - 8])), "token_signature_invalid");
        assert_eq!(judged(json!("x")), "token_malformed");
        for wrong in [json!({"sub": "user:default/admin"}), json!(null), json!(1), json!([])] {
            assert_eq!(judged(wrong), "token_claim_invalid");
        }
        let alone = judge(vec![scaffolder()], &plugin_token(json!({"obo": limited()}))).unwrap_err();
        assert!(alone.to_string().contains("an issuer of kind `backstage` with the URL"), "{alone}");
    }
}

#[test]
fn spiffe_tokens_have_no_other_type() {
    let url = "https://oidc-discovery.acme.dev";
    let mut jwk = p256().jwk("k1");
    jwk["use"] = json!("jwt-svid");
    let body = json!({"iss": url, "aud": ["stagedoor"], "sub": "spiffe://acme.dev/ns/prod/sa/api"});
    let judged = |typ: Option<&str>| {
        let token = typed(p256(), Algorithm::ES256, typ, body.clone());
        code(judge(vec![of_kind("spiffe", url, "stagedoor", std::slice::from_ref(&jwk))], &token))
    };
    assert_eq!(
        (judged(None), judged(Some("JWT")), judged(Some("JOSE"))),
        ("accepted", "accepted", "accepted")
    );
    assert_eq!((judged(Some("at+jwt")), judged(Some(""))), ("token_type_refused", "token_type_refused"));
}

#[test]
fn every_example_can_be_verified_as_configured_by_default() {
    for provider in Provider::all().iter().filter(|provider| provider.names_issuer) {
        let mut claims = provider.example_claims();
        let url = claims["iss"].as_str().unwrap().to_owned();
        for time in ["iat", "exp", "nbf"] {
            if let Some(value) = claims[time].as_i64() {
                claims[time] = json!(value + NOW - 1_795_168_800);
            }
        }
        let audience =
            claims["aud"].as_str().or(claims["aud"][0].as_str()).or(claims["client_id"].as_str()).unwrap();
        let issuer = of_kind(
            provider.kind,
            &url,
            audience,
            &[rsa().jwk("k1"), p256().jwk("k1"), crate::forge::p384().jwk("k1")],
        );
        let (signer, algorithm) = match provider.algorithms[0] {
            Algorithm::ES256 => (p256(), Algorithm::ES256),
            other => (rsa(), other),
        };
        let token = typed(
            signer,
            algorithm,
            provider.token_types.first().copied().filter(|typ| !typ.is_empty()),
            claims,
        );
        let verified =
            judge(vec![issuer], &token).unwrap_or_else(|error| panic!("{}: {error}", provider.kind));
        assert_eq!(verified.provenance().provider, provider.kind);
    }
}
