//! How long a session may last.

use crate::assume::No;
use crate::{Reason, message};
use jiff::Timestamp;
use std::time::Duration;

/// The shortest session.
const LEAST: Duration = Duration::from_secs(15 * 60);

/// The length of a session when the caller asks for none.
const USUAL: Duration = Duration::from_secs(60 * 60);

/// The length of a copied session when the caller asks for none, as with AWS.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

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
    until(now, lasts)
}

/// The lifetime of a session that another session asks for: an hour at most.
pub(crate) fn of_chained(now: Timestamp, asked: Option<Duration>, most: Duration) -> Result<Lifetime, No> {
    if let Some(asked) = asked.filter(|asked| *asked > USUAL && *asked <= most) {
        let public = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        let detail = format!("asked for {} s; a chained session lasts at most 3600 s", asked.as_secs());
        return Err(No::new(Reason::DurationTooLong, public, detail));
    }
    of(now, asked, most)
}

/// The lifetime of a session that is a copy of one: as long as asked for, but no longer than that one.
pub(crate) fn within(now: Timestamp, asked: Option<Duration>, end: Timestamp) -> Result<Lifetime, No> {
    let asked = match asked {
        Some(asked) if asked < LEAST => {
            let public = "The requested DurationSeconds is less than 900.";
            return Err(No::new(Reason::RequestInvalid, public, format!("asked for {} s", asked.as_secs())));
        }
        Some(asked) => asked,
        None => LONGEST,
    };
    let lifetime = until(now, asked)?;
    Ok(Lifetime { expires_at: lifetime.expires_at.min(end), ..lifetime })
}

fn until(now: Timestamp, lasts: Duration) -> Result<Lifetime, No> {
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
    fn a_chained_session_lasts_an_hour_at_most() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let chained = |asked: Option<u64>, most: u64| {
            of_chained(now, asked.map(Duration::from_secs), Duration::from_secs(most))
                .map(|lifetime| lifetime.expires_at.duration_since(now).as_secs())
                .map_err(|no| no.public)
        };
        assert_eq!(chained(None, 12 * HOUR), Ok(3600));
        assert_eq!(chained(Some(HOUR), 12 * HOUR), Ok(3600));
        assert!(chained(Some(HOUR + 1), 12 * HOUR).unwrap_err().contains("role chaining"));
        assert!(chained(Some(1801), 1800).unwrap_err().contains("MaxSessionDuration"));
    }

    #[test]
    fn a_copy_ends_no_later_than_its_original() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let end = now.checked_add(Duration::from_secs(HOUR)).unwrap();
        let copied = |asked: Option<u64>| {
            within(now, asked.map(Duration::from_secs), end)
                .map(|lifetime| lifetime.expires_at.duration_since(now).as_secs())
                .map_err(|no| no.reason)
        };
        assert_eq!(copied(None), Ok(3600));
        assert_eq!(copied(Some(900)), Ok(900));
        assert_eq!(copied(Some(36 * HOUR)), Ok(3600));
        assert_eq!(copied(Some(899)), Err(Reason::RequestInvalid));
    }

    #[test]
    fn out_of_bounds() {
        assert_eq!(seconds(Some(HOUR + 1), HOUR), Err(Reason::DurationTooLong));
        assert_eq!(seconds(Some(899), HOUR), Err(Reason::RequestInvalid));
    }
}
