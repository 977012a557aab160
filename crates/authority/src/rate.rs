//! How many exchanges are let through, for each issuer and for each subject.

use crate::assume::No;
use crate::{Authority, Reason};
use jiff::Timestamp;
use stagedoor_config::{Rate, RateLimits};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// So many buckets are kept before full ones are forgotten.
const MOST: usize = 65_536;

/// What floating point loses.
const SLIP: f64 = 1e-6;

/// A bucket for each limited party: what it may still spend, and when it was last looked at.
#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<HashMap<String, (f64, Timestamp)>>);

impl Buckets {
    /// Takes one from a bucket that fills at `rate` and holds what comes in one of its periods.
    ///
    /// # Errors
    /// When it is empty: in how many seconds there is one again.
    fn take(&self, party: String, rate: Rate, now: Timestamp) -> Result<(), u64> {
        let full = f64::from(rate.count.get());
        let each = full / rate.per.as_secs_f64();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, (left, at)| *left + each * now.duration_since(*at).as_secs_f64() < full);
        }
        let (left, at) = buckets.entry(party).or_insert((full, now));
        *left = (*left + each * now.duration_since(*at).as_secs_f64().max(0.0)).min(full);
        *at = now;
        if *left >= 1.0 - SLIP {
            *left -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - *left) / each - SLIP).ceil();
        // A wait of at most an hour, the longest period.
        Err((1..=3600_u32).find(|whole| f64::from(*whole) >= seconds).map_or(3600, u64::from))
    }
}

impl Authority {
    /// Whether an issuer and one of its subjects may have another exchange now.
    pub(crate) fn within_rates(
        &self,
        limits: RateLimits,
        issuer: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), No> {
        let parties = [
            (limits.subject, format!("{issuer} {subject}"), "the token's subject"),
            (limits.issuer, issuer.to_owned(), "the issuer"),
        ];
        for (rate, party, what) in parties {
            let Some(rate) = rate else { continue };
            if let Err(seconds) = self.buckets.take(party, rate, now) {
                let detail = format!(
                    "{what} has had its {} exchanges in {} s; the next one in {seconds} s",
                    rate.count,
                    rate.per.as_secs()
                );
                return Err(No::new(Reason::Throttled, "Rate exceeded", detail).after(seconds));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;
    use std::num::NonZeroU32;
    use std::time::Duration;

    #[test]
    fn a_bucket_is_spent_and_fills_again() {
        let rate = Rate { count: NonZeroU32::new(2).unwrap(), per: Duration::from_secs(60) };
        let buckets = Buckets::default();
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let take = |seconds: i64, party: &str| {
            buckets.take(party.to_owned(), rate, now.checked_add(seconds.seconds()).unwrap())
        };
        assert_eq!((take(0, "a"), take(0, "a")), (Ok(()), Ok(())));
        assert_eq!(take(0, "a"), Err(30));
        assert_eq!(take(0, "b"), Ok(()));
        assert_eq!(take(20, "a"), Err(10));
        assert_eq!((take(30, "a"), take(30, "a")), (Ok(()), Err(30)));
        assert_eq!((take(3600, "a"), take(3600, "a"), take(3600, "a")), (Ok(()), Ok(()), Err(30)));
    }
}
