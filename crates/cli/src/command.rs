//! The commands: one thin file each.

pub(crate) mod assume;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod demo;
pub(crate) mod exec;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod preflight;
pub(crate) mod providers;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod test;
pub(crate) mod token;
pub(crate) mod trust;

use clap::{ArgAction, Parser, Subcommand};

use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// The keeper at the stage door: an OIDC token comes in, an IAM trust policy
/// decides, a short-lived credential goes out, a gate honours it, a record proves it.
#[derive(Debug, Parser)]
#[command(
    name = "stagedoor",
    version,
    max_term_width = 80,
    after_help = after_help!(),
    disable_help_flag = true,
    disable_help_subcommand = true
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,

    /// Print help
    #[arg(short, long, global = true, display_order = 999, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Init(Box<init::Arguments>),
    Check(check::Arguments),
    Compare(compare::Arguments),
    Explain(explain::Arguments),
    Simulate(simulate::Arguments),
    Test(test::Arguments),
    Preflight(preflight::Arguments),
    Trust(trust::Arguments),
    Providers(providers::Arguments),
    Token(token::Arguments),
    Serve(serve::Arguments),
    Assume(assume::Arguments),
    Exec(exec::Arguments),
    Audit(Box<audit::Arguments>),
}

impl CommandLine {
    /// Does what was asked.
    ///
    /// # Errors
    /// With the exit code and the next steps.
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        match self.command {
            Command::Demo(arguments) => demo::run(&arguments).await,
            Command::Init(arguments) => init::run(&arguments),
            Command::Check(arguments) => check::run(&arguments),
            Command::Compare(arguments) => compare::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments).await,
            Command::Simulate(arguments) => simulate::run(&arguments),
            Command::Test(arguments) => test::run(&arguments),
            Command::Preflight(arguments) => preflight::run(&arguments),
            Command::Trust(arguments) => trust::run(&arguments),
            Command::Providers(arguments) => providers::run(&arguments),
            Command::Token(arguments) => token::run(&arguments).await,
            Command::Serve(arguments) => serve::run(&arguments).await,
            Command::Audit(arguments) => audit::run(&arguments).await,
            Command::Assume(arguments) => assume::run(&arguments).await,
            Command::Exec(arguments) => exec::run(&arguments).await,
        }
    }
}
