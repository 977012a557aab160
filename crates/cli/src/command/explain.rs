//! `stagedoor explain`.

mod asked;
mod brief;
mod evidence;
mod message;
mod report;
mod trail;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgGroup, Args, ValueEnum};
use jiff::Timestamp;
use stagedoor_config::Snapshot;
use stagedoor_identity::{Claims, Profile, TokenRefusal};
use stagedoor_policy::Context;

use crate::assumption::{Assumption, Subject};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::{input, output};
use evidence::Evidence;
use report::Report;

/// The longest event or message that is read: what CloudTrail delivers in one file.
const LONGEST_EVENT: usize = 64 << 20;
const LONGEST_MESSAGE: usize = 64 << 10;

/// Explain why a token may assume a role, or why not
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("of").required(true).args(["role", "policy"]),
    group = ArgGroup::new("evidence").args(["token_file", "claims", "cloudtrail", "message"]),
    after_help = after_help!(
    "Either the role of a configuration is explained (--role, --config), or a trust
policy in a file, without any configuration and without a network (--policy).
A `-` instead of a file is standard input.

CloudTrail and AWS's own message tell less than a token: of its claims only the
audience and the subject, or nothing. What follows from that much is said, and
what cannot be told as well; the exit code is 1 for both."
))]
pub(crate) struct Arguments {
    /// The role, by name or ARN
    #[arg(long)]
    role: Option<String>,

    /// The configuration directory
    #[arg(long, value_name = "DIR", default_value = ".")]
    config: PathBuf,

    /// A trust policy in a file, instead of a configured role
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// The token's file; without any evidence the CI's own variables are read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A token's claims as a JSON object, instead of the token
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,

    /// A CloudTrail event of AssumeRoleWithWebIdentity, or a file of events
    #[arg(long, value_name = "FILE")]
    cloudtrail: Option<PathBuf>,

    /// AWS's own message of a denial (`-` is standard input)
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// Do not verify the token; nothing is fetched then
    #[arg(long)]
    no_verify: bool,

    /// Which condition keys there are; `aws` for --cloudtrail and --message, else `stagedoor`
    #[arg(long, value_enum)]
    profile: Option<Keys>,

    /// The name of the session to be
    #[arg(long, value_name = "NAME", default_value = "explain")]
    session_name: String,

    /// A further condition key of the request, such as aws:SourceIp=192.0.2.1
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,

    /// Say it in a few lines, without the policy's own
    #[arg(long)]
    brief: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Keys {
    /// Every claim is a condition key
    Stagedoor,
    /// Exactly the keys and rules of AWS for this issuer
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Explains.
///
/// # Errors
/// When an input is faulty or the issuer's keys cannot be fetched.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    arguments.one_standard_input()?;
    let subject = match (&arguments.policy, &arguments.role) {
        (Some(path), _) => Subject::policy(path)?,
        (None, role) => Subject::role(&arguments.config, role.as_deref().unwrap_or_default())?,
    };
    let extra: Context = arguments.context.iter().cloned().collect();
    let report = if let Some(path) = &arguments.cloudtrail {
        let input = input::read("the event", path, LONGEST_EVENT)?;
        trail::explain(&subject, &input, arguments.profile(Profile::Aws), &extra)?
    } else if let Some(text) = &arguments.message {
        let text = match text.as_str() {
            "-" => input::read("the message", Path::new("-"), LONGEST_MESSAGE)?.text,
            text => text.to_owned(),
        };
        message::explain(&subject, &text, arguments.profile(Profile::Aws), &extra)
    } else {
        of_evidence(arguments, &subject, &extra).await?
    };
    output::print(&match arguments.format {
        Format::Text if arguments.brief => report.brief(),
        Format::Text => report.text(output::color()),
        Format::Json => {
            report.json().map_err(|error| Failure::internal(format!("cannot write JSON: {error}")))?
        }
    })?;
    Ok(report.exit())
}

/// A token or its claims.
async fn of_evidence(arguments: &Arguments, subject: &Subject, extra: &Context) -> Result<Report, Failure> {
    let profile = arguments.profile(Profile::Stagedoor);
    let verify = !arguments.no_verify && subject.snapshot().is_some();
    let evidence = match &arguments.claims {
        Some(path) => Evidence::claims(path)?,
        None => match Evidence::token(arguments.token_file.as_deref(), verify, subject.snapshot()).await? {
            Ok(evidence) => evidence,
            Err(refusal) if refusal.is_transient() => {
                return Err(Failure::unreachable(refusal.to_string())
                    .help("`--no-verify` explains the policy without the issuer's keys"));
            }
            Err(refusal) => {
                let report = Report::new(subject.name(), profile, "the token".to_owned());
                return Ok(report.verdict(refusal.into()));
            }
        },
    };
    Ok(of_claims(subject, &evidence, profile, &arguments.session_name, extra))
}

fn of_claims(
    subject: &Subject,
    evidence: &Evidence,
    profile: Profile,
    session_name: &str,
    extra: &Context,
) -> Report {
    let claims = &evidence.claims;
    let assumption = Assumption { subject, claims, profile, session_name, extra, now: Timestamp::now() };
    let mut report = Report::new(subject.name(), profile, evidence.origin.clone());
    report.verified = evidence.verified;
    report.issuer = claims.issuer().map(str::to_owned);
    report.verdict(assumption.judge())
}

/// What the trust policy of a configured role says to a token that nobody verified, in brief.
///
/// # Errors
/// When there is no such role, or the token cannot be read.
pub(crate) fn of_token(snapshot: &Snapshot, role: &str, token: &str) -> Result<String, Failure> {
    let unreadable = |refusal: TokenRefusal| Failure::input(refusal.to_string());
    let role = snapshot.roles.by_name(role).ok_or_else(|| Failure::input(format!("no role `{role}`")))?;
    let (_, claims) = Claims::decode_unverified(token).map_err(unreadable)?;
    let subject = Subject::Role(Arc::new(snapshot.clone()), Arc::clone(role));
    let evidence = Evidence { claims, verified: false, origin: String::new() };
    let report = of_claims(&subject, &evidence, Profile::Stagedoor, "explain", &Context::new());
    Ok(report.told_briefly())
}

impl Arguments {
    fn profile(&self, default: Profile) -> Profile {
        match self.profile {
            Some(Keys::Stagedoor) => Profile::Stagedoor,
            Some(Keys::Aws) => Profile::Aws,
            None => default,
        }
    }

    fn one_standard_input(&self) -> Result<(), Failure> {
        let files = [&self.policy, &self.token_file, &self.claims, &self.cloudtrail];
        let from_files = files.into_iter().flatten().filter(|path| path.as_path() == Path::new("-")).count();
        match from_files + usize::from(self.message.as_deref() == Some("-")) {
            0 | 1 => Ok(()),
            _ => Err(Failure::input("standard input can be read only once: give `-` to one option")),
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("KEY=VALUE is wanted".to_owned()),
    }
}

#[cfg(test)]
mod tests;
