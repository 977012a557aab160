//! Values that are written as strings: addresses, durations, sizes, URLs.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use url::{Host, Url};

pub(crate) const ACCOUNT: &str = "an account id of 12 digits, such as `123456789012`";
pub(crate) const REGION: &str = "a region of lower-case letters, digits and `-`, such as `us-east-1`";
pub(crate) const ADDRESS: &str = "an IP address with a port, such as `127.0.0.1:8010` or `[::1]:8010`";
pub(crate) const DURATION: &str = "a duration such as `1h`, `30m`, `3600s` or `1h30m`";
pub(crate) const SIZE: &str = "a size such as `512KiB`, `10MiB` or `1GiB`";
pub(crate) const RATE: &str = "a rate such as `600/s`, `20/m` or `5/h`";
pub(crate) const WEB_ORIGIN: &str =
    "an https URL (http to loopback only) without user, query, fragment or final slash";

pub(crate) fn account(text: &str) -> Option<String> {
    (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

pub(crate) fn region(text: &str) -> Option<String> {
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    fits.then(|| text.to_owned())
}

pub(crate) fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// One or more whole numbers, each with `h`, `m`, `s` or `ms`, from the largest unit to the smallest.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut smallest = u64::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let milliseconds: u64 = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        if milliseconds >= smallest {
            return None;
        }
        smallest = milliseconds;
        let part = number.parse::<u64>().ok()?.checked_mul(milliseconds)?;
        total = total.checked_add(Duration::from_millis(part))?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

pub(crate) fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(bytes)
}

/// So many in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which time: a second, a minute or an hour.
    pub per: Duration,
}

pub(crate) fn rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let count = count.bytes().all(|b| b.is_ascii_digit()).then(|| count.parse().ok())??;
    Some(Rate { count, per: Duration::from_secs(seconds) })
}

/// A URL under which something is fetched or served: `https`, or `http` to loopback.
pub(crate) fn web(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let safe = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url.host()?),
        _ => false,
    };
    (plain && safe && url.host().is_some()).then_some(url)
}

/// [`WEB_ORIGIN`], as written.
pub(crate) fn web_origin(text: &str) -> Option<String> {
    let url = web(text)?;
    (url.query().is_none() && !text.ends_with('/')).then(|| text.to_owned())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let seconds = |text| duration(text).map(|d| d.as_secs_f64());
        assert_eq!(seconds("1h"), Some(3600.0));
        assert_eq!(seconds("30m"), Some(1800.0));
        assert_eq!(seconds("3600s"), Some(3600.0));
        assert_eq!(seconds("1h30m"), Some(5400.0));
        assert_eq!(seconds("250ms"), Some(0.25));
        assert_eq!(seconds("0s"), Some(0.0));
        for wrong in
            ["", "1", "h", "1d", "1h30", "30m1h", "1h1h", "-1h", "1.5h", "1 h", "1H", "99999999999999999999s"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert_eq!(duration("18446744073709551615h"), None, "an overflow");
    }

    #[test]
    fn sizes() {
        assert_eq!(size("10MiB"), Some(10 << 20));
        assert_eq!(size("512KiB"), Some(512 << 10));
        assert_eq!(size("0B"), Some(0));
        for wrong in ["", "10", "10MB", "MiB", "1.5GiB", "18446744073709551615GiB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates() {
        let read = |text| rate(text).map(|rate| (rate.count.get(), rate.per.as_secs()));
        assert_eq!(read("600/s"), Some((600, 1)));
        assert_eq!(read("20/m"), Some((20, 60)));
        assert_eq!(read("1/h"), Some((1, 3600)));
        for wrong in ["", "600", "/s", "0/s", "-1/s", "+1/s", "1.5/s", "1/d", "1/S", "99999999999/s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn web_addresses() {
        for right in
            ["https://id.acme.dev", "http://127.0.0.1:8010", "http://[::1]:1/x", "http://localhost:8010"]
        {
            assert_eq!(web_origin(right).as_deref(), Some(right));
        }
        for wrong in [
            "id.acme.dev",
            "http://id.acme.dev",
            "https://id.acme.dev/",
            "https://u@id.acme.dev",
            "https://id.acme.dev?x",
            "https://id.acme.dev#x",
            "ftp://127.0.0.1",
            "https://",
        ] {
            assert_eq!(web_origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn accounts_and_regions() {
        assert!(account("123456789012").is_some());
        assert!(
            ["", "12345678901", "1234567890123", "12345678901x", "１23456789012"]
                .iter()
                .all(|a| account(a).is_none())
        );
        assert!(region("us-gov-west-1").is_some() && region("local").is_some());
        assert!(["", "US-EAST-1", "us east", "a:b", &"a".repeat(33)].iter().all(|r| region(r).is_none()));
    }
}
