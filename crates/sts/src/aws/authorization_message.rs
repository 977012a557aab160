//! `DecodeAuthorizationMessage`: what the operator would be told of a denial.

use super::answer::{Answer, Operation};
use super::constraint::{Check, ENCODED_MESSAGE};
use super::error::AwsError;
use super::form::Form;
use super::xml::Element;
use stagedoor_authority::{Authority, Caller};
use stagedoor_session::HttpRequest;

pub(super) const OPERATION: Operation =
    Operation { response: "DecodeAuthorizationMessageResponse", result: "DecodeAuthorizationMessageResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let mut check = Check::new(form);
    let message = check.required_line("EncodedMessage", &ENCODED_MESSAGE);
    check.finish()?;
    let answered = authority
        .decode_authorization_message(message, request, caller)
        .await
        .map_err(AwsError::with_message)?;
    Ok(Answer {
        operation: &OPERATION,
        result: vec![Element::text("DecodedMessage", answered.value)],
        decision: answered.decision_id,
        receipt: answered.receipt,
    })
}
