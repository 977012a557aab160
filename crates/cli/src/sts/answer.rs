//! STS's XML answers.

use std::collections::BTreeMap;
use std::fmt;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Assumed, Credentials, NoCredentials};

/// An error answer of STS.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: u16,
    /// AWS's error code, such as `AccessDenied`.
    pub(crate) code: String,
    /// The message, with our reason and decision id.
    pub(crate) message: String,
    /// The id of the record, from a Stagedoor server.
    pub(crate) decision: Option<String>,
}

impl Refused {
    /// Whether the same request may succeed in a moment.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.code.as_str(), "IDPCommunicationError" | "Throttling") || self.status >= 500
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}): {}", self.code, self.status, self.message)
    }
}

/// The answer of status 200.
pub(super) fn assumed(body: &str, decision: Option<String>) -> Result<Assumed, NoCredentials> {
    let texts = leaves(body)?;
    let text = |name: &str| {
        texts.get(name).cloned().ok_or_else(|| NoCredentials::Strange(format!("an answer without `{name}`")))
    };
    Ok(Assumed {
        credentials: Credentials::new(
            &text("AccessKeyId")?,
            &text("SecretAccessKey")?,
            &text("SessionToken")?,
            &text("Expiration")?,
        ),
        assumed_role_arn: text("Arn")?,
        provider: text("Provider").unwrap_or_default(),
        audience: text("Audience").unwrap_or_default(),
        subject: text("SubjectFromWebIdentityToken").unwrap_or_default(),
        decision,
    })
}

/// Any other answer.
pub(super) fn refused(status: u16, body: &str, decision: Option<String>) -> NoCredentials {
    let found = leaves(body)
        .ok()
        .and_then(|mut texts| Some((texts.remove("Code")?, texts.remove("Message").unwrap_or_default())));
    match found {
        Some((code, message)) => NoCredentials::Refused(Refused { status, code, message, decision }),
        None => NoCredentials::Strange(format!("status {status} without STS's error document")),
    }
}

/// The text of each element that has no children. STS's answers use each such name once.
fn leaves(body: &str) -> Result<BTreeMap<String, String>, NoCredentials> {
    let strange = |what: String| NoCredentials::Strange(format!("XML that cannot be read: {what}"));
    let mut reader = Reader::from_str(body);
    let mut texts = BTreeMap::new();
    let mut open = String::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|error| strange(error.to_string()))? {
            Event::Start(start) => {
                open = start.local_name().as_ref().to_owned();
                text.clear();
            }
            Event::Text(part) => text += &part.xml10_content(),
            Event::GeneralRef(reference) => {
                text += &entity(&reference).ok_or_else(|| strange("an unknown entity".to_owned()))?
            }
            Event::End(end) if end.local_name().as_ref() == open => {
                texts.insert(std::mem::take(&mut open), std::mem::take(&mut text));
            }
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_credentials() {
        let body = r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult>
            <SubjectFromWebIdentityToken>{a}:{b}</SubjectFromWebIdentityToken><Audience>x&amp;y&#33;</Audience>
            <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser>
            <Credentials><SessionToken>T+/=</SessionToken><SecretAccessKey>S</SecretAccessKey>
              <Expiration>2026-11-20T11:00:00Z</Expiration><AccessKeyId>ASIA</AccessKeyId></Credentials>
            <Provider>https://i</Provider></AssumeRoleWithWebIdentityResult>
          <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>"#;
        let assumed = assumed(body, Some("d".to_owned())).unwrap();
        assert_eq!(assumed.credentials.access_key_id, "ASIA");
        assert_eq!(assumed.credentials.session_token(), "T+/=");
        assert_eq!(assumed.assumed_role_arn, "arn:aws:sts::1:assumed-role/r/s");
        assert_eq!((assumed.audience.as_str(), assumed.subject.as_str()), ("x&y!", "{a}:{b}"));
    }

    #[test]
    fn reads_refusals_and_owns_up_to_strange_answers() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                    <Message>Not authorized</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        let NoCredentials::Refused(refused) = refused(403, body, None) else { panic!("not refused") };
        assert_eq!(refused.to_string(), "AccessDenied (403): Not authorized");
        assert!(!refused.may_pass());
        for body in ["", "<html>502 Bad Gateway</html>", "<a><b></a>", "{}"] {
            assert!(matches!(super::refused(502, body, None), NoCredentials::Strange(_)), "{body}");
        }
        assert!(matches!(super::assumed("<a/>", None), Err(NoCredentials::Strange(_))));
    }
}
