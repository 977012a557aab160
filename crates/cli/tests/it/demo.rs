//! `stagedoor demo`: the whole story, and every step as told.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::cli::{scrubbed, stagedoor};
use crate::support::{Process, clients};

#[test]
fn every_step_goes_as_told() {
    let ended = stagedoor(["demo"]).run().expect(0);
    let text = &ended.stdout;
    for part in [
        "gets the role deploy-prod",
        "$ aws sts assume-role-with-web-identity",
        "$ curl -X POST --aws-sigv4",
        "arn:aws:sts::123456789012:assumed-role/deploy-prod/shop-42",
        "token_expired",
        "token_signature_invalid",
        "token_issuer_unknown",
        "token_algorithm_refused",
        "intact: ",
        "log_edited",
        "steps went as told",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert!(!text.contains('✗'), "{text}");
    assert!(!text.contains('\x1b'), "no colour where there is no terminal");
    assert!(!text.contains("eyJ"), "no token is printed");
}

#[test]
fn stay_leaves_ways_in_that_work_and_stops_on_ctrl_c() {
    let child = Command::new(env!("CARGO_BIN_EXE_stagedoor"))
        .args(["demo", "--stay"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut demo = Process(child);
    let mut lines = BufReader::new(demo.stdout()).lines();
    let mut ways = Vec::new();
    let mut seen = false;
    for line in lines.by_ref() {
        let line = line.unwrap();
        seen |= line.contains("It stays up");
        if line.contains("Ctrl-C stops it") {
            break;
        }
        if seen && line.starts_with("  ") {
            ways.push(line.trim().to_owned());
        }
    }
    let directory = ways[0].strip_prefix("cd ").unwrap().to_owned();
    assert!(std::path::Path::new(&directory).exists());
    // The ways in, as a person would paste them. The AWS CLI and curl are those of the tests.
    let script = ways.join("\n").replace("\ncurl ", "\ncurl -sSf ");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", clients::aws().parent().unwrap().display());
    let pasted = scrubbed("sh").args(["-e", "-c", &script]).env("PATH", path).run().expect(0);
    assert!(pasted.stdout.contains("assumed-role/deploy-prod/"), "{}", pasted.stdout);
    assert_eq!(pasted.stdout.matches("\"orders\":[42,43]").count(), 2, "{}", pasted.stdout);

    demo.signal("INT");
    let status = demo.0.wait().unwrap();
    assert!(status.success(), "{status}");
    drop(lines.next());
    assert!(!std::path::Path::new(&directory).exists(), "nothing is left behind");
}

#[test]
fn two_at_once_do_not_meet() {
    let demo = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor"));
        Process(command.arg("demo").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    };
    for mut demo in [demo(), demo()] {
        let mut text = String::new();
        demo.stdout().read_to_string(&mut text).unwrap();
        assert!(demo.0.wait().unwrap().success(), "{text}");
    }
}
