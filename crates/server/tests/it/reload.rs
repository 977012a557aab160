//! Another configuration takes over: whole or not at all.

use crate::house::{House, Slow, call, get};
use crate::upstream::Upstream;
use stagedoor_server::{ListenError, Options, ReloadError, Reloaded, Running};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const RELOAD: &str = "ReloadConfiguration";

/// Waits until the server decides by another configuration than `digest`.
async fn changed(running: &Running, digest: &str) {
    let waiting = async {
        while running.authority().snapshot().digest == digest {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the change was not noticed");
}

fn digest(running: &Running) -> String {
    running.authority().snapshot().digest.clone()
}

#[tokio::test]
async fn a_sound_configuration_takes_over_and_is_recorded() {
    let house = House::build().await;
    let running = house.start().await;
    let gate = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;
    assert_eq!(call(&credentials, "DELETE", gate, "/orders/7").await.status, 403);
    assert_eq!(running.reload().await.unwrap(), Reloaded::Unchanged);

    let before = digest(&running);
    house.allow("DELETE");
    let Reloaded::Changed { from, to } = running.reload().await.unwrap() else { panic!("unchanged") };
    assert_eq!((&from, &to), (&before, &digest(&running)));
    assert_ne!(from, to);
    assert_eq!(call(&credentials, "DELETE", gate, "/orders/7").await.status, 200);
    assert_eq!(call(&credentials, "GET", gate, "/orders/7").await.status, 403);

    let records = house.records_of(RELOAD);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].request_parameters["previousSnapshot"], from.as_str());
    assert_eq!(records[0].request_parameters["snapshot"], to.as_str());
    assert_eq!(house.records().last().unwrap().stagedoor.snapshot.as_deref(), Some(to.as_str()));
    running.stop().await;
}

#[tokio::test]
async fn a_faulty_configuration_changes_nothing() {
    let house = House::build().await;
    let running = house.start().await;
    let before = digest(&running);
    let gate = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;
    house.allow("DELETE");
    house.write("roles/deploy/trust.json", "{\"Version\":");
    let Err(ReloadError::Configuration(report)) = running.reload().await else { panic!("another outcome") };
    assert!(report.render(false).contains("trust.json"), "{}", report.render(false));
    assert_eq!(digest(&running), before);
    assert_eq!(call(&credentials, "GET", gate, "/orders").await.status, 200);
    assert_eq!(call(&credentials, "DELETE", gate, "/orders").await.status, 403);
    running.stop().await;
}

#[tokio::test]
async fn gates_come_go_and_change() {
    let house = House::build().await;
    let second = Upstream::start("second").await;
    let running = house.start().await;
    let orders = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;

    house.gate("other", second.address());
    running.reload().await.unwrap();
    let addresses = running.addresses().await;
    assert_eq!(addresses.gates["orders"], orders);
    let other = addresses.gates["other"];
    assert_eq!(call(&credentials, "GET", other, "/").await.body, "second for deploy");

    house.gate("orders", second.address());
    running.reload().await.unwrap();
    assert_eq!(running.addresses().await.gates["orders"], orders);
    assert_eq!(call(&credentials, "GET", orders, "/").await.body, "second for deploy");

    house.remove("gates/other.toml");
    running.reload().await.unwrap();
    assert_eq!(running.addresses().await.gates.keys().collect::<Vec<_>>(), ["orders"]);
    while get(&format!("http://{other}/")).await.status != 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(call(&credentials, "GET", orders, "/").await.status, 200);
    running.stop().await;
}

#[tokio::test]
async fn a_removed_gate_finishes_its_requests() {
    let house = House::build().await;
    let running = house.start().await;
    let orders = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;
    let mut asked = tokio::spawn(async move { call(&credentials, "GET", orders, "/wait").await });
    tokio::select! {
        () = house.upstream.arrived() => {}
        got = &mut asked => panic!("{got:?}"),
    }
    house.remove("gates/orders.toml");
    running.reload().await.unwrap();
    house.upstream.release();
    assert_eq!(asked.await.unwrap().status, 200);
    running.stop().await;
}

/// Decided by the new policies and forwarded to the old upstream would be half a swap.
#[tokio::test]
async fn a_request_that_spans_a_reload_is_decided_and_forwarded_by_one_configuration() {
    let house = House::build().await;
    let second = Upstream::start("second").await;
    house.allow("POST");
    let running = house.start().await;
    let orders = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;
    let mut slow = Slow::post(&credentials, orders, "/orders", b"whole body").await;
    slow.send(b"whole ").await;
    house.gate("orders", second.address());
    house.allow("*");
    running.reload().await.unwrap();
    slow.send(b"body").await;
    let answer = slow.read_until(" for deploy").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("second for deploy"), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn a_gate_that_cannot_listen_changes_nothing() {
    let house = House::build().await;
    let running = house.start().await;
    let before = digest(&running);
    let orders = running.addresses().await.gates["orders"];
    let credentials = house.assume(&running).await;

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    house.allow("DELETE");
    house.gate_at("a-free", free, house.upstream.address());
    house.gate_at("b-taken", taken.local_addr().unwrap(), house.upstream.address());
    house.remove("gates/orders.toml");
    let Err(ReloadError::Listen(ListenError::Bind { address, .. })) = running.reload().await else {
        panic!("another outcome")
    };
    assert_eq!(address, taken.local_addr().unwrap());
    assert_eq!(digest(&running), before);
    assert_eq!(running.addresses().await.gates.keys().collect::<Vec<_>>(), ["orders"]);
    assert_eq!(call(&credentials, "GET", orders, "/").await.status, 200);
    assert_eq!(call(&credentials, "DELETE", orders, "/").await.status, 403);
    assert_eq!(get(&format!("http://{free}/")).await.status, 0);

    drop(taken);
    running.reload().await.unwrap();
    assert_eq!(call(&credentials, "DELETE", free, "/").await.status, 200);
    running.stop().await;
}

#[tokio::test]
async fn what_needs_a_restart_is_refused() {
    let house = House::build().await;
    let running = house.start().await;
    let before = digest(&running);
    house.settings("127.0.0.1:1");
    let Err(ReloadError::NeedsRestart(changed)) = running.reload().await else { panic!("another outcome") };
    assert_eq!(changed, ["`listen.metrics`"]);
    assert_eq!(digest(&running), before);
    running.stop().await;
}

#[tokio::test]
async fn a_change_that_cannot_be_recorded_is_not_made() {
    let house = House::build().await;
    let running = house.start().await;
    let before = digest(&running);
    house.allow("DELETE");
    house.gate("other", house.upstream.address());
    running.log().clone().close().await.unwrap();
    assert!(matches!(running.reload().await, Err(ReloadError::Unrecorded(_))));
    assert_eq!(digest(&running), before);
    assert_eq!(running.addresses().await.gates.keys().collect::<Vec<_>>(), ["orders"]);
    running.stop().await;
}

#[tokio::test]
async fn changed_files_are_noticed() {
    let house = House::build().await;
    let options = Options { quiet: Duration::from_millis(20), ..Options::default() };
    let running = house.try_start(options).await.unwrap();
    let before = digest(&running);
    house.allow("DELETE");
    changed(&running, &before).await;

    let before = digest(&running);
    house.write("roles/deploy/role.toml", "descriptionn = 1\n");
    let operations = running.addresses().await.metrics.unwrap();
    let refused = async {
        while house.records_of(RELOAD).last().unwrap().stagedoor.reason.as_deref()
            != Some("configuration_invalid")
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("the fault was not recorded");
    assert_eq!(digest(&running), before);
    let metrics = get(&format!("http://{operations}/metrics")).await.body;
    assert!(metrics.contains("stagedoor_reloads_total{outcome=\"refused\"}"), "{metrics}");

    house.write("roles/deploy/role.toml", "description = \"mended\"\n");
    changed(&running, &before).await;
    running.stop().await;
}

/// A signal goes to a whole process, so the server that gets it has one of its own.
#[tokio::test]
async fn a_hangup_signal_reloads() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "reload::reloads_on_hangup", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while lines.next_line().await.unwrap().expect("the child ended early") != READY {}
    let hung_up =
        Command::new("kill").args(["-HUP", &child.id().unwrap().to_string()]).status().await.unwrap();
    assert!(hung_up.success());
    while lines.next_line().await.unwrap().is_some() {}
    assert!(child.wait().await.unwrap().success());
}

const READY: &str = "ready for a signal";

#[tokio::test]
#[ignore = "runs as a process of its own, from a_hangup_signal_reloads"]
async fn reloads_on_hangup() {
    let house = House::build().await;
    let running = house.start().await;
    let before = digest(&running);
    house.allow("DELETE");
    println!("\n{READY}");
    changed(&running, &before).await;
    running.stop().await;
}
