//! `stagedoor audit verify`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use stagedoor_audit::{Receipt, Verification, VerifyOptions};

use super::{Place, failure};
use crate::exit::{Exit, after_help};
use crate::failure::{self as failures, Failure};
use crate::output::{self, Style};

/// Prove that no record was edited, deleted, reordered or cut off
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Without --key the key beside the log counts, and somebody who can write there
could have written the whole log anew: keep the key, an old checkpoint or
receipts elsewhere and give them here."
))]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,

    /// The log's verifier key, `<name>+<id>+<base64>`
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
    let directory = arguments.place.directory()?;
    let checkpoint = match &arguments.checkpoint {
        Some(path) => Some(
            fs::read_to_string(path).map_err(|error| failures::file("read the checkpoint", path, &error))?,
        ),
        None => None,
    };
    let options =
        VerifyOptions { key: arguments.key.clone(), checkpoint, receipts: arguments.receipt.clone() };
    let verification =
        stagedoor_audit::verify(&directory, &options, &mut |_, _| {}).map_err(|error| failure(&error))?;
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
    for fault in &verification.faults {
        let record = fault.index.map(|index| format!(" record {index}")).unwrap_or_default();
        let file = fault.file.as_ref().map(|file| format!(" in {}", file.display())).unwrap_or_default();
        text += &format!("{}{record}{file}: {}\n", Style::BAD.paint(fault.kind.code()), fault.detail);
    }
    text
}
