//! The disk under the audit log is full: nothing is issued, nothing acknowledged is lost, and it passes.

use std::process::Command;

use serde_json::json;

use crate::support::cli::stagedoor;
use crate::support::eventually;
use crate::support::place;
use crate::support::server::Server;

/// Runs the server with its state on a small disk of its own, in namespaces of its own. Lines on
/// standard input fill the disk and free it; the log is copied to where the test can read it.
const SCRIPT: &str = r#"
mkdir -p "$1/state" && mount -t tmpfs -o size=48m tmpfs "$1/state" || exit 1
"$2" serve --config "$1" & server=$!
while read -r line; do
  case $line in
    fill) cat /dev/zero > "$1/state/ballast"; touch "$1/full" ;;
    free) rm "$1/state/ballast"; touch "$1/freed" ;;
    stop) kill -s TERM $server; wait $server; code=$?; cp -r "$1/state/audit" "$1/saved"; exit $code ;;
  esac
done
kill -s KILL $server
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_issuing_and_loses_nothing_acknowledged() {
    if !Command::new("unshare").args(["--map-root-user", "--mount", "true"]).status().unwrap().success() {
        // Seen with --nocapture, and in the summary of a run that shows output.
        eprintln!(
            "SKIPPED: this machine does not let a test have a file system of its own (user namespaces)"
        );
        return;
    }
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let other = place.token_file(&json!({ "deploymentEnvironmentUuid": null }));
    let directory = place.directory();
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"]);
    command.arg(directory).arg(env!("CARGO_BIN_EXE_stagedoor"));
    let mut server = Server::start_by(command, directory);

    let mut issued = Vec::new();
    for _ in 0..3 {
        issued.push(server.assume(&token.path()).run().expect(0).json()["AccessKeyId"].clone());
    }

    server.tell("fill");
    eventually("a full disk", || directory.join("full").exists().then_some(()));
    let refused = eventually("the end of issuing", || {
        let ended = server.assume(&token.path()).run();
        match ended.code {
            Some(0) => {
                issued.push(ended.json()["AccessKeyId"].clone());
                None
            }
            _ => Some(ended),
        }
    })
    .expect(3);
    assert!(refused.stderr.contains("ServiceUnavailable (503)"), "{}", refused.stderr);
    assert!(refused.stderr.contains("audit_unavailable"), "{}", refused.stderr);
    assert!(server.log().contains("nothing is issued until"), "{}", server.log());
    let denied = server.assume(&other.path()).run().expect(1);
    assert!(denied.stderr.contains("AccessDenied"), "a denial is still recorded: {}", denied.stderr);

    server.tell("free");
    eventually("room again", || directory.join("freed").exists().then_some(()));
    let again = eventually("issuing again", || {
        let ended = server.assume(&token.path()).run();
        (ended.code == Some(0)).then_some(ended)
    });
    issued.push(again.json()["AccessKeyId"].clone());

    server.tell("stop");
    assert!(server.wait().success(), "{}", server.log());
    let log = directory.join("saved");
    let verified = stagedoor(["audit", "verify", "--log"]).args([&log]).run().expect(0);
    assert!(verified.stdout.starts_with("intact: "), "{}", verified.stdout);
    let found = stagedoor(["audit", "search", "--format", "json", "--limit", "100000", "--log"])
        .args([&log])
        .run()
        .expect(0);
    for key in issued {
        assert!(found.stdout.contains(key.as_str().unwrap()), "{key} is not on record");
    }
}
