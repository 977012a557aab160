//! `stagedoor init`: what it writes passes `check`, and works.

use std::fs;
use std::path::Path;

use serde_json::json;
use stagedoor_rehearsal::{Issuer, Kind, Options, ids};

use crate::support::cli::{Cli, scrubbed, stagedoor};
use crate::support::clients;
use crate::support::place::{ROLE, TokenFile, bare};
use crate::support::server::Server;

fn init(directory: &Path, flags: &[&str]) -> Cli {
    stagedoor(["init"]).args([directory]).args(flags)
}

fn flags(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Bitbucket => vec![
            "--provider",
            "bitbucket",
            "--workspace",
            "acme",
            "--workspace-uuid",
            ids::BITBUCKET_WORKSPACE,
            "--repository",
            ids::BITBUCKET_REPOSITORY,
            "--environment",
            ids::BITBUCKET_ENVIRONMENT,
        ],
        Kind::CircleCi => vec![
            "--provider",
            "circleci",
            "--organization",
            ids::CIRCLECI_ORGANIZATION,
            "--project",
            ids::CIRCLECI_PROJECT,
            "--repository",
            "github.com/acme/shop",
            "--branch",
            "main",
        ],
        Kind::GitLab => vec![
            "--provider",
            "gitlab",
            "--project",
            "20",
            "--audience",
            "sts.amazonaws.com",
            "--branch",
            "main",
            "--environment",
            "production",
        ],
        Kind::GitHub => vec![
            "--provider",
            "github",
            "--repository",
            "771234567",
            "--audience",
            "sts.amazonaws.com",
            "--branch",
            "main",
            "--environment",
            "production",
        ],
        Kind::Oidc => vec![
            "--provider",
            "oidc",
            "--issuer",
            "https://issuer.example.com",
            "--audience",
            "stagedoor",
            "--subject",
            "some*",
        ],
    }
}

/// Puts a local issuer and free ports in the place of those that were written.
fn localize(directory: &Path, issuer: &Issuer) {
    let vendor = match issuer.kind() {
        Kind::Bitbucket => format!("https://api.bitbucket.org{}", Kind::Bitbucket.issuer_path()),
        Kind::CircleCi => format!("https://oidc.circleci.com{}", Kind::CircleCi.issuer_path()),
        Kind::GitLab => "https://gitlab.com".to_owned(),
        Kind::GitHub => "https://token.actions.githubusercontent.com".to_owned(),
        Kind::Oidc => "https://issuer.example.com".to_owned(),
    };
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let path = directory.join(name);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    };
    let kind = issuer.kind().name();
    edit(&format!("issuers/{kind}.toml"), &|text| match issuer.kind() {
        Kind::Oidc => text.replace(&vendor, issuer.url()),
        _ => format!("issuer = \"{}\"\n{text}", issuer.url()),
    });
    edit("roles/deploy/trust.json", &|text| {
        let text = text.replace(&format!("\"{}:", bare(&vendor)), &format!("\"{}:", bare(issuer.url())));
        text.replace(
            &format!("oidc-provider/{}\"", bare(&vendor)),
            &format!("oidc-provider/{}\"", bare(issuer.url())),
        )
    });
    edit("stagedoor.toml", &|text| text.replace("api = \"127.0.0.1:8010\"", "api = \"127.0.0.1:0\""));
    edit("gates/app.toml", &|text| text.replace(":8020", ":0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_provider_gets_a_configuration_that_passes_check_and_works() {
    for kind in Kind::ALL {
        let directory = tempfile::tempdir().unwrap();
        let written = init(directory.path(), &flags(kind)).run().expect(0);
        assert!(written.stdout.contains("stagedoor serve --config"), "{}", written.stdout);
        let checked = stagedoor(["check"]).args([directory.path()]).run().expect(0);
        assert!(checked.stdout.contains("1 issuer, 1 role, 1 gate"), "{}", checked.stdout);

        let issuer = Issuer::start(kind, Options::default()).await.unwrap();
        localize(directory.path(), &issuer);
        let server = Server::start(directory.path());
        let right = TokenFile::new(&issuer.token(&json!({})).unwrap());
        let wrong = match kind {
            Kind::Bitbucket => json!({ "deploymentEnvironmentUuid": null }),
            Kind::CircleCi => json!({ "oidc.circleci.com/ssh-rerun": true }),
            Kind::GitLab => json!({ "ref_protected": "false" }),
            Kind::GitHub => json!({ "repository_id": "1" }),
            Kind::Oidc => json!({ "sub": "another" }),
        };
        let wrong = TokenFile::new(&issuer.token(&wrong).unwrap());
        let assume = |token: &TokenFile| server.assume(&token.path()).run();
        let value = assume(&right).expect(0).json();
        assert!(value["AssumedRoleArn"].as_str().unwrap().contains(":assumed-role/deploy/"), "{ROLE}");
        assume(&wrong).expect(1);
        server.stop();
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("stagedoor.toml"), "mine").unwrap();
    let ended = init(directory.path(), &flags(Kind::Bitbucket)).run().expect(2);
    assert!(ended.stderr.contains("nothing was written"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(directory.path().join("stagedoor.toml")).unwrap(), "mine");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn what_is_missing_or_wrong_is_named_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("new");
    let ended = init(&place, &["--provider", "circleci"]).run().expect(2);
    assert!(ended.stderr.contains("missing: --organization, --project"), "{}", ended.stderr);
    let mut wrong = flags(Kind::CircleCi);
    wrong[3] = "acme";
    let ended = init(&place, &wrong).run().expect(2);
    assert!(ended.stderr.contains("--organization `acme`: a UUID such as"), "{}", ended.stderr);
    assert!(!place.exists());
}

/// A terminal made by Python; each answer is given when its question has been asked.
const TERMINAL: &str = r#"
import os, pty, select, sys
answers = [line.split("=", 1) for line in sys.stdin.read().splitlines()]
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = ""
while True:
    try:
        text = os.read(terminal, 4096).decode()
    except OSError:
        break
    if not text:
        break
    seen += text
    sys.stdout.write(text)
    while answers and answers[0][0] in seen:
        seen = seen.split(answers[0][0], 1)[1]
        os.write(terminal, (answers.pop(0)[1] + "\n").encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[test]
fn on_a_terminal_it_asks_for_what_no_flag_says_and_asks_again_when_it_makes_no_sense() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("door");
    let answers = [
        ("Who issues the tokens", "jenkins"),
        ("Who issues the tokens", "circleci"),
        ("Organization UUID", "acme"),
        ("a UUID such as", ids::CIRCLECI_ORGANIZATION),
        ("Project UUID", ids::CIRCLECI_PROJECT),
        ("Repository, such as", ""),
        ("Branch", "main"),
        ("Audience of the tokens", ""),
        ("Account in ARNs", "111122223333"),
        ("HTTP service behind the gate", ""),
    ];
    let lines: String = answers.iter().map(|(question, answer)| format!("{question}={answer}\n")).collect();
    let ended = scrubbed(clients::python())
        .args(["-c", TERMINAL, env!("CARGO_BIN_EXE_stagedoor"), "init"])
        .args([&place])
        .stdin(&lines)
        .run()
        .expect(0);
    assert!(ended.stdout.contains("stagedoor serve --config"), "{}", ended.stdout);
    let trust = fs::read_to_string(place.join("roles/deploy/trust.json")).unwrap();
    assert!(trust.contains(&format!(
        "arn:aws:iam::111122223333:oidc-provider/oidc.circleci.com/org/{}",
        ids::CIRCLECI_ORGANIZATION
    )));
    assert!(trust.contains("refs/heads/main"), "{trust}");
    assert!(!trust.contains("vcs-origin"), "no repository was named: {trust}");
    stagedoor(["check"]).args([&place]).run().expect(0);
}
