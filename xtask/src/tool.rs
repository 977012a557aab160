//! Programs that must be on the machine, and running them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// A program that the tests need.
pub(crate) struct Tool {
    name: &'static str,
    least: (u32, u32),
    why: &'static str,
}

/// Makes the virtual environment for boto3 and the AWS CLI.
pub(crate) const PYTHON: Tool = Tool { name: "python3", least: (3, 10), why: "runs boto3 and the AWS CLI" };
/// Runs npm's `oidc-provider`.
pub(crate) const NODE: Tool = Tool { name: "node", least: (20, 0), why: "runs npm's oidc-provider" };
/// Installs from the npm lock file.
pub(crate) const NPM: Tool = Tool { name: "npm", least: (10, 0), why: "installs npm packages by lock file" };
/// Signs requests with `--aws-sigv4`, which arrived in 7.75.
pub(crate) const CURL: Tool = Tool { name: "curl", least: (7, 75), why: "signs requests (--aws-sigv4)" };

impl Tool {
    /// Finds the program on the path and checks its version.
    ///
    /// # Errors
    /// When it is missing, does not run, or is too old.
    pub(crate) fn find(&self) -> Result<Found, Failure> {
        let (major, minor) = self.least;
        let wanted = format!("{} {major}.{minor} or newer is needed: it {}", self.name, self.why);
        let path = on_path(self.name)
            .ok_or_else(|| format!("{wanted}; found none on PATH. Install it and run the command again"))?;
        let output = Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{wanted}; `{}` does not run: {error}", path.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let found = version(&text)
            .ok_or_else(|| format!("{wanted}; `{} --version` names no version", path.display()))?;
        if found < self.least {
            return Err(format!("{wanted}; `{}` is {}.{}", path.display(), found.0, found.1));
        }
        Ok(Found { path, version: text.lines().next().unwrap_or_default().trim().to_owned() })
    }
}

/// A program that was found.
pub(crate) struct Found {
    /// Its path.
    pub(crate) path: PathBuf,
    /// The first line of what it says of its version.
    pub(crate) version: String,
}

/// Runs a command without showing its output unless it fails.
///
/// # Errors
/// With the command and all it printed when it cannot start or ends non-zero.
pub(crate) fn quietly(what: &str, command: &mut Command) -> Result<(), Failure> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{what}: cannot start {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{what}: {command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        file.is_file()
    }
}

/// The first `major.minor` in what a program prints of its version.
fn version(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut parts = word.trim_start_matches('v').split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_programs_print_them() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1"), Some((7, 88)));
        assert_eq!(version("11.19.1"), Some((11, 19)));
        assert_eq!(version("none"), None);
    }

    #[test]
    fn a_missing_program_is_named_with_the_reason_and_the_next_step() {
        let tool = Tool { name: "stagedoor-no-such-program", least: (1, 0), why: "is needed here" };
        let failure = tool.find().err().unwrap();
        assert!(failure.contains("stagedoor-no-such-program 1.0 or newer is needed: it is needed here"));
        assert!(failure.contains("Install it"), "{failure}");
    }

    #[test]
    fn a_program_that_is_too_old_is_refused() {
        let tool = Tool { name: "curl", least: (999, 0), why: "signs" };
        let failure = tool.find().err().unwrap();
        assert!(failure.starts_with("curl 999.0 or newer is needed"), "{failure}");
    }
}
