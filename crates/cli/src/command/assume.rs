//! `stagedoor assume`.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::client::Wanted;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;
use crate::sts::Assumed;

/// Exchange this job's token for credentials and print them
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "The token is read from --token-file, else from the first of these that is set:
AWS_WEB_IDENTITY_TOKEN_FILE, STAGEDOOR_TOKEN, BITBUCKET_STEP_OIDC_TOKEN,
CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN; else GitHub is asked for one by
ACTIONS_ID_TOKEN_REQUEST_URL. Standard error says which."
))]
pub(crate) struct Arguments {
    #[command(flatten)]
    wanted: Wanted,

    /// How to print the credentials
    #[arg(long, value_enum, default_value_t = Format::Env)]
    format: Format,

    /// The region for `env`
    #[arg(long, env = "AWS_REGION", hide_env_values = true, default_value = "us-east-1")]
    region: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// `export` lines: eval "$(stagedoor assume …)"
    Env,
    /// One JSON object
    Json,
    /// What `credential_process` in an AWS profile wants
    CredentialProcess,
}

/// Exchanges and prints.
///
/// # Errors
/// As [`Wanted::assume`].
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let assumed = arguments.wanted.assume().await?;
    output::print(&match arguments.format {
        Format::Env => exports(&assumed, &arguments.region),
        Format::Json => format!("{:#}\n", in_full(&assumed)),
        Format::CredentialProcess => format!("{:#}\n", for_a_profile(&assumed)),
    })?;
    Ok(Exit::Fine)
}

/// The environment that AWS's SDKs and tools read.
pub(crate) fn variables(assumed: &Assumed, region: &str) -> [(&'static str, String); 6] {
    let credentials = &assumed.credentials;
    [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned()),
        ("AWS_SESSION_TOKEN", credentials.session_token().to_owned()),
        ("AWS_CREDENTIAL_EXPIRATION", credentials.expiration.clone()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
    ]
}

fn exports(assumed: &Assumed, region: &str) -> String {
    variables(assumed, region)
        .iter()
        .map(|(name, value)| format!("export {name}={}\n", quoted(value)))
        .collect()
}

/// A value that a POSIX shell takes literally.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=/.,:@%".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn for_a_profile(assumed: &Assumed) -> serde_json::Value {
    let credentials = &assumed.credentials;
    json!({
        "Version": 1,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key(),
        "SessionToken": credentials.session_token(),
        "Expiration": credentials.expiration,
    })
}

fn in_full(assumed: &Assumed) -> serde_json::Value {
    let mut value = for_a_profile(assumed);
    if let Some(object) = value.as_object_mut() {
        object.remove("Version");
        object.insert("AssumedRoleArn".to_owned(), json!(assumed.assumed_role_arn));
        object.insert("Provider".to_owned(), json!(assumed.provider));
        object.insert("Audience".to_owned(), json!(assumed.audience));
        object.insert("Subject".to_owned(), json!(assumed.subject));
        object.insert("DecisionId".to_owned(), json!(assumed.decision));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_every_value_literally() {
        assert_eq!(quoted("FwoG+/abc=="), "FwoG+/abc==");
        assert_eq!(quoted("a b;$(c)"), "'a b;$(c)'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
