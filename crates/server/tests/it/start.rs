//! What stands in the way of starting.

use crate::house::House;
use stagedoor_server::{ListenError, Options, Purpose, StartError};
use std::net::TcpListener;

async fn refused(house: &House) -> StartError {
    match house.try_start(Options::default()).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_faulty_configuration_does_not_start() {
    let house = House::build().await;
    house.write("roles/deploy/trust.json", "{");
    house.write("gates/orders.toml", "kind = \"http\"\n");
    let StartError::Configuration(report) = refused(&house).await else { panic!("another error") };
    assert!(report.error_count() >= 2, "{}", report.render(false));
}

#[tokio::test]
async fn a_gate_that_cannot_be_served_does_not_start() {
    let house = House::build().await;
    house.write("gates/db.toml", "kind = \"tcp\"\nlisten = \"127.0.0.1:0\"\nupstream = \"127.0.0.1:9\"\n");
    let error = refused(&house).await.to_string();
    assert!(error.contains("gates/db.toml") && error.contains("`tcp`"), "{error}");
}

#[tokio::test]
async fn an_address_in_use_does_not_start() {
    let house = House::build().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    house.gate_at("orders", taken.local_addr().unwrap(), house.upstream.address());
    let StartError::Listen(ListenError::Bind { purpose, address, .. }) = refused(&house).await else {
        panic!("another error")
    };
    assert_eq!(purpose, Purpose::Gate("orders".to_owned()));
    assert_eq!(address, taken.local_addr().unwrap());
    drop(taken);
    house.start().await.stop().await;
}

#[tokio::test]
async fn two_servers_cannot_write_one_log() {
    let house = House::build().await;
    let running = house.start().await;
    assert!(matches!(refused(&house).await, StartError::Audit(_)));
    running.stop().await;
    house.start().await.stop().await;
}
