//! `GetSessionToken`: a second set of credentials for the calling session.

use super::answer::{Answer, Operation};
use super::constraint::Check;
use super::credentials::credentials;
use super::error::AwsError;
use super::form::Form;
use stagedoor_authority::{Authority, Caller};
use stagedoor_session::HttpRequest;
use std::time::Duration;

pub(super) const OPERATION: Operation =
    Operation { response: "GetSessionTokenResponse", result: "GetSessionTokenResult" };

pub(super) async fn answer(
    authority: &Authority,
    form: &Form,
    request: &HttpRequest<'_>,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let mut check = Check::new(form);
    let duration = check.number("DurationSeconds", 900, 129_600).map(Duration::from_secs);
    let device_code = check.device_code();
    check.finish()?;
    let issued = authority
        .session_token(duration, device_code, request, caller)
        .await
        .map_err(AwsError::with_message)?;
    Ok(Answer {
        operation: &OPERATION,
        result: vec![credentials(&issued.credentials)],
        decision: issued.decision_id,
        receipt: issued.receipt,
    })
}
