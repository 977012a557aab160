//! `stagedoor audit prove`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use stagedoor_audit::{InclusionProof, VerifierKey};

use super::{Place, failure};
use crate::exit::{Exit, after_help};
use crate::failure::{self as failures, Failure};
use crate::output::{self, Style};

/// Prove that a record is in the log, or that the log only grew
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "A proof of a record is a C2SP tlog-proof, which any client of that format can
check; ours is `stagedoor audit prove --check PROOF --record FILE --key KEY`.
A proof of growth is the body of a C2SP tlog-witness request."
))]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// The record's index
    #[arg(required_unless_present_any = ["from", "check"], conflicts_with_all = ["from", "check"])]
    index: Option<u64>,

    /// Prove that the log only grew since this checkpoint, kept elsewhere
    #[arg(long, value_name = "CHECKPOINT", conflicts_with = "record")]
    from: Option<PathBuf>,

    /// The record exactly as it was logged: written here, read by `--check`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Check a proof instead; no log is needed
    #[arg(long, value_name = "PROOF", requires_all = ["record", "key"], conflicts_with = "from")]
    check: Option<PathBuf>,

    /// The log's verifier key, `<name>+<id>+<base64>`, for `--check`
    #[arg(long, requires = "check")]
    key: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let read =
        |path: &PathBuf| fs::read_to_string(path).map_err(|error| failures::file("read", path, &error));
    if let (Some(check), Some(record), Some(key)) = (&arguments.check, &arguments.record, &arguments.key) {
        let proof = InclusionProof::parse(&read(check)?).map_err(|error| failure(&error))?;
        let key = VerifierKey::parse(key).map_err(|error| failure(&error))?;
        let entry = fs::read(record).map_err(|error| failures::file("read", record, &error))?;
        let checkpoint = proof.verify(&entry, &key).map_err(|error| Failure::denied(error.to_string()))?;
        output::print(&format!(
            "{}: record {} of the {} in {}\n",
            Style::GOOD.paint("proven"),
            proof.index,
            checkpoint.size,
            checkpoint.origin
        ))?;
        return Ok(Exit::Fine);
    }
    let directory = arguments.place.directory()?;
    if let Some(from) = &arguments.from {
        let proof =
            stagedoor_audit::prove_consistency(&directory, &read(from)?).map_err(|error| failure(&error))?;
        output::print(&proof.to_string())?;
        return Ok(Exit::Fine);
    }
    let index = arguments.index.unwrap_or(0);
    let (entry, proof) = stagedoor_audit::prove(&directory, index).map_err(|error| failure(&error))?;
    if let Some(record) = &arguments.record {
        fs::write(record, &entry.raw).map_err(|error| failures::file("write", record, &error))?;
    }
    output::print(&proof.to_string())?;
    Ok(Exit::Fine)
}
