//! The issuers as a relying party sees them: over a socket, verified by a JWT library that none of us wrote.
#![expect(clippy::unwrap_used, reason = "a test helper that fails is a failed test")]

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};
use stagedoor_rehearsal::{Issuer, Kind, Options, SignWith, ids};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn get(issuer: &Issuer, url: &str) -> (u16, Value) {
    let path = url.strip_prefix(&format!("http://{}", issuer.address())).unwrap();
    let mut stream = TcpStream::connect(issuer.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", issuer.address());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
}

fn verify(issuer: &Issuer, jwks: &Value, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys: JwkSet = serde_json::from_value(jwks.clone()).unwrap();
    let kid = jsonwebtoken::decode_header(token)?.kid.unwrap_or_default();
    let jwk = keys.find(&kid).ok_or(jsonwebtoken::errors::ErrorKind::InvalidToken)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[issuer.url()]);
    validation.set_audience(&[issuer.audience()]);
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(jwk)?, &validation).map(|data| data.claims)
}

#[tokio::test]
async fn each_vendor_is_discovered_and_its_token_verifies() {
    for (kind, path, jwks_path, subject) in [
        (
            Kind::Bitbucket,
            "/2.0/workspaces/acme/pipelines-config/identity/oidc",
            "/keys.json",
            "{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:{f3aa90c1-77de-4c55-bb0e-1d2c3b4a5960}:{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}",
        ),
        (
            Kind::CircleCi,
            "/org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11",
            "/.well-known/jwks-pub.json",
            "org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11/project/3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70/user/e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main",
        ),
        (Kind::GitLab, "", "/oauth/discovery/keys", "project_path:acme/shop:ref_type:branch:ref:main"),
        (Kind::GitHub, "", "/.well-known/jwks", "repo:acme@9919001/shop@771234567:environment:production"),
        (Kind::Oidc, "", "/jwks", "someone"),
    ] {
        let issuer = Issuer::start(kind, Options::default()).await.unwrap();
        assert_eq!(issuer.url(), format!("http://{}{path}", issuer.address()));
        let (status, discovery) =
            get(&issuer, &format!("{}/.well-known/openid-configuration", issuer.url())).await;
        assert_eq!(status, 200);
        assert_eq!(discovery["issuer"], issuer.url());
        assert_eq!(discovery["jwks_uri"], format!("{}{jwks_path}", issuer.url()));
        let (status, jwks) = get(&issuer, discovery["jwks_uri"].as_str().unwrap()).await;
        assert_eq!((status, &jwks), (200, &issuer.jwks()));

        let claims = verify(&issuer, &jwks, &issuer.token(&json!({})).unwrap()).unwrap();
        assert_eq!(claims["sub"], subject, "{kind:?}");
        assert_eq!(claims["aud"], issuer.audience());
        let lifetime = if kind == Kind::GitHub { 300 } else { 3600 };
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), lifetime);
        assert_eq!(Kind::by_name(kind.name()), Some(kind));
        assert_eq!((issuer.discoveries(), issuer.key_fetches()), (1, 1));
    }
}

#[tokio::test]
async fn a_patch_overrides_and_removes_claims_and_the_subject_follows() {
    let now = jiff::Timestamp::from_second(1_795_168_800).unwrap();
    let bitbucket = Issuer::start(Kind::Bitbucket, Options::default()).await.unwrap();
    let claims = bitbucket.claims(
        now,
        &json!({ "deploymentEnvironmentUuid": null, "branchName": "feature", "aud": ["x", "y"] }),
    );
    assert_eq!(
        claims["sub"],
        format!("{}:{{5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f}}", ids::BITBUCKET_REPOSITORY)
    );
    assert_eq!(claims.get("deploymentEnvironmentUuid"), None);
    assert_eq!(claims["branchName"], "feature");
    assert_eq!(claims["aud"], json!(["x", "y"]));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_795_168_800), &json!(1_795_172_400)));

    let own = bitbucket.claims(now, &json!({ "sub": "mine", "exp": 1 }));
    assert_eq!((&own["sub"], &own["exp"]), (&json!("mine"), &json!(1)));
    assert_eq!(bitbucket.claims(now, &json!({ "sub": null })).get("sub"), None);

    for (kind, patch, subject) in [
        (
            Kind::CircleCi,
            json!({ "oidc.circleci.com/vcs-ref": null }),
            "org/8c5f0a5e-1c0d-4f2a-9a3e-2f6f3a9c7e11/project/3b1d7e9c-52aa-4c6e-8f0d-6a9d2c4b8e70/user/e2a4c6d8-0b1c-4d3e-8f5a-7b9c1d3e5f70",
        ),
        (Kind::GitLab, json!({ "ref": "feature" }), "project_path:acme/shop:ref_type:branch:ref:feature"),
        (
            Kind::GitHub,
            json!({ "environment": null }),
            "repo:acme@9919001/shop@771234567:ref:refs/heads/main",
        ),
        (
            Kind::GitHub,
            json!({ "environment": null, "event_name": "pull_request" }),
            "repo:acme@9919001/shop@771234567:pull_request",
        ),
        (Kind::GitHub, json!({ "environment": "a:b" }), "repo:acme@9919001/shop@771234567:environment:a%3Ab"),
    ] {
        let issuer = Issuer::start(kind, Options::default()).await.unwrap();
        assert_eq!(issuer.claims(now, &patch)["sub"], subject);
    }
}

#[tokio::test]
async fn bad_tokens_do_not_verify() {
    let issuer = Issuer::start(Kind::GitLab, Options::default()).await.unwrap();
    let jwks = issuer.jwks();
    let none = json!({});
    assert!(verify(&issuer, &jwks, &issuer.token(&none).unwrap()).is_ok());
    assert!(verify(&issuer, &jwks, &issuer.forged(&none).unwrap()).is_err());
    assert!(verify(&issuer, &jwks, &issuer.unsigned(&none)).is_err());
    assert!(verify(&issuer, &jwks, &issuer.expired(&none).unwrap()).is_err());
    let claims = issuer.claims(jiff::Timestamp::now(), &none);
    let confused = json!({ "alg": "HS256", "kid": issuer.key_id() });
    let modulus = jwks["keys"][0]["n"].as_str().unwrap().to_owned();
    for with in [SignWith::Secret(modulus.as_bytes()), SignWith::Nothing, SignWith::OtherKey] {
        assert!(verify(&issuer, &jwks, &issuer.sign_raw(&confused, &claims, with).unwrap()).is_err());
    }
}

#[tokio::test]
async fn keys_rotate_and_old_ones_can_be_withdrawn() {
    let issuer = Issuer::start(Kind::CircleCi, Options::default()).await.unwrap();
    let none = json!({});
    let (before, old) = (issuer.jwks(), issuer.token(&none).unwrap());
    issuer.rotate().unwrap();
    let new = issuer.token(&none).unwrap();
    assert!(verify(&issuer, &before, &new).is_err(), "the new key was not published before");
    let (_, both) = get(&issuer, &issuer.jwks_uri()).await;
    assert!(verify(&issuer, &both, &new).is_ok());
    assert!(verify(&issuer, &both, &old).is_ok());
    issuer.withdraw_old_keys();
    let (_, one) = get(&issuer, &issuer.jwks_uri()).await;
    assert!(verify(&issuer, &one, &new).is_ok());
    assert!(verify(&issuer, &one, &old).is_err());
}

#[tokio::test]
async fn an_issuer_goes_down_and_stops() {
    let path = Some("/a/prefix".to_owned());
    let issuer = Issuer::start(Kind::Oidc, Options { port: 0, path }).await.unwrap();
    assert!(issuer.url().ends_with("/a/prefix"));
    assert_eq!(get(&issuer, &issuer.jwks_uri()).await.0, 200);
    assert_eq!(get(&issuer, &format!("http://{}/jwks", issuer.address())).await.0, 404);
    issuer.set_down(true);
    assert_eq!(get(&issuer, &issuer.jwks_uri()).await.0, 503);
    issuer.set_down(false);
    assert_eq!(get(&issuer, &issuer.jwks_uri()).await.0, 200);

    let address = issuer.address();
    issuer.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
    let again = Issuer::start(Kind::Oidc, Options { port: address.port(), path: None }).await.unwrap();
    assert_eq!(get(&again, &again.jwks_uri()).await.0, 200);
}

#[test]
fn the_ids_are_those_of_the_examples() {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let bitbucket = Kind::Bitbucket.example_claims("", now);
    assert_eq!(bitbucket["aud"], format!("ari:cloud:bitbucket::workspace/{}", ids::BITBUCKET_WORKSPACE));
    assert_eq!(bitbucket["repositoryUuid"], ids::BITBUCKET_REPOSITORY);
    assert_eq!(bitbucket["deploymentEnvironmentUuid"], ids::BITBUCKET_ENVIRONMENT);
    let circleci = Kind::CircleCi.example_claims("", now);
    assert_eq!(circleci["aud"], ids::CIRCLECI_ORGANIZATION);
    assert_eq!(circleci["oidc.circleci.com/project-id"], ids::CIRCLECI_PROJECT);
    assert!(circleci["sub"].as_str().unwrap().contains(ids::CIRCLECI_USER));
}
