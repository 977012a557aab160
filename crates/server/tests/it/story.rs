//! From a token to an answer, and what is known of it afterwards.

use crate::house::{Got, House, call, curl, get};
use serde_json::json;

#[tokio::test]
async fn a_token_becomes_a_credential_that_a_gate_honours() {
    let house = House::build().await;
    let running = house.start().await;
    let addresses = running.addresses().await;
    let gate = addresses.gates["orders"];
    let credentials = house.assume(&running).await;
    let got = call(&credentials, "GET", gate, "/orders/7").await;
    assert_eq!(got, Got { status: 200, body: "orders for deploy".to_owned() });
    let got = call(&credentials, "DELETE", gate, "/orders/7").await;
    assert_eq!(got.status, 403, "{}", got.body);
    let other =
        house.assume_with(addresses.api, &house.token(&json!({"sub": "project_path:evil/shop"}))).await;
    assert_eq!(other.status, 403, "{}", other.body);

    let records = house.records();
    let told: Vec<_> = records
        .iter()
        .map(|record| (record.event_name.as_str(), record.stagedoor.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("StartServer", None),
            ("AssumeRoleWithWebIdentity", None),
            ("Invoke", None),
            ("Invoke", Some("permission_not_granted")),
            ("AssumeRoleWithWebIdentity", Some("trust_not_granted")),
        ]
    );

    let metrics = get(&format!("http://{}/metrics", addresses.metrics.unwrap())).await.body;
    let digest = &running.authority().snapshot().digest;
    let size = house.records().len();
    for line in [
        "stagedoor_decisions_total{kind=\"assume\",outcome=\"allow\",reason=\"allowed\"} 1".to_owned(),
        "stagedoor_decisions_total{kind=\"use\",outcome=\"allow\",reason=\"allowed\"} 1".to_owned(),
        "stagedoor_decisions_total{kind=\"use\",outcome=\"deny\",reason=\"permission_not_granted\"} 1"
            .to_owned(),
        "stagedoor_decisions_total{kind=\"assume\",outcome=\"deny\",reason=\"trust_not_granted\"} 1"
            .to_owned(),
        "stagedoor_gate_answers_total{gate=\"orders\",status=\"200\"} 1".to_owned(),
        "stagedoor_gate_answers_total{gate=\"orders\",status=\"403\"} 1".to_owned(),
        "stagedoor_gate_answer_duration_seconds_count{gate=\"orders\"} 2".to_owned(),
        "stagedoor_decision_duration_seconds_count{kind=\"assume\"} 2".to_owned(),
        format!("stagedoor_snapshot_info{{digest=\"{digest}\"}} 1"),
        format!("stagedoor_audit_records {size}"),
        "stagedoor_audit_healthy 1".to_owned(),
        "stagedoor_ready 1".to_owned(),
        format!("stagedoor_issuer_keys_failing{{issuer=\"{}\"}} 0", house.issuer.url()),
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} not in\n{metrics}");
    }
    running.stop().await;
    assert!(
        stagedoor_audit::verify(&house.audit(), &Default::default(), &mut |_, _| {}).unwrap().is_intact()
    );
}

#[tokio::test]
async fn the_service_learns_where_the_token_came_from() {
    let house = House::build().await;
    let running = house.start().await;
    let credentials = house.assume(&running).await;
    let claims = house.issuer.claims(jiff::Timestamp::now(), &json!({}));
    let got = call(&credentials, "GET", running.addresses().await.gates["orders"], "/origin").await;
    let claim = |name: &str| claims[name].as_str().unwrap();
    let (reference, commit, run) = (claim("ref_path"), claim("sha"), claim("pipeline_id"));
    assert_eq!(got.body, format!("gitlab {} {reference} {commit} {run}", claim("project_path")));
    running.stop().await;
}

#[tokio::test]
async fn sessions_outlive_a_restart() {
    let house = House::build().await;
    let running = house.start().await;
    let credentials = house.assume(&running).await;
    running.stop().await;
    let running = house.start().await;
    let got = call(&credentials, "GET", running.addresses().await.gates["orders"], "/orders").await;
    assert_eq!(got.status, 200, "{}", got.body);
    running.stop().await;
}

#[tokio::test]
async fn a_browser_sees_a_status_and_the_protocol_stays_at_its_place() {
    let house = House::build().await;
    let running = house.start().await;
    let api = running.addresses().await.api;
    let browser = ["--header".to_owned(), "Accept: text/html,*/*".to_owned()];
    let got = curl(&browser, &format!("http://{api}/")).await;
    assert_eq!(got.status, 200);
    assert!(got.body.starts_with("Stagedoor ") && got.body.contains(", ready\n"), "{}", got.body);
    let got = curl(&browser, &format!("http://{api}/?Action=GetCallerIdentity&Version=2011-06-15")).await;
    assert_eq!(got.status, 403, "{}", got.body);
    assert!(got.body.contains("<ErrorResponse"), "{}", got.body);
    assert_eq!(get(&format!("http://{api}/healthz")).await.status, 200);
    running.stop().await;
}
