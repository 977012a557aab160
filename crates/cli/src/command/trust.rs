//! `stagedoor trust new`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum};
use serde_json::json;
use stagedoor_identity::Provider;
use stagedoor_insight::trust::{self, Missing, Target, Trust, Written};

use crate::exit::{Exit, after_help};
use crate::failure::{self, Failure};
use crate::output::{self, Style};

/// Write trust policies
#[derive(Debug, Args)]
#[command(after_help = after_help!(), disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    New(New),
}

/// Write the safe trust policy for a provider's tokens, and the job that uses it
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "The policy goes to standard output; reasons, warnings and the pipeline's side go
to standard error, or all of them into files below --write DIR. What a flag does
not say is asked for on a terminal."
))]
struct New {
    /// Who issues the tokens: bitbucket, circleci, gitlab, github …
    provider: String,

    /// Who will enforce it, in which language
    #[arg(long, value_enum, default_value_t = Format::Aws)]
    format: Format,

    /// Write files into this folder instead; nothing is overwritten
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,

    /// A further claim that must have a value
    #[arg(long, value_name = "NAME=VALUE")]
    claim: Vec<String>,

    #[command(flatten)]
    answers: Answers,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// AWS: JSON
    Aws,
    /// Stagedoor: JSON with every claim, and the issuer
    Stagedoor,
    /// AWS: Terraform
    Terraform,
    /// AWS: CloudFormation
    Cloudformation,
    /// AWS: CDK in TypeScript
    Cdk,
    /// Google Cloud: a script
    Gcloud,
    /// Vault: a script
    Vault,
    /// Entra: a federated credential
    Azure,
}

/// A flag for each field of each provider, from the catalogue.
#[derive(Debug)]
struct Answers(BTreeMap<String, String>);

impl Args for Answers {
    fn augment_args(command: Command) -> Command {
        let four = ["bitbucket", "circleci", "gitlab", "github"];
        let others = Provider::all().iter().map(|provider| provider.kind).filter(|kind| !four.contains(kind));
        let mut meanings: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
        for kind in four.into_iter().chain(others) {
            for field in trust::fields(kind) {
                let known = meanings.entry(field.name).or_default();
                if !known.iter().any(|(_, about)| *about == field.about) {
                    known.push((kind, field.about));
                }
            }
        }
        let arguments = meanings.into_iter().map(|(name, meanings)| {
            let of_four: Vec<_> = meanings.iter().filter(|(kind, _)| four.contains(kind)).collect();
            let shown = !of_four.is_empty() || name == "subject";
            let help = match (of_four.as_slice(), meanings.as_slice()) {
                ([], [(_, about), ..]) | ([(_, about)], _) => about.clone(),
                _ => of_four
                    .iter()
                    .map(|(kind, about)| format!("{kind}: {about}"))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            Arg::new(name.clone()).long(name.clone()).value_name(name.to_uppercase()).help(help).hide(!shown)
        });
        command.next_help_heading("Answers").args(arguments)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Answers {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut answers = BTreeMap::new();
        for field in Provider::all().iter().flat_map(|provider| trust::fields(provider.kind)) {
            if let Ok(Some(value)) = matches.try_get_one::<String>(&field.name) {
                answers.insert(field.name, value.clone());
            }
        }
        Ok(Self(answers))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Format {
    fn target(self) -> Target {
        match self {
            Format::Aws => Target::Aws,
            Format::Stagedoor => Target::Stagedoor,
            Format::Terraform => Target::Terraform,
            Format::Cloudformation => Target::CloudFormation,
            Format::Cdk => Target::Cdk,
            Format::Gcloud => Target::Gcloud,
            Format::Vault => Target::Vault,
            Format::Azure => Target::Azure,
        }
    }
}

/// Writes a policy.
///
/// # Errors
/// When answers are missing or wrong, or the target cannot express the policy.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Action::New(new) = &arguments.command;
    let mut answers = new.answers.0.clone();
    for claim in &new.claim {
        let (name, value) = claim
            .split_once('=')
            .ok_or_else(|| Failure::input(format!("`--claim {claim}`: NAME=VALUE is wanted")))?;
        answers.insert(format!("claim:{name}"), value.to_owned());
    }
    let target = new.format.target();
    let trust = decide(&new.provider, target, answers)?;
    let files =
        trust.write(target).map_err(|why| Failure::denied(format!("this cannot be expressed: {why}")))?;
    match &new.write {
        Some(folder) => write(folder, &trust, &files)?,
        None => print(&trust, &files)?,
    }
    Ok(Exit::Fine)
}

/// Asks until nothing is missing, if there is somebody to ask.
fn decide(kind: &str, target: Target, mut answers: BTreeMap<String, String>) -> Result<Trust, Failure> {
    loop {
        let errors = match trust::new(kind, target, &answers) {
            Ok(trust) => return Ok(trust),
            Err(errors) => errors,
        };
        let only_absent = errors.iter().all(|error| error.absent);
        if !(only_absent && output::interactive()) {
            return Err(refused(kind, &errors));
        }
        for error in errors {
            output::note(&format!("{}\n--{}: ", error.message, error.field));
            let mut line = String::new();
            match io::stdin().read_line(&mut line) {
                Ok(length) if length > 0 && !line.trim().is_empty() => {
                    answers.insert(error.field, line.trim().to_owned());
                }
                _ => return Err(Failure::input(format!("no answer to --{}", error.field))),
            }
        }
    }
}

fn refused(kind: &str, errors: &[Missing]) -> Failure {
    match errors {
        [only] => Failure::input(only.message.clone()),
        several => several.iter().fold(
            Failure::input(format!("{} answers for `{kind}` are missing or wrong", several.len())),
            |failure, error| failure.help(error.message.clone()),
        ),
    }
}

/// The policy to standard output, the rest to standard error.
fn print(trust: &Trust, files: &[Written]) -> Result<(), Failure> {
    let Some((policy, others)) = files.split_first() else { return Ok(()) };
    output::print(&policy.text)?;
    let mut text = format!("\n{}\n", remarks(trust));
    for file in others.iter().chain(Some(&trust.pipeline)).filter(|file| !file.text.is_empty()) {
        text += &format!("{}\n{}\n", Style::STRONG.paint(format!("--- {}", file.name)), file.text);
    }
    output::note(&text);
    Ok(())
}

/// Why each claim is tested, what is weak, what to do elsewhere.
fn remarks(trust: &Trust) -> String {
    let mut rows = vec![vec!["aud".to_owned(), "tokens that were made for this purpose only".to_owned()]];
    rows.extend(trust.checks.iter().map(|check| vec![check.claim.clone(), check.why.clone()]));
    let mut text = output::table(&rows);
    for warning in &trust.warnings {
        text += &format!("{}: {warning}\n", Style::BAD.paint("warning"));
    }
    for note in &trust.notes {
        text += &format!("{}: {note}\n", Style::DIM.paint("note"));
    }
    text
}

fn write(folder: &Path, trust: &Trust, files: &[Written]) -> Result<(), Failure> {
    let all: Vec<&Written> =
        files.iter().chain(Some(&trust.pipeline)).filter(|file| !file.text.is_empty()).collect();
    if let Some(there) = all.iter().map(|file| folder.join(&file.name)).find(|path| path.exists()) {
        return Err(Failure::input(format!("`{}` is there already", there.display()))
            .help("nothing was written; give another folder"));
    }
    for file in &all {
        let path = folder.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failure::file("make the folder", parent, &error))?;
        }
        fs::write(&path, &file.text).map_err(|error| failure::file("write", &path, &error))?;
    }
    let names: Vec<&str> = all.iter().map(|file| file.name.as_str()).collect();
    output::print(&format!(
        "{:#}\n",
        json!({ "written": names, "warnings": trust.warnings, "notes": trust.notes })
    ))
}
