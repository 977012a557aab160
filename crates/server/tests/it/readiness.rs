//! Readiness tells the truth, and a server that stops finishes what is under way.

use crate::house::{House, call, get};

#[tokio::test]
async fn a_log_that_takes_no_records_closes_doors_and_gates() {
    let house = House::build().await;
    let running = house.start().await;
    let addresses = running.addresses().await;
    let operations = addresses.metrics.unwrap();
    let credentials = house.assume(&running).await;
    assert_eq!(get(&format!("http://{operations}/readyz")).await.status, 200);

    running.log().clone().close().await.unwrap();
    let got = call(&credentials, "GET", addresses.gates["orders"], "/orders").await;
    assert_eq!(got.status, 503, "{}", got.body);
    assert!(got.body.contains("\"reason\":\"audit_unavailable\""), "{}", got.body);
    let got = house.assume_with(addresses.api, &house.token(&serde_json::json!({}))).await;
    assert_eq!(got.status, 503, "{}", got.body);

    let got = get(&format!("http://{operations}/readyz")).await;
    assert_eq!(got.status, 503);
    assert!(got.body.starts_with("not ready: "), "{}", got.body);
    let got = get(&format!("http://{}/readyz", addresses.api)).await;
    assert_eq!((got.status, got.body.as_str()), (503, "not ready\n"));
    assert_eq!(get(&format!("http://{operations}/healthz")).await.status, 200);
    let metrics = get(&format!("http://{operations}/metrics")).await.body;
    assert!(metrics.contains("\nstagedoor_audit_healthy 0\n"), "{metrics}");
    assert!(metrics.contains("\nstagedoor_ready 0\n"), "{metrics}");
    running.stop().await;
}

#[tokio::test]
async fn stopping_finishes_requests_in_flight() {
    let house = House::build().await;
    let running = house.start().await;
    let addresses = running.addresses().await;
    let (gate, operations) = (addresses.gates["orders"], addresses.metrics.unwrap());
    let credentials = house.assume(&running).await;
    let mut asked = tokio::spawn(async move { call(&credentials, "GET", gate, "/wait").await });
    tokio::select! {
        () = house.upstream.arrived() => {}
        got = &mut asked => panic!("{got:?}"),
    }
    let stopped = tokio::spawn(running.stop());
    while get(&format!("http://{operations}/readyz")).await.status == 200 {
        tokio::task::yield_now().await;
    }
    while get(&format!("http://{gate}/orders")).await.status != 0 {
        tokio::task::yield_now().await;
    }
    assert!(!stopped.is_finished());
    house.upstream.release();
    let got = asked.await.unwrap();
    assert_eq!((got.status, got.body.as_str()), (200, "orders for deploy"));
    stopped.await.unwrap();
    assert_eq!(get(&format!("http://{operations}/healthz")).await.status, 0);
}
