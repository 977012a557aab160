//! Checks that need more than one file.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::Arc,
};

use stagedoor_identity::Issuers;
use stagedoor_policy::{Diagnostic, PrincipalType, Span};

use crate::{
    gate::RawGate, issuer::RawIssuer, report::Report, role::Role, settings::RawSettings, source::Source,
    suggest::nearest, table::excerpt,
};

/// Reports issuers that share a URL, and URLs that differ only in their scheme, since ARNs and
/// condition keys leave it out.
pub(crate) fn issuer_urls(issuers: &[RawIssuer], report: &mut Report) -> bool {
    let mut seen: HashMap<&str, &RawIssuer> = HashMap::new();
    let mut sound = true;
    for raw in issuers {
        if let Some(first) = seen.insert(raw.issuer.key_prefix(), raw) {
            let message = format!(
                "issuer `{}` has the URL of issuer `{}`: `{}`",
                raw.issuer.name, first.issuer.name, raw.issuer.url
            );
            let fault = Diagnostic::error("duplicate_issuer", raw.url, message)
                .label("a token must belong to exactly one issuer")
                .help(format!("keep one of the two; the other is in `{}`", first.source.path));
            report.add(&raw.source.path, &raw.source.text, vec![fault]);
            sound = false;
        }
    }
    sound
}

/// Reports gates that listen where another gate or the server itself does.
pub(crate) fn addresses(
    settings: Option<&(RawSettings, Source)>,
    gates: &[RawGate],
    report: &mut Report,
) -> bool {
    let mut taken: Vec<(SocketAddr, String)> = Vec::new();
    let mut sound = true;
    let mut claim = |address: SocketAddr, owner: String, span: Span, source: &Source| {
        if let Some((_, other)) = taken.iter().find(|(other, _)| overlap(*other, address)) {
            let message = format!("{owner} listens on `{address}`, which {other} has");
            let fault = Diagnostic::error("address_in_use", span, message)
                .label("taken")
                .help("give each a port of its own");
            report.add(&source.path, &source.text, vec![fault]);
            sound = false;
        }
        taken.push((address, owner));
    };
    if let Some((raw, source)) = settings {
        claim(raw.settings.listen.api, "`[listen] api`".to_owned(), raw.api, source);
        if let Some(metrics) = raw.settings.listen.metrics {
            claim(metrics, "`[listen] metrics`".to_owned(), raw.metrics, source);
        }
    }
    for raw in gates {
        claim(raw.gate.listen, format!("gate `{}`", raw.gate.name), raw.listen, &raw.source);
    }
    sound
}

/// Port 0 lets the system choose, so it never clashes.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port()
        && a.port() != 0
        && (a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified())
}

/// Warns of trust policies that name a federated principal that no configured issuer is: pasted
/// AWS policies may do so, and nobody gets in by them.
pub(crate) fn federated_principals(
    role: &Role,
    path: &str,
    account: &str,
    issuers: &Issuers,
    report: &mut Report,
) {
    let mut faults = Vec::new();
    for statement in role.trust_document.statements() {
        let names = statement.principals.iter().flat_map(|principals| &principals.names);
        for (_, name) in names.filter(|(kind, _)| *kind == PrincipalType::Federated) {
            let configured = &*name.value == "*"
                || issuers.by_arn(account, &name.value).is_some()
                || issuers.iter().any(|issuer| issuer.key_prefix() == &*name.value);
            if !configured {
                faults.push(unknown_issuer(&name.value, name.span, account, issuers));
            }
        }
    }
    let text: Arc<str> = Arc::from(role.trust_document.source());
    report.add(path, &text, faults);
}

fn unknown_issuer(name: &str, span: Span, account: &str, issuers: &Issuers) -> Diagnostic {
    let message = format!("no configured issuer is `{}`", excerpt(name));
    let fault =
        Diagnostic::warning("unknown_issuer", span, message).label("no token can be from this principal");
    let Some((owner, prefix)) =
        name.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":oidc-provider/"))
    else {
        return fault.help("a federated principal is the ARN of an issuer of `issuers/`");
    };
    let prefix = &*excerpt(prefix);
    if owner != account {
        return fault.help(format!(
            "the account here is `{account}`: the ARN would be `arn:aws:iam::{account}:oidc-provider/{prefix}`"
        ));
    }
    match nearest(prefix, issuers.iter().map(|issuer| issuer.key_prefix())) {
        Some(near) => fault.help(format!("did you mean `arn:aws:iam::{account}:oidc-provider/{near}`?")),
        None => fault.help(format!("configure it in `issuers/`, with the URL `https://{prefix}`")),
    }
}

/// Warns of tags to isolate by that no role has.
pub(crate) fn isolation(settings: &RawSettings, source: &Source, roles: &[Arc<Role>], report: &mut Report) {
    let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
    for role in roles {
        for tag in role.tags.keys() {
            *tags.entry(tag).or_default() += 1;
        }
    }
    let unused = settings.isolate.iter().filter(|tag| !tags.contains_key(tag.value.as_str()));
    let faults = unused
        .map(|tag| {
            let message = format!("no role has the tag `{}`, so it isolates nothing", excerpt(&tag.value));
            let fault = Diagnostic::warning("unknown_tag", tag.span, message);
            match nearest(&tag.value, tags.keys().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("add it under `[tags]` of the roles' `role.toml`"),
            }
        })
        .collect();
    report.add(&source.path, &source.text, faults);
}
