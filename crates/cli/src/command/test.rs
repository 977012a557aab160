//! `stagedoor test`.

mod junit;
mod outcome;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use stagedoor_config::{Snapshot, TestCase, TestFile};
use stagedoor_policy::render;

use crate::configuration::{self, counts, number};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output::{self, Style};
use outcome::Trouble;

/// Run the policy tests kept beside the policies
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "A case in tests/*.toml of the configuration says who asks for what and what must
come of it:

  [[case]]
  name    = \"a step without the deployment stays out\"
  role    = \"deploy-prod\"
  example = \"bitbucket\"        # an issuer of the configuration, or a provider
  expect  = \"deny\"             # or allow, implicit_deny, explicit_deny
  [case.claims]                # in place of the example's
  sub = \"{c7a1…}:{5d0c…}\"

`without` lists claims to leave out, `profile = \"aws\"` takes AWS's condition keys,
`[case.context]` gives further ones. With `action` and `resource` a session of the
role asks for those, and needs no token unless one is given. `reason` (a part of
the explanation) and `statement` (a Sid) can be expected as well."
))]
pub(crate) struct Arguments {
    /// The configuration directory
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// Only cases whose name holds this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// A line for each case, failures with the case's own lines
    Text,
    /// JUnit's XML, which CI systems read
    Junit,
}

/// What became of one case.
struct Done<'t> {
    file: &'t TestFile,
    case: &'t TestCase,
    took: Duration,
    /// What was expected and did not come; none when the case passed.
    troubles: Vec<Trouble>,
}

/// Runs all cases.
///
/// # Errors
/// When the configuration or a file of tests is faulty, or there is no case.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let snapshot = Arc::new(configuration::load(&arguments.dir)?);
    let place = arguments.dir.display();
    let files = stagedoor_config::load_tests(&arguments.dir).map_err(|report| {
        Failure::input(format!("the tests in `{place}` have {}", counts(&report)))
            .above(report.render(output::color()))
    })?;
    let wanted = |case: &TestCase| arguments.name.as_ref().is_none_or(|name| case.name.value.contains(name));
    let count = files.iter().flat_map(|file| &file.cases).filter(|case| wanted(case)).count();
    if count == 0 {
        return Err(nothing(arguments));
    }
    let now = Timestamp::now();
    let mut done = Vec::new();
    if arguments.format == Format::Text {
        output::print(&format!("running {} of {place}\n", number(count, "test")))?;
    }
    for file in &files {
        for case in file.cases.iter().filter(|case| wanted(case)) {
            let result = one(&snapshot, file, case, now);
            if arguments.format == Format::Text {
                output::print(&line(&result))?;
            }
            done.push(result);
        }
    }
    let failed = done.iter().filter(|done| !done.troubles.is_empty()).count();
    output::print(&match arguments.format {
        Format::Text => summary(&done, failed, output::color()),
        Format::Junit => junit::document(&done),
    })?;
    Ok(if failed == 0 { Exit::Fine } else { Exit::Findings })
}

fn one<'t>(snapshot: &Arc<Snapshot>, file: &'t TestFile, case: &'t TestCase, now: Timestamp) -> Done<'t> {
    let started = Instant::now();
    let troubles =
        outcome::of(snapshot, case, now).map_or_else(|trouble| vec![*trouble], |found| found.judge(case));
    Done { file, case, took: started.elapsed(), troubles }
}

fn line(done: &Done<'_>) -> String {
    let verdict = if done.troubles.is_empty() { Style::GOOD.paint("ok") } else { Style::BAD.paint("FAILED") };
    format!("{}: {} ... {verdict}\n", done.file.path, done.case.name.value)
}

fn summary(done: &[Done<'_>], failed: usize, color: bool) -> String {
    let mut text = String::new();
    if failed > 0 {
        text += "\nfailures:\n";
        for done in done.iter().filter(|done| !done.troubles.is_empty()) {
            text += &format!("\n{}\n", story(done, color));
        }
    }
    let passed = done.len() - failed;
    let verdict = if failed == 0 { Style::GOOD.paint("ok") } else { Style::BAD.paint("FAILED") };
    text + &format!("\n{verdict}: {passed} passed, {failed} failed\n")
}

/// A failure: the lines of the case underlined, and what explains it.
fn story(done: &Done<'_>, color: bool) -> String {
    let diagnostics: Vec<_> = done.troubles.iter().map(|trouble| trouble.diagnostic.clone()).collect();
    let mut text = render(&done.file.path, &done.file.source, &diagnostics, color);
    for explanation in done.troubles.iter().filter_map(|trouble| trouble.explanation.as_ref()).take(1) {
        text += &format!("\n{}\n", explanation.render(color).trim_end());
    }
    text.trim_end().to_owned()
}

fn nothing(arguments: &Arguments) -> Failure {
    let place = arguments.dir.display();
    match &arguments.name {
        Some(name) => Failure::input(format!("no test in `{place}` has `{name}` in its name")),
        None => Failure::input(format!("there is no test in `{place}`"))
            .help("write cases into `tests/*.toml`; `stagedoor test --help` shows one"),
    }
}
