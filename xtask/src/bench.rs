//! `cargo xtask bench policy`: the policy engine beside others.

use std::process::Command;

use crate::Failure;
use crate::place::Place;

/// Builds and runs `bench/`, a workspace of its own that nothing else builds.
pub(crate) fn run(place: &Place, arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [what] if what == "policy" => {}
        _ => return Err("`bench` takes what to measure: `cargo xtask bench policy`".to_owned()),
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--release", "--locked", "--manifest-path"])
        .arg(place.root.join("bench/Cargo.toml"))
        .arg("--target-dir")
        .arg(place.root.join("target/bench"))
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the benchmark stopped; its last lines say why".to_owned()) }
}
