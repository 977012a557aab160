//! `AssumeRole`: from one session to another.

use super::answer::{Answer, Operation};
use super::constraint::{
    Check, EXTERNAL_ID, POLICY_ARN, ROLE_ARN, SESSION_NAME, SESSION_POLICY, SOURCE_IDENTITY, TAG_KEY,
};
use super::credentials::{assumed_role_user, credentials, extras};
use super::error::AwsError;
use super::form::Form;
use stagedoor_authority::{AssumeRole, Authority, Caller};
use stagedoor_session::HttpRequest;
use std::time::Duration;

pub(super) const OPERATION: Operation =
    Operation { response: "AssumeRoleResponse", result: "AssumeRoleResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let asked = asked(form)?;
    let issued = authority.assume_role(asked, request, caller).await.map_err(AwsError::with_message)?;
    let mut result = vec![assumed_role_user(&issued.session), credentials(&issued.credentials)];
    result.extend(extras(issued.packed_policy_size, &issued.session));
    Ok(Answer { operation: &OPERATION, result, decision: issued.decision_id, receipt: issued.receipt })
}

fn asked(form: &Form) -> Result<AssumeRole, AwsError> {
    let mut check = Check::new(form);
    let role_arn = check.required("RoleArn", &ROLE_ARN);
    let session_name = check.required("RoleSessionName", &SESSION_NAME);
    let policy_arns = check.list("PolicyArns", Some("arn"), 10, &POLICY_ARN);
    let policy = check.optional("Policy", &SESSION_POLICY);
    let duration = check.number("DurationSeconds", 900, 43_200);
    let tags = check.tags();
    let transitive = check.list("TransitiveTagKeys", None, 50, &TAG_KEY);
    let external_id = check.optional("ExternalId", &EXTERNAL_ID);
    let device_code = check.device_code();
    let source_identity = check.optional("SourceIdentity", &SOURCE_IDENTITY);
    check.finish()?;
    Ok(AssumeRole {
        role_arn: role_arn.to_owned(),
        session_name: session_name.to_owned(),
        duration: duration.map(Duration::from_secs),
        policy: policy.map(str::to_owned),
        policy_arns: policy_arns.into_iter().map(str::to_owned).collect(),
        external_id: external_id.map(str::to_owned),
        tags,
        transitive_tag_keys: transitive.into_iter().map(str::to_owned).collect(),
        source_identity: source_identity.map(str::to_owned),
        device_code,
    })
}
