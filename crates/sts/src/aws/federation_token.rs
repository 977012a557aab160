//! `GetFederationToken`: credentials for a user whom the calling session vouches for.

use super::answer::{Answer, Operation};
use super::constraint::{Check, FEDERATED_NAME, POLICY_ARN, SESSION_POLICY};
use super::credentials::credentials;
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use stagedoor_authority::{Authority, Caller, FederationToken};
use stagedoor_session::HttpRequest;
use std::time::Duration;

pub(super) const OPERATION: Operation =
    Operation { response: "GetFederationTokenResponse", result: "GetFederationTokenResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let mut check = Check::new(form);
    let name = check.required("Name", &FEDERATED_NAME);
    let policy_arns = check.list("PolicyArns", Some("arn"), 10, &POLICY_ARN);
    let policy = check.optional("Policy", &SESSION_POLICY);
    let duration = check.number("DurationSeconds", 900, 129_600);
    let tags = check.tags();
    check.finish()?;
    let asked = FederationToken {
        name: name.to_owned(),
        duration: duration.map(Duration::from_secs),
        policy: policy.map(str::to_owned),
        policy_arns: policy_arns.into_iter().map(str::to_owned).collect(),
        tags,
    };
    let issued = authority.federation_token(asked, request, caller).await.map_err(AwsError::with_message)?;
    let user = vec![
        Element::text("Arn", issued.session.arn()),
        Element::text("FederatedUserId", issued.session.user_id()),
    ];
    let mut result = vec![credentials(&issued.credentials), Element::group("FederatedUser", user)];
    if let Some(size) = issued.packed_policy_size {
        result.push(Element::text("PackedPolicySize", size.to_string()));
    }
    Ok(Answer { operation: &OPERATION, result, decision: issued.decision_id, receipt: issued.receipt })
}
