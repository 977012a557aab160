//! `stagedoor exec`.

use std::ffi::OsString;
use std::process::Command;

use clap::Args;

use crate::client::Wanted;
use crate::command::assume;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// What would win over the credentials, or send the command elsewhere for them.
const IN_THE_WAY: [&str; 7] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

/// Run a command with a role's credentials in its environment
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "The command takes this process's place: signals reach it, and its exit code is
the one that is seen. The token is found as `stagedoor assume` finds it."
))]
pub(crate) struct Arguments {
    #[command(flatten)]
    wanted: Wanted,

    /// The region that the command sees
    #[arg(long, env = "AWS_REGION", hide_env_values = true, default_value = "us-east-1")]
    region: String,

    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Exchanges, then becomes the command.
///
/// # Errors
/// As [`Wanted::assume`], and when the command cannot be started.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some((program, words)) = arguments.command.split_first() else {
        return Err(Failure::input("no command: write it after `--`"));
    };
    let assumed = arguments.wanted.assume().await?;
    let mut command = Command::new(program);
    command.args(words).envs(assume::variables(&assumed, &arguments.region));
    for name in IN_THE_WAY {
        command.env_remove(name);
    }
    let error = become_it(command);
    Err(Failure::input(format!("cannot run `{}`: {error}", program.display())))
}

fn become_it(mut command: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}
