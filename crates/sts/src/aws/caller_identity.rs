//! `GetCallerIdentity`: whose credentials signed this request. No permission is needed.

use super::answer::{Answer, Operation};
use super::error::AwsError;
use super::xml::Element;
use stagedoor_authority::{Authority, Caller, CallerIdentity};
use stagedoor_session::HttpRequest;

pub(super) const OPERATION: Operation =
    Operation { response: "GetCallerIdentityResponse", result: "GetCallerIdentityResult" };

pub(super) async fn answer(
    authority: &Authority,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let CallerIdentity { user_id, account, arn, decision_id, receipt } =
        authority.caller_identity(request, caller).await?;
    Ok(Answer {
        operation: &OPERATION,
        result: vec![
            Element::text("Arn", arn),
            Element::text("UserId", user_id),
            Element::text("Account", account),
        ],
        decision: decision_id,
        receipt,
    })
}
