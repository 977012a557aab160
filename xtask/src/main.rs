//! Developer commands: `cargo xtask`.

mod bench;
#[cfg(test)]
mod book;
mod clients;
mod place;
mod report;
mod test;
mod tool;

use std::process::ExitCode;

use place::Place;

/// Why a developer command stopped: what was wanted, what was found, the next step.
type Failure = String;

/// One developer command: its name, its line in the help, and what it does.
struct Command {
    name: &'static str,
    usage: &'static str,
    summary: &'static str,
    run: fn(&Place, &[String]) -> Result<(), Failure>,
}

/// Every command. A new one is a module and a row here.
const COMMANDS: &[Command] = &[
    Command {
        name: "test",
        usage: "test [-- ARGS]",
        summary: "set up what the tests need, then format check, clippy and all tests",
        run: test::run,
    },
    Command {
        name: "setup",
        usage: "setup",
        summary: "only set up the clients that the tests run (Python and npm packages)",
        run: clients::run,
    },
    Command {
        name: "bench",
        usage: "bench policy",
        summary: "compare the policy engine with cedar-policy and iam-rs, in one run",
        run: bench::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match arguments.split_first() {
        None => return help(),
        Some((name, _)) if matches!(name.as_str(), "help" | "-h" | "--help") => return help(),
        Some(split) => split,
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("error: no command `{name}`: `cargo xtask help` lists them");
        return ExitCode::from(2);
    };
    match Place::find().and_then(|place| (command.run)(&place, rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> ExitCode {
    println!("Developer commands\n\nUsage: cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  {:<16} {}", command.usage, command.summary);
    }
    ExitCode::SUCCESS
}
