//! Why a session token or a signature was refused.

use jiff::Timestamp;

/// Why a request was not authenticated.
///
/// `Display` is for the operator and for the caller alike: it names what was wanted, what was found and the next
/// step, and holds no secret. [`SessionRefusal::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRefusal {
    /// The request carries no credentials.
    #[error(
        "the request carries no credentials: sign it with Signature Version 4 or send `Authorization: Bearer <session token>`"
    )]
    CredentialsMissing,
    /// The credentials are there but have the wrong shape.
    #[error("{at}: wanted {wanted}, found {found}")]
    CredentialsMalformed {
        /// Where: the header or query parameter.
        at: &'static str,
        /// What was wanted.
        wanted: &'static str,
        /// What was found, shortened, in backticks, or a description.
        found: String,
    },
    /// More than one set of credentials, so that nobody could tell which one counts.
    #[error(
        "the request carries credentials twice ({0}): send one `Authorization` header or one presigned query"
    )]
    CredentialsAmbiguous(&'static str),
    /// Something is longer than any honest request needs.
    #[error("{at} has {found} bytes, the limit is {limit}")]
    TooLarge {
        /// Where.
        at: &'static str,
        /// The limit, in bytes or in items.
        limit: usize,
        /// What was found.
        found: usize,
    },
    /// The access key id comes without a session token. Stagedoor has only temporary credentials.
    #[error(
        "the access key `{0}` came without a session token: send `X-Amz-Security-Token`, there are no long-lived keys here"
    )]
    SessionTokenMissing(String),
    /// The session token does not open: altered, cut, sealed by another installation or by a key long retired.
    #[error("the session token is not one of ours or was altered ({0}): assume the role again")]
    SessionTokenInvalid(&'static str),
    /// The access key id is not the one that the session token was made with.
    #[error("the access key `{0}` does not belong to the session token: use both from the same credentials")]
    AccessKeyMismatch(String),
    /// The session is over.
    #[error("the session `{id}` expired at {expired_at}, it is now {now}: assume the role again")]
    SessionExpired {
        /// The session's id.
        id: String,
        /// When it expired.
        expired_at: Timestamp,
        /// The time now.
        now: Timestamp,
    },
    /// The signature does not fit the request.
    #[error(
        "the signature does not match: the canonical request seen here has SHA-256 `{canonical_request}`; compare it with the one that the client signed, and check that no proxy changes the path, the query or a signed header"
    )]
    SignatureMismatch {
        /// The session's id.
        id: String,
        /// Hex SHA-256 of the canonical request as seen here: the last line of the string to sign.
        canonical_request: String,
    },
    /// The signature is too old.
    #[error("the signature expired: it was made at {signed_at} and good until {good_until}, it is now {now}")]
    SignatureExpired {
        /// When it was made, by the client's clock.
        signed_at: Timestamp,
        /// Until when it was good.
        good_until: Timestamp,
        /// The time now.
        now: Timestamp,
    },
    /// The signature comes from the future.
    #[error(
        "the signature was made at {signed_at}, it is now {now}: set the client's clock (15 minutes are allowed)"
    )]
    ClockSkew {
        /// When it was made, by the client's clock.
        signed_at: Timestamp,
        /// The time now.
        now: Timestamp,
    },
    /// The credential scope is for another date, region or service.
    #[error("the credential scope has the {part} `{found}`, wanted {wanted}")]
    ScopeMismatch {
        /// `date`, `region` or `service`.
        part: &'static str,
        /// What was wanted.
        wanted: String,
        /// What was found.
        found: String,
    },
    /// A header that must be signed is not.
    #[error("the header `{0}` is not among the signed headers: sign it or leave it out")]
    HeaderNotSigned(String),
    /// A signed header did not arrive.
    #[error("the signed header `{0}` is not in the request: a proxy may have removed it")]
    SignedHeaderAbsent(String),
    /// A query parameter or header that may come once came more often.
    #[error("`{0}` came more than once")]
    DuplicateParameter(String),
    /// The body's hash is not declared, so the body must be read before the signature can be checked.
    #[error("the signature covers the body without declaring its hash: read the body and authenticate again")]
    BodyHashNeeded,
    /// The body is not the one that was signed.
    #[error("the body's SHA-256 is `{found}`, the signed one is `{signed}`")]
    PayloadMismatch {
        /// The hash that was signed, hex.
        signed: String,
        /// The hash of the body that came, hex.
        found: String,
    },
    /// The way in which the payload is signed cannot be checked here.
    #[error(
        "the payload is signed as `{0}`, which is not accepted here: send its hash in `X-Amz-Content-Sha256`"
    )]
    PayloadUnsupported(String),
}

impl SessionRefusal {
    /// The stable reason code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CredentialsMissing => "credentials_missing",
            Self::CredentialsMalformed { .. } => "credentials_malformed",
            Self::CredentialsAmbiguous(_) => "credentials_ambiguous",
            Self::TooLarge { .. } => "request_too_large",
            Self::SessionTokenMissing(_) => "session_token_missing",
            Self::SessionTokenInvalid(_) => "session_token_invalid",
            Self::AccessKeyMismatch(_) => "access_key_mismatch",
            Self::SessionExpired { .. } => "session_expired",
            Self::SignatureMismatch { .. } => "signature_mismatch",
            Self::SignatureExpired { .. } => "signature_expired",
            Self::ClockSkew { .. } => "clock_skew",
            Self::ScopeMismatch { .. } => "scope_mismatch",
            Self::HeaderNotSigned(_) => "header_not_signed",
            Self::SignedHeaderAbsent(_) => "signed_header_absent",
            Self::DuplicateParameter(_) => "duplicate_parameter",
            Self::BodyHashNeeded => "body_hash_needed",
            Self::PayloadMismatch { .. } => "payload_mismatch",
            Self::PayloadUnsupported(_) => "payload_unsupported",
        }
    }

    /// The session that the request named and proved to hold the token of, when it came that far: for the record.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        match self {
            Self::SessionExpired { id, .. } | Self::SignatureMismatch { id, .. } => Some(id),
            _ => None,
        }
    }

    /// A malformed part, with the found text shortened.
    pub(crate) fn malformed(at: &'static str, wanted: &'static str, found: &str) -> Self {
        Self::CredentialsMalformed { at, wanted, found: quoted(found) }
    }
}

/// `text` in backticks, at most 64 characters, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() { format!("`{shown}…`") } else { format!("`{shown}`") }
}
