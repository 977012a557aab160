//! Help texts read well at 80 columns, and name the exit codes.

use std::path::Path;

use crate::support::cli::stagedoor;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["init"],
    &["check"],
    &["compare"],
    &["explain"],
    &["simulate"],
    &["test"],
    &["preflight"],
    &["trust"],
    &["trust", "new"],
    &["providers"],
    &["token"],
    &["token", "decode"],
    &["serve"],
    &["assume"],
    &["exec"],
    &["audit"],
    &["audit", "search"],
    &["audit", "show"],
    &["audit", "trace"],
    &["audit", "verify"],
    &["audit", "prove"],
    &["audit", "checkpoint"],
    &["audit", "key"],
    &["audit", "index"],
    &["audit", "erase"],
    &["audit", "prune"],
];

const HEAD: &str = "# Command line

Every command ends with one of the exit codes at the end of its help, `exec` with that of the command it ran. A command that
needs the configuration takes `--config DIR` (the current folder unless given), one that takes a token takes
`--token-file FILE` (`-` is standard input). Colours are for terminals and obey `NO_COLOR`. Secrets are printed only by
`assume`, whose purpose it is.

This page is made from the help texts, and a test fails when it is not up to date.
";

#[test]
fn the_reference_of_the_command_line_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for command in COMMANDS {
        let help = stagedoor(*command).args(["--help"]).run().expect(0);
        let name = [&["stagedoor"], *command].concat().join(" ");
        for line in help.stdout.lines() {
            assert!(line.chars().count() <= 80, "`{name} --help`: {line}");
        }
        page += &format!("\n## {name}\n\n```text\n{}```\n", help.stdout);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, page, "run `UPDATE_DOCS=1 cargo test -p stagedoor reference_of_the_command_line`");
}

#[test]
fn every_command_is_in_the_reference() {
    let help = stagedoor(["--help"]).run().expect(0).stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    for line in listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        assert!(
            COMMANDS.iter().any(|command| command.first() == Some(&name)),
            "`{name}` is missing in COMMANDS"
        );
    }
}

#[test]
fn a_mistyped_command_is_met_with_a_suggestion_and_exit_code_2() {
    let ended = stagedoor(["chek"]).run().expect(2);
    assert!(ended.stderr.contains("'check'"), "{}", ended.stderr);
}
