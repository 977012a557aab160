//! Recording a change of the log itself, before it is made.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use stagedoor_audit::{AuditError, Kind, Log, LogOptions, Receipt, Record};

/// Appends a record of `event` to the log at `directory`, which no server may have open.
///
/// # Errors
/// [`AuditError::Locked`] if one has; whatever else stands against an append.
pub(super) async fn record(
    directory: &Path,
    event: &str,
    parameters: impl IntoIterator<Item = (&'static str, Value)>,
) -> Result<Receipt, AuditError> {
    let log = Log::open(LogOptions::existing(directory)?)?;
    let now = Timestamp::now();
    // Unique in this log: it is the record's own place.
    let id = format!("{event}-{}-{}", log.size(), now.as_microsecond());
    let mut record = Record::new(Kind::Admin, event, id, now).allow();
    record.event_type = "AwsServiceEvent".to_owned();
    record.user_agent = concat!("stagedoor/", env!("CARGO_PKG_VERSION")).to_owned();
    record.stagedoor.actor = std::env::var("USER").ok().filter(|user| !user.is_empty());
    record.request_parameters.extend(parameters.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let receipt = log.append(record).await?;
    log.close().await?;
    Ok(receipt)
}
