//! Denials that the denied carry away sealed, and that whoever may can read: `DecodeAuthorizationMessage`.

use crate::assume::No;
use crate::{Answered, Authority, Caller, Class, Reason, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use stagedoor_audit::Record;
use stagedoor_session::HttpRequest;

/// How long a denial can be read.
const READABLE: SignedDuration = SignedDuration::from_hours(24);

/// The most characters of the operator's text that are sealed.
const LONGEST: usize = 2000;

/// The member that says until when a denial can be read, in seconds since 1970. Taken out when it is read.
const UNTIL: &str = "until";

impl Authority {
    /// Seals what the operator would be told of a denial, in the shape of AWS's decoded messages. None for other
    /// refusals, which have nothing to hide.
    pub(crate) fn seal_denial(
        &self,
        record: &Record,
        reason: Reason,
        detail: &str,
        receipt: u64,
    ) -> Option<String> {
        if reason.class() != Class::Denied {
            return None;
        }
        let now = record.event_time;
        let until = now.checked_add(READABLE).ok()?.as_second();
        let mut message = shown(record, reason, detail, receipt);
        message.as_object_mut()?.insert(UNTIL.to_owned(), until.into());
        self.keyring.load().seal_message(&message.to_string(), now).ok()
    }

    /// Reads a denial that a caller was given. The caller of this operation needs `sts:DecodeAuthorizationMessage`.
    ///
    /// # Errors
    /// A recorded refusal, also when the message is not ours, was altered or is older than 24 hours.
    pub async fn decode_authorization_message(
        &self,
        message: &str,
        request: &HttpRequest<'_>,
        caller: &Caller,
    ) -> Result<Answered<String>, Refusal> {
        self.permitted("sts:DecodeAuthorizationMessage", request, caller, |attempt, now| {
            let read = self.read_denial(message, now);
            let Some(denial) = read else {
                let public = "The authorization message is invalid or has expired.";
                let detail = "the message was not sealed here, was altered, or is older than 24 hours";
                return Err(No::new(Reason::MessageInvalid, public, detail));
            };
            attempt.parameter("decision", denial.pointer("/stagedoor/decision").cloned());
            Ok(denial.to_string())
        })
        .await
    }

    fn read_denial(&self, message: &str, now: Timestamp) -> Option<Value> {
        let text = self.keyring.load().open_message(message, now)?;
        let mut denial: Value = serde_json::from_str(&text).ok()?;
        let until = denial.as_object_mut()?.remove(UNTIL)?.as_i64()?;
        (now.as_second() < until).then_some(denial)
    }
}

fn shown(record: &Record, reason: Reason, detail: &str, receipt: u64) -> Value {
    let explicit = matches!(reason, Reason::TrustDenied | Reason::PermissionDenied | Reason::AssumeDenied);
    let details = &record.stagedoor;
    let statement = details.statement.as_ref().filter(|_| explicit);
    let matched: Vec<Value> = statement
        .map(|statement| {
            json!({
                "statementId": statement.sid,
                "effect": "DENY",
                "policy": statement.policy,
                "index": statement.index,
            })
        })
        .into_iter()
        .collect();
    let identity = &record.user_identity;
    json!({
        "allowed": false,
        "explicitDeny": explicit,
        "matchedStatements": { "items": matched },
        "failures": { "items": [] },
        "context": {
            "principal": { "id": identity.principal_id, "arn": identity.arn },
            "action": details.action,
            "resource": details.resource,
            "conditions": { "items": [] },
        },
        "stagedoor": {
            "decision": record.event_id,
            "receipt": receipt,
            "time": record.event_time,
            "reason": reason.code(),
            "detail": detail.chars().take(LONGEST).collect::<String>(),
        },
    })
}
