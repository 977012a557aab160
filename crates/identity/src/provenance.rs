//! Which repository and run a token came from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claims::Claims;
use crate::context::text;
use crate::provider::{Provider, Source};

/// Longest value taken over, in bytes; longer ones are left out.
const VALUE_LIMIT: usize = 1024;

/// What a token tells about where it came from. A field is absent where the provider's tokens don't say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The provider's kind, such as `bitbucket`.
    pub provider: String,
    /// The repository or project: a path where the token has one, else its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The git ref, as the provider writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The commit hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The pipeline, workflow or build run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The job or step in the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The deployment environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The pull or merge request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<String>,
    /// Who or what caused the run, or whom the token is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

impl Provenance {
    pub(crate) fn of(claims: &Claims, provider: &Provider) -> Self {
        let from = |sources: &[Source]| sources.iter().find_map(|source| read(claims, source));
        let map = &provider.provenance;
        Provenance {
            provider: provider.kind.to_owned(),
            repository: from(map.repository),
            reference: from(map.reference),
            commit: from(map.commit),
            run: from(map.run),
            job: from(map.job),
            environment: from(map.environment),
            pull_request: from(map.pull_request),
            actor: from(map.actor),
        }
    }
}

fn read(claims: &Claims, source: &Source) -> Option<String> {
    let scalar = |path: &str| match claims.at(path)? {
        value @ (Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            Some(text(value)).filter(|text| !text.is_empty() && text.len() <= VALUE_LIMIT)
        }
        _ => None,
    };
    match *source {
        Source::Claim(path) => scalar(path),
        Source::Between { claim, before, after } => {
            let value = scalar(claim)?;
            let (_, rest) = value.split_once(before)?;
            let found = if after.is_empty() { rest } else { rest.split_once(after)?.0 };
            Some(found.to_owned()).filter(|text| !text.is_empty())
        }
    }
}
