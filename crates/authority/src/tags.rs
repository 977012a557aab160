//! Session tags: those that a caller asks for, those that follow from its own session, and those that the role takes
//! from the token.

use crate::Reason;
use crate::assume::No;
use stagedoor_config::Role;
use stagedoor_identity::SessionTags;
use stagedoor_policy::{Context, Value};
use stagedoor_session::Session;
use std::collections::BTreeMap;

/// AWS's limits: tags of a session, characters of a key and of a value.
const MOST: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

fn invalid(public: impl Into<String>, detail: String) -> No {
    No::new(Reason::TagsInvalid, public, detail)
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The tags of a call, by AWS's rules, with those that follow from the calling session.
pub(crate) fn asked(
    tags: &[(String, String)],
    transitive: &[String],
    caller: &Session,
) -> Result<SessionTags, No> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in tags {
        let length = key.chars().count();
        if length == 0 || length > LONGEST_KEY || value.chars().count() > LONGEST_VALUE {
            let public = "A tag has a key of 1 to 128 and a value of up to 256 characters.";
            return Err(invalid(public, format!("the tag `{key}` is empty or too long")));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            let public = "Tag keys that begin with aws: are reserved.";
            return Err(invalid(public, format!("the tag `{key}` is reserved")));
        }
        if found.keys().any(|known| same(known, key)) {
            let public = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(invalid(public, format!("the tag `{key}` comes twice")));
        }
        if caller.transitive_tags.iter().any(|known| same(known, key)) {
            let public = "One of the specified transitive tag keys can't be set because it conflicts with a \
                          transitive tag key from the calling session.";
            return Err(invalid(public, format!("the calling session hands down the tag `{key}`")));
        }
        found.insert(key.clone(), value.clone());
    }
    let mut handed_down = Vec::new();
    for key in transitive {
        let Some(tag) = found.keys().find(|known| same(known, key)) else {
            let public = "The specified transitive tag key must be included in the requested tags.";
            return Err(invalid(public, format!("no tag has the transitive key `{key}`")));
        };
        if !handed_down.contains(tag) {
            handed_down.push(tag.clone());
        }
    }
    for key in &caller.transitive_tags {
        if let Some(value) = caller.tags.get(key) {
            found.insert(key.clone(), value.clone());
            handed_down.push(key.clone());
        }
    }
    let tags = SessionTags { tags: found, transitive: handed_down };
    within_limit(&tags)?;
    Ok(tags)
}

/// The tags that the role takes from the token's claims.
pub(crate) fn mapped(role: &Role, token: &Context, prefix: &str) -> Result<BTreeMap<String, String>, No> {
    let mut tags = BTreeMap::new();
    for (tag, claim) in &role.tag_claims {
        let several = match token.get(&format!("{prefix}:{claim}")) {
            None => continue,
            Some(Value::One(one)) => std::slice::from_ref(one),
            Some(Value::Many(many)) => many.as_slice(),
        };
        match several {
            [] => {}
            [one] if one.chars().count() <= LONGEST_VALUE => {
                tags.insert(tag.clone(), one.clone());
            }
            _ => {
                let public = format!("Invalid claim in the token: {claim}");
                let detail = format!(
                    "role `{}` takes its tag `{tag}` from the claim `{claim}`, which has several values or one of \
                     more than {LONGEST_VALUE} characters",
                    role.name
                );
                return Err(No::new(Reason::TokenClaimInvalid, public, detail));
            }
        }
    }
    Ok(tags)
}

/// Lays the role's tags over those that the caller brought: the role's owner has the last word.
pub(crate) fn overlay(tags: &mut SessionTags, mapped: BTreeMap<String, String>) -> Result<(), No> {
    let replaced = |key: &str| mapped.keys().any(|own| same(own, key));
    tags.tags.retain(|key, _| !replaced(key));
    tags.transitive.retain(|key| !replaced(key));
    tags.tags.extend(mapped);
    within_limit(tags)
}

fn within_limit(tags: &SessionTags) -> Result<(), No> {
    match tags.tags.len() {
        0..=MOST => Ok(()),
        found => Err(invalid("A session has at most 50 tags.", format!("{found} tags"))),
    }
}
