//! From a request to the session behind it.

use http::HeaderMap;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::body;
use crate::keyring::Keyring;
use crate::refusal::{SessionRefusal, quoted};
use crate::seal::secret_access_key;
use crate::session::Session;
use crate::signing::AccessTokens;
use crate::sigv4::{Canonical, MAX_CLOCK_SKEW, Presented, Signed, canonical_request, matches};

/// A request as it came in.
#[derive(Debug, Clone, Copy)]
pub struct HttpRequest<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// The path as sent: still encoded, not resolved, without the query.
    pub path: &'a str,
    /// The query as sent: still encoded, without `?`.
    pub query: &'a str,
    /// All headers. For HTTP/2 the caller puts `:authority` in as `host`.
    pub headers: &'a HeaderMap,
    /// What is known of the body.
    pub body: Body,
}

/// What is known of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Not read yet. Good enough when the signature declares the body's hash, or for a bearer token; otherwise
    /// [`Keyring::authenticate`] answers [`SessionRefusal::BodyHashNeeded`].
    Unread,
    /// Read whole: its SHA-256.
    Sha256([u8; 32]),
}

impl Body {
    /// A body that is in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::Sha256(body::sha256(bytes))
    }

    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(b"")
    }
}

/// What a signature must be made for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The region of the credential scope; none takes any.
    pub region: Option<&'a str>,
    /// The services of the credential scope, one of which it must name. An empty list takes none.
    pub services: &'a [&'a str],
    /// Whether the path is signed by the rules of S3: as sent, not resolved and not encoded twice.
    pub s3: bool,
}

/// How a request carried its credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Signature Version 4 in the `Authorization` header.
    Aws4Header,
    /// Signature Version 4 in the query.
    Presigned,
    /// `Authorization: Bearer <session token or access token>`.
    Bearer,
}

/// What a signature says of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// The body's SHA-256 is signed. The body must have it: see [`crate::BodyCheck`].
    Hash([u8; 32]),
    /// The body is not signed (`UNSIGNED-PAYLOAD`, or a bearer token).
    Unsigned,
    /// Signed chunk by chunk (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`), S3 only.
    StreamingSigned {
        /// Whether a signed trailer follows.
        trailer: bool,
    },
    /// Chunks without signatures and a trailer with a checksum (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`), S3 only.
    StreamingUnsigned,
}

/// The proof that a request comes from the holder of a session. Only the `authenticate` functions of [`Keyring`] make
/// one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Authenticated {
    /// The session.
    pub session: Session,
    /// What the signature says of the body, still to be checked when the body is streamed.
    pub payload: Payload,
    /// How the credentials were carried.
    pub scheme: Scheme,
}

impl Keyring {
    /// Finds the session behind a request and proves that the caller holds it.
    ///
    /// All but the signature is checked without the body. If the body's hash is signed but not declared (botocore
    /// and `curl --aws-sigv4` do so for services other than S3), the answer to [`Body::Unread`] is
    /// [`SessionRefusal::BodyHashNeeded`]: then read the body, up to a limit, and ask again. The token, its expiry,
    /// the scope and the clock have been checked by then. If the hash is declared, the body may be streamed through
    /// a [`crate::BodyCheck`].
    ///
    /// # Errors
    /// A [`SessionRefusal`] that says why not.
    pub fn authenticate(
        &self,
        request: &HttpRequest<'_>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Authenticated, SessionRefusal> {
        self.authenticate_with(request, expected, None, now)
    }

    /// As [`Keyring::authenticate`], where a bearer may also be one of these access tokens.
    ///
    /// # Errors
    /// A [`SessionRefusal`] that says why not.
    pub fn authenticate_with(
        &self,
        request: &HttpRequest<'_>,
        expected: &Expected<'_>,
        access_tokens: Option<&AccessTokens<'_>>,
        now: Timestamp,
    ) -> Result<Authenticated, SessionRefusal> {
        match Presented::in_request(request)? {
            Presented::Nothing => Err(SessionRefusal::CredentialsMissing),
            Presented::Bearer(token) => self.authenticate_bearer(token.expose_secret(), access_tokens, now),
            Presented::Signed(signed) => self.verify(&signed, request, expected, now),
        }
    }

    /// Finds the session behind a bearer token: a session token, or one of these access tokens around one.
    ///
    /// # Errors
    /// A [`SessionRefusal`] that says why not.
    pub fn authenticate_bearer(
        &self,
        token: &str,
        access_tokens: Option<&AccessTokens<'_>>,
        now: Timestamp,
    ) -> Result<Authenticated, SessionRefusal> {
        // A session token is one base64url text, a JWS has dots.
        let session = match access_tokens.filter(|_| token.contains('.')) {
            Some(access_tokens) => self.open(access_tokens.sealed_in(token, now)?.expose_secret(), now)?,
            None => self.open(token, now)?,
        };
        Ok(Authenticated { session, payload: Payload::Unsigned, scheme: Scheme::Bearer })
    }

    fn verify(
        &self,
        signed: &Signed,
        request: &HttpRequest<'_>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Authenticated, SessionRefusal> {
        let id = signed.access_key_id();
        let token =
            signed.session_token().ok_or_else(|| SessionRefusal::SessionTokenMissing(id.to_owned()))?;
        let (session, key) = self.open_with_key(token.expose_secret(), now)?;
        if session.id != id {
            return Err(SessionRefusal::AccessKeyMismatch(id.to_owned()));
        }
        check_scope(signed, expected)?;
        check_time(signed, now)?;

        let (text, payload) = match (signed.declared(), request.body) {
            (Some((text, payload)), _) => (text.to_owned(), payload.clone()),
            (None, Body::Sha256(hash)) => (hex::encode(hash), Payload::Hash(hash)),
            (None, Body::Unread) => return Err(SessionRefusal::BodyHashNeeded),
        };
        if !expected.s3 && matches!(payload, Payload::StreamingSigned { .. } | Payload::StreamingUnsigned) {
            return Err(SessionRefusal::PayloadUnsupported(quoted(&text)));
        }
        let canonical = Canonical::of(&canonical_request(request, signed, &text, expected.s3));
        let secret = secret_access_key(key, &session.id, token.expose_secret())
            .ok_or(SessionRefusal::SessionTokenInvalid("no secret"))?;
        if !matches(signed, &secret, &canonical) {
            return Err(SessionRefusal::SignatureMismatch {
                id: session.id,
                canonical_request: canonical.into_hex(),
            });
        }
        if let (Payload::Hash(wanted), Body::Sha256(found)) = (&payload, request.body) {
            body::compare(wanted, &found)?;
        }
        Ok(Authenticated { session, payload, scheme: signed.scheme() })
    }
}

fn check_scope(signed: &Signed, expected: &Expected<'_>) -> Result<(), SessionRefusal> {
    let mismatch = |part, wanted: String, found: &str| SessionRefusal::ScopeMismatch {
        part,
        wanted,
        found: found.to_owned(),
    };
    let date = signed.amz_date().get(..8).unwrap_or_default();
    if signed.scope().date != date {
        return Err(mismatch("date", format!("`{date}`, the day of the signature"), &signed.scope().date));
    }
    if let Some(region) = expected.region
        && signed.region() != region
    {
        return Err(mismatch("region", format!("`{region}`"), signed.region()));
    }
    if !expected.services.contains(&signed.service()) {
        let wanted: Vec<String> = expected.services.iter().map(|service| format!("`{service}`")).collect();
        return Err(mismatch("service", wanted.join(" or "), signed.service()));
    }
    Ok(())
}

fn check_time(signed: &Signed, now: Timestamp) -> Result<(), SessionRefusal> {
    let signed_at = signed.signed_at();
    let age = now.duration_since(signed_at);
    if age < -MAX_CLOCK_SKEW {
        return Err(SessionRefusal::ClockSkew { signed_at, now });
    }
    let good_for = signed.expires().unwrap_or(MAX_CLOCK_SKEW);
    if age > good_for {
        let good_until = signed_at.checked_add(good_for).unwrap_or(signed_at);
        return Err(SessionRefusal::SignatureExpired { signed_at, good_until, now });
    }
    Ok(())
}
