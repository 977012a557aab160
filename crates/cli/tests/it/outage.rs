//! An issuer that cannot be reached.

use serde_json::json;

use crate::support::place;
use crate::support::server::Server;
use crate::support::{clients, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_trouble_that_may_pass_and_it_passes() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    place.issuer.set_down(true);
    let server = Server::start(place.directory());

    let ended = server.assume(&token.path()).run().expect(3);
    assert!(ended.stderr.contains("IDPCommunicationError (400)"), "{}", ended.stderr);
    let records = server.records(&["--kind", "assume"]);
    assert_eq!(records.len(), 3, "trouble that may pass is tried three times");
    for record in records {
        assert_eq!(record["stagedoor"]["reason"], "issuer_unreachable");
        assert_eq!(record["errorCode"], "IDPCommunicationError");
    }

    place.issuer.set_down(false);
    eventually("recovery", || (server.assume(&token.path()).run().code == Some(0)).then_some(()));

    // Keys that were fetched once outlive the outage.
    place.issuer.set_down(true);
    server.assume(&token.path()).run().expect(0);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_retries_until_the_issuer_is_back() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let expired = place::TokenFile::new(&place.issuer.expired(&json!({})).unwrap());
    place.issuer.set_down(true);
    let server = Server::start(place.directory());
    let client = std::thread::spawn({
        let (api, token, expired) = (server.api.clone(), token.path(), expired.path());
        move || {
            crate::support::cli::scrubbed(clients::python())
                .env("AWS_ENDPOINT_URL_STS", api)
                .env("AWS_REGION", "us-east-1")
                .env("AWS_DEFAULT_REGION", "us-east-1")
                .env("AWS_ROLE_ARN", place::ROLE)
                .env("AWS_MAX_ATTEMPTS", "10")
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
                .args([clients::script("boto.py")])
                .args([expired])
                .run()
        }
    });
    eventually("a first attempt", || (!server.records(&["--kind", "assume"]).is_empty()).then_some(()));
    place.issuer.set_down(false);
    client.join().unwrap().expect(0);
    server.stop();
}
