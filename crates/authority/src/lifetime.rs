//! How long a session may last.

use crate::Reason;
use crate::assume::No;
use jiff::SignedDuration;
use std::time::Duration;

/// The shortest session.
const LEAST: Duration = Duration::from_secs(15 * 60);

/// The length of a session when the caller asks for none.
const USUAL: Duration = Duration::from_secs(60 * 60);

/// The lifetime of a session: as asked for, if the role allows it.
pub(crate) fn of(asked: Option<Duration>, most: Duration) -> Result<SignedDuration, No> {
    let seconds = match asked {
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
    let seconds = i64::try_from(seconds.as_secs())
        .map_err(|error| No::new(Reason::RequestInvalid, "The duration is too long.", error.to_string()))?;
    Ok(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn seconds(asked: Option<u64>, most: u64) -> Result<i64, Reason> {
        of(asked.map(Duration::from_secs), Duration::from_secs(most))
            .map(|lifetime| lifetime.as_secs())
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
