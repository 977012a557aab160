//! `stagedoor token decode`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use stagedoor_insight::catalogue::{self, Decoded};

use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output::{self, Style};

/// Look into tokens
#[derive(Debug, Args)]
#[command(after_help = after_help!(), disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Decode(Decode),
}

/// Show a token claim by claim: what each means, and which anyone can choose
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Nothing is verified and nothing is fetched. The signature is left out, so that
what is printed cannot be used as a token."
))]
struct Decode {
    /// The token's file (`-` is standard input); else the CI's own variables are read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Print the signature as well
    #[arg(long)]
    signature: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Shows a token.
///
/// # Errors
/// When there is no token, or it is none.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Action::Decode(decode) = &arguments.command;
    let found = crate::token::find(decode.token_file.as_deref(), crate::token::AWS_AUDIENCE).await?;
    let token = found.token.expose_secret();
    let decoded = catalogue::decode(token)
        .map_err(|refusal| Failure::input(format!("{} holds no token: {refusal}", found.origin)))?;
    let signature = token.rsplit('.').next().filter(|_| decode.signature);
    output::print(&match decode.format {
        Format::Text => text(&decoded, signature),
        Format::Json => format!("{:#}\n", object(&decoded, signature)),
    })?;
    Ok(Exit::Fine)
}

fn text(decoded: &Decoded, signature: Option<&str>) -> String {
    let issuer =
        decoded.provider.map_or("an issuer that the catalogue does not know", |provider| provider.title);
    let mut text = format!("{}: says that it is of {issuer}\n\n", Style::STRONG.paint("not verified"));
    let mut rows: Vec<Vec<String>> = decoded
        .header
        .iter()
        .map(|(name, value)| vec![Style::DIM.paint(name), shown(value), String::new(), "header".to_owned()])
        .collect();
    for claim in &decoded.claims {
        let decided = claim.decided_by.unwrap_or_default();
        let decided = if claim.attacker_chosen { Style::BAD.paint(decided) } else { decided.to_owned() };
        let about = claim.about.unwrap_or("not in the catalogue");
        rows.push(vec![Style::STRONG.paint(&claim.name), shown(&claim.value), decided, about.to_owned()]);
    }
    text += &output::table(&rows);
    match signature {
        Some(signature) => text += &format!("\nsignature  {signature}\n"),
        None => text += &format!("\n{}\n", Style::DIM.paint("the signature is left out")),
    }
    text
}

/// A value in one line, without control characters.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if !text.chars().any(char::is_control) => text.clone(),
        other => other.to_string(),
    }
}

fn object(decoded: &Decoded, signature: Option<&str>) -> Value {
    let header: serde_json::Map<String, Value> = decoded.header.iter().cloned().collect();
    let claims: Vec<Value> = decoded
        .claims
        .iter()
        .map(|claim| {
            json!({
                "name": claim.name,
                "value": claim.value,
                "about": claim.about,
                "decided_by": claim.decided_by,
                "attacker_chosen": claim.attacker_chosen,
            })
        })
        .collect();
    json!({
        "verified": false,
        "provider": decoded.provider.map(|provider| provider.kind),
        "header": header,
        "claims": claims,
        "signature": signature,
    })
}
