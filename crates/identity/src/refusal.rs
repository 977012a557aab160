//! Why a token is refused, for the operator.

use jiff::Timestamp;

use crate::algorithm::Algorithm;

/// Why a token is not accepted.
///
/// [`TokenRefusal::code`] is stable. The `Display` text is for the operator: what was found, what was
/// wanted and the next step; text out of the token is cut to 120 characters and its control characters
/// are escaped. It never holds the token's signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// More bytes than are read at all.
    #[error(
        "the token has {found} bytes and at most {limit} are read; check that the file holds one token and nothing else"
    )]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// Not a JWS compact serialization (RFC 7515 §7.1) of a JSON object.
    #[error(
        "the token's {part} can't be read: {problem}; a token is three base64url parts joined by two dots"
    )]
    Malformed {
        /// `form`, `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The `alg` header is not in the issuer's list.
    #[error(
        "the token is signed with `{found}`; issuer `{issuer}` allows {}; {}",
        list(wanted),
        algorithm_step(found)
    )]
    AlgorithmRefused {
        /// The `alg` header.
        found: String,
        /// The algorithms allowed.
        wanted: Vec<Algorithm>,
        /// The configured issuer's name.
        issuer: String,
    },
    /// The `typ` header is not one that the issuer's tokens may have.
    #[error("the token's `typ` is {}; issuer `{issuer}` accepts {}; send the token that is meant for this use", found.as_deref().map_or_else(|| "absent".to_owned(), |typ| format!("`{typ}`")), quoted(wanted))]
    TypeRefused {
        /// The `typ` header.
        found: Option<String>,
        /// The values that are accepted.
        wanted: Vec<String>,
        /// The configured issuer's name.
        issuer: String,
    },
    /// A `crit` header (RFC 7515 §4.1.11): none is understood here.
    #[error(
        "the token's `crit` header demands {found}, which is not supported; the provider must issue tokens without it"
    )]
    CriticalHeader {
        /// What the header holds.
        found: String,
    },
    /// No configured issuer has this URL.
    #[error("no issuer is configured for `{found}`{}; the `iss` claim must equal the issuer's URL byte for byte", nearest.as_deref().map_or_else(String::new, |near| format!(" (the nearest is `{near}`)")))]
    IssuerUnknown {
        /// The `iss` claim.
        found: String,
        /// A configured URL that differs only in scheme, case, or a trailing slash.
        nearest: Option<String>,
    },
    /// The signature does not verify with the issuer's key.
    #[error(
        "the signature does not verify with key `{key}` of issuer `{issuer}`; the token was altered, or another party signed it"
    )]
    SignatureInvalid {
        /// The configured issuer's name.
        issuer: String,
        /// The key id tried.
        key: String,
    },
    /// The issuer has no key with this id.
    #[error("issuer `{issuer}` has no key `{key}` ({known} known); {}", rotation(*retry_seconds))]
    KeyUnknown {
        /// The configured issuer's name.
        issuer: String,
        /// The `kid` header, or `(none)`.
        key: String,
        /// How many keys are known.
        known: usize,
        /// When the key set may be fetched again, in seconds; never for keys in the configuration.
        retry_seconds: Option<u64>,
    },
    /// The issuer's key cannot be used with the token's algorithm.
    #[error(
        "key `{key}` of issuer `{issuer}` can't be used with `{algorithm}`: {problem}; the provider must publish a key that fits"
    )]
    KeyUnsuitable {
        /// The configured issuer's name.
        issuer: String,
        /// The key id.
        key: String,
        /// The token's algorithm.
        algorithm: Algorithm,
        /// Why not.
        problem: String,
    },
    /// `exp` is past, leeway included.
    #[error(
        "the token expired at {} and it is {}; fetch a new token, and check this machine's clock if it should be valid",
        second(expires),
        second(now)
    )]
    Expired {
        /// The time it was judged.
        now: Timestamp,
        /// Its `exp`.
        expires: Timestamp,
    },
    /// `iat` or `nbf` is in the future, leeway included.
    #[error(
        "the token's `{claim}` is {} and it is {}; check the clocks of this machine and of the issuer",
        second(starts),
        second(now)
    )]
    NotYetValid {
        /// The time it was judged.
        now: Timestamp,
        /// When it starts.
        starts: Timestamp,
        /// `iat` or `nbf`.
        claim: &'static str,
    },
    /// `exp - iat` is longer than the issuer's cap.
    #[error(
        "the token is valid for {found_seconds} s and issuer `{issuer}` allows {limit_seconds} s; ask the provider for shorter tokens or raise `max_lifetime` of the issuer"
    )]
    LifetimeTooLong {
        /// The configured issuer's name.
        issuer: String,
        /// `exp - iat`.
        found_seconds: i64,
        /// The cap.
        limit_seconds: u64,
    },
    /// None of the token's audiences is configured.
    #[error(
        "the token is for {}; issuer `{issuer}` accepts {}; ask for that audience in the pipeline or add the token's to `audiences`",
        quoted(found),
        quoted(wanted)
    )]
    AudienceMismatch {
        /// The configured issuer's name.
        issuer: String,
        /// The token's audiences.
        found: Vec<String>,
        /// The configured audiences.
        wanted: Vec<String>,
    },
    /// AWS refuses several audiences without an `azp` claim.
    #[error(
        "the token has {audiences} audiences and no `azp` claim, which AWS refuses; ask for one audience"
    )]
    AuthorizedPartyMissing {
        /// How many audiences the token has.
        audiences: usize,
    },
    /// A claim that every token must have is absent.
    #[error("the token has no `{claim}` claim; every token must carry iss, sub, aud, iat and exp{}", also.as_deref().map_or_else(String::new, |more| format!(", and {more}")))]
    ClaimMissing {
        /// The claim's name.
        claim: String,
        /// What the provider's tokens need besides.
        also: Option<String>,
    },
    /// A claim has the wrong type or an impossible value.
    #[error("the token's `{claim}` is {found}; wanted {wanted}; the provider must issue it so")]
    ClaimInvalid {
        /// The claim's name.
        claim: String,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: String,
    },
    /// The issuer's keys could not be fetched and none good enough is at hand.
    #[error(
        "the keys of issuer `{issuer}` can't be had: {problem}; try again, and check the issuer with `stagedoor doctor`"
    )]
    IssuerUnreachable {
        /// The configured issuer's name.
        issuer: String,
        /// What went wrong.
        problem: String,
    },
}

/// A moment without its fraction of a second: tokens count in seconds.
fn second(moment: &Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What to do about an algorithm that is not in the list: unsigned and symmetric ones can never be.
fn algorithm_step(found: &str) -> &'static str {
    if found.parse::<Algorithm>().is_ok() {
        "add it to `algorithms` of the issuer only if the provider documents it"
    } else {
        "it is not among those that can be allowed, so such a token proves nothing here"
    }
}

impl TokenRefusal {
    /// The stable reason code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            TokenRefusal::TooLarge { .. } => "token_too_large",
            TokenRefusal::Malformed { .. } => "token_malformed",
            TokenRefusal::AlgorithmRefused { .. } => "token_algorithm_refused",
            TokenRefusal::TypeRefused { .. } => "token_type_refused",
            TokenRefusal::CriticalHeader { .. } => "token_critical_header",
            TokenRefusal::IssuerUnknown { .. } => "token_issuer_unknown",
            TokenRefusal::SignatureInvalid { .. } => "token_signature_invalid",
            TokenRefusal::KeyUnknown { .. } => "token_key_unknown",
            TokenRefusal::KeyUnsuitable { .. } => "token_key_unsuitable",
            TokenRefusal::Expired { .. } => "token_expired",
            TokenRefusal::NotYetValid { .. } => "token_not_yet_valid",
            TokenRefusal::LifetimeTooLong { .. } => "token_lifetime_too_long",
            TokenRefusal::AudienceMismatch { .. } => "token_audience_mismatch",
            TokenRefusal::AuthorizedPartyMissing { .. } => "token_authorized_party_missing",
            TokenRefusal::ClaimMissing { .. } => "token_claim_missing",
            TokenRefusal::ClaimInvalid { .. } => "token_claim_invalid",
            TokenRefusal::IssuerUnreachable { .. } => "issuer_unreachable",
        }
    }

    /// Whether the same token may be accepted a little later: only when its keys could not be fetched.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, TokenRefusal::IssuerUnreachable { .. })
    }
}

/// Untrusted text made safe to print: at most 120 characters, control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 120;
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LIMIT {
            shown.push('…');
            break;
        }
        if character.is_control() || is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that reorder or hide text in a terminal.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn rotation(retry_seconds: Option<u64>) -> String {
    match retry_seconds {
        Some(seconds) => format!("if the provider has just rotated its keys, try again in {seconds} s"),
        None => "add it to the issuer's keys in the configuration".to_owned(),
    }
}

fn list(algorithms: &[Algorithm]) -> String {
    if algorithms.is_empty() {
        return "none".to_owned();
    }
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
}

fn quoted(values: &[String]) -> String {
    if values.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = values.iter().take(8).map(|value| format!("`{}`", excerpt(value))).collect();
    let more = values.len().saturating_sub(8);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(found: &str) -> String {
        let (found, issuer) = (found.to_owned(), "ci".to_owned());
        TokenRefusal::AlgorithmRefused { found, wanted: vec![Algorithm::RS256], issuer }.to_string()
    }

    #[test]
    fn nobody_is_told_to_allow_unsigned_tokens() {
        assert!(
            refused("ES256")
                .ends_with("add it to `algorithms` of the issuer only if the provider documents it")
        );
        for never in ["none", "None", "HS256", ""] {
            assert!(refused(never).ends_with("so such a token proves nothing here"), "{never}");
        }
    }

    #[test]
    fn moments_are_told_to_the_second() {
        let now = "2026-11-21T05:22:20.564052166Z".parse().unwrap();
        let text = TokenRefusal::Expired { now, expires: Timestamp::UNIX_EPOCH }.to_string();
        assert!(text.contains("expired at 1970-01-01T00:00:00Z and it is 2026-11-21T05:22:20Z;"), "{text}");
    }
}
