//! The client side that `assume` and `exec` share: which server, role, token and
//! session name, and the exchange.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::failure::Failure;
use crate::output;
use crate::sts::{Assumed, NoCredentials, Refused, Request, Sts};
use crate::token;

/// Where a server listens unless it is told otherwise.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:8010";
/// The variables that name the server, as AWS's SDKs read them.
const ENDPOINT_VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"];

/// Which credentials are wanted, and from whom.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// The role: its ARN, or its name together with --account
    #[arg(long, value_name = "ROLE", env = "AWS_ROLE_ARN", hide_env_values = true)]
    role: String,

    /// The account of a role that is given by name
    #[arg(long, value_name = "ACCOUNT", env = "STAGEDOOR_ACCOUNT", hide_env_values = true)]
    account: Option<String>,

    /// The token's file (`-` is standard input); else the CI's own variables are read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// The audience to ask GitHub for; other CIs fix it in the pipeline's file
    #[arg(long, default_value = token::AWS_AUDIENCE)]
    audience: String,

    /// The session's name; else AWS_ROLE_SESSION_NAME, else made from the CI's run
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,

    /// How long the session may last, such as `15m` or `1h`; the server has a default
    #[arg(long, value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,

    /// The server; else AWS_ENDPOINT_URL_STS, else http://127.0.0.1:8010
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

impl Wanted {
    /// Exchanges the token, saying on standard error which one and for what.
    ///
    /// # Errors
    /// When there is no token, the server cannot be reached, or it says no.
    pub(crate) async fn assume(&self) -> Result<Assumed, Failure> {
        let role_arn = self.role_arn()?;
        let sts = Sts::new(&self.endpoint())?;
        let found = token::find(self.token_file.as_deref(), &self.audience).await?;
        let session_name = self.session_name(|name| env::var(name).ok());
        output::note(&format!("token from {}, for {role_arn}\n", found.origin));
        if sts.is_exposed() {
            output::note(&format!(
                "warning: `{}` is plain http: the token can be read on the way; use https\n",
                sts.endpoint()
            ));
        }
        let request = Request {
            role_arn: &role_arn,
            session_name: &session_name,
            token: &found.token,
            duration: self.duration,
        };
        let assumed = sts.assume(&request).await.map_err(|error| refused(&sts, &role_arn, error))?;
        output::note(&format!("got {} until {}\n", assumed.assumed_role_arn, assumed.credentials.expiration));
        Ok(assumed)
    }

    fn endpoint(&self) -> String {
        let variable = || {
            ENDPOINT_VARIABLES.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        };
        self.endpoint.clone().or_else(variable).unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned())
    }

    fn role_arn(&self) -> Result<String, Failure> {
        if self.role.starts_with("arn:") {
            return Ok(self.role.clone());
        }
        match &self.account {
            Some(account) => Ok(format!("arn:aws:iam::{account}:role/{}", self.role)),
            None => Err(Failure::input(format!("role `{}` is a name, an ARN is needed", self.role)).help(
                format!(
                    "give `--role arn:aws:iam::ACCOUNT:role/{}`, or `--account` beside the name",
                    self.role
                ),
            )),
        }
    }

    fn session_name(&self, variable: impl Fn(&str) -> Option<String>) -> String {
        if let Some(name) = self.session_name.clone().or_else(|| variable("AWS_ROLE_SESSION_NAME")) {
            return name;
        }
        // Each CI's project and run, so that a record tells them apart at a glance.
        let runs = [
            ("BITBUCKET_REPO_SLUG", "BITBUCKET_BUILD_NUMBER"),
            ("CIRCLE_PROJECT_REPONAME", "CIRCLE_BUILD_NUM"),
            ("CI_PROJECT_PATH_SLUG", "CI_PIPELINE_ID"),
            ("GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
        ];
        let name = runs.iter().find_map(|(project, run)| Some((variable(project)?, variable(run)?)));
        name.map_or_else(|| "stagedoor".to_owned(), |(project, run)| sanitized(&project, &run))
    }
}

/// A session name of at most 64 allowed characters; the run's number is kept whole.
fn sanitized(project: &str, run: &str) -> String {
    let allowed = |text: &str| -> String {
        text.chars()
            .map(|character| {
                if character.is_ascii_alphanumeric() || "_+=,.@-".contains(character) {
                    character
                } else {
                    '-'
                }
            })
            .collect()
    };
    let run: String = allowed(run).chars().take(32).collect();
    let room = 64usize.saturating_sub(run.len() + 1);
    let project: String = allowed(project).chars().take(room).collect();
    format!("{project}-{run}")
}

fn refused(sts: &Sts, role_arn: &str, error: NoCredentials) -> Failure {
    let endpoint = sts.endpoint();
    match error {
        NoCredentials::Unreachable(reason) => {
            Failure::unreachable(format!("cannot reach the server at `{endpoint}`: {reason}"))
                .help("name the server with `--endpoint` or AWS_ENDPOINT_URL_STS")
        }
        NoCredentials::Strange(reason) => {
            Failure::unreachable(format!("`{endpoint}` did not answer as an STS server does: {reason}"))
                .help("check that `--endpoint` names the API port of a Stagedoor server")
        }
        NoCredentials::Refused(refused) => refusal(role_arn, &refused),
    }
}

fn refusal(role_arn: &str, refused: &Refused) -> Failure {
    if refused.may_pass() {
        return Failure::unreachable(refused.to_string());
    }
    if matches!(
        refused.code.as_str(),
        "ValidationError" | "InvalidParameterValue" | "MalformedPolicyDocument"
    ) {
        return Failure::input(refused.to_string());
    }
    Failure::denied(refused.to_string()).help(format!(
        "why: `stagedoor explain --role {role_arn} --token-file TOKEN --config DIR` where the configuration is"
    ))
}

/// Reads `900`, `900s`, `15m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let factor = match text.strip_prefix(digits) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("a time such as `900s`, `15m` or `1h` is wanted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, seconds) in [("900", 900), ("900s", 900), ("15m", 900), ("1h", 3600)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "0", "h", "1d", "-5m", "1.5h", "99999999999999999999h", "9999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn session_names_fit_the_rules_and_keep_the_run() {
        assert_eq!(sanitized("acme/shop", "1234"), "acme-shop-1234");
        let long = sanitized(&"x".repeat(200), "987654");
        assert_eq!(long.len(), 64);
        assert!(long.ends_with("-987654"));
        assert!(sanitized("größe", "1").is_ascii());
    }
}
