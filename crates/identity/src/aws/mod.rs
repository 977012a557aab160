//! What AWS makes of a token: its condition keys, and the claims that AWS STS obeys.

pub(crate) mod keys;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::claims::{Claims, describe};
use crate::refusal::{TokenRefusal, excerpt};

const TAGS: &str = "https://aws.amazon.com/tags";
const FLAT_TAG: &str = "https://aws.amazon.com/tags/principal_tags/";
const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
const ROLES: &str = "https://aws.amazon.com/roles";

/// Most session tags that AWS accepts.
const TAG_LIMIT: usize = 50;
/// Longest tag key, in characters.
const TAG_KEY_LIMIT: usize = 128;
/// Longest tag value, in characters.
const TAG_VALUE_LIMIT: usize = 256;

/// The session tags that a token asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionTags {
    /// Tag keys and values, at most 50.
    pub tags: BTreeMap<String, String>,
    /// The keys that further sessions inherit; each is in `tags`.
    pub transitive: Vec<String>,
}

pub(crate) fn session_tags(claims: &Claims) -> Result<Option<SessionTags>, TokenRefusal> {
    let mut found = None;
    if let Some(nested) = claims.get(TAGS) {
        found = Some(nested_tags(nested)?);
    }
    let flat = claims.iter().filter_map(|(name, value)| Some((name.strip_prefix(FLAT_TAG)?, value)));
    for (key, value) in flat {
        add_tag(found.get_or_insert_default(), key, value)?;
    }
    if let Some(keys) = claims.get(FLAT_TRANSITIVE) {
        found.get_or_insert_default().transitive.extend(strings(FLAT_TRANSITIVE, keys)?);
    }
    if let Some(tags) = &found {
        check_limits(tags)?;
    }
    Ok(found)
}

fn nested_tags(value: &Value) -> Result<SessionTags, TokenRefusal> {
    let wrong = || invalid(TAGS, value, "an object with `principal_tags` and `transitive_tag_keys`");
    let object: &Map<String, Value> = value.as_object().ok_or_else(wrong)?;
    if object.keys().any(|name| name != "principal_tags" && name != "transitive_tag_keys") {
        return Err(wrong());
    }
    let mut found = SessionTags::default();
    if let Some(principal) = object.get("principal_tags") {
        for (key, value) in principal.as_object().ok_or_else(wrong)? {
            add_tag(&mut found, key, value)?;
        }
    }
    if let Some(keys) = object.get("transitive_tag_keys") {
        found.transitive = strings(TAGS, keys)?;
    }
    Ok(found)
}

fn add_tag(found: &mut SessionTags, key: &str, value: &Value) -> Result<(), TokenRefusal> {
    let one = match value {
        Value::Array(values) => match values.as_slice() {
            [one] => one,
            _ => return Err(invalid(TAGS, value, "one value for each tag")),
        },
        one => one,
    };
    // AWS takes numbers for the strings that they are written as.
    let text = match one {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => return Err(invalid(TAGS, other, "a string for each tag")),
    };
    if found.tags.keys().any(|known| known.eq_ignore_ascii_case(key)) {
        return Err(refused(
            TAGS,
            format!("an object with the tag `{}` twice", excerpt(key)),
            "each tag once",
        ));
    }
    found.tags.insert(key.to_owned(), text);
    Ok(())
}

fn check_limits(found: &SessionTags) -> Result<(), TokenRefusal> {
    if found.tags.len() > TAG_LIMIT {
        return Err(refused(TAGS, format!("{} tags", found.tags.len()), "at most 50 tags"));
    }
    for (key, value) in &found.tags {
        let length = key.chars().count();
        if length == 0 || length > TAG_KEY_LIMIT || value.chars().count() > TAG_VALUE_LIMIT {
            let shown = format!("a tag `{}` that is empty or too long", excerpt(key));
            return Err(refused(TAGS, shown, "keys of 1 to 128 and values of up to 256 characters"));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(refused(
                TAGS,
                format!("a tag `{}`", excerpt(key)),
                "keys that do not begin with `aws:`",
            ));
        }
    }
    match found.transitive.iter().find(|key| !found.tags.contains_key(*key)) {
        None => Ok(()),
        Some(key) => {
            let shown = format!("a transitive key `{}` that is no tag", excerpt(key));
            Err(refused(TAGS, shown, "transitive keys out of the tags"))
        }
    }
}

pub(crate) fn source_identity(claims: &Claims) -> Result<Option<String>, TokenRefusal> {
    const WANTED: &str = "a string of 2 to 64 characters of letters, digits and `_+=,.@-`";
    match claims.get(SOURCE_IDENTITY) {
        None => Ok(None),
        Some(Value::String(text))
            if (2..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)) =>
        {
            Ok(Some(text.clone()))
        }
        Some(other) => Err(invalid(SOURCE_IDENTITY, other, WANTED)),
    }
}

pub(crate) fn authorized_roles(claims: &Claims) -> Result<Option<Vec<String>>, TokenRefusal> {
    claims.get(ROLES).map(|value| strings(ROLES, value)).transpose()
}

fn strings(claim: &'static str, value: &Value) -> Result<Vec<String>, TokenRefusal> {
    let wrong = || invalid(claim, value, "a string or an array of strings");
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(several) => {
            several.iter().map(|entry| entry.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

fn invalid(claim: &'static str, found: &Value, wanted: &str) -> TokenRefusal {
    refused(claim, describe(found), wanted)
}

fn refused(claim: &'static str, found: String, wanted: &str) -> TokenRefusal {
    TokenRefusal::ClaimInvalid { claim: claim.to_owned(), found, wanted: wanted.to_owned() }
}
