//! `stagedoor serve` as a process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use tempfile::TempDir;

use super::cli::{Cli, stagedoor};
use super::place::ROLE;
use super::{Process, eventually};

/// A running server; it is killed when it is dropped.
pub(crate) struct Server {
    process: Process,
    configuration: PathBuf,
    /// The URL of the API.
    pub(crate) api: String,
    /// The URL of the gate `app`.
    pub(crate) gate: String,
    log: PathBuf,
    _home: TempDir,
}

impl Server {
    /// Starts it on a configuration directory.
    pub(crate) fn start(configuration: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor"));
        command.args(["serve", "--config"]).arg(configuration);
        Self::start_by(command, configuration)
    }

    /// Starts it by a command that runs it.
    pub(crate) fn start_by(mut command: Command, configuration: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join("log");
        let child = command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let (mut api, mut gate) = (None, None);
        let mut lines = BufReader::new(process.stdout()).lines();
        loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the server did not start: {}", fs::read_to_string(&log).unwrap());
            };
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["api", url] => api = Some((*url).to_owned()),
                ["gate", url, "app"] => gate = Some((*url).to_owned()),
                ["ready"] => break,
                _ => {}
            }
        }
        Self {
            process,
            configuration: configuration.to_owned(),
            api: api.unwrap(),
            gate: gate.unwrap(),
            log,
            _home: home,
        }
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until it has logged a text.
    pub(crate) fn logged(&self, text: &str) {
        eventually(&format!("`{text}` in the server's log"), || self.log().contains(text).then_some(()));
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Asks it to stop and waits for the end.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.0.wait().unwrap()
    }

    /// Writes a line to its standard input.
    pub(crate) fn tell(&mut self, line: &str) {
        use std::io::Write;
        writeln!(self.process.0.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// `stagedoor assume` for [`ROLE`] with a token's file, against this server.
    pub(crate) fn assume(&self, token: &Path) -> Cli {
        stagedoor(["assume", "--role", ROLE, "--session-name", "test", "--format", "json", "--endpoint"])
            .args([&self.api, "--token-file"])
            .args([token])
    }

    /// The records in its log, oldest first, as `stagedoor audit search` prints them.
    pub(crate) fn records(&self, further: &[&str]) -> Vec<serde_json::Value> {
        records(&self.configuration, further)
    }
}

/// The records in the log of a configuration, oldest first.
pub(crate) fn records(configuration: &Path, further: &[&str]) -> Vec<serde_json::Value> {
    let found = stagedoor(["audit", "search", "--format", "json", "--limit", "100000", "--log"])
        .args([configuration.join("state/audit")])
        .args(further)
        .run()
        .expect(0);
    let mut records: Vec<serde_json::Value> =
        found.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.reverse();
    records
}
