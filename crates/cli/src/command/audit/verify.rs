//! `stagedoor audit verify`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use stagedoor_audit::{Receipt, Verification, VerifyOptions};

use super::{Place, failure};
use crate::exit::{Exit, after_help};
use crate::failure::{self as failures, Failure};
use crate::output::{self, Style};
use crate::progress::Progress;

/// Prove that no record was edited, deleted, reordered or cut off
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Without --key the key beside the log counts, and somebody who can write there
could have written the whole log anew: keep the key, an old checkpoint or
receipts elsewhere and give them here."
))]
pub(super) struct Arguments {
    /// The log's directory; no configuration is read then
    #[arg(value_name = "DIR", conflicts_with_all = ["config", "log"])]
    directory: Option<PathBuf>,

    #[command(flatten)]
    place: Place,

    /// The log's verifier key, `<name>+<id>+<base64>`, or a file that holds it
    #[arg(long)]
    key: Option<String>,

    /// A checkpoint of the log that was kept elsewhere
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// A receipt that was kept elsewhere; may be given several times
    #[arg(long, value_name = "INDEX:HASH")]
    receipt: Vec<Receipt>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let directory = match &arguments.directory {
        Some(directory) => directory.clone(),
        None => arguments.place.directory()?,
    };
    let key = match &arguments.key {
        Some(key) if Path::new(key).is_file() => {
            let path = Path::new(key);
            Some(fs::read_to_string(path).map_err(|error| failures::file("read the key", path, &error))?)
        }
        key => key.clone(),
    };
    let checkpoint = match &arguments.checkpoint {
        Some(path) => Some(
            fs::read_to_string(path).map_err(|error| failures::file("read the checkpoint", path, &error))?,
        ),
        None => None,
    };
    let options = VerifyOptions { key, checkpoint, receipts: arguments.receipt.clone() };
    let mut progress = Progress::new("records");
    let verified = stagedoor_audit::verify(&directory, &options, &mut |done, all| progress.show(done, all));
    progress.end();
    let verification = verified.map_err(|error| failure(&error))?;
    output::print(&report(&verification))?;
    Ok(if verification.is_intact() { Exit::Fine } else { Exit::Findings })
}

/// What a verification came to, for people.
pub(crate) fn report(verification: &Verification) -> String {
    let root = hex::encode(verification.root);
    let size = verification.size;
    let mut text = if verification.is_intact() {
        format!("{}: {size} records, root {root}, {}\n", Style::GOOD.paint("intact"), verification.origin)
    } else {
        format!("{}: the checkpoint covers {size} records, root {root}\n", Style::BAD.paint("not intact"))
    };
    if verification.unsigned > 0 {
        text += &format!("{} more records await the next checkpoint\n", verification.unsigned);
    }
    if verification.pruned > 0 {
        text += &format!("{} records were pruned: their hashes are left\n", verification.pruned);
    }
    if verification.erased > 0 {
        text += &format!("{} records lost what can name a person, as erased\n", verification.erased);
    }
    for fault in &verification.faults {
        let record = fault.index.map(|index| format!(" record {index}")).unwrap_or_default();
        let file = fault.file.as_ref().map(|file| format!(" in {}", file.display())).unwrap_or_default();
        text += &format!("{}{record}{file}: {}\n", Style::BAD.paint(fault.kind.code()), fault.detail);
    }
    text
}
