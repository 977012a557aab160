//! What must never be possible, decided over all tokens and requests: isolation and invariants.

use stagedoor_config::{Role, Snapshot};
use stagedoor_insight::tokens;
use stagedoor_policy::space::{Answer, Facts, KeyFact, ResourceFact, Search, Space};
use stagedoor_policy::{Policy, Principal, Request, Value};

/// Something possible that must not be, or that could not be decided.
pub(super) struct Break {
    /// `isolation_broken`, `invariant_broken`, or `not_decided`.
    pub(super) id: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// A request that shows it.
    pub(super) witness: Option<Request>,
}

/// Every break of the configuration's isolation and invariants.
pub(super) fn breaks(snapshot: &Snapshot) -> Vec<Break> {
    let mut all = isolation(snapshot);
    all.extend(invariants(snapshot));
    all
}

fn isolation(snapshot: &Snapshot) -> Vec<Break> {
    let roles: Vec<&Role> = snapshot.roles.iter().map(|role| &**role).collect();
    let search = of_tokens(snapshot, None);
    let mut all = Vec::new();
    for tag in &snapshot.settings.isolate {
        for (index, one) in roles.iter().enumerate() {
            for other in roles.iter().skip(index + 1) {
                let (Some(left), Some(right)) = (one.tags.get(tag), other.tags.get(tag)) else { continue };
                if left == right {
                    continue;
                }
                let both =
                    Space::allowed(one.trust.clone()).and(&Space::allowed(other.trust.clone()).second());
                let message = format!(
                    "one token can reach `{}` ({tag} {left}) and `{}` ({tag} {right})",
                    one.name, other.name
                );
                all.extend(found("isolation_broken", message, search.find(&both)));
            }
        }
    }
    all
}

fn invariants(snapshot: &Snapshot) -> Vec<Break> {
    let mut all = Vec::new();
    for invariant in &snapshot.invariants {
        let forbidden = Space::covered(Policy::compile(&invariant.path, &invariant.document));
        for role in snapshot.roles.iter() {
            let assumed = Space::allowed(role.trust.clone()).and(&forbidden);
            let message = format!("`{}` can be assumed as {} forbids", role.name, invariant.path);
            let answer = of_tokens(snapshot, Some(role)).find(&assumed);
            all.extend(found("invariant_broken", message, answer));

            let used = Space::allowed(role.permissions.clone()).and(&forbidden);
            let message = format!("`{}` may do what {} forbids", role.name, invariant.path);
            all.extend(found("invariant_broken", message, of_session(snapshot, role).find(&used)));
        }
    }
    all
}

fn found(id: &'static str, message: String, answer: Answer) -> Option<Break> {
    match answer {
        Answer::Empty => None,
        Answer::Witness(witness) => Some(Break { id, message, witness: Some(witness.request) }),
        Answer::NotDecided { causes } => {
            let causes: Vec<String> = causes.iter().map(ToString::to_string).collect();
            let message = format!("whether {message} could not be decided: {}", causes.join("; "));
            Some(Break { id: "not_decided", message, witness: None })
        }
    }
}

/// Among the tokens of the configured issuers.
fn of_tokens<'s>(snapshot: &'s Snapshot, role: Option<&'s Role>) -> Search<'s> {
    let account = &snapshot.settings.account;
    let callers =
        snapshot.issuers.iter().map(|issuer| Principal::Federated { provider: issuer.arn(account) });
    Search::new().with_callers(callers.collect()).with_facts(move |principal| {
        let issuer = snapshot.issuers.by_arn(account, principal.name())?;
        let mut facts = tokens::facts(issuer);
        facts.set("aws:FederatedProvider", KeyFact::fixed(principal.name()));
        if let Some(role) = role {
            facts.set_resource(ResourceFact::Only(role.arn.clone()));
        }
        Some(facts)
    })
}

/// Among the requests of a role's sessions.
fn of_session<'s>(snapshot: &'s Snapshot, role: &'s Role) -> Search<'s> {
    let account = &snapshot.settings.account;
    let session_arn = format!("arn:aws:sts::{account}:assumed-role/{}/session", role.name);
    let caller = Principal::AssumedRole { role_arn: role.arn.clone(), session_arn };
    Search::new().with_callers(vec![caller]).with_facts(move |_| {
        let mut facts = Facts::aws();
        facts.set("aws:PrincipalArn", KeyFact::fixed(&role.arn));
        facts.set("aws:PrincipalAccount", KeyFact::fixed(account));
        facts.set("aws:ResourceAccount", KeyFact::fixed(account));
        facts.set("aws:PrincipalType", KeyFact::fixed("AssumedRole"));
        Some(facts)
    })
}

impl Break {
    /// The witness, a line for each thing that it says.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let Some(request) = &self.witness else { return Vec::new() };
        let row = |name: &str, value: &str| vec![format!("  {name}"), value.to_owned()];
        let mut rows = vec![row("principal", request.principal.name()), row("action", &request.action)];
        rows.extend(request.resource.iter().map(|resource| row("resource", resource)));
        rows.extend(request.context.iter().map(|(key, value)| match value {
            Value::One(text) => row(key, text),
            Value::Many(texts) => row(key, &format!("[{}]", texts.join(", "))),
        }));
        rows
    }
}
