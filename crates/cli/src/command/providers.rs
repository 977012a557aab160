//! `stagedoor providers`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stagedoor_identity::Provider;
use stagedoor_insight::catalogue;

use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;

/// Show what is known of token providers: claims, subjects, forks, AWS keys
#[derive(Debug, Args)]
#[command(after_help = after_help!())]
pub(crate) struct Arguments {
    /// One of them, such as bitbucket; else all in a list
    name: Option<String>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// A page of the documentation
    Markdown,
}

/// Shows the catalogue.
///
/// # Errors
/// When there is no such provider.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else {
        output::print(&match arguments.format {
            Format::Text => output::table(&catalogue::overview()),
            Format::Markdown => catalogue::index(),
            Format::Json => {
                let all: Vec<Value> =
                    Provider::all().iter().map(|provider| catalogue::json(provider)).collect();
                format!("{:#}\n", json!({ "providers": all }))
            }
        })?;
        return Ok(Exit::Fine);
    };
    let provider = Provider::by_kind(name).ok_or_else(|| {
        let kinds: Vec<&str> = Provider::all().iter().map(|provider| provider.kind).collect();
        Failure::input(format!("no provider `{name}`")).help(format!("there are {}", kinds.join(", ")))
    })?;
    output::print(&match arguments.format {
        Format::Text => catalogue::text(provider),
        Format::Markdown => catalogue::page(provider),
        Format::Json => format!("{:#}\n", catalogue::json(provider)),
    })?;
    Ok(Exit::Fine)
}
