//! The configuration changes under a running server: whole, or not at all.

use serde_json::json;

use crate::support::eventually;
use crate::support::place;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_leaves_the_running_one_and_a_mended_one_takes_over() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());
    server.assume(&token.path()).run().expect(0);

    let trust = place.get("roles/deploy/trust.json");
    place.put("roles/deploy/trust.json", &trust.replace("\"Effect\": \"Allow\"", "\"Effect\": \"Alow\""));
    server.signal("HUP");
    server.logged("roles/deploy/trust.json");
    assert!(server.log().contains("Alow"), "{}", server.log());
    server.assume(&token.path()).run().expect(0);
    let refused = eventually("a record of the refused reload", || {
        server.records(&["--kind", "reload", "--decision", "deny"]).pop()
    });
    assert_eq!(refused["stagedoor"]["reason"], "configuration_invalid");

    place.put("roles/deploy/trust.json", &trust.replace(":*\"", ":never\""));
    server.signal("HUP");
    eventually("the mended configuration", || {
        (server.assume(&token.path()).run().code == Some(1)).then_some(())
    });
    let digests: Vec<_> = server
        .records(&["--kind", "assume"])
        .iter()
        .map(|record| record["stagedoor"]["snapshot"].as_str().unwrap().to_owned())
        .collect();
    assert_ne!(digests.first(), digests.last(), "each record names the configuration that decided");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_taken_without_a_signal() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());
    server.assume(&token.path()).run().expect(0);
    let trust = place.get("roles/deploy/trust.json");
    place.put("roles/deploy/trust.json", &trust.replace(":*\"", ":never\""));
    eventually("the changed trust policy", || {
        (server.assume(&token.path()).run().code == Some(1)).then_some(())
    });
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_configuration_does_not_start() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    place.put("issuers/issuer.toml", "kind = \"bitbuckt\"\n");
    let ended =
        crate::support::cli::stagedoor(["serve", "--config"]).args([place.directory()]).run().expect(2);
    assert!(ended.stderr.contains("issuers/issuer.toml"), "{}", ended.stderr);
    assert!(ended.stderr.contains("did you mean `bitbucket`?"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}
