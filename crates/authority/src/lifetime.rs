//! How long a session may last.

use crate::assume::No;
use crate::{Reason, message};
use jiff::Timestamp;
use std::time::Duration;

/// The shortest session.
const LEAST: Duration = Duration::from_secs(15 * 60);

/// The length of a session when the caller asks for none.
const USUAL: Duration = Duration::from_secs(60 * 60);

/// When a session begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The lifetime of a session that begins `now`: as long as asked for, if the role allows it.
pub(crate) fn of(now: Timestamp, asked: Option<Duration>, most: Duration) -> Result<Lifetime, No> {
    let lasts = match asked {
        None => USUAL.min(most),
        Some(asked) if asked > most => {
            let public = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            let detail = format!(
                "asked for {} s, the role's `max_session` is {} s; ask for less or raise it",
                asked.as_secs(),
                most.as_secs()
            );
            return Err(No::new(Reason::DurationTooLong, public, detail));
        }
        Some(asked) if asked < LEAST => {
            let public = "The requested DurationSeconds is less than 900.";
            return Err(No::new(Reason::RequestInvalid, public, format!("asked for {} s", asked.as_secs())));
        }
        Some(asked) => asked,
    };
    let expires_at = now
        .checked_add(lasts)
        .map_err(|error| No::new(Reason::IssuingFailed, message::NOT_ISSUED, error.to_string()))?;
    Ok(Lifetime { issued_at: now, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn seconds(asked: Option<u64>, most: u64) -> Result<i64, Reason> {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let lifetime = of(now, asked.map(Duration::from_secs), Duration::from_secs(most));
        lifetime
            .map(|Lifetime { issued_at, expires_at }| expires_at.duration_since(issued_at).as_secs())
            .map_err(|no| no.reason)
    }

    #[test]
    fn an_hour_unless_asked_or_the_role_allows_less() {
        assert_eq!(seconds(None, 12 * HOUR), Ok(3600));
        assert_eq!(seconds(None, 1800), Ok(1800));
        assert_eq!(seconds(Some(900), HOUR), Ok(900));
        assert_eq!(seconds(Some(12 * HOUR), 12 * HOUR), Ok(43_200));
    }

    #[test]
    fn out_of_bounds() {
        assert_eq!(seconds(Some(HOUR + 1), HOUR), Err(Reason::DurationTooLong));
        assert_eq!(seconds(Some(899), HOUR), Err(Reason::RequestInvalid));
    }
}
