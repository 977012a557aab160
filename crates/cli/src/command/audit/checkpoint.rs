//! `stagedoor audit checkpoint`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use stagedoor_audit::{AuditError, Checkpoint, ConsistencyProof};

use super::{Place, failure};
use crate::exit::{Exit, after_help};
use crate::failure::{self as failures, Failure};
use crate::output::{self, Style};

/// Print the newest checkpoint, or keep it in a file, such as one in git
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "A checkpoint kept where the log's owner cannot change it, such as the policy
repository, shows later whether the log was cut or written anew. One that is
there already is replaced only if the log provably just grew since."
))]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// Keep it in this file, such as `audit.checkpoint` in the policy repository
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,

    /// Commit that file to the git repository that it lies in
    #[arg(long, requires = "into")]
    commit: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = arguments.place.directory()?;
    let (note, checkpoint) = stagedoor_audit::checkpoint(&directory).map_err(|error| failure(&error))?;
    let Some(file) = &arguments.into else {
        output::print(&note)?;
        return Ok(Exit::Fine);
    };
    let (note, size, grown) = match fs::read_to_string(file) {
        Ok(old) => {
            // The log may have grown meanwhile: the proof carries the checkpoint that it was made for.
            let (proof, new) = growth(&directory, &old).map_err(|error| {
                Failure::denied(format!("`{}` is not replaced: {error}", file.display())).help(format!(
                    "keep the file, and run `stagedoor audit verify --checkpoint {}`",
                    file.display()
                ))
            })?;
            (proof.checkpoint, new.size, format!("grown from {}", proof.old))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            (note, checkpoint.size, "the first here".to_owned())
        }
        Err(error) => return Err(failures::file("read", file, &error)),
    };
    fs::write(file, &note).map_err(|error| failures::file("write", file, &error))?;
    if arguments.commit {
        commit(file, size)?;
    }
    let kept = if arguments.commit { "committed" } else { "kept" };
    output::print(&format!("{}: {size} records, {grown}, in {}\n", Style::GOOD.paint(kept), file.display()))?;
    Ok(Exit::Fine)
}

fn growth(directory: &Path, old: &str) -> Result<(ConsistencyProof, Checkpoint), AuditError> {
    let proof = stagedoor_audit::prove_consistency(directory, old)?;
    let new = proof.verify(old, &stagedoor_audit::key(directory)?)?;
    Ok((proof, new))
}

/// Commits `file`, and nothing else, if it changed.
fn commit(file: &Path, size: u64) -> Result<(), Failure> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = file.file_name().map_or(Path::new(""), Path::new);
    git(folder, &["add", "--"], name)?;
    let changed = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["diff", "--cached", "--quiet", "--"])
        .arg(name)
        .status()
        .map_err(|error| Failure::input(format!("cannot run git: {error}")))?;
    if changed.success() {
        return Ok(());
    }
    let subject = format!("Audit checkpoint of {size} records");
    git(folder, &["commit", "--quiet", "--message", &subject, "--"], name)
}

fn git(folder: &Path, arguments: &[&str], name: &Path) -> Result<(), Failure> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .arg(name)
        .output()
        .map_err(|error| Failure::input(format!("cannot run git: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::input(format!("git {} failed: {}", arguments.first().unwrap_or(&""), said.trim())))
}
