//! `stagedoor init`.

mod answers;
mod files;
mod provider;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::configuration;
use crate::exit::{Exit, after_help};
use crate::failure::{self, Failure};
use crate::output::{self, Style};
use answers::Answers;
use files::NewFile;

/// Write a first configuration: an issuer, a role for it, a gate
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Where to write it; made when it is missing
    dir: PathBuf,

    /// Who issues the tokens
    #[arg(long, value_enum)]
    provider: Option<Provider>,

    #[command(flatten)]
    flags: Flags,
}

const AFTER_HELP: &str = after_help!(
    "What a flag does not say is asked for on a terminal. Nothing is overwritten.",
    "Each provider needs:
  bitbucket  --workspace, --workspace-uuid, --repository; better: --environment
             (Repository settings > OpenID Connect shows them all)
  circleci   --organization, --project; better: --repository, --branch
  gitlab     --project, --audience; better: --branch, --environment
  github     --repository (its numeric id), --audience; better: --branch,
             --environment
  oidc       --issuer, --audience, --subject"
);

/// Who issues the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Provider {
    /// Bitbucket Pipelines
    Bitbucket,
    /// CircleCI
    Circleci,
    /// GitLab CI, gitlab.com or self-managed
    Gitlab,
    /// GitHub Actions
    Github,
    /// Any OpenID Connect issuer
    Oidc,
}

/// What can be said by flags.
#[derive(Debug, Default, Args)]
struct Flags {
    /// The account in ARNs: twelve digits, an AWS account's or made up
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,

    /// The region in ARNs
    #[arg(long, default_value = "us-east-1")]
    region: String,

    /// The role that the pipeline may assume
    #[arg(long, value_name = "NAME", default_value = "deploy")]
    role: String,

    /// The HTTP service behind the gate
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,

    /// The audience that tokens must carry
    #[arg(long)]
    audience: Option<String>,

    /// Bitbucket: the workspace's name in URLs
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,

    /// Bitbucket: the workspace's UUID
    #[arg(long, value_name = "UUID")]
    workspace_uuid: Option<String>,

    /// Bitbucket: UUID; CircleCI: `github.com/acme/shop`; GitHub: numeric id
    #[arg(long, value_name = "REPO")]
    repository: Option<String>,

    /// The deployment environment (Bitbucket: its UUID)
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,

    /// CircleCI: the organization's UUID
    #[arg(long, value_name = "UUID")]
    organization: Option<String>,

    /// CircleCI: the project's UUID; GitLab: its numeric id
    #[arg(long, value_name = "ID")]
    project: Option<String>,

    /// The branch that may assume the role
    #[arg(long)]
    branch: Option<String>,

    /// GitLab: the host of a self-managed instance
    #[arg(long)]
    host: Option<String>,

    /// Any OIDC: the exact `iss` of its tokens
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,

    /// Any OIDC: the `sub` that may assume the role; `*` and `?` are wildcards
    #[arg(long)]
    subject: Option<String>,
}

/// Writes the files and checks what was written.
///
/// # Errors
/// When an answer is missing or wrong, a file exists, or it cannot be written.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut answers = Answers::new(output::interactive());
    let provider = match arguments.provider {
        Some(provider) => provider,
        None => answers.provider()?,
    };
    let plan = provider::plan(provider, &arguments.flags, &mut answers)?;
    answers.complete()?;
    let files = files::files(&plan)?;
    write(&arguments.dir, &files)?;
    let snapshot = configuration::load(&arguments.dir).map_err(|failure| {
        Failure::internal(format!("what was written does not pass `stagedoor check`: {failure}"))
    })?;
    let mut text = String::new();
    for file in &files {
        text += &format!("wrote {}\n", arguments.dir.join(&file.path).display());
    }
    text += &next_steps(&arguments.dir, &plan, &snapshot);
    output::print(&text)?;
    Ok(Exit::Fine)
}

fn write(directory: &Path, files: &[NewFile]) -> Result<(), Failure> {
    let there: Vec<String> = files
        .iter()
        .map(|file| directory.join(&file.path))
        .filter(|path| path.exists())
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if !there.is_empty() {
        return Err(Failure::input(format!("nothing was written, since these exist: {}", there.join(", ")))
            .help("choose another directory, or move them away"));
    }
    for file in files {
        let path = directory.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failure::file("create", parent, &error))?;
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut handle| handle.write_all(file.text.as_bytes()))
            .map_err(|error| failure::file("write", &path, &error))?;
    }
    Ok(())
}

fn next_steps(directory: &Path, plan: &provider::Plan, snapshot: &stagedoor_config::Snapshot) -> String {
    let command = |text: String| Style::COMMAND.paint(text);
    let shown = directory.display();
    format!(
        "\nnext:\n  {}\n  {}\n\nin the job:\n  {}\n  {}\n  {}\n",
        command(format!("stagedoor check {shown}")),
        command(format!("stagedoor serve --config {shown}")),
        command(format!("export AWS_ENDPOINT_URL_STS={}", snapshot.settings.public_url)),
        command(format!("export AWS_ROLE_ARN=arn:aws:iam::{}:role/{}", plan.account, plan.role)),
        command("stagedoor exec -- YOUR-COMMAND".to_owned()),
    )
}
