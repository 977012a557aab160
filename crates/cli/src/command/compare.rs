//! `stagedoor compare`.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use stagedoor_policy::space::{Answer, Comparison, Owner, Search, Space, Verdict};
use stagedoor_policy::{Context, Document, Kind, Limits, Policy, Principal, Request, render};

use crate::exit::{Exit, after_help};
use crate::failure::{self, Failure};
use crate::output::{self, Style};

/// Compare two policies exactly: does the new one allow more, and what
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "OLD and NEW are files, or REV:PATH for a file of a git revision. All
requests are compared, not samples; each request shown was decided by both
policies. New access, and what cannot be decided, end with exit code 1."
))]
pub(crate) struct Arguments {
    /// The policy as it was
    old: String,

    /// The policy as it will be
    new: String,

    /// What the policies are attached to; told from their statements unless given
    #[arg(long = "type", value_enum)]
    kind: Option<Type>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Type {
    /// To a user, group or role: what they may do
    Identity,
    /// To a resource: who may use it
    Resource,
    /// To a role: who may assume it
    Trust,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object: `verdict`, `new_access`, and a `witness` of what was gained and of what was `lost`
    Json,
}

/// Compares.
///
/// # Errors
/// When a policy cannot be read or is faulty.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let kind = match arguments.kind {
        Some(Type::Identity) => Kind::Identity,
        Some(Type::Resource) => Kind::Resource,
        Some(Type::Trust) => Kind::Trust,
        None => kind_of(&old).or_else(|| kind_of(&new)).unwrap_or(Kind::Identity),
    };
    let old = Space::granted(compile(kind, &arguments.old, &old)?);
    let new = Space::granted(compile(kind, &arguments.new, &new)?);
    let comparison = Comparison::of(&old, &new, &search(kind));
    match arguments.format {
        Format::Json => output::print(&format!("{:#}\n", object(&comparison)))?,
        Format::Text => output::print(&text(arguments, &comparison))?,
    }
    let fine = !comparison.new_access() && comparison.verdict != Verdict::NotDecided;
    Ok(if fine { Exit::Fine } else { Exit::Findings })
}

/// Policies of a principal say nothing of who it is; the others are asked about every caller, as for a resource of an
/// account that none of them names.
fn search(kind: Kind) -> Search<'static> {
    match kind {
        Kind::Identity => Search::new()
            .with_callers(vec![Principal::Role { arn: "arn:aws:iam::123456789012:role/example".to_owned() }]),
        _ => Search::new().with_owner(Owner::Stranger),
    }
}

/// The text of a file, or of `REV:PATH` where no such file exists.
fn read(place: &str) -> Result<String, Failure> {
    let path = Path::new(place);
    if !path.exists()
        && let Some((revision, _)) = place.split_once(':')
        && !revision.is_empty()
        && !revision.starts_with('-')
    {
        return show(place);
    }
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(Limits::BYTES as u64 + 1).read_to_string(&mut text))
        .map_err(|error| failure::file("read the policy", path, &error))?;
    Ok(text)
}

/// What git has at `REV:PATH`.
fn show(place: &str) -> Result<String, Failure> {
    let output = Command::new("git")
        .args(["show", "--no-textconv", "--end-of-options", place])
        .output()
        .map_err(|error| Failure::input(format!("cannot run git to read `{place}`: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Failure::input(format!("git has no `{place}`: {said}"))
            .help("write REV:PATH, the path from the repository's root, or REV:./PATH"));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::input(format!("`{place}` is not UTF-8 text")))
}

/// What a document is attached to, as far as its statements tell.
fn kind_of(source: &str) -> Option<Kind> {
    let value: Value = serde_json::from_str(source).ok()?;
    let statements = match value.get("Statement")? {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    let has = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
    if !has("Principal") && !has("NotPrincipal") {
        return Some(Kind::Identity);
    }
    Some(if has("Resource") || has("NotResource") { Kind::Resource } else { Kind::Trust })
}

fn compile(kind: Kind, name: &str, source: &str) -> Result<Policy, Failure> {
    let document =
        Document::parse_within(kind, source, Limits::bytes(Limits::BYTES)).map_err(|diagnostics| {
            Failure::input(format!("`{name}` is no {} policy", word(kind)))
                .above(render(name, source, &diagnostics, output::color()))
                .help("`--type` says what the policies are attached to")
        })?;
    Ok(Policy::compile(name, &document))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Trust => "trust",
        Kind::Resource => "resource",
        _ => "identity",
    }
}

fn object(comparison: &Comparison) -> Value {
    let request = |answer: &Answer| answer.witness().map(|witness| json!(witness.request));
    let causes = |answer: &Answer| match answer {
        Answer::NotDecided { causes } => causes.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let mut not_decided: Vec<String> = causes(&comparison.gained);
    not_decided.extend(causes(&comparison.lost));
    not_decided.dedup();
    json!({
        "verdict": comparison.verdict,
        "new_access": comparison.new_access(),
        "witness": request(&comparison.gained),
        "lost": request(&comparison.lost),
        "not_decided": not_decided,
    })
}

fn text(arguments: &Arguments, comparison: &Comparison) -> String {
    let (old, new) = (&arguments.old, &arguments.new);
    let (style, verdict) = match comparison.verdict {
        Verdict::Equal => (Style::GOOD, "equal"),
        Verdict::Narrower => (Style::GOOD, "narrower"),
        Verdict::Wider => (Style::BAD, "wider"),
        Verdict::Incomparable => (Style::BAD, "incomparable"),
        Verdict::NotDecided => (Style::BAD, "not decided"),
    };
    let about = match comparison.verdict {
        Verdict::Equal => format!("{new} allows exactly what {old} allows"),
        Verdict::Narrower => format!("{new} allows nothing that {old} did not, and less"),
        Verdict::Wider => format!("{new} allows all that {old} did, and more"),
        Verdict::Incomparable => {
            format!("{new} allows something that {old} did not, and the other way round")
        }
        Verdict::NotDecided => format!("whether {new} allows more than {old} could not be decided"),
    };
    let mut text = format!("{}: {about}\n", style.paint(verdict));
    for (title, answer) in [("gained", &comparison.gained), ("lost", &comparison.lost)] {
        match answer {
            Answer::Empty => {}
            Answer::Witness(witness) => {
                text +=
                    &format!("\n{}, for example\n{}", Style::STRONG.paint(title), lines(&witness.request));
            }
            Answer::NotDecided { causes } => {
                text += &format!("\n{}: not decided\n", Style::STRONG.paint(title));
                for cause in causes {
                    text += &format!("  {cause}\n");
                }
            }
        }
    }
    text
}

/// A request, a line for each thing that it says.
fn lines(request: &Request) -> String {
    let mut rows = vec![
        vec!["  principal".to_owned(), request.principal.name().to_owned()],
        vec!["  action".to_owned(), request.action.clone()],
    ];
    if let Some(resource) = &request.resource {
        rows.push(vec!["  resource".to_owned(), resource.clone()]);
    }
    rows.extend(keys(&request.context));
    output::table(&rows)
}

fn keys(context: &Context) -> Vec<Vec<String>> {
    let row = |key: &str, value: String| vec![format!("  {key}"), value];
    context
        .iter()
        .map(|(key, value)| match value {
            stagedoor_policy::Value::One(text) => row(key, text.clone()),
            stagedoor_policy::Value::Many(texts) => row(key, format!("[{}]", texts.join(", "))),
        })
        .collect()
}
