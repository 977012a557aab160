//! `GetWebIdentityToken`: a token of our own issuer for the calling session.

use super::answer::{Answer, Operation};
use super::constraint::{AUDIENCE, Check, SIGNING_ALGORITHM};
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use secrecy::ExposeSecret as _;
use stagedoor_authority::{Authority, Caller, IdentityTokenRequest};
use stagedoor_session::{HttpRequest, SigningAlgorithm};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const OPERATION: Operation =
    Operation { response: "GetWebIdentityTokenResponse", result: "GetWebIdentityTokenResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let mut check = Check::new(form);
    let audiences = check.list("Audience", None, 10, &AUDIENCE);
    let algorithm = check.required("SigningAlgorithm", &SIGNING_ALGORITHM);
    let duration = check.number("DurationSeconds", 60, 3600);
    let tags = check.tags();
    check.finish()?;
    let algorithm = SigningAlgorithm::by_name(algorithm).ok_or_else(|| {
        AwsError::invalid_parameter("The SigningAlgorithm must be one of RS256, ES256 and ES384.")
    })?;
    let mut unique: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in tags {
        if unique.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(AwsError::invalid_parameter(text));
        }
        unique.insert(key, value);
    }
    let asked = IdentityTokenRequest {
        audiences: audiences.into_iter().map(str::to_owned).collect(),
        duration: duration.map(Duration::from_secs),
        algorithm,
        tags: unique,
    };
    let proof = authority.authenticate_whole(request);
    let token = authority.identity_token(proof, asked, "sts", caller).await?;
    Ok(Answer {
        operation: &OPERATION,
        result: vec![
            Element::text("WebIdentityToken", token.token.expose_secret().to_owned()),
            Element::text("Expiration", token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ],
        decision: token.decision_id,
        receipt: token.receipt,
    })
}
