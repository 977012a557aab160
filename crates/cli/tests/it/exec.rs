//! `stagedoor exec`: the command sees the credentials, and its end is the end.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::Process;
use crate::support::cli::{Cli, stagedoor};
use crate::support::place::{self, Place, ROLE, TokenFile};
use crate::support::server::Server;

async fn start() -> (Place, TokenFile, Server) {
    let place = place::bitbucket("http://127.0.0.1:1").await;
    let token = place.token_file(&json!({}));
    let server = Server::start(place.directory());
    (place, token, server)
}

fn exec(server: &Server, token: &TokenFile, command: &[&str]) -> Cli {
    stagedoor(["exec", "--role", ROLE, "--endpoint", &server.api, "--token-file"])
        .args([token.path()])
        .args(["--"])
        .args(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sees_the_credentials_and_nothing_that_would_win_over_them() {
    let (_place, token, server) = start().await;
    let script = "echo $AWS_ACCESS_KEY_ID; test -n \"$AWS_SECRET_ACCESS_KEY\" && test -n \"$AWS_SESSION_TOKEN\"; \
                  echo $?; echo [$AWS_PROFILE$AWS_WEB_IDENTITY_TOKEN_FILE] $AWS_REGION $AWS_DEFAULT_REGION";
    let ended = exec(&server, &token, &["sh", "-c", script])
        .env("AWS_PROFILE", "other")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path())
        .run()
        .expect(0);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines[0].starts_with("ASIA"), "{lines:?}");
    assert_eq!(lines[1..], ["0", "[] us-east-1 us-east-1"]);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_and_signals_are_passed_on() {
    let (_place, token, server) = start().await;
    exec(&server, &token, &["sh", "-c", "exit 7"]).run().expect(7);
    exec(&server, &token, &["sh", "-c", "cat; exit 0"]).stdin("piped").run().expect(0);
    let ended = exec(&server, &token, &["sh", "-c", "kill -s TERM $$"]).run();
    assert_eq!(ended.code, None, "the command was ended by a signal, and so is exec");
    exec(&server, &token, &["no-such-command"]).run().expect(2);

    // A signal sent to exec reaches the command.
    let child = Command::new(env!("CARGO_BIN_EXE_stagedoor"))
        .args(["exec", "--role", ROLE, "--endpoint", &server.api, "--token-file"])
        .arg(token.path())
        .args(["--", "sh", "-c", "trap 'exit 9' USR1; echo up; while :; do sleep 0.05; done"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut exec = Process(child);
    let mut up = [0; 3];
    exec.stdout().read_exact(&mut up).unwrap();
    exec.signal("USR1");
    assert_eq!(exec.0.wait().unwrap().code(), Some(9));
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_the_command_does_not_run() {
    let (place, _token, server) = start().await;
    let denied = place.token_file(&json!({ "repositoryUuid": "{00000000-0000-4000-8000-000000000000}" }));
    let ended = exec(&server, &denied, &["sh", "-c", "echo ran"]).run().expect(1);
    assert_eq!(ended.stdout, "");
    server.stop();
}
