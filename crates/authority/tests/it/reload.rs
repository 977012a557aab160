//! The exchange of snapshots.

use crate::house::{House, Role, trusts_audience};
use serde_json::json;
use stagedoor_audit::{Decision, Kind};
use stagedoor_authority::Reason;

#[tokio::test]
async fn a_reload_is_recorded_and_counts_from_then_on() {
    let house = House::open(&[Role::new("build", trusts_audience())]).await;
    assert_eq!(house.assume("second", &json!({})).await.unwrap_err().reason, Reason::RoleUnknown);
    let before = house.authority.snapshot().digest.clone();
    house.put(&Role::new("second", trusts_audience()));
    let receipt = house.authority.replace(house.read()).await.unwrap();
    let after = house.authority.snapshot().digest.clone();
    assert_ne!(before, after);
    assert!(house.assume("second", &json!({})).await.is_ok());

    let records = house.records();
    let record = &records[usize::try_from(receipt.index).unwrap()];
    assert_eq!((record.stagedoor.kind, record.stagedoor.decision), (Kind::Reload, Decision::Allow));
    assert_eq!(record.event_type, "AwsServiceEvent");
    assert_eq!(record.request_parameters["previousSnapshot"], before.as_str());
    assert_eq!(record.stagedoor.snapshot, Some(after.clone()));
    assert!(record.stagedoor.detail.as_ref().unwrap().contains("second"));
    assert_eq!(records.last().unwrap().stagedoor.snapshot, Some(after));
}

#[tokio::test]
async fn a_reload_that_cannot_be_recorded_does_not_happen() {
    let house = House::open(&[Role::new("build", trusts_audience())]).await;
    let before = house.authority.snapshot().digest.clone();
    house.put(&Role::new("second", trusts_audience()));
    house.log.clone().close().await.unwrap();
    let refusal = house.authority.replace(house.read()).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::AuditUnavailable);
    assert_eq!(house.authority.snapshot().digest, before);
}

#[tokio::test]
async fn a_broken_configuration_is_recorded_and_changes_nothing() {
    let house = House::open(&[Role::new("build", trusts_audience())]).await;
    let before = house.authority.snapshot().digest.clone();
    let refusal = house.authority.refuse_reload("roles/build/trust.json: 1 error").await;
    let record = house.record(&refusal.decision_id);
    assert_eq!(record.stagedoor.reason.as_deref(), Some("configuration_invalid"));
    assert_eq!(record.stagedoor.detail.as_deref(), Some("roles/build/trust.json: 1 error"));
    assert_eq!(house.authority.snapshot().digest, before);
}
