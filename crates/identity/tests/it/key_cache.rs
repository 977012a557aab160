//! The key cache: one flight, refresh ahead, rotation, cool-down, back-off, the last good set.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stagedoor_identity::{Algorithm, Issuer, Issuers, Keys, KeysOptions, Provider, TokenRefusal, verify};
use tokio::sync::Semaphore;

use crate::forge::{AUDIENCE, NOW, Signer, at, claims, code, key_set, other_rsa, rsa, runtime};
use crate::server::{DISCOVERY, JWKS, Reply, Server};

/// A live issuer, its keys, and a clock.
struct Scene {
    server: Server,
    issuers: Issuers,
    keys: Keys,
}

impl Scene {
    async fn start(options: KeysOptions) -> Scene {
        let server = Server::start(&[rsa().jwk("k1")]).await;
        let provider = Provider::by_kind("oidc").unwrap();
        let issuer = Issuer::new("live", provider, server.url(), vec![AUDIENCE.to_owned()]);
        Scene { server, issuers: Issuers::new(vec![issuer]).unwrap(), keys: Keys::new(options) }
    }

    /// What becomes, so many seconds after [`NOW`], of a token by this key.
    async fn judge(&self, signer: &Signer, kid: &str, seconds: i64) -> Result<(), TokenRefusal> {
        let now = NOW + seconds;
        let body = claims(json!({"iss": self.server.url(), "iat": now - 5, "exp": now + 300}));
        let token = signer.token(Algorithm::RS256, kid, &body);
        verify(&self.issuers, &self.keys, &token, at(now)).await.map(drop)
    }

    fn fetches(&self) -> usize {
        self.server.hits(JWKS)
    }

    fn outage(&self) {
        self.server.reply(JWKS, Reply::Status(503));
        self.server.reply(DISCOVERY, Reply::Status(503));
    }
}

/// Options without refreshes aside, so that each fetch is one that the test waits for.
fn options() -> KeysOptions {
    let mut options = KeysOptions::default();
    options.refresh_after = Duration::from_secs(1_000_000);
    options
}

#[test]
fn keys_are_fetched_once_for_all_who_wait() {
    runtime().block_on(async {
        let scene = Arc::new(Scene::start(options()).await);
        let gate = Arc::new(Semaphore::new(0));
        scene.server.reply(JWKS, Reply::Gated(Arc::clone(&gate), key_set(&[rsa().jwk("k1")])));
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let scene = Arc::clone(&scene);
                tokio::spawn(async move { scene.judge(rsa(), "k1", 0).await })
            })
            .collect();
        while scene.fetches() == 0 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(50);
        for task in waiting {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        assert_eq!((scene.server.hits(DISCOVERY), scene.fetches()), (1, 1));
    });
}

#[test]
fn a_fetch_goes_on_when_who_asked_goes_away() {
    runtime().block_on(async {
        let scene = Arc::new(Scene::start(options()).await);
        let gate = Arc::new(Semaphore::new(0));
        scene.server.reply(JWKS, Reply::Gated(Arc::clone(&gate), key_set(&[rsa().jwk("k1")])));
        let first = {
            let scene = Arc::clone(&scene);
            tokio::spawn(async move { scene.judge(rsa(), "k1", 0).await })
        };
        while scene.fetches() == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        gate.add_permits(1);
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        assert_eq!(scene.fetches(), 1);
    });
}

#[test]
fn a_rotated_key_is_found_once_and_then_there_is_a_cool_down() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        scene.server.publish(&[rsa().jwk("k1"), other_rsa().jwk("k2")]);
        let early = scene.judge(other_rsa(), "k2", 9).await.unwrap_err();
        let TokenRefusal::KeyUnknown { known, retry_seconds, .. } = &early else { panic!("{early:?}") };
        assert_eq!((*known, *retry_seconds), (1, Some(2)));
        assert_eq!(scene.fetches(), 1);
        assert_eq!(scene.judge(other_rsa(), "k2", 10).await, Ok(()));
        assert_eq!(scene.fetches(), 2);
        // Unknown ids can't be used to make us ask again and again.
        for n in 0..20 {
            assert_eq!(code(scene.judge(rsa(), &format!("x{n}"), 11).await), "token_key_unknown");
        }
        assert_eq!(scene.fetches(), 2);
        assert_eq!(code(scene.judge(rsa(), "x", 20).await), "token_key_unknown");
        assert_eq!(scene.fetches(), 3);
        assert_eq!(scene.judge(rsa(), "k1", 20).await, Ok(()));
    });
}

#[test]
fn what_is_wrong_with_a_token_makes_no_fetch() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        let url = scene.server.url();
        for changes in
            [json!({"aud": "other"}), json!({"exp": NOW - 100, "iat": NOW - 200}), json!({"sub": 1})]
        {
            let mut body = claims(changes);
            body["iss"] = json!(url);
            let token = rsa().token(Algorithm::RS256, "k1", &body);
            assert!(verify(&scene.issuers, &scene.keys, &token, at(NOW)).await.is_err());
        }
        let header = r#"{"alg":"none","kid":"k1"}"#;
        let unsigned = rsa().raw(Algorithm::RS256, header, &claims(json!({"iss": url})).to_string());
        assert!(verify(&scene.issuers, &scene.keys, &unsigned, at(NOW)).await.is_err());
        assert_eq!(scene.server.hits(DISCOVERY), 0);
        // Nor does a wrong signature, however often.
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        for second in [0, 60, 120] {
            assert_eq!(code(scene.judge(other_rsa(), "k1", second).await), "token_signature_invalid");
        }
        assert_eq!(scene.fetches(), 1);
    });
}

#[test]
fn a_withdrawn_key_is_not_used_after_renewal() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        scene.server.publish(&[other_rsa().jwk("k2")]);
        assert_eq!(scene.judge(rsa(), "k1", 3599).await, Ok(()));
        assert_eq!(code(scene.judge(rsa(), "k1", 3600).await), "token_key_unknown");
    });
}

#[test]
fn keys_are_refreshed_ahead_without_waiting() {
    runtime().block_on(async {
        let scene = Scene::start(KeysOptions::default()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        assert_eq!(scene.judge(rsa(), "k1", 299).await, Ok(()));
        assert_eq!(scene.fetches(), 1);
        let gate = Arc::new(Semaphore::new(0));
        scene.server.reply(JWKS, Reply::Gated(Arc::clone(&gate), key_set(&[other_rsa().jwk("k2")])));
        // Served from the old set while the new one is on its way, and only once asked for.
        for _ in 0..10 {
            assert_eq!(scene.judge(rsa(), "k1", 300).await, Ok(()));
        }
        while scene.fetches() < 2 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(1);
        while code(scene.judge(other_rsa(), "k2", 301).await) != "accepted" {
            tokio::task::yield_now().await;
        }
        assert_eq!(code(scene.judge(rsa(), "k1", 302).await), "token_key_unknown");
        assert_eq!(scene.fetches(), 2);
    });
}

#[test]
fn the_last_good_keys_are_kept_through_an_outage_up_to_a_limit() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        scene.outage();
        let day = 24 * 3600;
        for second in [3600, 7200, day - 1] {
            assert_eq!(scene.judge(rsa(), "k1", second).await, Ok(()), "{second}");
        }
        let status = scene.keys.status();
        assert_eq!((status[0].keys, status[0].fetched_at), (1, Some(at(NOW))));
        assert!(status[0].failure.as_ref().unwrap().contains("it answered 503"));
        // A key that is not in the old set may be in the new one: that can't be told now.
        assert_eq!(code(scene.judge(other_rsa(), "k2", day - 1).await), "issuer_unreachable");
        let stale = scene.judge(rsa(), "k1", day + 60).await.unwrap_err();
        assert!(stale.is_transient(), "{stale}");
        scene.server.publish(&[rsa().jwk("k1")]);
        assert_eq!(scene.judge(rsa(), "k1", day + 200).await, Ok(()));
        assert_eq!(scene.keys.status()[0].failure, None);
    });
}

#[test]
fn nobody_waits_for_an_issuer_known_to_be_down() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        scene.outage();
        assert_eq!(scene.judge(rsa(), "k1", 3600).await, Ok(()));
        // From now on it does not answer at all: a verification that waited would never end here.
        let gate = Arc::new(Semaphore::new(0));
        scene.server.reply(DISCOVERY, Reply::Gated(Arc::clone(&gate), String::new()));
        let asked = scene.server.hits(DISCOVERY);
        for second in [3700, 3800, 3900] {
            assert_eq!(scene.judge(rsa(), "k1", second).await, Ok(()));
        }
        assert_eq!(scene.keys.status()[0].fetched_at, Some(at(NOW)));
        while scene.server.hits(DISCOVERY) == asked {
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.server.hits(DISCOVERY), asked + 1);
        // The issuer comes back, and the refresh under way brings its new keys.
        scene.server.publish(&[other_rsa().jwk("k2")]);
        gate.add_permits(1);
        let mut second = 4000;
        while code(scene.judge(other_rsa(), "k2", second).await) != "accepted" {
            second += 60;
            assert!(second < 80_000);
        }
    });
}

#[test]
fn a_broken_answer_does_not_replace_good_keys() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        let broken = [
            Reply::Json(key_set(&[])),
            Reply::Json("{}".to_owned()),
            Reply::Json(key_set(&vec![rsa().jwk("k1"); 257])),
            Reply::Redirect("http://169.254.169.254/".to_owned()),
            Reply::Endless,
        ];
        for (n, reply) in (1..).zip(broken) {
            scene.server.reply(JWKS, reply);
            assert_eq!(scene.judge(rsa(), "k1", 3600 * n).await, Ok(()), "{n}");
            assert_eq!(
                code(scene.keys.refresh(scene.issuers.by_name("live").unwrap(), at(NOW)).await),
                "issuer_unreachable"
            );
            assert_eq!(scene.judge(rsa(), "k1", 3600 * n + 1).await, Ok(()), "{n}");
        }
    });
}

#[test]
fn failures_are_followed_by_growing_pauses() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        scene.outage();
        let mut asked = Vec::new();
        for second in 0..200 {
            let before = scene.server.hits(DISCOVERY);
            assert_eq!(code(scene.judge(rsa(), "k1", second).await), "issuer_unreachable");
            if scene.server.hits(DISCOVERY) > before {
                asked.push(second);
            }
        }
        assert_eq!(asked, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
        scene.server.publish(&[rsa().jwk("k1")]);
        assert_eq!(code(scene.judge(rsa(), "k1", 242).await), "issuer_unreachable");
        assert_eq!(scene.judge(rsa(), "k1", 243).await, Ok(()));
    });
}

#[test]
fn a_clock_set_back_does_not_freeze_the_keys() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        scene.server.publish(&[other_rsa().jwk("k2")]);
        assert_eq!(scene.judge(other_rsa(), "k2", -7200).await, Ok(()));
    });
}

#[test]
fn the_cache_survives_a_reload_unless_the_source_changes() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        assert_eq!(scene.judge(rsa(), "k1", 0).await, Ok(()));
        let provider = Provider::by_kind("oidc").unwrap();
        let mut same = Issuer::new("renamed", provider, scene.server.url(), vec![AUDIENCE.to_owned()]);
        let reloaded = |issuer: Issuer| Scene {
            server: scene.server.clone(),
            issuers: Issuers::new(vec![issuer]).unwrap(),
            keys: scene.keys.clone(),
        };
        let second = reloaded(same.clone());
        assert_eq!(second.judge(rsa(), "k1", 1).await, Ok(()));
        assert_eq!(scene.fetches(), 1);
        same.keys = stagedoor_identity::KeySource::Inline(key_set(&[other_rsa().jwk("k1")]));
        let third = reloaded(same);
        assert_eq!(code(third.judge(rsa(), "k1", 2).await), "token_signature_invalid");
        assert_eq!(third.judge(other_rsa(), "k1", 2).await, Ok(()));

        third.keys.retain(&third.issuers);
        assert_eq!(third.keys.status().len(), 1);
        third.keys.retain(&Issuers::default());
        assert!(third.keys.status().is_empty());
    });
}

#[test]
fn keys_can_be_fetched_ahead_of_the_first_token() {
    runtime().block_on(async {
        let scene = Scene::start(options()).await;
        let issuer = scene.issuers.by_name("live").unwrap();
        let status = scene.keys.refresh(issuer, at(NOW)).await.unwrap();
        assert_eq!((status.keys, status.fetched_at, status.failure), (1, Some(at(NOW)), None));
        assert_eq!(scene.judge(rsa(), "k1", 1).await, Ok(()));
        assert_eq!(scene.fetches(), 1);
        scene.outage();
        assert_eq!(code(scene.keys.refresh(issuer, at(NOW)).await), "issuer_unreachable");
    });
}
