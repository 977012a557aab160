//! Runs `stagedoor` with nothing of this machine's environment.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A command to be run.
pub(crate) struct Cli {
    command: Command,
    stdin: String,
    _home: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `stagedoor` with arguments.
pub(crate) fn stagedoor<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Cli {
    scrubbed(env!("CARGO_BIN_EXE_stagedoor")).args(arguments)
}

/// Any program, with a fresh home and an empty environment but for PATH.
pub(crate) fn scrubbed(program: impl AsRef<OsStr>) -> Cli {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .current_dir(home.path());
    Cli { command, stdin: String::new(), _home: home }
}

impl Cli {
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_directory(mut self, directory: &std::path::Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.to_owned();
        self
    }

    pub(crate) fn run(mut self) -> Ended {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            self.command.spawn().unwrap_or_else(|error| panic!("cannot run {:?}: {error}", self.command));
        // A command that does not read its input closes it: that is its right.
        let _ = child.stdin.take().unwrap().write_all(self.stdin.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Ended {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Asserts the exit code, showing all that was printed if it is another.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Everything in one text, for a snapshot, with a directory that differs from run to run
    /// replaced.
    pub(crate) fn shown(&self, directory: &std::path::Path) -> String {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        let text = format!("exit {code}\n── stdout\n{}── stderr\n{}", self.stdout, self.stderr);
        text.replace(directory.to_str().unwrap(), "[DIR]")
    }
}
