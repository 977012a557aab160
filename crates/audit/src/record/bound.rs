//! Cutting what outsiders chose.

use serde_json::{Map, Value};

use super::Record;

/// Most members kept of a map, and elements of an array, that outsiders chose.
const MAX_MEMBERS: usize = 64;
/// Deepest nesting kept of a value that outsiders chose.
const MAX_DEPTH: usize = 4;

/// Cuts every text in `record` to about `limit` bytes and every map to
/// [`MAX_MEMBERS`], and names what was cut.
pub(super) fn bound(record: &mut Record, limit: usize) {
    let mut cut = Vec::new();
    for (name, text) in texts(record) {
        let limit = match name {
            "detail" => limit.saturating_mul(4),
            "resource" | "errorMessage" => limit.saturating_mul(2),
            _ => limit,
        };
        if shorten(text, limit) {
            cut.push(name);
        }
    }
    for (name, map) in [
        ("requestParameters", &mut record.request_parameters),
        ("responseElements", &mut record.response_elements),
    ] {
        if bound_map(map, limit, 0) {
            cut.push(name);
        }
    }
    if record.resources.len() > MAX_MEMBERS {
        record.resources.truncate(MAX_MEMBERS);
        cut.push("resources");
    }
    if bound_claims(record, limit) {
        cut.push("claims");
    }
    let named = &mut record.stagedoor.truncated;
    for name in cut {
        if !named.iter().any(|known| known == name) {
            named.push(name.to_owned());
        }
    }
}

/// Drops the maps that outsiders filled, as a last resort.
pub(super) fn drop_maps(record: &mut Record) {
    record.request_parameters.clear();
    record.response_elements.clear();
    record.resources.clear();
    record.stagedoor.claims.clear();
    if let Some(context) = &mut record.user_identity.session_context {
        context.attributes.clear();
        context.web_id_federation_data = None;
    }
    let dropped = ["requestParameters", "responseElements", "resources", "claims"];
    record.stagedoor.truncated = dropped.map(str::to_owned).to_vec();
}

fn bound_claims(record: &mut Record, limit: usize) -> bool {
    let claims = &mut record.stagedoor.claims;
    let before = claims.len();
    let mut kept = 0_usize;
    claims.retain(|name, _| {
        let keep = name.len() <= 256 && kept < MAX_MEMBERS;
        kept = kept.saturating_add(usize::from(keep));
        keep
    });
    let dropped = claims.len() < before;
    claims.values_mut().fold(dropped, |cut, value| bound_value(value, limit, 0) || cut)
}

fn bound_map(map: &mut Map<String, Value>, limit: usize, depth: usize) -> bool {
    let before = map.len();
    let mut kept = 0_usize;
    map.retain(|name, _| {
        let keep = name.len() <= 256 && kept < MAX_MEMBERS;
        kept = kept.saturating_add(usize::from(keep));
        keep
    });
    let dropped = map.len() < before;
    map.values_mut().fold(dropped, |cut, value| bound_value(value, limit, depth) || cut)
}

fn bound_value(value: &mut Value, limit: usize, depth: usize) -> bool {
    let deeper = depth.saturating_add(1);
    match value {
        Value::String(text) => shorten(text, limit),
        Value::Array(_) | Value::Object(_) if deeper > MAX_DEPTH => {
            *value = Value::Null;
            true
        }
        Value::Array(elements) => {
            let dropped = elements.len() > MAX_MEMBERS;
            elements.truncate(MAX_MEMBERS);
            elements.iter_mut().fold(dropped, |cut, element| bound_value(element, limit, deeper) || cut)
        }
        Value::Object(map) => bound_map(map, limit, deeper),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Cuts `text` to at most `limit` bytes, between characters.
fn shorten(text: &mut String, limit: usize) -> bool {
    let long = text.len() > limit;
    if long {
        text.truncate(text.floor_char_boundary(limit));
    }
    long
}

/// Every text member of a record, by name.
fn texts(record: &mut Record) -> impl Iterator<Item = (&'static str, &mut String)> {
    let identity = &mut record.user_identity;
    let ours = &mut record.stagedoor;
    let required = [
        ("eventVersion", &mut record.event_version),
        ("eventSource", &mut record.event_source),
        ("eventName", &mut record.event_name),
        ("awsRegion", &mut record.aws_region),
        ("sourceIPAddress", &mut record.source_ip_address),
        ("userAgent", &mut record.user_agent),
        ("requestID", &mut record.request_id),
        ("eventID", &mut record.event_id),
        ("eventType", &mut record.event_type),
        ("recipientAccountId", &mut record.recipient_account_id),
        ("userIdentity.type", &mut identity.kind),
    ];
    let optional = [
        ("errorCode", &mut record.error_code),
        ("errorMessage", &mut record.error_message),
        ("userIdentity.principalId", &mut identity.principal_id),
        ("userIdentity.arn", &mut identity.arn),
        ("userIdentity.accountId", &mut identity.account_id),
        ("userIdentity.accessKeyId", &mut identity.access_key_id),
        ("userIdentity.userName", &mut identity.user_name),
        ("userIdentity.identityProvider", &mut identity.identity_provider),
        ("reason", &mut ours.reason),
        ("detail", &mut ours.detail),
        ("issuer", &mut ours.issuer),
        ("provider", &mut ours.provider),
        ("repository", &mut ours.repository),
        ("ref", &mut ours.reference),
        ("commit", &mut ours.commit),
        ("run", &mut ours.run),
        ("job", &mut ours.job),
        ("environment", &mut ours.environment),
        ("pull_request", &mut ours.pull_request),
        ("actor", &mut ours.actor),
        ("snapshot", &mut ours.snapshot),
        ("session", &mut ours.session),
        ("parent", &mut ours.parent),
        ("role", &mut ours.role),
        ("gate", &mut ours.gate),
        ("action", &mut ours.action),
        ("resource", &mut ours.resource),
        ("token_sha256", &mut ours.token_sha256),
        ("jti_sha256", &mut ours.jti_sha256),
    ];
    let statement = ours.statement.iter_mut().flat_map(|statement| {
        [("statement.policy", Some(&mut statement.policy)), ("statement.sid", statement.sid.as_mut())]
    });
    let context = identity.session_context.iter_mut().flat_map(context_texts);
    let resources = record.resources.iter_mut().map(|resource| ("resources", Some(&mut resource.arn)));
    required
        .into_iter()
        .map(|(name, text)| (name, Some(text)))
        .chain(optional.into_iter().map(|(name, text)| (name, text.as_mut())))
        .chain(statement)
        .chain(context)
        .chain(resources)
        .filter_map(|(name, text)| text.map(|text| (name, text)))
}

fn context_texts(
    context: &mut super::SessionContext,
) -> impl Iterator<Item = (&'static str, Option<&mut String>)> {
    const NAME: &str = "userIdentity.sessionContext";
    let issuer = context.session_issuer.iter_mut().flat_map(|issuer| {
        [
            &mut issuer.kind,
            &mut issuer.principal_id,
            &mut issuer.arn,
            &mut issuer.account_id,
            &mut issuer.user_name,
        ]
    });
    let federation = context.web_id_federation_data.iter_mut().flat_map(|federation| {
        std::iter::once(&mut federation.federated_provider).chain(federation.attributes.values_mut())
    });
    issuer
        .chain(federation)
        .chain(context.attributes.values_mut())
        .chain(context.source_identity.as_mut())
        .map(|text| (NAME, Some(text)))
}
