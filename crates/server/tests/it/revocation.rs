//! Two servers on one store honour each other's sessions, revocations and keys.

use crate::house::{House, call};
use jiff::Timestamp;
use stagedoor_store::{NewRevocation, Revoked};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_counts_at_every_node_and_after_a_restart() {
    let (one, two) = (House::build().await, House::build().await);
    let url = format!("sqlite:{}", one.path().join("shared.db").display());
    for house in [&one, &two] {
        let settings = std::fs::read_to_string(house.path().join("stagedoor.toml")).unwrap();
        house.write("stagedoor.toml", &format!("{settings}[state]\nurl = \"{url}\"\n"));
    }
    let (first, second) = (one.start().await, two.start().await);
    let credentials = one.assume(&first).await;
    let there = second.addresses().await.gates["orders"];
    let here = first.addresses().await.gates["orders"];
    for gate in [here, there] {
        assert_eq!(call(&credentials, "GET", gate, "/orders").await.status, 200);
    }

    let store = stagedoor_store::open(&url).await.unwrap();
    let now = Timestamp::now();
    let order = NewRevocation {
        revoked: Revoked::Session(credentials.key.clone()),
        issued_before: now,
        expires_at: now + jiff::SignedDuration::from_hours(36),
        created_at: now,
        actor: "jane".into(),
        reason: "test".into(),
    };
    store.revoke(&order).await.unwrap();
    let asked = Instant::now();
    for gate in [here, there] {
        loop {
            let got = call(&credentials, "GET", gate, "/orders").await;
            if got.status == 401 {
                assert!(got.body.contains("session_revoked"), "{}", got.body);
                break;
            }
            assert!(asked.elapsed() < Duration::from_secs(60), "still let in: {}", got.status);
        }
    }
    second.stop().await;
    let second = two.start().await;
    let there = second.addresses().await.gates["orders"];
    assert_eq!(call(&credentials, "GET", there, "/orders").await.status, 401);
    for house in [&one, &two] {
        assert_eq!(house.records_of("RevokeSessions").len(), 1);
    }
    let fresh = one.assume(&first).await;
    assert_eq!(call(&fresh, "GET", there, "/orders").await.status, 200);
    first.stop().await;
    second.stop().await;
}
