//! Why a condition key is absent.

use super::KeyHints;
use crate::context::{Profile, key_prefix};
use crate::provider::{Claim, Presence, Provider};
use crate::refusal::excerpt;

/// Keys that describe a principal of an account. A web identity is none before it has the role.
const OF_PRINCIPALS: &[&str] = &[
    "principalaccount",
    "principalarn",
    "principalisawsservice",
    "principalorgid",
    "principalorgpaths",
    "principaltype",
    "userid",
    "username",
    "multifactorauthpresent",
    "multifactorauthage",
];

impl KeyHints<'_> {
    /// About a key of the issuer itself.
    pub(super) fn absent_claim(&self, claim: &str) -> Option<String> {
        let shown = excerpt(claim);
        if self.profile == Profile::Aws && !self.exposed(claim) {
            return Some(self.not_exposed(&shown, claim));
        }
        if claim.eq_ignore_ascii_case("aud")
            && let (Some(configured), Some(claims)) = (self.audiences, self.claims)
            && let Ok(carried) = claims.audiences()
        {
            return Some(format!(
                "the token was asked for {}; the issuer's `audiences` in the configuration are {}",
                listed(carried.iter().map(String::as_str)),
                listed(configured.iter().map(String::as_str))
            ));
        }
        let provider = self.provider.filter(|provider| provider.kind != "oidc")?;
        Some(match self.known(provider, claim) {
            None => {
                let names = provider.claims.iter().map(|claim| claim.name);
                let near = nearest(claim, names.filter(|name| !name.contains('*')));
                let title = provider.title;
                match near {
                    Some(near) => {
                        format!("tokens of {title} have no claim `{shown}`; did you mean `{near}`?")
                    }
                    None => {
                        format!("tokens of {title} have no claim `{shown}`, as far as the catalogue knows")
                    }
                }
            }
            Some(known) => match known.presence {
                Presence::Always => {
                    format!("every token of {} carries `{}`; these claims do not", provider.title, known.name)
                }
                Presence::When(when) => {
                    format!("tokens of {} carry `{}` only if {when}", provider.title, known.name)
                }
                Presence::Uncertain(why) => {
                    format!("not every token of {} carries `{}`: {why}", provider.title, known.name)
                }
            },
        })
    }

    pub(super) fn known(&self, provider: &'static Provider, claim: &str) -> Option<&'static Claim> {
        let like = |pattern: &str| match pattern.split_once('*') {
            Some((start, _)) => {
                claim.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
            }
            None => pattern.eq_ignore_ascii_case(claim),
        };
        provider.claims.iter().find(|known| like(known.name))
    }

    fn not_exposed(&self, shown: &str, claim: &str) -> String {
        let carried = self.claims.is_some_and(|claims| {
            claims.at(claim).is_some() || claims.iter().any(|(name, _)| name.eq_ignore_ascii_case(claim))
        });
        let whatever = if carried { "although the token carries it" } else { "whatever the token carries" };
        format!(
            "AWS does not expose `{shown}` of this issuer, so the key is absent there {whatever}; the keys are {} \
             (AWS's reference of {})",
            listed(["aud", "oaud"].into_iter().chain(Provider::aws_keys(self.url))),
            Provider::aws_keys_as_of()
        )
    }

    /// About a key that begins with another issuer, or with something like this one.
    pub(super) fn other_issuer(&self, prefix: &str) -> Option<String> {
        let own = key_prefix(self.url);
        let bare = |text: &str| text.trim_end_matches('/').to_lowercase();
        let shown = excerpt(prefix);
        if bare(prefix) == bare(own) {
            let (which, other) =
                if prefix.ends_with('/') { ("the key", "the issuer") } else { ("the issuer", "the key") };
            return Some(format!(
                "{which} has a slash before the colon and {other} has none: `{}:…`",
                excerpt(own)
            ));
        }
        if bare(own).starts_with(&format!("{}/", bare(prefix))) {
            return Some(format!("the key must name the whole issuer with its path: `{}:…`", excerpt(own)));
        }
        let of = match Provider::of_url(&format!("https://{prefix}")) {
            Some(other) if Some(other) != self.provider => format!("`{shown}` is {}", other.title),
            _ => format!("`{shown}` is another issuer"),
        };
        Some(format!(
            "{of}; the token is of {}, and a token has only the keys of its own issuer",
            self.title()
        ))
    }

    /// About a key of AWS or of a service.
    pub(super) fn absent_elsewhere(&self, service: &str, name: &str, key: &str) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        let shown = excerpt(key);
        let claim = |claim: &str| {
            let carries = match self.claims {
                Some(claims) if claims.iter().any(|(name, _)| name.starts_with(claim)) => {
                    ", which the token has"
                }
                Some(_) => ", which the token lacks",
                None => "",
            };
            Some(format!("`{shown}` comes from the token's claim `{claim}`{carries}"))
        };
        match (service.to_ascii_lowercase().as_str(), lower.as_str()) {
            ("https" | "http", _) => Some(format!(
                "a condition key names the issuer without `{service}://`: `{}:…`",
                excerpt(key_prefix(self.url))
            )),
            ("aws", name) if OF_PRINCIPALS.contains(&name) || name.starts_with("principaltag/") => {
                Some(format!(
                    "`{shown}` is about principals of an account; a web identity is none yet, so it is always absent"
                ))
            }
            ("aws", name) if name == "tagkeys" || name.starts_with("requesttag/") => {
                claim("https://aws.amazon.com/tags")
            }
            ("sts", "transitivetagkeys") => claim("https://aws.amazon.com/tags"),
            ("aws" | "sts", "sourceidentity") => claim("https://aws.amazon.com/source_identity"),
            ("sts", "roleauthorizedbyidp") => claim("https://aws.amazon.com/roles"),
            ("sts", "externalid") => Some(
                "an external id exists with AssumeRole only, not with AssumeRoleWithWebIdentity".to_owned(),
            ),
            (
                "aws",
                "sourceip" | "vpcsourceip" | "sourcevpc" | "sourcevpce" | "useragent" | "securetransport"
                | "referer",
            ) => Some(format!("`{shown}` comes from the connection, not from the token")),
            _ => None,
        }
    }
}

/// `` `a`, `b` and 3 more ``.
pub(super) fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    const MOST: usize = 20;
    let all: Vec<String> = texts.map(|text| format!("`{}`", excerpt(text))).collect();
    match all.get(..MOST).filter(|_| all.len() > MOST) {
        Some(first) => format!("{} and {} more", first.join(", "), all.len() - MOST),
        None => all.join(", "),
    }
}

/// The name most like `text`: with `_` and `-` and letter case aside, or within two edits.
fn nearest(text: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let plain = |text: &str| text.replace(['_', '-'], "").to_lowercase();
    names
        .map(|name| (crate::provider::distance(&plain(text), &plain(name)), name))
        .filter(|(distance, name)| *distance <= 2 && *distance * 3 <= name.len())
        .min()
        .map(|(_, name)| name)
}
