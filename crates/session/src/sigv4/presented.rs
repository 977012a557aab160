//! Which credentials a request presents: exactly one kind, or none.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::SecretString;

use super::{
    ALGORITHM, MAX_AUTHORIZATION, MAX_PATH, MAX_QUERY, MAX_QUERY_PAIRS, MAX_SIGNED_HEADERS, Signed,
    query_pairs, signed,
};
use crate::authenticate::HttpRequest;
use crate::refusal::SessionRefusal;

/// The credentials of a request, shape-checked and not yet verified.
pub(crate) enum Presented {
    Nothing,
    Bearer(SecretString),
    Signed(Box<Signed>),
}

/// The query parameters that make a request a presigned one.
const PRESIGNED: [&str; 7] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

impl Presented {
    pub(crate) fn in_request(request: &HttpRequest<'_>) -> Result<Self, SessionRefusal> {
        limit("the path", request.path.len(), MAX_PATH)?;
        limit("the query", request.query.len(), MAX_QUERY)?;
        limit("the query, in parameters,", request.query.split('&').count(), MAX_QUERY_PAIRS)?;
        limit("the headers, in number,", request.headers.len(), MAX_SIGNED_HEADERS)?;

        let parameters = amz_parameters(request.query)?;
        let presigned = parameters.iter().any(|(name, _)| PRESIGNED.contains(&name.as_str()));
        let authorization = single(request.headers, AUTHORIZATION.as_str())?;
        match (authorization, presigned) {
            (Some(_), true) => {
                Err(SessionRefusal::CredentialsAmbiguous("`Authorization` header and `X-Amz-*` query"))
            }
            (None, false) => Ok(Self::Nothing),
            (None, true) => {
                Ok(Self::Signed(Box::new(signed::from_query(&Parameters(parameters), request.headers)?)))
            }
            (Some(authorization), false) => in_header(authorization, request.headers),
        }
    }
}

fn in_header(authorization: &str, headers: &HeaderMap) -> Result<Presented, SessionRefusal> {
    limit("the `Authorization` header", authorization.len(), MAX_AUTHORIZATION)?;
    let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let rest = rest.trim();
    if scheme == ALGORITHM {
        Ok(Presented::Signed(Box::new(signed::from_header(rest, headers)?)))
    } else if scheme.eq_ignore_ascii_case("bearer") && !rest.is_empty() {
        Ok(Presented::Bearer(SecretString::from(rest)))
    } else {
        Err(SessionRefusal::malformed(
            "the `Authorization` header",
            "`AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` or `Bearer <session token>`",
            scheme,
        ))
    }
}

/// The `X-Amz-*` parameters of a query, by name in lower case.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn amz_parameters(query: &str) -> Result<Vec<(String, String)>, SessionRefusal> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in query_pairs(query) {
        let name = name.to_ascii_lowercase();
        if !name.starts_with(b"x-amz-") {
            continue;
        }
        let text = |bytes| {
            String::from_utf8(bytes)
                .map_err(|_| SessionRefusal::malformed("an `X-Amz-*` parameter", "UTF-8", "other bytes"))
        };
        let (name, value) = (text(name)?, text(value)?);
        if found.iter().any(|(known, _)| *known == name) {
            return Err(SessionRefusal::DuplicateParameter(name));
        }
        found.push((name, value));
    }
    Ok(found)
}

/// The one value of a header that may come once, as visible ASCII.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, SessionRefusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(SessionRefusal::DuplicateParameter(name.to_owned()));
    }
    let text = value.to_str().map_err(|_| SessionRefusal::malformed(name, "visible ASCII", "other bytes"))?;
    Ok(Some(text.trim()))
}

fn limit(at: &'static str, found: usize, limit: usize) -> Result<(), SessionRefusal> {
    if found > limit { Err(SessionRefusal::TooLarge { at, limit, found }) } else { Ok(()) }
}
