//! `cargo xtask test`: everything that must hold before a change is merged.

use std::process::Command;

use crate::Failure;
use crate::clients;
use crate::place::Place;
use crate::report::Report;

/// Sets up the clients, then checks format, lints and all tests. Words after `--` go
/// to `cargo test`.
pub(crate) fn run(place: &Place, arguments: &[String]) -> Result<(), Failure> {
    let words = match arguments.split_first() {
        None => &[],
        Some((first, rest)) if first == "--" => rest,
        Some((first, _)) => {
            return Err(format!("`test` takes words for cargo test after `--`, found `{first}`"));
        }
    };
    let clients = clients::set_up(place)?;
    let mut report = Report::default();
    report.step(cargo(place).args(["fmt", "--all", "--check"]));
    report.step(cargo(place).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    report.step(
        cargo(place).args(["test", "--workspace", "--no-fail-fast"]).args(words).envs(clients.variables()),
    );
    report.finish()
}

fn cargo(place: &Place) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&place.root);
    command
}
