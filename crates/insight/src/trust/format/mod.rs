//! The languages that a trust is written in.

mod azure;
mod cdk;
mod cloudformation;
mod gcloud;
pub(super) mod policy;
mod stagedoor;
mod terraform;
mod vault;

use super::{Target, Trust, Written};

/// Writes a trust for a target.
pub(super) fn write(trust: &Trust, target: Target) -> Result<Vec<Written>, String> {
    let file = |name: &str, text: String| Written { name: name.to_owned(), text };
    Ok(match target {
        Target::Aws => vec![file("trust.json", policy::json(trust))],
        Target::Stagedoor => stagedoor::write(trust),
        Target::Terraform => vec![file("trust.tf", terraform::write(trust))],
        Target::CloudFormation => vec![file("trust.yaml", cloudformation::write(trust))],
        Target::Cdk => vec![file("trust.ts", cdk::write(trust))],
        Target::Gcloud => vec![file("trust.sh", gcloud::write(trust))],
        Target::Vault => vec![file("trust.sh", vault::write(trust))],
        Target::Azure => vec![file("credential.json", azure::write(trust)?)],
    })
}

/// The reasons as comment lines, each after `mark`.
fn reasons(trust: &Trust, mark: &str) -> String {
    let aud = format!("{mark}aud: tokens that were made for this purpose only\n");
    let checks = trust.checks.iter().map(|check| format!("{mark}{}: {}\n", check.claim, check.why));
    let warnings = trust.warnings.iter().map(|warning| format!("{mark}WARNING: {warning}\n"));
    let notes = trust.notes.iter().map(|note| format!("{mark}NOTE: {note}\n"));
    [aud].into_iter().chain(checks).chain(warnings).chain(notes).collect()
}

/// A text in single quotes, for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A JSON string, which is a string of YAML, of TypeScript and of CEL as well.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
