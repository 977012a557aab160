//! `stagedoor check`.

mod proof;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stagedoor_config::{Report, Snapshot};

use crate::configuration::{counts, number};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output::{self, Style};
use proof::Break;

/// Check a configuration: every fault of every file, underlined
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "A sound configuration is then held to its `isolate` tags and its invariants,
over all tokens that its issuers could issue; a break ends with exit code 1
and shows such a request. Errors end with exit code 2; warnings are fine."
))]
pub(crate) struct Arguments {
    /// The configuration directory
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people, each finding with its line
    Text,
    /// One object with all findings and their places
    Json,
}

/// Checks and reports.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let outcome = stagedoor_config::load(&arguments.dir);
    let breaks = outcome.as_ref().map(proof::breaks).unwrap_or_default();
    output::print(&match arguments.format {
        Format::Text => text(arguments, &outcome, &breaks),
        Format::Json => format!("{:#}\n", object(&outcome, &breaks)),
    })?;
    Ok(match outcome {
        Err(_) => Exit::Input,
        Ok(_) if breaks.is_empty() => Exit::Fine,
        Ok(_) => Exit::Findings,
    })
}

fn text(arguments: &Arguments, outcome: &Result<Snapshot, Report>, breaks: &[Break]) -> String {
    let place = arguments.dir.display();
    match outcome {
        Err(report) => {
            let counts = counts(report);
            format!("{}\n{}: {place}: {counts}\n", report.render(output::color()), Style::BAD.paint("faulty"))
        }
        Ok(snapshot) => {
            let mut text = snapshot.warnings.render(output::color());
            if !text.is_empty() {
                text.push('\n');
            }
            for one in breaks {
                text += &format!("{}[{}]: {}\n", Style::BAD.paint("error"), one.id, one.message);
                text += &output::table(&one.rows());
                text.push('\n');
            }
            let mut parts = vec![
                number(snapshot.issuers.len(), "issuer"),
                number(snapshot.roles.len(), "role"),
                number(snapshot.gates.len(), "gate"),
            ];
            if !snapshot.warnings.is_empty() {
                parts.push(counts(&snapshot.warnings));
            }
            let digest: String = snapshot.digest.chars().take(12).collect();
            text + &format!(
                "{}: {place}: {} (digest {digest})\n",
                if breaks.is_empty() { Style::GOOD.paint("fine") } else { Style::BAD.paint("broken") },
                parts.join(", ")
            )
        }
    }
}

fn object(outcome: &Result<Snapshot, Report>, breaks: &[Break]) -> Value {
    match outcome {
        Err(report) => report.to_json(),
        Ok(snapshot) => {
            let mut value = snapshot.warnings.to_json();
            if let Some(object) = value.as_object_mut() {
                object.insert("digest".to_owned(), json!(snapshot.digest));
                let row = |one: &Break| json!({"id": one.id, "message": one.message, "witness": one.witness});
                object.insert("breaks".to_owned(), breaks.iter().map(row).collect());
            }
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::schema;

    #[test]
    fn sound_and_faulty_configurations_are_reported_as_the_schema_says() {
        let schema = schema::committed("check.json");
        let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");
        let sound = object(&stagedoor_config::load(shop.as_ref()), &[]);
        schema::assert_fits(&schema, &sound);
        assert_eq!(sound["errors"], 0);

        let directory = tempfile::tempdir().unwrap();
        fs::write(
            directory.path().join("stagedoor.toml"),
            "account = 1\nregoin = \"x\"\n[listen]\n[listen]\n",
        )
        .unwrap();
        let faulty = object(&stagedoor_config::load(directory.path()), &[]);
        schema::assert_fits(&schema, &faulty);
        assert!(faulty["errors"].as_u64().unwrap() > 0, "{faulty}");
    }
}
