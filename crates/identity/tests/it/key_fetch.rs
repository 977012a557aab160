//! Fetching keys: discovery, bounds, redirects, and where fetches may go.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stagedoor_identity::{Algorithm, Issuer, KeySource, Keys, KeysOptions, Provider, TokenRefusal, verify};

use crate::forge::{AUDIENCE, NOW, at, claims, key_set, rsa, runtime, shared};
use crate::server::{DISCOVERY, JWKS, Reply, Server};

fn live(url: &str) -> Issuer {
    Issuer::new("live", Provider::by_kind("oidc").unwrap(), url, vec![AUDIENCE.to_owned()])
}

/// Options under which silence is given up on soon.
fn quick() -> Keys {
    let mut options = KeysOptions::default();
    options.fetch_timeout = Duration::from_millis(500);
    Keys::new(options)
}

async fn judge(issuer: Issuer) -> Result<(), TokenRefusal> {
    let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({"iss": issuer.url})));
    let (issuers, _) = shared(issuer);
    verify(&issuers, &quick(), &token, at(NOW)).await.map(drop)
}

/// The problem of an issuer whose keys can't be had.
async fn problem(issuer: Issuer) -> String {
    match judge(issuer).await {
        Err(refusal @ TokenRefusal::IssuerUnreachable { .. }) => {
            assert!(refusal.is_transient());
            refusal.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_are_found_by_discovery_and_without_it() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        assert_eq!(judge(live(&server.url())).await, Ok(()));
        assert_eq!((server.hits(DISCOVERY), server.hits(JWKS)), (1, 1));

        let mut direct = live("https://issuer.example.com");
        direct.keys = KeySource::JwksUri(format!("{}{JWKS}", server.url()));
        assert_eq!(judge(direct).await, Ok(()));
        assert_eq!((server.hits(DISCOVERY), server.hits(JWKS)), (1, 2));
    });
}

#[test]
fn a_trailing_slash_of_the_issuer_is_not_doubled() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        let url = format!("{}/", server.url());
        let document = json!({"issuer": url, "jwks_uri": format!("{}{JWKS}", server.url())});
        server.reply(DISCOVERY, Reply::Json(document.to_string()));
        assert_eq!(judge(live(&url)).await, Ok(()));
    });
}

#[test]
fn redirects_are_refused_and_their_target_not_asked() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        server.reply("/elsewhere", Reply::Json(key_set(&[rsa().jwk("k1")])));
        server.reply(JWKS, Reply::Redirect("/elsewhere".to_owned()));
        let message = problem(live(&server.url())).await;
        assert!(message.contains("302 with a redirect, and redirects are not followed"), "{message}");
        server.reply(DISCOVERY, Reply::Redirect("http://169.254.169.254/latest/meta-data".to_owned()));
        assert!(problem(live(&server.url())).await.contains("redirects are not followed"));
        assert_eq!(server.hits("/elsewhere"), 0);
    });
}

#[test]
fn the_discovery_document_must_name_the_issuer_and_a_host_of_its_own() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        let with = async |document: serde_json::Value| {
            server.reply(DISCOVERY, Reply::Json(document.to_string()));
            problem(live(&server.url())).await
        };
        let url = server.url();
        let keys = format!("{url}{JWKS}");
        assert!(with(json!({"issuer": format!("{url}/"), "jwks_uri": keys})).await.contains("instead of"));
        assert!(
            with(json!({"issuer": "https://evil.example.com", "jwks_uri": keys}))
                .await
                .contains("instead of")
        );
        assert!(with(json!({"jwks_uri": keys})).await.contains("names no `issuer`"));
        assert!(with(json!({"issuer": url})).await.contains("has no `jwks_uri`"));
        let elsewhere = with(json!({"issuer": url, "jwks_uri": "http://169.254.169.254/latest"})).await;
        assert!(elsewhere.contains("on the host `169.254.169.254`; add it to `jwks_hosts`"), "{elsewhere}");
        let port = server.address.port();
        let rebound =
            with(json!({"issuer": url, "jwks_uri": format!("http://localhost:{port}{JWKS}")})).await;
        assert!(rebound.contains("on the host `localhost`"), "{rebound}");
        assert!(
            with(json!({"issuer": url, "jwks_uri": "file:///etc/passwd"})).await.contains("on the host ``")
        );
        assert!(
            with(json!({"issuer": url, "jwks_uri": format!("http://u:p@127.0.0.1:{port}/")}))
                .await
                .contains("password")
        );
        assert_eq!(server.hits(JWKS), 0);
    });
}

#[test]
fn a_host_allowed_by_name_still_can_not_be_a_forbidden_address() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        for (host, why) in [
            ("169.254.169.254", "link-local"),
            ("10.0.0.1", "not this machine's"),
            ("[fe80::1]", "link-local"),
        ] {
            let document = json!({"issuer": server.url(), "jwks_uri": format!("http://{host}/keys")});
            server.reply(DISCOVERY, Reply::Json(document.to_string()));
            let mut issuer = live(&server.url());
            issuer.jwks_hosts = vec![host.to_owned()];
            issuer.private_network = true;
            let message = problem(issuer).await;
            assert!(message.contains(why), "{host}: {message}");
        }
    });
}

#[test]
fn private_and_plain_addresses_are_not_asked() {
    runtime().block_on(async {
        let refused = async |url: &str, private: bool| {
            let mut issuer = live("https://issuer.example.com");
            issuer.keys = KeySource::JwksUri(url.to_owned());
            issuer.private_network = private;
            problem(issuer).await
        };
        assert!(refused("http://issuer.example.com/keys", true).await.contains("over https only"));
        assert!(refused("http://10.0.0.1/keys", true).await.contains("over https only"));
        assert!(refused("https://10.0.0.1/keys", false).await.contains("set `private_network = true`"));
        assert!(refused("https://[fd00::1]/keys", false).await.contains("set `private_network = true`"));
        assert!(refused("https://169.254.169.254/keys", true).await.contains("link-local"));
        assert!(refused("https://[::ffff:169.254.169.254]/keys", true).await.contains("link-local"));
        assert!(refused("https://0.0.0.0/keys", true).await.contains("never fetched"));
        assert!(refused("https://2852039166/keys", true).await.contains("link-local"));
        assert!(
            refused("https://user:pw@issuer.example.com/keys", true).await.contains("user name or password")
        );
        assert!(refused("ftp://127.0.0.1/keys", true).await.contains("over https only"));
    });
}

#[test]
fn oversized_endless_and_silent_answers_are_refused() {
    runtime().block_on(async {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        let with = async |path: &str, reply: Reply| {
            server.publish(&[rsa().jwk("k1")]);
            server.reply(path, reply);
            problem(live(&server.url())).await
        };
        let padded =
            |length: usize| Reply::Json(format!("{}{}", key_set(&[rsa().jwk("k1")]), " ".repeat(length)));
        assert!(with(JWKS, padded(1024 * 1024)).await.contains("longer than 1048576 bytes"));
        assert!(with(JWKS, Reply::Declared(u64::MAX / 2)).await.contains("longer than 1048576 bytes"));
        assert!(with(JWKS, Reply::Endless).await.contains("longer than 1048576 bytes"));
        assert!(with(DISCOVERY, Reply::Endless).await.contains("longer than 262144 bytes"));
        assert!(with(JWKS, Reply::Silence).await.contains("no full answer within 0.5 s"));
        assert!(with(JWKS, Reply::Declared(100)).await.contains("no full answer within 0.5 s"));
        assert!(
            with(JWKS, Reply::Json(key_set(&vec![rsa().jwk("k1"); 10_000]))).await.contains("longer than")
        );
        assert!(
            with(JWKS, Reply::Json(key_set(&vec![json!({"kty": "x"}); 10_000]))).await.contains("10000 keys")
        );
        assert!(with(JWKS, Reply::Status(500)).await.contains("it answered 500"));
        assert!(with(JWKS, Reply::Status(204)).await.contains("it answered 204"));
        assert!(with(JWKS, Reply::Json("<html>".to_owned())).await.contains("can't be read"));
        assert!(with(DISCOVERY, Reply::Json("[]".to_owned())).await.contains("can't be read"));
        server.publish(&[rsa().jwk("k1")]);
        assert_eq!(judge(live(&server.url())).await, Ok(()));
    });
}

#[test]
fn a_dead_issuer_is_unreachable() {
    runtime().block_on(async {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let message = problem(live(&url)).await;
        assert!(message.starts_with("the keys of issuer `live` can't be had: "), "{message}");
    });
}

#[test]
fn https_needs_a_certificate_that_is_trusted() {
    runtime().block_on(async {
        let (server, authority) = Server::start_tls(&[rsa().jwk("k1")]).await;
        problem(live(&server.url())).await;
        assert_eq!(server.hits(DISCOVERY), 0);
        let mut trusting = live(&server.url());
        trusting.ca_bundle = Some(Arc::from(authority.as_str()));
        assert_eq!(judge(trusting.clone()).await, Ok(()));
        trusting.ca_bundle = Some(Arc::from("no certificate"));
        assert!(problem(trusting.clone()).await.contains("the CA bundle has no certificate"));

        // From https there is no way down to http.
        trusting.ca_bundle = Some(Arc::from(authority.as_str()));
        let plain = Server::start(&[rsa().jwk("k1")]).await;
        let document = json!({"issuer": server.url(), "jwks_uri": format!("{}{JWKS}", plain.url())});
        server.reply(DISCOVERY, Reply::Json(document.to_string()));
        assert!(problem(trusting).await.contains("which is not https"));
        assert_eq!(plain.hits(JWKS), 0);
    });
}

#[test]
fn a_key_file_is_read_and_read_again() {
    runtime().block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.json");
        let mut issuer = live("https://issuer.example.com");
        issuer.keys = KeySource::File(path.clone());
        let missing = problem(issuer.clone()).await;
        assert!(missing.contains(&format!("`{}`", path.display())), "{missing}");

        std::fs::write(&path, key_set(&[rsa().jwk("old")])).unwrap();
        let token = rsa().token(Algorithm::RS256, "k1", &claims(json!({})));
        let (issuers, _) = shared(issuer);
        let keys = Keys::default();
        let judged = async |seconds: i64| verify(&issuers, &keys, &token, at(NOW + seconds)).await.map(drop);
        assert_eq!(judged(0).await.unwrap_err().code(), "token_key_unknown");
        std::fs::write(&path, key_set(&[rsa().jwk("k1")])).unwrap();
        assert_eq!(judged(4).await.unwrap_err().code(), "token_key_unknown");
        assert_eq!(judged(5).await, Ok(()));
        std::fs::write(&path, vec![b' '; 2 * 1024 * 1024]).unwrap();
        assert_eq!(judged(10).await, Ok(()));
        assert!(keys.status()[0].failure.as_ref().unwrap().contains("longer than 1048576 bytes"));
    });
}
