//! The stagedoor command.

mod assumption;
mod chain;
mod client;
mod command;
mod configuration;
mod exit;
mod failure;
mod input;
mod output;
mod progress;
#[cfg(test)]
mod schema;
mod signals;
mod signing;
mod simulation;
mod sts;
mod token;
mod trail;

use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;

fn main() -> ExitCode {
    let line = command::CommandLine::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("cannot start the runtime: {error}")))
        .and_then(|runtime| runtime.block_on(line.run()));
    let exit = outcome.unwrap_or_else(|failure| {
        output::note(&failure.render());
        failure.exit()
    });
    exit.into()
}
