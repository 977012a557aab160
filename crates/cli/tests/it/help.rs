//! Help texts read well at 80 columns, and name the exit codes.

use crate::support::cli::stagedoor;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["init"],
    &["check"],
    &["explain"],
    &["serve"],
    &["assume"],
    &["exec"],
    &["audit"],
    &["audit", "search"],
    &["audit", "show"],
    &["audit", "verify"],
];

#[test]
fn help_is_as_it_was_reviewed() {
    let mut all = String::new();
    for command in COMMANDS {
        let help = stagedoor(*command).args(["--help"]).run().expect(0);
        let name = [&["stagedoor"], *command].concat().join(" ");
        for line in help.stdout.lines() {
            assert!(line.chars().count() <= 80, "`{name} --help`: {line}");
        }
        all += &format!("$ {name} --help\n{}\n", help.stdout);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_mistyped_command_is_met_with_a_suggestion_and_exit_code_2() {
    let ended = stagedoor(["chek"]).run().expect(2);
    assert!(ended.stderr.contains("'check'"), "{}", ended.stderr);
}
