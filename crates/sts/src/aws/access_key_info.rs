//! `GetAccessKeyInfo`: which account an access key id belongs to.

use super::answer::{Answer, Operation};
use super::constraint::{ACCESS_KEY_ID, Check};
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use stagedoor_authority::{Authority, Caller};
use stagedoor_session::HttpRequest;

pub(super) const OPERATION: Operation =
    Operation { response: "GetAccessKeyInfoResponse", result: "GetAccessKeyInfoResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let mut check = Check::new(form);
    let id = check.required("AccessKeyId", &ACCESS_KEY_ID);
    check.finish()?;
    let answered = authority.access_key_info(id, request, caller).await.map_err(AwsError::with_message)?;
    Ok(Answer {
        operation: &OPERATION,
        result: vec![Element::text("Account", answered.value)],
        decision: answered.decision_id,
        receipt: answered.receipt,
    })
}
