//! What narrows a session: the session policies that its caller sends along, and what a refusal says of a policy.

use crate::Reason;
use crate::assume::No;
use stagedoor_config::{Role, Snapshot};
use stagedoor_identity::SessionTags;
use stagedoor_policy::{Decision, Document, Kind, Policy, PolicySet, Request};
use stagedoor_session::Session;

/// The room for session policies and tags in a session token, in bytes of JSON.
const ROOM: usize = 3072;

/// The longest session policy, in characters.
const LONGEST: usize = 2048;

/// The session policies that a caller asks for.
pub(crate) struct Asked<'a> {
    pub(crate) policy: Option<&'a str>,
    pub(crate) arns: &'a [String],
}

/// The session policies of a request, checked.
pub(crate) struct Narrowing {
    /// Documents and ARNs.
    pub(crate) policies: Vec<String>,
    /// How full the room is, in percent; absent when nothing takes any.
    pub(crate) packed_size: Option<u8>,
}

pub(crate) fn narrowing(snapshot: &Snapshot, asked: &Asked<'_>, tags: &SessionTags) -> Result<Narrowing, No> {
    if let Some(arn) = asked.arns.iter().find(|arn| snapshot.policy_by_arn(arn).is_none()) {
        let public = "A policy in PolicyArns does not exist.";
        let detail = format!("no policy has the ARN `{arn}`; the policies are the files of `boundaries/`");
        return Err(No::new(Reason::SessionPolicyUnknown, public, detail));
    }
    if let Some(policy) = asked.policy {
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
    let policies: Vec<String> =
        asked.policy.map(str::to_owned).into_iter().chain(asked.arns.iter().cloned()).collect();
    let packed_size = packed_size(&policies, tags)?;
    Ok(Narrowing { policies, packed_size })
}

fn packed_size(policies: &[String], tags: &SessionTags) -> Result<Option<u8>, No> {
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

/// What a session may do: each of the sets must allow. There are two where the session is limited by its own session
/// policies and by those of the session that it was made from.
pub(crate) struct Rights {
    first: PolicySet,
    second: Option<PolicySet>,
}

impl Rights {
    /// The rights of `role` as far as the session has them.
    ///
    /// # Errors
    /// A session policy that does not stand any more: then the session has no rights at all.
    pub(crate) fn of(snapshot: &Snapshot, role: &Role, session: &Session) -> Result<Self, String> {
        let first = narrowed(snapshot, &role.permissions, &session.policies)?;
        let inherited = &session.lineage.policies;
        let second = match inherited.is_empty() {
            true => None,
            false => Some(narrowed(snapshot, &role.permissions, inherited)?),
        };
        Ok(Rights { first, second })
    }

    /// The same rights, to be judged together with the trust policy of a role that is to be assumed.
    pub(crate) fn trusted_by(self, role: &Role) -> Self {
        let with = |rights: PolicySet| {
            role.trust.policies().fold(rights, |rights, (_, policy)| rights.trust(policy.clone()))
        };
        Rights { first: with(self.first), second: self.second.map(with) }
    }

    /// The decision, and why in one line unless it allows.
    pub(crate) fn judge(&self, request: &Request) -> (Decision, Option<String>) {
        let decision = self.first.decide(request);
        if !decision.is_allow() {
            return (decision, Some(explained(&self.first, request)));
        }
        match self.second.as_ref().map(|second| (second.decide(request), second)) {
            Some((decision, second)) if !decision.is_allow() => {
                let why = explained(second, request);
                (decision, Some(format!("of the session that this one was made from: {why}")))
            }
            _ => (decision, None),
        }
    }
}

/// Adds session policies to the policies of a role.
fn narrowed(snapshot: &Snapshot, rights: &PolicySet, policies: &[String]) -> Result<PolicySet, String> {
    let mut narrowed = rights.clone();
    for source in policies {
        let policy = if source.starts_with("arn:") {
            snapshot.policy_by_arn(source).cloned().ok_or_else(|| {
                format!("the session policy `{source}` is no longer there; assume the role again")
            })?
        } else {
            let document = Document::parse(Kind::Session, source)
                .map_err(|_| "a session policy is no longer valid; assume the role again".to_owned())?;
            Policy::compile("session policy", &document)
        };
        narrowed = narrowed.session(policy);
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
