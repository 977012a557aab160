//! The files of a first configuration.

use std::path::PathBuf;

use serde_json::json;

use super::provider::Plan;
use crate::failure::Failure;

/// A file to write.
pub(super) struct NewFile {
    /// Below the configuration directory.
    pub(super) path: PathBuf,
    /// Its text.
    pub(super) text: String,
}

fn file(path: impl Into<PathBuf>, text: String) -> NewFile {
    NewFile { path: path.into(), text }
}

/// The files for a plan.
///
/// # Errors
/// When a document cannot be written as JSON, which would be a fault here.
pub(super) fn files(plan: &Plan) -> Result<Vec<NewFile>, Failure> {
    let Plan { account, region, role, prefix, kind, .. } = plan;
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": format!("arn:aws:iam::{account}:oidc-provider/{prefix}") },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": plan.condition(),
    });
    let permission = json!({
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": format!("arn:aws:execute-api:{region}:{account}:app/live/*"),
    });
    Ok(vec![
        file("stagedoor.toml", settings(plan)),
        file(".gitignore", "# Keys and records, made by `stagedoor serve`.\n/state/\n".to_owned()),
        file(format!("issuers/{kind}.toml"), issuer(plan)),
        file(
            format!("roles/{role}/role.toml"),
            format!(
                "description = {}\nmax_session = \"1h\"\n",
                quoted(&format!("assumed by {kind} pipelines"))
            ),
        ),
        file(format!("roles/{role}/trust.json"), policy(&statement)?),
        file(format!("roles/{role}/permissions/app.json"), policy(&permission)?),
        file(
            "gates/app.toml",
            format!(
                "kind     = \"http\"\nlisten   = \"127.0.0.1:8020\"\nupstream = {}\n",
                quoted(&plan.upstream)
            ),
        ),
    ])
}

fn settings(plan: &Plan) -> String {
    format!(
        "account    = {}\nregion     = {}\npublic_url = \"http://127.0.0.1:8010\"\n\n\
         [listen]\napi = \"127.0.0.1:8010\"\n\n\
         [state]\nurl = \"sqlite:state/stagedoor.db\"\n\n\
         [audit]\ndirectory = \"state/audit\"\n",
        quoted(&plan.account),
        quoted(&plan.region)
    )
}

fn issuer(plan: &Plan) -> String {
    let mut text = format!("kind = {}\n", quoted(plan.kind));
    for (name, value) in &plan.settings {
        text += &format!("{name} = {}\n", quoted(value));
    }
    text + &format!("audiences = [{}]\n", quoted(&plan.audience))
}

fn policy(statement: &serde_json::Value) -> Result<String, Failure> {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| Failure::internal(format!("cannot write a policy as JSON: {error}")))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
