//! GitHub Actions makes a job's token when the job asks for it.
//! Source: GitHub, "OpenID Connect reference", "Methods for requesting the OIDC token".

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::Found;
use crate::failure::Failure;
use crate::sts;

const ADDRESS: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const BEARER: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

#[derive(Deserialize)]
struct Answer {
    value: SecretString,
}

/// The token for an audience, when this is a job that may have one.
///
/// # Errors
/// When GitHub cannot be reached or gives none.
pub(super) async fn token(
    variable: impl Fn(&str) -> Option<String>,
    audience: &str,
) -> Result<Option<Found>, Failure> {
    let (Some(address), Some(bearer)) = (variable(ADDRESS), variable(BEARER)) else { return Ok(None) };
    let mut url = Url::parse(&address)
        .map_err(|error| Failure::input(format!("${ADDRESS} `{address}` is no URL: {error}")))?;
    url.query_pairs_mut().append_pair("audience", audience);
    let unreachable = |reason: String| Failure::unreachable(format!("GitHub gave no token: {reason}"));
    let request = sts::client(sts::is_loopback(&url))?.get(url).bearer_auth(bearer);
    let response = request.send().await.map_err(|error| unreachable(sts::whole(&error.without_url())))?;
    let status = response.status();
    let text = response.text().await.map_err(|error| unreachable(sts::whole(&error.without_url())))?;
    if !status.is_success() {
        return Err(unreachable(format!("status {status}")));
    }
    let answer: Answer = serde_json::from_str(&text)
        .map_err(|error| unreachable(format!("its answer has no `value`: {error}")))?;
    Ok(Some(Found { token: answer.value, origin: format!("GitHub (${ADDRESS}), audience {audience}") }))
}
