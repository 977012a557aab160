//! The condition keys that AWS would have, of those that a line gives for a web identity.

use serde_json::{Map, Value as Json};
use stagedoor_identity::{Claims, Profile, Provider};
use stagedoor_policy::{Context, Principal, Request, Value};

/// What is left of a request under a profile.
pub(super) enum Exposed {
    Request(Box<Request>),
    /// The token would be refused before any policy is asked.
    Refused(String),
}

/// Under [`Profile::Aws`], a web identity has of its issuer's keys only those that AWS exposes, `aud` and `oaud` by
/// AWS's `azp` rule, and no keys of other issuers. All other requests stay as they are.
pub(super) fn exposed(mut request: Request, profile: Profile) -> Exposed {
    let Some(prefix) = issuer(&request.principal).map(str::to_owned).filter(|_| profile == Profile::Aws)
    else {
        return Exposed::Request(Box::new(request));
    };
    let url = format!("https://{prefix}");
    let mut claims = Map::new();
    let mut given = None;
    let mut context = Context::new();
    for (key, value) in request.context.iter() {
        match claim_of(key, &prefix) {
            Some(claim) if claim.eq_ignore_ascii_case("oaud") => given = Some(value.clone()),
            Some(claim) => {
                claims.insert(spelt(claim, &url), json(value));
            }
            None if is_of_issuer(key) => {}
            None => context.insert(key, value.clone()),
        }
    }
    // Whoever gives `oaud` has applied the `azp` rule already.
    let given = given.filter(|_| !claims.contains_key("azp"));
    let keys = Claims::from_json(&Json::Object(claims).to_string())
        .and_then(|claims| claims.context(&url, Profile::Aws));
    match keys {
        Ok(keys) => {
            context.merge(&keys);
            if let Some(audience) = given {
                context.insert(format!("{prefix}:oaud"), audience);
            }
            request.context = context;
            Exposed::Request(Box::new(request))
        }
        Err(refusal) => Exposed::Refused(format!("{}: {refusal}", refusal.code())),
    }
}

/// The issuer of a web identity, without its scheme.
pub(super) fn issuer(principal: &Principal) -> Option<&str> {
    let Principal::Federated { provider } = principal else { return None };
    match provider.split_once(":oidc-provider/") {
        Some((_, prefix)) => Some(prefix),
        None => Some(provider.as_str()).filter(|provider| !provider.starts_with("arn:")),
    }
}

/// The claim's own spelling, for AWS's names; key names have no case, claims have.
fn spelt(claim: &str, url: &str) -> String {
    let known = ["aud", "azp"].into_iter().chain(Provider::aws_keys(url));
    known.into_iter().find(|name| name.eq_ignore_ascii_case(claim)).unwrap_or(claim).to_owned()
}

/// The claim that a key of this issuer names; key names have no case.
fn claim_of<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let (start, rest) = (key.get(..prefix.len())?, key.get(prefix.len()..)?);
    let claim = rest.strip_prefix(':').filter(|claim| !claim.is_empty())?;
    start.eq_ignore_ascii_case(prefix).then_some(claim)
}

/// Issuers have a dot in their keys' prefix (or, in tests, a port); services do not.
fn is_of_issuer(key: &str) -> bool {
    key.split_once(':').is_some_and(|(prefix, _)| prefix.contains(['.', '/']))
}

fn json(value: &Value) -> Json {
    match value {
        Value::One(text) => text.as_str().into(),
        Value::Many(texts) => texts.iter().map(String::as_str).collect(),
    }
}
