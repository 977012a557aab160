//! `AssumeRoleWithWebIdentity`: a token in, temporary credentials out. The request is not signed.

use super::answer::{Answer, Operation};
use super::constraint::{Check, POLICY_ARN, PROVIDER_ID, ROLE_ARN, SESSION_NAME, SESSION_POLICY, TOKEN};
use super::credentials::{assumed_role_user, credentials, extras};
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use stagedoor_authority::{AssumeWithWebIdentity, Assumed, Authority, Caller};
use std::time::Duration;

pub(super) const OPERATION: Operation =
    Operation { response: "AssumeRoleWithWebIdentityResponse", result: "AssumeRoleWithWebIdentityResult" };

pub(super) async fn answer(authority: &Authority, form: &Form, caller: &Caller) -> Result<Answer, AwsError> {
    let assumed = authority.assume_role_with_web_identity(request(form)?, caller).await?;
    Ok(Answer {
        operation: &OPERATION,
        result: result(&assumed),
        decision: assumed.decision_id,
        receipt: assumed.receipt,
    })
}

fn request(form: &Form) -> Result<AssumeWithWebIdentity, AwsError> {
    let mut check = Check::new(form);
    let role_arn = check.required("RoleArn", &ROLE_ARN);
    let session_name = check.required("RoleSessionName", &SESSION_NAME);
    let token = check.required_line("WebIdentityToken", &TOKEN);
    let provider_id = check.optional("ProviderId", &PROVIDER_ID);
    let policy_arns = check.list("PolicyArns", Some("arn"), 10, &POLICY_ARN);
    let policy = check.optional("Policy", &SESSION_POLICY);
    let duration = check.number("DurationSeconds", 900, 43_200);
    check.finish()?;
    Ok(AssumeWithWebIdentity {
        role_arn: role_arn.to_owned(),
        session_name: session_name.to_owned(),
        token: token.into(),
        duration: duration.map(Duration::from_secs),
        policy: policy.map(str::to_owned),
        policy_arns: policy_arns.into_iter().map(str::to_owned).collect(),
        provider_id: provider_id.map(str::to_owned),
    })
}

fn result(assumed: &Assumed) -> Vec<Element<'static>> {
    let mut elements = vec![
        Element::text("SubjectFromWebIdentityToken", assumed.subject.clone()),
        Element::text("Audience", assumed.audience.clone()),
        assumed_role_user(&assumed.session),
        credentials(&assumed.credentials),
        Element::text("Provider", assumed.provider.clone()),
    ];
    elements.extend(extras(assumed.packed_policy_size, &assumed.session));
    elements
}
