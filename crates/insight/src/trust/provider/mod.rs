//! What to test of each provider's tokens.

mod bitbucket;
mod circleci;
mod generic;
mod github;
mod gitlab;

use std::collections::BTreeMap;

use stagedoor_identity::Provider;

use super::field::{self, Missing, Values};
use super::{Check, Target, Test, Trust, Written};

/// Decides what to trust.
pub(super) fn decide(
    provider: &'static Provider,
    target: Target,
    values: &Values,
) -> Result<Trust, Vec<Missing>> {
    match provider.kind {
        "bitbucket" => bitbucket::decide(provider, target, values),
        "circleci" => circleci::decide(provider, target, values),
        "github" => github::decide(provider, target, values),
        "gitlab" => gitlab::decide(provider, target, values),
        _ => generic::decide(provider, target, values),
    }
}

/// The beginning: issuer and audience as the catalogue derives them.
fn begin(
    provider: &'static Provider,
    values: &Values,
    parameters: &[(&str, &str)],
) -> Result<Trust, Vec<Missing>> {
    let given: BTreeMap<String, String> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let derived = provider.derive(&given, values.some("issuer")).map_err(|errors| {
        let missing = |error: &stagedoor_identity::ParameterError| Missing {
            field: field::flag(provider, error.parameter()),
            message: error.to_string(),
            absent: matches!(error, stagedoor_identity::ParameterError::Missing { .. }),
        };
        errors.iter().map(missing).collect::<Vec<_>>()
    })?;
    let audience = values.some("audience").map(str::to_owned).or(derived.audience).ok_or_else(|| {
        vec![Missing {
            field: "audience".to_owned(),
            message: "--audience is needed: the audience of the tokens".to_owned(),
            absent: true,
        }]
    })?;
    let mut settings: Vec<(String, String)> = given.into_iter().collect();
    settings.extend(values.some("issuer").map(|issuer| ("issuer".to_owned(), issuer.to_owned())));
    let mut notes = Vec::new();
    if provider.form_of(&derived.url).is_some_and(|form| form.shared) {
        notes.push(format!(
            "`{}` issues tokens for every customer of {}: the checks below are all that keeps the others out",
            derived.url, provider.title
        ));
    }
    Ok(Trust {
        provider,
        issuer: derived.url,
        audience,
        account: values.get("account").to_owned(),
        role: values.get("role").to_owned(),
        checks: Vec::new(),
        warnings: Vec::new(),
        notes,
        pipeline: Written { name: String::new(), text: String::new() },
        settings,
        facts: Vec::new(),
    })
}

impl Trust {
    fn check(&mut self, claim: &str, test: Test, why: impl Into<String>) {
        self.checks.push(Check { claim: claim.to_owned(), test, why: why.into() });
    }

    fn equals(&mut self, claim: &str, value: &str, why: impl Into<String>) {
        self.check(claim, Test::Equals(vec![value.to_owned()]), why);
    }

    fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    fn fact(&mut self, claim: &str, value: Option<&str>) {
        self.facts.push((claim.to_owned(), value.map(str::to_owned)));
    }

    fn role_arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.role)
    }

    /// Sets the pipeline side.
    fn pipeline(&mut self, name: &str, text: String) {
        self.pipeline = Written { name: name.to_owned(), text };
    }
}

/// The lines of a job that trade its token, by target. `$TOKEN` is where the token is.
fn trade(trust: &Trust, target: Target, token: &str) -> Vec<String> {
    let file = || format!("printf %s \"{token}\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"");
    match target {
        Target::Stagedoor => vec![
            "export AWS_ENDPOINT_URL_STS=https://sts.example.com   # your Stagedoor".to_owned(),
            "export AWS_REGION=us-east-1".to_owned(),
            "export AWS_WEB_IDENTITY_TOKEN_FILE=$(mktemp)".to_owned(),
            format!("export AWS_ROLE_ARN={}", trust.role_arn()),
            file(),
            "aws sts get-caller-identity".to_owned(),
        ],
        Target::Aws | Target::Terraform | Target::CloudFormation | Target::Cdk => vec![
            "export AWS_WEB_IDENTITY_TOKEN_FILE=$(mktemp)".to_owned(),
            format!("export AWS_ROLE_ARN={}", trust.role_arn()),
            file(),
            "aws sts get-caller-identity".to_owned(),
        ],
        Target::Gcloud => vec![
            "TOKEN_FILE=$(mktemp)".to_owned(),
            format!("printf %s \"{token}\" > \"$TOKEN_FILE\""),
            "gcloud iam workload-identity-pools create-cred-config \"$WORKLOAD_IDENTITY_PROVIDER\" \
             --credential-source-file=\"$TOKEN_FILE\" --output-file=credentials.json"
                .to_owned(),
            "gcloud auth login --cred-file=credentials.json".to_owned(),
        ],
        Target::Vault => vec![
            format!(
                "export VAULT_TOKEN=$(vault write -field=token auth/jwt/login role={} jwt=\"{token}\")",
                trust.role
            ),
            "vault token lookup".to_owned(),
        ],
        Target::Azure => vec![format!(
            "az login --service-principal --username \"$AZURE_CLIENT_ID\" --tenant \"$AZURE_TENANT_ID\" \
             --federated-token \"{token}\""
        )],
    }
}

/// Lines as items of a YAML list.
fn items(lines: &[String], indent: usize) -> String {
    let pad = " ".repeat(indent);
    lines
        .iter()
        .map(|line| {
            let quoted = line.contains(": ") || line.contains(" #") || line.contains('{');
            match (quoted, line.split_once("   # ")) {
                (_, Some((command, comment))) => format!("{pad}- {command}   # {comment}\n"),
                (true, None) => format!("{pad}- |\n{pad}  {line}\n"),
                (false, None) => format!("{pad}- {line}\n"),
            }
        })
        .collect()
}
