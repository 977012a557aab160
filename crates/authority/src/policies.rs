//! What narrows a session: the session policies that its caller sends along, and what a refusal says of a policy.

use crate::assume::No;
use crate::context::Wishes;
use crate::{AssumeWithWebIdentity, Reason};
use stagedoor_policy::{Document, Kind, Policy, PolicySet, Request};

/// The room for session policies and tags in a session token, in bytes of JSON.
const ROOM: usize = 3072;

/// The longest session policy, in characters.
const LONGEST: usize = 2048;

/// The session policies of a request, checked.
pub(crate) struct Narrowing {
    pub(crate) policies: Vec<String>,
    /// How full the room is, in percent; absent when nothing takes any.
    pub(crate) packed_size: Option<u8>,
}

pub(crate) fn narrowing(request: &AssumeWithWebIdentity, wishes: &Wishes) -> Result<Narrowing, No> {
    if let Some(arn) = request.policy_arns.first() {
        let public = "A policy in PolicyArns does not exist.";
        return Err(No::new(Reason::SessionPolicyUnknown, public, format!("no policy has the ARN `{arn}`")));
    }
    let policies: Vec<String> = request.policy.iter().cloned().collect();
    for policy in &policies {
        if policy.chars().count() > LONGEST {
            let public = format!("The session policy is longer than {LONGEST} characters.");
            return Err(No::new(Reason::SessionPolicyTooLarge, public.clone(), public));
        }
        if let Err(faults) = Document::parse(Kind::Session, policy) {
            let texts: Vec<&str> = faults.iter().take(5).map(|fault| fault.message.as_str()).collect();
            let texts = texts.join("; ");
            let public = format!("The session policy has errors: {texts}");
            return Err(No::new(Reason::SessionPolicyMalformed, public.clone(), public));
        }
    }
    let packed_size = packed_size(&policies, wishes)?;
    Ok(Narrowing { policies, packed_size })
}

fn packed_size(policies: &[String], wishes: &Wishes) -> Result<Option<u8>, No> {
    let tags = &wishes.tags;
    if policies.is_empty() && tags.tags.is_empty() {
        return Ok(None);
    }
    let parts = [
        serde_json::to_string(policies),
        serde_json::to_string(&tags.tags),
        serde_json::to_string(&tags.transitive),
    ];
    let used: usize = parts.iter().flatten().map(String::len).sum();
    let percent = (used * 100).div_ceil(ROOM);
    match u8::try_from(percent) {
        Ok(percent) if percent <= 100 => Ok(Some(percent)),
        _ => {
            let public = format!("Packed size of session tags consumes {percent}% of allotted space.");
            let detail = format!("session policies and tags take {used} of {ROOM} bytes");
            Err(No::new(Reason::SessionPolicyTooLarge, public, detail))
        }
    }
}

/// Adds a session's policies to those of its role.
///
/// # Errors
/// A policy that does not parse any more: then the session has no rights at all.
pub(crate) fn narrowed(rights: &PolicySet, policies: &[String]) -> Result<PolicySet, String> {
    let mut narrowed = rights.clone();
    for source in policies {
        let document = Document::parse(Kind::Session, source)
            .map_err(|_| "a session policy is no longer valid; assume the role again".to_owned())?;
        narrowed = narrowed.session(Policy::compile("session policy", &document));
    }
    Ok(narrowed)
}

/// Why policies do not allow a request, in one line for the operator.
pub(crate) fn explained(policies: &PolicySet, request: &Request) -> String {
    let explanation = policies.explain(request);
    let summary = explanation.summary();
    match explanation.nearest_change() {
        Some(change) if !summary.contains(change) => format!("{summary}; nearest change: {change}"),
        _ => summary,
    }
}
