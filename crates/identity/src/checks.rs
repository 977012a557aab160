//! What a token's header and claims must be, apart from the signature.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::claims::{Claims, describe, missing};
use crate::context;
use crate::issuer::Issuer;
use crate::jws::Header;
use crate::provider::Demand;
use crate::refusal::{TokenRefusal, excerpt};

/// How far the issuer's clock may differ from ours, in seconds.
pub const LEEWAY_SECONDS: i64 = 60;

/// What the claims of an acceptable token say.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) subject: String,
    pub(crate) audience: Vec<String>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The header's algorithm, if the issuer may use it and nothing in the header must be refused. `types` are
/// the `typ` headers accepted: if none, then absent, `JWT` and `at+jwt`; an empty one stands for absence.
pub(crate) fn header(header: &Header, issuer: &Issuer, types: &[String]) -> Result<Algorithm, TokenRefusal> {
    let found = header.algorithm()?;
    let algorithm =
        issuer.algorithms.iter().copied().find(|allowed| allowed.name() == found).ok_or_else(|| {
            TokenRefusal::AlgorithmRefused {
                found: excerpt(found),
                wanted: issuer.algorithms.clone(),
                issuer: issuer.name.clone(),
            }
        })?;
    if let Some(critical) = header.as_object().get("crit") {
        return Err(TokenRefusal::CriticalHeader { found: excerpt(&critical.to_string()) });
    }
    if header.as_object().contains_key("b64") {
        return Err(TokenRefusal::CriticalHeader { found: "`b64`".to_owned() });
    }
    media_type(header, issuer, types)?;
    Ok(algorithm)
}

/// Keeps tokens that an issuer signs for other ends, such as log-out, from being taken for credentials.
fn media_type(header: &Header, issuer: &Issuer, types: &[String]) -> Result<(), TokenRefusal> {
    let found = header.media_type()?;
    let is = |wanted: &str| {
        found.is_some_and(|typ| {
            let bare = typ.get(..12).filter(|start| start.eq_ignore_ascii_case("application/"));
            typ.get(bare.map_or(0, str::len)..).is_some_and(|typ| typ.eq_ignore_ascii_case(wanted))
        })
    };
    let fits = if types.is_empty() {
        found.is_none() || is("jwt") || is("at+jwt")
    } else {
        types.iter().any(|wanted| if wanted.is_empty() { found.is_none() } else { is(wanted) })
    };
    if fits {
        return Ok(());
    }
    let usual = || vec!["JWT".to_owned(), "at+jwt".to_owned()];
    Err(TokenRefusal::TypeRefused {
        found: found.map(excerpt),
        wanted: Some(types.to_vec()).filter(|types| !types.is_empty()).unwrap_or_else(usual),
        issuer: issuer.name.clone(),
    })
}

/// The claims that every token must have, each of the right type, and what the provider demands besides.
pub(crate) fn claims(claims: &Claims, issuer: &Issuer, now: Timestamp) -> Result<Checked, TokenRefusal> {
    let subject = subject(claims)?.to_owned();
    let audience = context::audiences(claims, Some(issuer.provider))?;
    let (issued_at, expires_at) = times(claims, issuer, now)?;
    if !audience.iter().any(|one| issuer.audiences.contains(one)) {
        return Err(TokenRefusal::AudienceMismatch {
            issuer: issuer.name.clone(),
            found: audience,
            wanted: issuer.audiences.clone(),
        });
    }
    issuer.provider.demands.iter().try_for_each(|demand| demanded(claims, demand))?;
    Ok(Checked { subject, audience, issued_at, expires_at })
}

/// The `sub` claim.
pub(crate) fn subject(claims: &Claims) -> Result<&str, TokenRefusal> {
    match claims.get("sub") {
        None => Err(missing("sub")),
        Some(Value::String(subject)) if !subject.is_empty() => Ok(subject),
        Some(other) => Err(wrong_type("sub", other, "a string that is not empty")),
    }
}

/// `iat` and `exp`, if the token is valid now and not for too long.
pub(crate) fn times(
    claims: &Claims,
    issuer: &Issuer,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), TokenRefusal> {
    let expires_at = time(claims, "exp")?.ok_or_else(|| missing("exp"))?;
    let issued_at = time(claims, "iat")?.ok_or_else(|| missing("iat"))?;
    let not_before = time(claims, "nbf")?;
    let now_second = now.as_second();
    if now_second >= expires_at.as_second().saturating_add(LEEWAY_SECONDS) {
        return Err(TokenRefusal::Expired { now, expires: expires_at });
    }
    let latest_start = now_second.saturating_add(LEEWAY_SECONDS);
    if issued_at.as_second() > latest_start {
        return Err(TokenRefusal::NotYetValid { now, starts: issued_at, claim: "iat" });
    }
    if let Some(starts) = not_before.filter(|starts| starts.as_second() > latest_start) {
        return Err(TokenRefusal::NotYetValid { now, starts, claim: "nbf" });
    }
    lifetime(issuer, expires_at.as_second().saturating_sub(issued_at.as_second()), issuer.max_lifetime)?;
    Ok((issued_at, expires_at))
}

fn lifetime(issuer: &Issuer, found_seconds: i64, limit: Duration) -> Result<(), TokenRefusal> {
    match u64::try_from(found_seconds) {
        Ok(seconds) if seconds > limit.as_secs() => Err(TokenRefusal::LifetimeTooLong {
            issuer: issuer.name.clone(),
            found_seconds,
            limit_seconds: limit.as_secs(),
        }),
        Ok(seconds) if seconds > 0 => Ok(()),
        _ => Err(TokenRefusal::ClaimInvalid {
            claim: "exp".to_owned(),
            found: "not after `iat`".to_owned(),
            wanted: "a time after `iat`".to_owned(),
        }),
    }
}

/// A NumericDate (RFC 7519 §2): seconds since 1970, a fraction allowed and dropped.
fn time(claims: &Claims, name: &'static str) -> Result<Option<Timestamp>, TokenRefusal> {
    const WANTED: &str = "a number of seconds since 1970";
    let Some(value) = claims.get(name) else { return Ok(None) };
    let wrong = || wrong_type(name, value, WANTED);
    let number = value.as_number().ok_or_else(wrong)?;
    let seconds = match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole,
        #[expect(clippy::cast_possible_truncation, reason = "in range, and the fraction is to be dropped")]
        (None, Some(fraction)) if (0.0..253_402_300_800.0).contains(&fraction) => fraction as i64,
        _ => return Err(wrong()),
    };
    if seconds < 0 {
        return Err(wrong());
    }
    Timestamp::from_second(seconds).map(Some).map_err(|_| wrong())
}

fn demanded(claims: &Claims, demand: &Demand) -> Result<(), TokenRefusal> {
    let (name, allowed) = match *demand {
        Demand::OneOf(name, allowed) => (name, allowed),
        Demand::Text(name) => (name, &[][..]),
    };
    match claims.at(name) {
        None => Err(missing(name)),
        Some(Value::String(text))
            if !text.is_empty() && (allowed.is_empty() || allowed.contains(&text.as_str())) =>
        {
            Ok(())
        }
        Some(other) => {
            let wanted = if allowed.is_empty() {
                "a string".to_owned()
            } else {
                format!("one of {}", allowed.join(", "))
            };
            Err(wrong_type(name, other, &wanted))
        }
    }
}

pub(crate) fn wrong_type(claim: &str, found: &Value, wanted: &str) -> TokenRefusal {
    TokenRefusal::ClaimInvalid { claim: claim.to_owned(), found: describe(found), wanted: wanted.to_owned() }
}
