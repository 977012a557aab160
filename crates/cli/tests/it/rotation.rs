//! npm's `oidc-provider`, an issuer that none of us wrote, and its keys as they change.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::json;

use crate::support::place::{self, TokenFile, bare};
use crate::support::server::Server;
use crate::support::{Process, clients, eventually};

/// The issuer as a process, told what to do by lines.
struct Provider {
    _process: Process,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Provider {
    fn start() -> Self {
        let child = Command::new(clients::node())
            .arg(clients::script("issuer.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let stdin = process.0.stdin.take().unwrap();
        let mut lines = BufReader::new(process.stdout()).lines();
        let url = lines.next().unwrap().unwrap();
        Self { _process: process, stdin, lines, url }
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.stdin, "{command}").unwrap();
        self.lines.next().unwrap().unwrap()
    }

    fn token(&mut self, subject: &str) -> TokenFile {
        TokenFile::new(&self.ask(&format!("token {subject}")))
    }
}

#[test]
fn its_id_tokens_are_honoured_before_and_after_its_keys_change() {
    let mut provider = Provider::start();
    let directory = tempfile::tempdir().unwrap();
    let prefix = bare(&provider.url);
    let condition = json!({
        "StringEquals": { format!("{prefix}:aud"): "stagedoor", format!("{prefix}:sub"): "jane" }
    });
    let issuer = format!("kind = \"oidc\"\nissuer = \"{}\"\naudiences = [\"stagedoor\"]\n", provider.url);
    place::write(directory.path(), &issuer, &place::trust(&prefix, &condition), "http://127.0.0.1:1");
    let server = Server::start(directory.path());
    let assume = |token: &TokenFile| server.assume(&token.path()).run();

    let first = provider.token("jane");
    let value = assume(&first).expect(0).json();
    assert_eq!(value["Subject"], "jane");
    assert_eq!(value["Provider"], provider.url);
    assume(&provider.token("joe")).expect(1);

    // A new key beside the old one: both are good. The server looks for an unknown key at most every
    // ten seconds, so the new one may be refused for so long.
    provider.ask("rotate");
    let second = provider.token("jane");
    eventually("a token of the new key", || (assume(&second).code == Some(0)).then_some(()));
    assume(&first).expect(0);

    // A new key instead of all others: what they signed is refused once the server has looked.
    provider.ask("replace");
    let third = provider.token("jane");
    eventually("a token of the replaced key", || (assume(&third).code == Some(0)).then_some(()));
    let old = assume(&first).expect(1);
    assert!(old.stderr.contains("InvalidIdentityToken"), "{}", old.stderr);
    server.stop();
}
