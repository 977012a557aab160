//! When Stagedoor cannot answer safely, it does not answer.

use crate::house::{House, Role, trusts_audience};
use jiff::ToSpan as _;
use serde_json::json;
use stagedoor_authority::{Class, Reason};

async fn house() -> House {
    House::open(&[Role::new("build", trusts_audience())]).await
}

#[tokio::test]
async fn without_a_log_nothing_is_issued_and_nothing_refused_as_if_recorded() {
    let house = house().await;
    house.authority.ready().unwrap();
    house.log.clone().close().await.unwrap();
    assert!(house.authority.ready().is_err());
    for claims in [json!({}), json!({ "aud": "second" }), json!({ "exp": null })] {
        let refusal = house.assume("build", &claims).await.unwrap_err();
        assert_eq!(refusal.reason, Reason::AuditUnavailable);
        assert_eq!(refusal.class(), Class::Unavailable);
        assert_eq!(refusal.receipt, None);
        assert!(refusal.retry);
        assert_eq!(
            refusal.public,
            "The request could not be recorded, so it was not carried out. Try again later."
        );
    }
    assert!(house.records().is_empty());
}

#[tokio::test]
async fn a_clock_that_jumped_back_stops_issuing_until_it_is_right_again() {
    let house = house().await;
    house.assume("build", &json!({})).await.unwrap();
    house.clock.advance(-1.hour()).unwrap();
    let refusal = house.assume("build", &json!({})).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::ClockUnusable);
    assert!(house.authority.ready().is_err());
    assert_eq!(house.record(&refusal.decision_id).stagedoor.reason.as_deref(), Some("clock_unusable"));
    house.clock.advance(1.hour()).unwrap();
    house.assume("build", &json!({})).await.unwrap();
}
