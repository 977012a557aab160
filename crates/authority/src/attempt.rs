//! One request on its way through the authority: what is known of it so far, and how it ends in a record.

use crate::assume::No;
use crate::{Authority, Caller, Decided, Reason, Refusal};
use jiff::Timestamp;
use serde_json::Value;
use stagedoor_audit::{AuditError, Kind, Record, Recorded, Statement};
use stagedoor_config::Snapshot;
use stagedoor_policy::Decision;
use stagedoor_session::Session;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// What a caller is told when a decision could not be recorded.
const NOT_RECORDED: &str = "The request could not be recorded, so it was not carried out. Try again later.";

pub(crate) struct Attempt<'a> {
    authority: &'a Authority,
    /// The snapshot that decides this request.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) record: Record,
    started: Instant,
}

impl<'a> Attempt<'a> {
    /// An attempt of an outside caller at `<service>:<name>`.
    pub(crate) fn of(authority: &'a Authority, kind: Kind, action: &str, caller: &Caller) -> Self {
        let (service, name) = action.split_once(':').unwrap_or(("stagedoor", action));
        let mut attempt = Self::internal(authority, kind, name);
        let record = &mut attempt.record;
        record.event_source = format!("{service}.amazonaws.com");
        record.event_type = "AwsApiCall".to_owned();
        record.source_ip_address = caller.source_ip.to_string();
        record.user_agent = caller.user_agent.clone();
        record.request_id = caller.request_id.clone();
        record.stagedoor.action = Some(action.to_owned());
        attempt
    }

    /// Something that the server itself does.
    pub(crate) fn internal(authority: &'a Authority, kind: Kind, name: &str) -> Self {
        let snapshot = authority.snapshot();
        let mut record = Record::new(kind, name, Uuid::now_v7().to_string(), authority.now());
        record.event_type = "AwsServiceEvent".to_owned();
        record.aws_region = snapshot.settings.region.clone();
        record.recipient_account_id = snapshot.settings.account.clone();
        record.user_identity.kind = "Unknown".to_owned();
        record.stagedoor.snapshot = Some(snapshot.digest.clone());
        Attempt { authority, snapshot, record, started: Instant::now() }
    }

    /// A second record of the same request, with an id of its own, for what goes wrong after the decision.
    pub(crate) fn again(&self) -> Self {
        let mut record = self.record.clone();
        record.event_id = Uuid::now_v7().to_string();
        record.response_elements = serde_json::Map::new();
        Attempt {
            authority: self.authority,
            snapshot: Arc::clone(&self.snapshot),
            record,
            started: self.started,
        }
    }

    /// The id of the decision to be.
    pub(crate) fn id(&self) -> &str {
        &self.record.event_id
    }

    pub(crate) fn parameter(&mut self, name: &str, value: impl Into<Value>) {
        self.record.request_parameters.insert(name.to_owned(), value.into());
    }

    /// Notes the statement that decided.
    pub(crate) fn decided_by(&mut self, decision: &Decision) {
        self.record.stagedoor.statement = decision.decided_by.as_ref().map(|statement| Statement {
            policy: statement.policy.to_string(),
            index: u64::try_from(statement.index).unwrap_or(u64::MAX),
            sid: statement.sid.as_deref().map(str::to_owned),
        });
    }

    /// The time to decide by, which is also the record's.
    pub(crate) fn now(&mut self) -> Result<Timestamp, String> {
        let now = self.authority.trusted_now().map_err(|trouble| trouble.to_string())?;
        self.record.event_time = now;
        Ok(now)
    }

    /// Whether the session still stands, as far as the store has told.
    pub(crate) fn revoked(&self, session: &Session) -> Result<(), No> {
        self.authority.revoked(session, self.snapshot.settings.max_staleness)
    }

    /// Records an allowance. The value comes back only with the proof of its record.
    ///
    /// # Errors
    /// When the record cannot be written; the value is gone then.
    pub(crate) async fn allow<T>(mut self, value: T) -> Result<Recorded<T>, Refusal> {
        self.measure();
        match self.authority.log.record(value, self.record.clone().allow()).await {
            Ok(recorded) => {
                self.observed(None);
                Ok(recorded)
            }
            Err(error) => Err(self.unrecorded(&error).await),
        }
    }

    /// Records a denial with all that is known of it.
    pub(crate) async fn refuse_for(self, no: No) -> Refusal {
        let No { reason, public, detail, retry_after } = no;
        Refusal { retry_after, ..self.refuse(reason, public, detail).await }
    }

    /// Records a denial. `public` is what the caller may know, `detail` is for the operator.
    pub(crate) async fn refuse(
        mut self,
        reason: Reason,
        public: impl Into<String>,
        detail: impl Into<String>,
    ) -> Refusal {
        self.measure();
        let (public, detail) = (public.into(), detail.into());
        let mut record = self.record.clone().deny(reason.code(), reason.aws_code(), detail.as_str());
        record.error_message = Some(public.clone());
        match self.authority.log.append(record).await {
            Ok(receipt) => {
                self.observed(Some(reason));
                let sealed = self.authority.seal_denial(&self.record, reason, &detail, receipt.index);
                Refusal {
                    reason,
                    sealed,
                    decision_id: self.record.event_id,
                    receipt: Some(receipt.index),
                    public,
                    detail,
                    retry: reason.class() == crate::Class::Unavailable,
                    retry_after: None,
                }
            }
            Err(error) => self.no_record(format!("{reason}: {detail}; and {error}"), None),
        }
    }

    /// An allowance could not be recorded: the log may still have room for a denial.
    async fn unrecorded(self, error: &AuditError) -> Refusal {
        let reason = Reason::AuditUnavailable;
        let detail = format!("allowed, but {error}");
        let denial = self.record.clone().deny(reason.code(), reason.aws_code(), detail.as_str());
        let receipt = self.authority.log.append(denial).await.ok().map(|receipt| receipt.index);
        self.no_record(detail, receipt)
    }

    fn no_record(self, detail: String, receipt: Option<u64>) -> Refusal {
        self.observed(Some(Reason::AuditUnavailable));
        tracing::error!(decision = self.record.event_id, detail, "a decision could not be recorded");
        Refusal {
            reason: Reason::AuditUnavailable,
            sealed: None,
            decision_id: self.record.event_id,
            receipt,
            public: NOT_RECORDED.to_owned(),
            detail,
            retry: true,
            retry_after: None,
        }
    }

    fn observed(&self, refused: Option<Reason>) {
        let kind = self.record.stagedoor.kind;
        self.authority.observe(&Decided { kind, refused, elapsed: self.started.elapsed() });
    }

    fn measure(&mut self) {
        let spent = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.record.stagedoor.latency_us = Some(spent);
    }
}
