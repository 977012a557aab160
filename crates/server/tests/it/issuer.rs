//! Our own issuer, as relying parties read it.

use crate::house::{House, curl, get};
use serde_json::Value;

#[tokio::test]
async fn its_keys_outlive_a_restart_and_its_document_leads_to_them() {
    let house = House::build().await;
    let mut sets: Vec<Value> = Vec::new();
    for _ in 0..2 {
        let running = house.start().await;
        let api = running.addresses().await.api;
        let got = get(&format!("http://{api}/.well-known/openid-configuration")).await;
        let document: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(document["issuer"], "http://127.0.0.1:8010");
        let keys = document["jwks_uri"].as_str().unwrap();
        let path = keys.strip_prefix("http://127.0.0.1:8010").unwrap();
        let got = get(&format!("http://{api}{path}")).await;
        sets.push(serde_json::from_str(&got.body).unwrap());
        let post = curl(&["--request".to_owned(), "POST".to_owned()], &format!("http://{api}{path}")).await;
        assert_eq!(post.status, 405);
        running.stop().await;
    }
    assert_eq!(sets[0], sets[1]);
    let algorithms: Vec<_> =
        sets[0]["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!(algorithms.len(), 3);
    assert!(["RS256", "ES256", "ES384"].iter().all(|name| algorithms.contains(name)), "{algorithms:?}");
}
