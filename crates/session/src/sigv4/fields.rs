//! The fields of a signature, one parser each.

use http::HeaderName;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::MAX_PRESIGNED_EXPIRY;
use crate::authenticate::Payload;
use crate::refusal::{SessionRefusal, quoted};

/// The credential scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Scope {
    pub(crate) fn as_text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

pub(super) fn credential_scope(text: &str) -> Result<(String, Scope), SessionRefusal> {
    let malformed = || {
        SessionRefusal::malformed(
            "the credential",
            "`<access key>/<yyyymmdd>/<region>/<service>/aws4_request`",
            text,
        )
    };
    let name = |part: &str| {
        !part.is_empty()
            && part.len() <= 64
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let mut parts = text.splitn(6, '/');
    let mut next = || parts.next().filter(|part| name(part)).map(str::to_owned).ok_or_else(malformed);
    let (access_key_id, date, region, service, end) = (next()?, next()?, next()?, next()?, next()?);
    if parts.next().is_some() || end != "aws4_request" || date.len() != 8 {
        return Err(malformed());
    }
    Ok((access_key_id, Scope { date, region, service }))
}

pub(super) fn header_names(list: &str) -> Result<(Vec<HeaderName>, String), SessionRefusal> {
    const AT: &str = "`SignedHeaders`";
    const WANTED: &str = "lower-case header names, sorted, separated by `;`";
    let mut names: Vec<HeaderName> = Vec::new();
    for name in list.split(';') {
        let parsed = HeaderName::from_lowercase(name.as_bytes())
            .map_err(|_| SessionRefusal::malformed(AT, WANTED, name))?;
        if names.last().is_some_and(|last| last.as_str() >= name) {
            return Err(SessionRefusal::malformed(AT, WANTED, list));
        }
        names.push(parsed);
    }
    Ok((names, list.to_owned()))
}

pub(super) fn signature_bytes(text: &str) -> Result<[u8; 32], SessionRefusal> {
    let mut bytes = [0; 32];
    let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hex::decode_to_slice(text, &mut bytes)
        .ok()
        .filter(|()| lower)
        .map(|()| bytes)
        .ok_or_else(|| SessionRefusal::malformed("the signature", "64 lower-case hex digits", text))
}

pub(super) fn payload(text: &str) -> Result<(String, Payload), SessionRefusal> {
    let parsed = match text {
        "UNSIGNED-PAYLOAD" => Payload::Unsigned,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Payload::StreamingSigned { trailer: false },
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Payload::StreamingSigned { trailer: true },
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Payload::StreamingUnsigned,
        other if other.starts_with("STREAMING-") => {
            return Err(SessionRefusal::PayloadUnsupported(quoted(other)));
        }
        hash => {
            let mut bytes = [0; 32];
            hex::decode_to_slice(hash, &mut bytes).map_err(|_| {
                SessionRefusal::malformed(
                    "`X-Amz-Content-Sha256`",
                    "64 hex digits or `UNSIGNED-PAYLOAD`",
                    hash,
                )
            })?;
            Payload::Hash(bytes)
        }
    };
    Ok((text.to_owned(), parsed))
}

pub(super) fn expiry(text: &str) -> Result<SignedDuration, SessionRefusal> {
    let digits = text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse::<i64>()
        .ok()
        .filter(|_| digits)
        .map(SignedDuration::from_secs)
        .filter(|expires| expires.is_positive() && *expires <= MAX_PRESIGNED_EXPIRY)
        .ok_or_else(|| SessionRefusal::malformed("`X-Amz-Expires`", "1 to 604800 seconds", text))
}

/// `yyyymmddThhmmssZ`, and its text.
pub(super) fn amz_timestamp(text: &str) -> Result<(String, Timestamp), SessionRefusal> {
    parse_basic(text)
        .map(|at| (text.to_owned(), at))
        .ok_or_else(|| SessionRefusal::malformed("`X-Amz-Date`", "`yyyymmddThhmmssZ`", text))
}

/// A `Date` header: RFC 9110 §5.6.7 or `yyyymmddThhmmssZ`. The string to sign has the latter form.
pub(super) fn http_timestamp(text: &str) -> Result<(String, Timestamp), SessionRefusal> {
    parse_basic(text)
        .or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
        .map(|at| (at.strftime("%Y%m%dT%H%M%SZ").to_string(), at))
        .ok_or_else(|| SessionRefusal::malformed("`Date`", "an HTTP date", text))
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let shape = text.len() == 16
        && text.bytes().enumerate().all(|(index, b)| match index {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let year = text.get(..4).filter(|_| shape)?.parse::<i16>().ok()?;
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
