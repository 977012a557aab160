//! SIGKILL in the middle of it: what was acknowledged is on record.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::support::cli::stagedoor;
use crate::support::eventually;
use crate::support::place::{self, ROLE};
use crate::support::server::{Server, records};

/// How many credentials must be out before the kill.
const ENOUGH: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn sigkill_under_load_loses_no_acknowledged_record() {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.issuer.token(&json!({})).unwrap();
    let mut server = Server::start(place.directory());
    let body = form(&token);
    let issued = Arc::new(Mutex::new(BTreeSet::new()));
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (url, body) = (server.api.clone(), body.clone());
            let (issued, over) = (Arc::clone(&issued), Arc::clone(&over));
            tokio::spawn(async move {
                let client = reqwest::Client::builder().no_proxy().build().unwrap();
                while !over.load(Ordering::Relaxed) {
                    let request = client
                        .post(&url)
                        .header("content-type", "application/x-www-form-urlencoded")
                        .body(body.clone());
                    // Once the server is gone, requests fail: nothing was acknowledged then.
                    let Ok(response) = request.send().await else { return };
                    if response.status() != 200 {
                        return;
                    }
                    let Ok(text) = response.text().await else { return };
                    let key = text.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap();
                    issued.lock().unwrap().insert(key.to_owned());
                }
            })
        })
        .collect();
    let enough = {
        let issued = Arc::clone(&issued);
        move || eventually("credentials", || (issued.lock().unwrap().len() >= ENOUGH).then_some(()))
    };
    thread::spawn(enough).join().unwrap();
    server.signal("KILL");
    assert!(!server.wait().success());
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }

    let recorded: BTreeSet<String> = records(place.directory(), &["--kind", "assume", "--decision", "allow"])
        .iter()
        .map(|record| record["stagedoor"]["session"].as_str().unwrap().to_owned())
        .collect();
    let issued = issued.lock().unwrap();
    assert!(issued.len() >= ENOUGH);
    let lost: Vec<_> = issued.difference(&recorded).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), issued.len());

    // It starts again, goes on in the same log, honours what it issued, and the log is whole.
    let server = Server::start(place.directory());
    let again = stagedoor(["assume", "--role", ROLE, "--endpoint", &server.api, "--token-file", "-"]);
    again.stdin(&token).run().expect(0);
    server.stop();
    let verified = stagedoor(["audit", "verify", "--config"]).args([place.directory()]).run().expect(0);
    assert!(verified.stdout.starts_with("intact: "), "{}", verified.stdout);
    let after: BTreeSet<String> = records(place.directory(), &["--kind", "assume"])
        .iter()
        .filter_map(|record| record["stagedoor"]["session"].as_str().map(str::to_owned))
        .collect();
    assert!(issued.is_subset(&after), "what was on record before the restart is on record after it");
}

fn form(token: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "AssumeRoleWithWebIdentity")
        .append_pair("Version", "2011-06-15")
        .append_pair("RoleArn", ROLE)
        .append_pair("RoleSessionName", "load")
        .append_pair("WebIdentityToken", token)
        .finish()
}
