//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use std::fmt;

use serde::{Serialize, Serializer};

/// A parsed ARN. The resource part keeps any further colons.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Arn {
    text: Box<str>,
    /// Offsets of the first five colons.
    colons: [u32; 5],
}

/// Why a text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an ARN: wanted `arn:partition:service:region:account:resource`")]
pub struct NotAnArn {
    text: String,
}

impl Arn {
    /// Parses an ARN. Region and account may be empty; partition, service and resource may not.
    ///
    /// # Errors
    /// When the text does not begin with `arn:`, has fewer than six parts, or a required part is empty.
    pub fn parse(text: &str) -> Result<Self, NotAnArn> {
        let wrong = || NotAnArn { text: text.chars().take(256).collect() };
        let parts = split(text).ok_or_else(wrong)?;
        let [scheme, partition, service, _, _, resource] = parts;
        if scheme != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(wrong());
        }
        let mut colons = [0; 5];
        for (slot, (offset, _)) in colons.iter_mut().zip(text.match_indices(':')) {
            *slot = u32::try_from(offset).map_err(|_| wrong())?;
        }
        Ok(Self { text: text.into(), colons })
    }

    fn part(&self, from: Option<usize>, to: Option<usize>) -> &str {
        let offset = |index: usize| self.colons.get(index).map_or(0, |colon| *colon as usize);
        let start = from.map_or(0, |index| offset(index) + 1);
        let end = to.map_or(self.text.len(), offset);
        self.text.get(start..end).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub fn partition(&self) -> &str {
        self.part(Some(0), Some(1))
    }

    /// The service namespace, such as `iam`.
    pub fn service(&self) -> &str {
        self.part(Some(1), Some(2))
    }

    /// The region; empty for global services.
    pub fn region(&self) -> &str {
        self.part(Some(2), Some(3))
    }

    /// The account; empty where a service has none in its ARNs.
    pub fn account(&self) -> &str {
        self.part(Some(3), Some(4))
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        self.part(Some(4), None)
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Arn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// The six parts of a text with at least five colons; the last keeps further colons.
pub(crate) fn split(text: &str) -> Option<[&str; 6]> {
    let mut parts = text.splitn(6, ':');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

/// The account part of an ARN, or an empty string.
pub(crate) fn account(text: &str) -> &str {
    text.split(':').nth(4).unwrap_or_default()
}

/// Whether a text is an account number: twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let arn = Arn::parse("arn:aws:logs:us-east-1:123456789012:log-group:/app:log-stream:x").unwrap();
        assert_eq!(arn.partition(), "aws");
        assert_eq!(arn.service(), "logs");
        assert_eq!(arn.region(), "us-east-1");
        assert_eq!(arn.account(), "123456789012");
        assert_eq!(arn.resource(), "log-group:/app:log-stream:x");
        let bucket = Arn::parse("arn:aws:s3:::bucket/key").unwrap();
        assert_eq!((bucket.region(), bucket.account(), bucket.resource()), ("", "", "bucket/key"));
    }

    #[test]
    fn refused() {
        for text in
            ["", "arn", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:::b", "arn:aws::::b", "urn:aws:s3:::b"]
        {
            assert!(Arn::parse(text).is_err(), "{text}");
        }
    }
}
