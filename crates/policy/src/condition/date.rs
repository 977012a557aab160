//! Dates: the W3C profile of ISO 8601, or seconds since 1970.

use super::number::Decimal;

/// A point in time with nanosecond precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant {
    seconds: i64,
    nanoseconds: u32,
}

impl Instant {
    /// Reads `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mmZ`, `YYYY-MM-DDThh:mm:ss[.fraction]Z` with `Z` or `±hh:mm`, or
    /// a number of **seconds** since 1970-01-01T00:00:00Z. A date without a time is its first moment in UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if Decimal::parse(text).is_some() { Self::epoch(text) } else { Self::iso(text) }
    }

    /// A moment some time later, or earlier.
    pub(crate) fn plus(self, seconds: i64, nanoseconds: i64) -> Option<Self> {
        let total = i64::from(self.nanoseconds) + nanoseconds;
        let carry = total.div_euclid(1_000_000_000);
        Some(Self {
            seconds: self.seconds.checked_add(seconds)?.checked_add(carry)?,
            nanoseconds: u32::try_from(total.rem_euclid(1_000_000_000)).ok()?,
        })
    }

    /// A text that is read as this moment.
    pub(crate) fn to_text(self) -> String {
        if self.nanoseconds == 0 {
            return match jiff::Timestamp::from_second(self.seconds) {
                Ok(time) if time.to_string().starts_with(|first: char| first.is_ascii_digit()) => {
                    time.to_string()
                }
                _ => self.seconds.to_string(),
            };
        }
        if self.seconds >= 0 {
            return format!("{}.{:09}", self.seconds, self.nanoseconds);
        }
        format!("-{}.{:09}", (self.seconds + 1).unsigned_abs(), 1_000_000_000 - self.nanoseconds)
    }

    fn epoch(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let seconds: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let nanoseconds = nanoseconds(fraction);
        if whole.starts_with('-') && nanoseconds > 0 {
            return Some(Self { seconds: seconds.checked_sub(1)?, nanoseconds: 1_000_000_000 - nanoseconds });
        }
        Some(Self { seconds, nanoseconds })
    }

    fn iso(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2)?;
        let day = match parts.next() {
            Some(day) => digits(day, 2)?,
            None if time.is_none() => 1,
            None => return None,
        };
        if parts.next().is_some() {
            return None;
        }
        let date = jiff::civil::Date::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        )
        .ok()?;
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let days = i64::from(date.since(epoch).ok()?.get_days());
        let (clock, nanoseconds) = match time {
            Some(time) => Self::clock(time)?,
            None => (0, 0),
        };
        Some(Self { seconds: days * 86_400 + clock, nanoseconds })
    }

    /// Seconds since midnight UTC, and the fraction.
    fn clock(time: &str) -> Option<(i64, u32)> {
        let zone_at = time.find(['Z', '+', '-'])?;
        let (clock, zone) = time.split_at_checked(zone_at)?;
        let offset = match zone {
            "Z" => 0,
            _ => {
                let sign = if zone.starts_with('-') { -1 } else { 1 };
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                sign * (below(hours, 24)? * 60 + below(minutes, 60)?) * 60
            }
        };
        let mut parts = clock.split(':');
        let (hours, minutes) = (below(parts.next()?, 24)?, below(parts.next()?, 60)?);
        let (seconds, fraction) = match parts.next() {
            Some(text) => match text.split_once('.') {
                Some((_, "")) => return None,
                Some((seconds, fraction)) => (below(seconds, 60)?, fraction),
                None => (below(text, 60)?, ""),
            },
            None => (0, ""),
        };
        if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some((hours * 3600 + minutes * 60 + seconds - offset, nanoseconds(fraction)))
    }
}

/// Exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn below(text: &str, limit: i64) -> Option<i64> {
    digits(text, 2).filter(|number| *number < limit)
}

/// The first nine digits of a decimal fraction.
fn nanoseconds(fraction: &str) -> u32 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |sum, digit| sum * 10 + u32::from(digit.saturating_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (i64, u32) {
        let instant = Instant::parse(text).unwrap_or_else(|| panic!("{text}"));
        (instant.seconds, instant.nanoseconds)
    }

    #[test]
    fn spellings() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2013-06-30T00:00:00Z", 1_372_550_400),
            ("2013-06-30", 1_372_550_400),
            ("2013-06", 1_370_044_800),
            ("2013-06-30T02:00+02:00", 1_372_550_400),
            ("2013-06-29T19:30:00-04:30", 1_372_550_400),
            ("1372550400", 1_372_550_400),
            ("1969-12-31T23:59:59Z", -1),
            ("-1", -1),
            ("2024-02-29", 1_709_164_800),
        ] {
            assert_eq!(at(text), (seconds, 0), "{text}");
        }
        assert_eq!(at("2013-06-30T00:00:00.25Z"), (1_372_550_400, 250_000_000));
        assert_eq!(at("1372550400.25"), (1_372_550_400, 250_000_000));
        assert_eq!(at("-0.25"), (-1, 750_000_000));
    }

    #[test]
    fn moments_are_written_as_they_are_read() {
        for text in [
            "1970-01-01T00:00:00Z",
            "-0.25",
            "-1.75",
            "1372550400.000000001",
            "99999999999999",
            "-99999999999999",
        ] {
            let instant = Instant::parse(text).unwrap();
            for (seconds, nanoseconds) in [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (86_400, 500_000_000)] {
                let moved = instant.plus(seconds, nanoseconds).unwrap();
                assert_eq!(Instant::parse(&moved.to_text()), Some(moved), "{text} {seconds} {nanoseconds}");
                assert_eq!(moved.cmp(&instant), (seconds, nanoseconds).cmp(&(0, 0)));
            }
        }
    }

    #[test]
    fn epoch_is_seconds_never_milliseconds() {
        assert_eq!(at("1372550400000"), (1_372_550_400_000, 0));
        assert!(Instant::parse("1372550400000") > Instant::parse("9999-12-31"));
    }

    #[test]
    fn not_dates() {
        for text in [
            "",
            "today",
            "2013-6-30",
            "2013-13-01",
            "2013-02-29",
            "2013-06-30T24:00:00Z",
            "2013-06-30T00:00:00",
            "2013-06-30 00:00:00Z",
            "2013-06-30T00:00:60Z",
            "2013-06-30T00:00:00.Z",
            "20130630T000000Z",
            "2013-06-30T00:00:00+0200",
            "2013-06-30T00:00:00ZZ",
            "99999999999999999999",
        ] {
            assert!(Instant::parse(text).is_none(), "{text}");
        }
    }
}
