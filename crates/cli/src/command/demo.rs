//! `stagedoor demo`.

mod forged;
mod script;
mod shop;
mod stage;
mod teller;
mod upstream;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use stagedoor_audit::{Entry, FaultKind, Order, Query, Verification, VerifyOptions};

use crate::command::audit::verify::report;
use crate::exit::{Exit, after_help};
use crate::failure::{self, Failure};
use crate::output::{self, Style};
use crate::signals::Stop;
use crate::trail::{Times, trail};
use stage::{Stage, role_arn};
use teller::Teller;

/// How often `--stay` makes fresh tokens; they last an hour.
const FRESH: Duration = Duration::from_secs(30 * 60);

/// Play the whole story on this machine: real tokens, real sockets
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Three local issuers sign tokens as Bitbucket Pipelines, CircleCI and GitLab do;
a server runs a copy of examples/shop; a small service stands behind a gate.
Each step is checked: exit code 1 says that one did not go as told. Nothing is
installed, nothing leaves this machine."
))]
pub(crate) struct Arguments {
    /// Leave it running afterwards, and print the ways in
    #[arg(long)]
    stay: bool,
}

/// Plays and checks the story.
///
/// # Errors
/// When a step did not go as told, or a part breaks down.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut stop = Stop::new()?;
    let directory = tempfile::Builder::new()
        .prefix("stagedoor-demo-")
        .tempdir()
        .map_err(|error| Failure::internal(format!("no temporary directory: {error}")))?;
    let stage = Stage::set(directory.path()).await?;
    output::print(&opening(&stage))?;
    let mut teller = Teller::default();
    let played = tokio::select! {
        played = story(&stage, &mut teller) => played,
        () = stop.asked() => Err(Failure::denied("stopped before the end")),
    };
    let mut ending = match played {
        Ok(()) => teller.finish(),
        Err(failure) => Err(failure),
    };
    if arguments.stay && ending.is_ok() {
        ending = stay(&stage, &mut stop).await;
    }
    stage.strike().await;
    ending.map(|()| Exit::Fine)
}

async fn story(stage: &Stage, teller: &mut Teller) -> Result<(), Failure> {
    script::play(stage, teller).await?;
    teller.chapter("The audit trail")?;
    teller.step("Every event, from the token to the last call")?;
    teller.command(&["stagedoor audit search"])?;
    let audit = stage.snapshot().settings.audit_directory.clone();
    let entries = entries(&audit)?;
    output::print(&format!("\n{}\n", trail(&entries, Times::Hidden)))?;
    teller.step("The trail proves that nothing was edited, deleted or reordered")?;
    teller.command(&["stagedoor audit verify"])?;
    let verification = settled(&audit).await?;
    if verification.is_intact() && verification.size == entries.len() as u64 {
        teller.good(&report(&verification))?;
    } else {
        teller.astray(&format!("{} intact records", entries.len()), &report(&verification))?;
    }

    teller.step("In a copy, somebody makes a denial read otherwise")?;
    let (from, to) = ("trust_not_granted", "trust_was_granted");
    teller.command(&[
        "cp -r state/audit copy",
        &format!("&& grep -rl {from} copy | xargs sed -i s/{from}/{to}/"),
        "&& stagedoor audit verify --log copy",
    ])?;
    let copy = stage.directory.join("copy");
    forged::copy(&audit, &copy, from, to).map_err(|error| failure::file("copy to", &copy, &error))?;
    let verification = verification_of(&copy)?;
    let found = verification.faults.iter().any(|fault| fault.kind == FaultKind::Edited);
    if found {
        teller.good(&report(&verification))
    } else {
        teller.astray("log_edited", &report(&verification))
    }
}

fn opening(stage: &Stage) -> String {
    let mut rows = Vec::new();
    for issuer in stage.issuers() {
        rows.push(vec![format!("  {}", issuer.kind().name()), issuer.url().to_owned()]);
    }
    rows.push(vec!["  stagedoor".to_owned(), stage.api.clone()]);
    rows.push(vec!["  gate".to_owned(), stage.gate.clone()]);
    rows.push(vec![
        "  files".to_owned(),
        format!("{} (a copy of examples/shop; commands run there)", stage.directory.display()),
    ]);
    format!(
        "{}: real tokens, real sockets, nothing leaves this machine\n\n{}",
        Style::STRONG.paint("stagedoor demo"),
        output::table(&rows)
    )
}

fn entries(audit: &Path) -> Result<Vec<Entry>, Failure> {
    let unreadable = |error| Failure::internal(format!("the audit log cannot be read: {error}"));
    let query = Query { order: Order::OldestFirst, ..Query::default() };
    stagedoor_audit::search(audit, &query)
        .map_err(unreadable)?
        .map(|entry| entry.map_err(unreadable))
        .collect()
}

/// A verification when a checkpoint covers every record; one is signed each second.
async fn settled(audit: &Path) -> Result<Verification, Failure> {
    let mut left = 50;
    loop {
        let verification = verification_of(audit)?;
        left -= 1;
        if verification.unsigned == 0 || left == 0 {
            return Ok(verification);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn verification_of(audit: &Path) -> Result<Verification, Failure> {
    stagedoor_audit::verify(audit, &VerifyOptions::default(), &mut |_, _| {})
        .map_err(|error| Failure::internal(format!("the audit log cannot be verified: {error}")))
}

async fn stay(stage: &Stage, stop: &mut Stop) -> Result<(), Failure> {
    script::fresh_tokens(stage)?;
    output::print(&ways_in(stage))?;
    loop {
        tokio::select! {
            () = stop.asked() => return output::print("\nstopping\n"),
            () = tokio::time::sleep(FRESH) => script::fresh_tokens(stage)?,
        }
    }
}

fn ways_in(stage: &Stage) -> String {
    let binary = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("stagedoor"));
    let binary = binary.display();
    let mut text =
        format!("\n{}\n\n", Style::STRONG.paint("It stays up. The ways in, from another terminal:"));
    for line in [
        format!("cd {}", stage.directory.display()),
        format!(
            "export AWS_ENDPOINT_URL_STS={} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1",
            stage.api
        ),
        format!("export AWS_ROLE_ARN={}", role_arn("deploy-prod")),
        "export AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/tokens/bitbucket-production.jwt".to_owned(),
        "aws sts get-caller-identity".to_owned(),
        format!("eval \"$({binary} assume)\""),
        format!(
            "curl --aws-sigv4 aws:amz:us-east-1:execute-api --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \
             -H \"x-amz-security-token: $AWS_SESSION_TOKEN\" {}/orders",
            stage.gate
        ),
        format!("curl -H \"Authorization: Bearer $AWS_SESSION_TOKEN\" {}/orders", stage.gate),
        format!("{binary} audit search --kind use"),
    ] {
        text += &format!("  {}\n", Style::COMMAND.paint(line));
    }
    text + "\nTokens: tokens/*.jwt, renewed every half hour. Ctrl-C stops it and removes the directory.\n"
}
