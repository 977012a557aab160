//! A parsed signature: header or presigned query.

use http::header::{DATE, HOST};
use http::{HeaderMap, HeaderName};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::ALGORITHM;
use super::fields::{
    Scope, amz_timestamp, credential_scope, expiry, header_names, http_timestamp, payload, signature_bytes,
};
use super::presented::{Parameters, Presented, single};
use crate::authenticate::{HttpRequest, Payload, Scheme};
use crate::refusal::SessionRefusal;

const X_AMZ_DATE: &str = "x-amz-date";
const X_AMZ_SECURITY_TOKEN: &str = "x-amz-security-token";
const X_AMZ_CONTENT_SHA256: &str = "x-amz-content-sha256";

/// A Signature Version 4 signature with what it says about itself: the shape is checked, the signature is not.
#[derive(Debug)]
pub struct Signed {
    scheme: Scheme,
    scope: Scope,
    access_key_id: String,
    headers: Vec<HeaderName>,
    header_list: String,
    signature: [u8; 32],
    amz_date: String,
    signed_at: Timestamp,
    expires: Option<SignedDuration>,
    session_token: Option<SecretString>,
    declared: Option<(String, Payload)>,
}

impl Signed {
    /// The signature that `request` carries, in the `Authorization` header or in the query; none when it carries
    /// none or a bearer token.
    ///
    /// # Errors
    /// When what is there has the wrong shape, comes twice, is too large, or leaves a header unsigned that has to be
    /// signed: `host`, the date, and each `X-Amz-*` header that is present.
    pub fn parse(request: &HttpRequest<'_>) -> Result<Option<Self>, SessionRefusal> {
        match Presented::in_request(request)? {
            Presented::Signed(signed) => Ok(Some(*signed)),
            Presented::Bearer(_) | Presented::Nothing => Ok(None),
        }
    }

    /// Header or presigned query.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The service in the credential scope.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.scope.service
    }

    /// The region in the credential scope.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.scope.region
    }

    /// The access key id.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The session token that came with the signature.
    #[must_use]
    pub fn session_token(&self) -> Option<&SecretString> {
        self.session_token.as_ref()
    }

    /// When the signature was made, by the client's clock.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// What the signature says of the body; none when it covers the body's hash without declaring it, so that the
    /// body must be read first.
    #[must_use]
    pub fn payload(&self) -> Option<&Payload> {
        self.declared.as_ref().map(|(_, payload)| payload)
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn headers(&self) -> &[HeaderName] {
        &self.headers
    }

    pub(crate) fn header_list(&self) -> &str {
        &self.header_list
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn amz_date(&self) -> &str {
        &self.amz_date
    }

    /// How long a presigned query is good.
    pub(crate) fn expires(&self) -> Option<SignedDuration> {
        self.expires
    }

    /// The declared payload as it stands in the canonical request.
    pub(crate) fn declared(&self) -> Option<(&str, &Payload)> {
        self.declared.as_ref().map(|(text, payload)| (text.as_str(), payload))
    }
}

/// Reads what follows the algorithm in an `Authorization` header.
pub(super) fn from_header(rest: &str, headers: &HeaderMap) -> Result<Signed, SessionRefusal> {
    const AT: &str = "the `Authorization` header";
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in rest.split(',') {
        let part = part.trim();
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            other => {
                return Err(SessionRefusal::malformed(
                    AT,
                    "`Credential`, `SignedHeaders`, `Signature`",
                    other,
                ));
            }
        };
        if slot.replace(value).is_some() {
            return Err(SessionRefusal::DuplicateParameter(name.to_owned()));
        }
    }
    let missing = |wanted| SessionRefusal::malformed(AT, wanted, "none");
    let (access_key_id, scope) = credential_scope(credential.ok_or_else(|| missing("`Credential`"))?)?;
    let (names, header_list) = header_names(signed_headers.ok_or_else(|| missing("`SignedHeaders`"))?)?;
    let signature = signature_bytes(signature.ok_or_else(|| missing("`Signature`"))?)?;

    let (date_header, (amz_date, signed_at)) = match single(headers, X_AMZ_DATE)? {
        Some(text) => (X_AMZ_DATE, amz_timestamp(text)?),
        None => match single(headers, DATE.as_str())? {
            Some(text) => (DATE.as_str(), http_timestamp(text)?),
            None => return Err(SessionRefusal::malformed("`X-Amz-Date`", "the header", "none")),
        },
    };
    let declared = single(headers, X_AMZ_CONTENT_SHA256)?.map(payload).transpose()?;
    let signed = Signed {
        scheme: Scheme::Aws4Header,
        scope,
        access_key_id,
        headers: names,
        header_list,
        signature,
        amz_date,
        signed_at,
        expires: None,
        session_token: single(headers, X_AMZ_SECURITY_TOKEN)?.map(SecretString::from),
        declared,
    };
    all_signed(&signed, headers, Some(date_header))?;
    Ok(signed)
}

/// Reads a presigned query.
pub(super) fn from_query(parameters: &Parameters, headers: &HeaderMap) -> Result<Signed, SessionRefusal> {
    const AT: &str = "the presigned query";
    let wanted = |name: &'static str, wanted: &'static str| {
        parameters.get(name).ok_or_else(|| SessionRefusal::malformed(AT, wanted, "none"))
    };
    let algorithm = wanted("x-amz-algorithm", "`X-Amz-Algorithm`")?;
    if algorithm != ALGORITHM {
        return Err(SessionRefusal::malformed("`X-Amz-Algorithm`", "`AWS4-HMAC-SHA256`", algorithm));
    }
    let (access_key_id, scope) = credential_scope(wanted("x-amz-credential", "`X-Amz-Credential`")?)?;
    let (names, header_list) = header_names(wanted("x-amz-signedheaders", "`X-Amz-SignedHeaders`")?)?;
    let signature = signature_bytes(wanted("x-amz-signature", "`X-Amz-Signature`")?)?;
    let (amz_date, signed_at) = amz_timestamp(wanted("x-amz-date", "`X-Amz-Date`")?)?;
    let expires = expiry(wanted("x-amz-expires", "`X-Amz-Expires`")?)?;
    if single(headers, X_AMZ_SECURITY_TOKEN)?.is_some() {
        return Err(SessionRefusal::CredentialsAmbiguous(
            "`X-Amz-Security-Token` header on a presigned query",
        ));
    }
    let declared = match (parameters.get(X_AMZ_CONTENT_SHA256), single(headers, X_AMZ_CONTENT_SHA256)?) {
        (Some(_), Some(_)) => {
            return Err(SessionRefusal::DuplicateParameter(X_AMZ_CONTENT_SHA256.to_owned()));
        }
        (Some(text), None) | (None, Some(text)) => Some(payload(text)?),
        (None, None) if scope.service == "s3" => Some(("UNSIGNED-PAYLOAD".to_owned(), Payload::Unsigned)),
        (None, None) => None,
    };
    let signed = Signed {
        scheme: Scheme::Presigned,
        scope,
        access_key_id,
        headers: names,
        header_list,
        signature,
        amz_date,
        signed_at,
        expires: Some(expires),
        session_token: parameters.get(X_AMZ_SECURITY_TOKEN).map(SecretString::from),
        declared,
    };
    all_signed(&signed, headers, None)?;
    Ok(signed)
}

/// Refuses a request that leaves unsigned what has to be signed, or that lacks what was signed.
fn all_signed(
    signed: &Signed,
    headers: &HeaderMap,
    date: Option<&'static str>,
) -> Result<(), SessionRefusal> {
    if single(headers, HOST.as_str())?.is_none() {
        return Err(SessionRefusal::malformed("`Host`", "the header", "none"));
    }
    let is_signed = |name: &str| signed.headers.iter().any(|signed| signed.as_str() == name);
    let amz = headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    for name in [HOST.as_str()].into_iter().chain(date).chain(amz) {
        if !is_signed(name) {
            return Err(SessionRefusal::HeaderNotSigned(name.to_owned()));
        }
    }
    match signed.headers.iter().find(|name| !headers.contains_key(*name)) {
        Some(absent) => Err(SessionRefusal::SignedHeaderAbsent(absent.as_str().to_owned())),
        None => Ok(()),
    }
}
