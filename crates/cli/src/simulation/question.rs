//! What a line asks.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use stagedoor_policy::{Kind, Policy, PolicySet, Request};

use super::context::Keys;
use super::named;
use super::{Failed, Fault, Finding, principal};

/// A whole line. Policies stay text, so that their own reader sees what was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question<'l> {
    #[serde(default)]
    pub(super) id: Value,
    #[serde(borrow)]
    identity_policies: Option<&'l RawValue>,
    #[serde(borrow)]
    resource_policy: Option<&'l RawValue>,
    #[serde(borrow)]
    permission_boundaries: Option<&'l RawValue>,
    #[serde(borrow)]
    session_policy: Option<&'l RawValue>,
    #[serde(borrow)]
    scps: Option<&'l RawValue>,
    #[serde(borrow)]
    rcps: Option<&'l RawValue>,
    #[serde(borrow)]
    trust_policy: Option<&'l RawValue>,
    #[serde(deserialize_with = "object")]
    request: Asked,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    principal: Value,
    action: String,
    resource: Option<String>,
    resource_account: Option<String>,
    #[serde(default)]
    context: Keys,
}

/// Reads an object as one; serde would take a list of the fields as well.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Asked, D::Error> {
    struct Reader;
    impl<'de> Visitor<'de> for Reader {
        type Value = Asked;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object in `request`")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Asked, A::Error> {
            Asked::deserialize(MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_map(Reader)
}

/// What is left of a line that is no question.
#[derive(Deserialize)]
struct Identified {
    #[serde(default)]
    id: Value,
}

impl<'l> Question<'l> {
    pub(super) fn read(line: &'l [u8]) -> Result<Self, Failed> {
        if line.trim_ascii_start().first() == Some(&b'[') {
            return Err(Box::new((Value::Null, Fault::invalid("a line must be an object, found a list"))));
        }
        serde_json::from_slice(line).map_err(|error| {
            let id = serde_json::from_slice(line).map_or(Value::Null, |line: Identified| line.id);
            let fault = match error.classify() {
                serde_json::error::Category::Data => Fault::invalid(words(&error)),
                _ => Fault::new(
                    "malformed_json",
                    format!("the line is not one JSON object: {}", words(&error)),
                ),
            };
            Box::new((id, fault))
        })
    }

    /// The policies, compiled.
    ///
    /// # Errors
    /// With the faults of all policies.
    pub(super) fn policies(&self) -> Result<PolicySet, Fault> {
        let mut reader = Reader::default();
        let scps = reader.levels(Kind::ServiceControl, "scps", self.scps)?;
        let trust = reader.all(Kind::Trust, "trust_policy", self.trust_policy)?;
        let resource = reader.all(Kind::Resource, "resource_policy", self.resource_policy)?;
        let identity = reader.all(Kind::Identity, "identity_policies", self.identity_policies)?;
        let boundary = reader.all(Kind::Boundary, "permission_boundaries", self.permission_boundaries)?;
        let session = reader.all(Kind::Session, "session_policy", self.session_policy)?;
        let rcp = reader.all(Kind::ResourceControl, "rcps", self.rcps)?;
        reader.finish()?;
        let mut set = PolicySet::new();
        set = trust.into_iter().fold(set, PolicySet::trust);
        set = resource.into_iter().fold(set, PolicySet::resource);
        set = identity.into_iter().fold(set, PolicySet::identity);
        set = boundary.into_iter().fold(set, PolicySet::boundary);
        set = session.into_iter().fold(set, PolicySet::session);
        set = rcp.into_iter().fold(set, PolicySet::rcp);
        for level in scps {
            set = level.into_iter().fold(set.next_scp_level(), PolicySet::scp);
        }
        Ok(set)
    }

    /// The request.
    ///
    /// # Errors
    /// When a part of it is not what it must be.
    pub(super) fn request(&self) -> Result<Request, Fault> {
        let asked = &self.request;
        if !asked
            .action
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
        {
            return Err(Fault::invalid(format!(
                "`request.action` must be `service:Action`, found `{}`",
                shown(&asked.action)
            )));
        }
        if let Some(account) = &asked.resource_account
            && !principal::is_account(account)
        {
            let account = shown(account);
            return Err(Fault::invalid(format!(
                "`request.resource_account` must be an account id of 12 digits, found `{account}`"
            )));
        }
        Ok(Request {
            principal: principal::read(&asked.principal)?,
            action: asked.action.clone(),
            resource: asked.resource.clone(),
            resource_account: asked.resource_account.clone(),
            context: asked.context.0.clone(),
        })
    }
}

/// Compiles policies and keeps the faults of all.
#[derive(Default)]
struct Reader {
    faults: Vec<Finding>,
}

impl Reader {
    fn levels(
        &mut self,
        kind: Kind,
        field: &str,
        text: Option<&RawValue>,
    ) -> Result<Vec<Vec<Policy>>, Fault> {
        let Some(text) = text else { return Ok(Vec::new()) };
        let mut levels = Vec::new();
        for level in named::levels(field, text, kind == Kind::ServiceControl)? {
            let compiled = level.into_iter().filter_map(|policy| policy.compile(kind, &mut self.faults));
            levels.push(compiled.collect());
        }
        Ok(levels)
    }

    fn all(&mut self, kind: Kind, field: &str, text: Option<&RawValue>) -> Result<Vec<Policy>, Fault> {
        Ok(self.levels(kind, field, text)?.into_iter().flatten().collect())
    }

    fn finish(self) -> Result<(), Fault> {
        let Some(Finding { policy, diagnostic }) = self.faults.first() else { return Ok(()) };
        let message = match self.faults.len() - 1 {
            0 => format!("`{policy}`: {}", diagnostic.message),
            more => format!("`{policy}`: {} (and {more} more)", diagnostic.message),
        };
        Err(Fault { findings: self.faults, ..Fault::new("invalid_policy", message) })
    }
}

/// An error of serde without its line, which is always the first.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((words, _)) => format!("{words} at column {}", error.column()),
        None => text,
    }
}

/// Text of the line as a message shows it.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(100).flat_map(char::escape_debug).collect();
    if text.chars().nth(100).is_some() {
        shown.push('…');
    }
    shown
}
