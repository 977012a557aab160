//! `stagedoor preflight`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use stagedoor_config::Snapshot;
use stagedoor_identity::Profile;
use stagedoor_insight::preflight::{
    KnownIssuer, LOCK_FILE, Lock, Options, Report, TrustPolicy, fill_from_git, run as judge,
};
use stagedoor_insight::{Folder, Source, output as formats};
use stagedoor_policy::Severity;

use crate::configuration::{self, number};
use crate::exit::{Exit, after_help};
use crate::failure::{self, Failure};
use crate::output::{self, Style};

/// Tell for each job of a pipeline whether it will get its role
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "Reads bitbucket-pipelines.yml, .circleci/config.yml, .gitlab-ci.yml and
.github/workflows/*.yml below PATH, offline. What lies outside of these files (UUIDs,
ids, protected branches, variables) is taken from stagedoor.lock beside them:
`stagedoor preflight --update` writes it from the git remote, `--set` adds to it.",
    "A refusal ends with exit code 1; what depends or cannot be known does so under
--strict only."
))]
pub(crate) struct Arguments {
    /// The repository
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Judge against the roles of this configuration
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,

    /// A role's trust policy, by name or ARN; without ROLE= it stands for every role
    #[arg(long, value_name = "[ROLE=]FILE")]
    policy: Vec<String>,

    /// Which condition keys there are [default: stagedoor with --config, else aws]
    #[arg(long, value_enum)]
    profile: Option<Keys>,

    /// The lock file, if it is not PATH/stagedoor.lock
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,

    /// Write the lock file from the git remote and --set, then judge
    #[arg(long)]
    update: bool,

    /// An entry of the lock file, such as github.owner_id=9919001
    #[arg(long, value_name = "ENTRY=VALUE")]
    set: Vec<String>,

    /// End with exit code 1 also for what depends or cannot be known
    #[arg(long)]
    strict: bool,

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

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people, underlined in the pipeline and in the policy
    Text,
    /// One object with all findings
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
}

/// Judges the repository's pipelines.
///
/// # Errors
/// When an input is faulty.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if !arguments.path.is_dir() {
        return Err(Failure::input(format!("`{}` is no folder", arguments.path.display()))
            .help("give the repository's folder, in which the pipeline files lie"));
    }
    let folder = Folder::new(&arguments.path);
    let lock = lock(arguments, &folder)?;
    let snapshot = arguments.config.as_deref().map(configuration::load).transpose()?;
    let mut policies = Vec::new();
    for given in &arguments.policy {
        policies.push(policy(given)?);
    }
    let profile = match (arguments.profile, &snapshot) {
        (Some(Keys::Aws), _) | (None, None) => Profile::Aws,
        (Some(Keys::Stagedoor), _) | (None, Some(_)) => Profile::Stagedoor,
    };
    policies.extend(snapshot.iter().flat_map(of_roles));
    let issuers = snapshot.as_ref().map(issuers);
    let report = judge(&folder, &Options { profile, policies, lock, issuers });
    if report.files.is_empty() {
        return Err(Failure::input(format!("no pipeline file in `{}`", arguments.path.display())).help(
            "wanted: bitbucket-pipelines.yml, .circleci/config.yml, .gitlab-ci.yml or .github/workflows/*.yml",
        ));
    }
    print(arguments, &report)?;
    let failing = |severity: Severity| match severity {
        Severity::Error => true,
        Severity::Warning => arguments.strict,
        Severity::Note => false,
    };
    let found = report.findings.iter().any(|finding| failing(finding.severity));
    Ok(if found { Exit::Findings } else { Exit::Fine })
}

fn lock(arguments: &Arguments, folder: &Folder) -> Result<Lock, Failure> {
    let path = arguments.lock.clone().unwrap_or_else(|| arguments.path.join(LOCK_FILE));
    let mut lock = if path.exists() || (arguments.lock.is_some() && !arguments.update) {
        read_lock(&path)?
    } else {
        Lock::default()
    };
    for entry in &arguments.set {
        let (name, value) = entry
            .split_once('=')
            .ok_or_else(|| Failure::input(format!("`--set {entry}`: ENTRY=VALUE is wanted")))?;
        lock.set(name.trim(), value.trim()).map_err(Failure::input)?;
    }
    if !arguments.update {
        return Ok(lock);
    }
    let kept = lock.clone();
    let told = match fill_from_git(folder, &mut lock) {
        Ok(entries) if entries.is_empty() => "nothing".to_owned(),
        Ok(entries) => entries.join(", "),
        Err(why) if arguments.set.is_empty() => {
            return Err(Failure::input(format!("the git remote tells nothing: {why}"))
                .help("give what you know by `--set ENTRY=VALUE`, such as `--set github.owner=acme`"));
        }
        Err(why) => {
            lock = kept;
            format!("nothing ({why})")
        }
    };
    fs::write(&path, lock.write()).map_err(|error| failure::file("write the lock file", &path, &error))?;
    output::note(&format!("wrote `{}`; from the git remote: {told}\n", path.display()));
    Ok(lock)
}

fn read_lock(path: &Path) -> Result<Lock, Failure> {
    let text = read(path, "read the lock file")?;
    let shown = path.display().to_string();
    Lock::parse(&Source::new(&*shown, text)).map_err(|finding| {
        Failure::input(format!("`{shown}` is faulty")).above(formats::text(&[*finding], output::color()))
    })
}

fn read(path: &Path, verb: &str) -> Result<String, Failure> {
    let size = fs::metadata(path).map_err(|error| failure::file(verb, path, &error))?.len();
    if size > stagedoor_insight::FILE_LIMIT as u64 {
        return Err(Failure::input(format!("`{}` has {size} bytes: too many", path.display())));
    }
    fs::read_to_string(path).map_err(|error| failure::file(verb, path, &error))
}

fn policy(given: &str) -> Result<TrustPolicy, Failure> {
    let (role, path) = match given.split_once('=') {
        Some((role, path)) => (Some(role.to_owned()), Path::new(path)),
        None => (None, Path::new(given)),
    };
    let text = read(path, "read the policy")?;
    let shown = path.display().to_string();
    TrustPolicy::parse(role, &shown, &text).map_err(|diagnostics| {
        let report = stagedoor_policy::render(&shown, &text, &diagnostics, output::color());
        Failure::input(format!("`{shown}` is no trust policy")).above(report)
    })
}

fn of_roles(snapshot: &Snapshot) -> Vec<TrustPolicy> {
    let of = |role: &stagedoor_config::Role| {
        let path = format!("roles/{}/trust.json", role.name);
        TrustPolicy::new(Some(role.arn.clone()), &path, role.trust_document.clone())
    };
    snapshot.roles.iter().map(|role| of(role)).collect()
}

fn issuers(snapshot: &Snapshot) -> Vec<KnownIssuer> {
    let known = |issuer: &stagedoor_identity::Issuer| KnownIssuer {
        url: issuer.url.clone(),
        audiences: issuer.audiences.clone(),
    };
    snapshot.issuers.iter().map(|issuer| known(issuer)).collect()
}

fn print(arguments: &Arguments, report: &Report) -> Result<(), Failure> {
    let findings = &report.findings;
    output::print(&match arguments.format {
        Format::Text => format!("{}\n{}", formats::text(findings, output::color()), summary(report)),
        Format::Json => {
            let mut object = formats::json(findings);
            if let Some(object) = object.as_object_mut() {
                object.insert("files".to_owned(), json!(report.files));
                object.insert("assumptions".to_owned(), json!(report.assumptions));
            }
            format!("{object:#}\n")
        }
        Format::Sarif => format!("{:#}\n", formats::sarif(findings, env!("CARGO_PKG_VERSION"))),
        Format::Github => formats::github(findings),
        Format::Gitlab => format!("{:#}\n", formats::gitlab(findings)),
    })
}

fn summary(report: &Report) -> String {
    let count = |verdict: &str| {
        let of = |finding: &&stagedoor_insight::Finding| {
            finding.properties.get("verdict").is_some_and(|value| value == verdict)
        };
        report.findings.iter().filter(of).count()
    };
    let mut text = String::new();
    for assumption in &report.assumptions {
        text += &format!("{} {assumption}\n", Style::DIM.paint("assumed:"));
    }
    let verdict = match (report.has_errors(), count("depends") + count("unknown")) {
        (true, _) => Style::BAD.paint("refused"),
        (false, 0) => Style::GOOD.paint("fine"),
        (false, _) => Style::STRONG.paint("not certain"),
    };
    let files = number(report.files.len(), "file");
    let counts: Vec<String> = ["granted", "refused", "depends", "unknown"]
        .iter()
        .map(|verdict| format!("{} {verdict}", count(verdict)))
        .collect();
    text + &format!("{verdict}: {files}; {}\n", counts.join(", "))
}
