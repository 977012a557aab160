//! What a caller is told: AWS's own words where AWS has some.

use stagedoor_identity::TokenRefusal;
use stagedoor_session::{MAX_CLOCK_SKEW, SessionRefusal};

pub(crate) const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

/// What a caller may not do, in AWS's words.
pub(crate) fn denied(who: &str, action: &str, resource: &str) -> String {
    format!("User: {who} is not authorized to perform: {action} on resource: {resource}")
}

pub(crate) const NOT_ISSUED: &str = "The credentials could not be issued.";

pub(crate) const NO_CLOCK: &str = "The service cannot tell the time reliably. Try again later.";

pub(crate) const NO_REVOCATIONS: &str =
    "The service cannot tell just now whether the session still stands. Try again later.";

pub(crate) const NOT_NOTED: &str =
    "The service cannot tell just now whether the token was used before. Try again later.";

pub(crate) const SESSION_EXPIRED: &str = "The security token included in the request is expired";

pub(crate) const SESSION_INVALID: &str = "The security token included in the request is invalid";

/// Two spaces before `please`, as AWS has them: tools look for this text.
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference \
                      AssumeRoleWithWebIdentity documentation for requirements";

/// The most characters of a token's own text that are shown back.
const SHOWN: usize = 256;

pub(crate) fn token(refusal: &TokenRefusal) -> String {
    match refusal {
        TokenRefusal::IssuerUnknown { found, .. } => {
            format!("No OpenIDConnect provider found in your account for {}", excerpt(found))
        }
        TokenRefusal::AudienceMismatch { .. } => "Incorrect token audience".to_owned(),
        TokenRefusal::AuthorizedPartyMissing { .. } => {
            "Token audience contains more than one audience while authorized party is not present".to_owned()
        }
        TokenRefusal::KeyUnknown { .. }
        | TokenRefusal::KeyUnsuitable { .. }
        | TokenRefusal::IssuerUnreachable { .. } => NO_KEY.to_owned(),
        TokenRefusal::Expired { now, expires } => format!(
            "Token expired: current date/time {} must be before the expiration date/time {}",
            now.as_second(),
            expires.as_second()
        ),
        TokenRefusal::NotYetValid { .. } => "The token is not valid yet".to_owned(),
        TokenRefusal::ClaimMissing { claim, .. } => format!("Missing a required claim: {}", excerpt(claim)),
        TokenRefusal::ClaimInvalid { claim, .. } => format!("Invalid claim in the token: {}", excerpt(claim)),
        TokenRefusal::LifetimeTooLong { .. } => "The token is valid for too long".to_owned(),
        TokenRefusal::SignatureInvalid { .. } => "The token's signature is invalid".to_owned(),
        TokenRefusal::AlgorithmRefused { .. } => {
            "The token's signature algorithm is not supported".to_owned()
        }
        _ => "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
            .to_owned(),
    }
}

pub(crate) fn session(refusal: &SessionRefusal) -> String {
    match refusal {
        SessionRefusal::CredentialsMissing => "Request is missing Authentication Token".to_owned(),
        SessionRefusal::SessionExpired { .. } => SESSION_EXPIRED.to_owned(),
        SessionRefusal::SessionTokenInvalid(_)
        | SessionRefusal::SessionTokenMissing(_)
        | SessionRefusal::AccessKeyMismatch(_) => SESSION_INVALID.to_owned(),
        SessionRefusal::SignatureMismatch { .. } => {
            "The request signature we calculated does not match the signature you provided. Check your AWS \
             Secret Access Key and signing method. Consult the service documentation for details."
                .to_owned()
        }
        SessionRefusal::SignatureExpired { signed_at, now, .. } => format!(
            "Signature expired: {} is now earlier than {} ({} - {} min.)",
            basic(*signed_at),
            basic(now.checked_sub(MAX_CLOCK_SKEW).unwrap_or(*now)),
            basic(*now),
            MAX_CLOCK_SKEW.as_mins()
        ),
        SessionRefusal::ClockSkew { signed_at, now } => format!(
            "Signature not yet current: {} is still later than {} ({} + {} min.)",
            basic(*signed_at),
            basic(now.checked_add(MAX_CLOCK_SKEW).unwrap_or(*now)),
            basic(*now),
            MAX_CLOCK_SKEW.as_mins()
        ),
        other => other.to_string(),
    }
}

/// ISO 8601's basic form, as signatures write dates.
fn basic(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn excerpt(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
