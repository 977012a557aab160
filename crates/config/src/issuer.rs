//! `issuers/<name>.toml`.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use stagedoor_identity::{Algorithm, Issuer, KeySource, ParameterError, Provider};
use stagedoor_policy::{Diagnostic, Span, Spanned};

use crate::{
    report::Report,
    source::Source,
    suggest::nearest,
    table::{Section, excerpt, invalid, read_toml},
    tree::Tree,
    value,
};

const LIFETIME: &str = "a duration from `1s` to `168h`";
const MAX_LIFETIME: Duration = Duration::from_secs(168 * 3600);
/// As many as IAM takes for an OpenID provider.
const MAX_AUDIENCES: usize = 100;
const MAX_AUDIENCE_LENGTH: usize = 255;

/// An issuer, and where its URL comes from.
#[derive(Debug)]
pub(crate) struct RawIssuer {
    pub(crate) issuer: Issuer,
    pub(crate) url: Span,
    pub(crate) source: Source,
}

pub(crate) fn read(name: &str, source: &Source, tree: &mut Tree, report: &mut Report) -> Option<RawIssuer> {
    read_toml(source, "an issuer file", report, |root, faults| {
        root.require("kind", "\"gitlab\"", faults);
        let provider = provider(root, faults);
        let url = root.text("issuer", faults);
        let audiences = audiences(root, faults);
        let algorithms = algorithms(root, faults);
        let keys = keys(root, tree.directory(), faults);
        let private_network = root.boolean("private_network", faults).unwrap_or(false);
        let max_lifetime = root.parsed("max_lifetime", LIFETIME, faults, |text| {
            value::duration(text).filter(|d| (Duration::from_secs(1)..=MAX_LIFETIME).contains(d))
        });
        let single_use = root.boolean("single_use", faults).unwrap_or(false);
        let ca_bundle = ca_bundle(root, tree, faults);
        let jwks_hosts = texts(root, "jwks_hosts", faults);
        let token_types = texts(root, "token_types", faults);
        let parameters = parameters(root, provider, faults);
        root.finish(faults);
        let provider = provider?;

        let derived = match provider.derive(&parameters, url.as_ref().map(|u| u.value)) {
            Ok(derived) => derived,
            Err(errors) => {
                faults.extend(errors.iter().map(|error| misfit(error, root)));
                return None;
            }
        };
        let audiences = match (audiences, derived.audience) {
            (Some(audiences), _) => audiences,
            (None, Some(audience)) => vec![audience],
            (None, None) => {
                faults.push(no_audience(provider, root));
                return None;
            }
        };
        let mut issuer = Issuer::new(name, provider, derived.url, audiences);
        if let Some(algorithms) = algorithms {
            issuer.algorithms = algorithms;
        }
        if let Some(lifetime) = max_lifetime {
            issuer.max_lifetime = lifetime.value;
        }
        issuer.keys = keys;
        issuer.private_network = private_network;
        issuer.single_use = single_use;
        issuer.ca_bundle = ca_bundle;
        issuer.jwks_hosts = jwks_hosts.unwrap_or_default();
        if let Some(types) = token_types {
            issuer.token_types = types;
        }
        Some(RawIssuer { issuer, url: url_place(root, provider), source: source.clone() })
    })
}

/// The key that decides the URL: `issuer`, else the kind's first parameter that is set, else `kind`.
fn url_place(root: &Section<'_>, provider: &Provider) -> Span {
    let parameters = provider.parameters.iter().map(|parameter| parameter.name);
    let keys: Vec<_> = root.keys().map(|(key, _)| key).collect();
    let key = ["issuer"].into_iter().chain(parameters).find(|key| keys.contains(key));
    root.place(key.unwrap_or("kind"))
}

fn provider(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Option<&'static Provider> {
    let kind = root.text("kind", faults)?;
    let provider = Provider::by_kind(kind.value);
    if provider.is_none() {
        let kinds: Vec<_> = Provider::all().iter().map(|provider| provider.kind()).collect();
        let fault = Diagnostic::error(
            "unknown_kind",
            kind.span,
            format!("unknown issuer kind `{}`", excerpt(kind.value)),
        );
        faults.push(match nearest(kind.value, kinds.iter().copied()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault
                .help(format!("the kinds of issuer are `{}`", kinds.join("`, `")))
                .help("use `oidc` with `issuer = \"https://…\"` for any other OpenID provider"),
        });
    }
    provider
}

fn audiences(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let texts = root.texts("audiences", faults)?;
    if texts.is_empty() || texts.len() > MAX_AUDIENCES {
        let wanted = format!("a list of 1 to {MAX_AUDIENCES} audiences");
        faults.push(invalid("audiences", &wanted, root.place("audiences")));
    }
    for text in &texts {
        if text.value.is_empty() || text.value.len() > MAX_AUDIENCE_LENGTH {
            let wanted = format!("a list of audiences of 1 to {MAX_AUDIENCE_LENGTH} bytes");
            faults.push(invalid("audiences", &wanted, text.span));
        }
    }
    Some(texts.iter().map(|text| text.value.to_owned()).collect())
}

fn texts(root: &mut Section<'_>, key: &'static str, faults: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    Some(root.texts(key, faults)?.iter().map(|text| text.value.to_owned()).collect())
}

fn algorithms(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Option<Vec<Algorithm>> {
    let texts = root.texts("algorithms", faults)?;
    if texts.is_empty() {
        let wanted = "a list of at least one algorithm";
        faults.push(invalid("algorithms", wanted, root.place("algorithms")));
    }
    let mut algorithms = Vec::new();
    for text in &texts {
        match text.value.parse::<Algorithm>() {
            Ok(algorithm) => algorithms.push(algorithm),
            Err(error) => {
                faults.push(Diagnostic::error("invalid_value", text.span, error.to_string()));
            }
        }
    }
    Some(algorithms)
}

fn keys(root: &mut Section<'_>, directory: &Path, faults: &mut Vec<Diagnostic>) -> KeySource {
    let uri = root.parsed("jwks_uri", "an https URL (http to loopback only)", faults, |text| {
        value::web(text).map(|_| text.to_owned())
    });
    let file = root.text("jwks_file", faults);
    match (uri, file) {
        (Some(uri), Some(file)) => {
            faults.push(
                Diagnostic::error(
                    "conflicting_keys",
                    file.span,
                    "`jwks_file` and `jwks_uri` exclude each other",
                )
                .also(uri.span, "the other source of keys")
                .help("keep one of them"),
            );
            KeySource::Discovery
        }
        (Some(uri), None) => KeySource::JwksUri(uri.value),
        (None, Some(file)) => {
            let path = directory.join(file.value);
            if Path::new(file.value).is_relative() && !path.is_file() {
                let message = format!("`jwks_file` names `{}`, which is not a file", excerpt(file.value));
                faults.push(
                    Diagnostic::error("missing_file", file.span, message)
                        .help("the path counts from the configuration directory"),
                );
            }
            KeySource::File(path)
        }
        (None, None) => KeySource::Discovery,
    }
}

fn ca_bundle(root: &mut Section<'_>, tree: &mut Tree, faults: &mut Vec<Diagnostic>) -> Option<Arc<str>> {
    let file = root.text("ca_file", faults)?;
    match tree.read_extra(file.value) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Some(text),
        Ok(_) => {
            faults.push(invalid("ca_file", "a file with certificates in PEM", file.span));
            None
        }
        Err(problem) => {
            let message = format!("`ca_file` names `{}`, which {problem}", excerpt(file.value));
            faults.push(
                Diagnostic::error("unreadable_file", file.span, message)
                    .help("the path counts from the configuration directory"),
            );
            None
        }
    }
}

/// The parameters of the provider; of every provider, so that only keys of none are reported as
/// unknown, if the kind is not known.
fn parameters(
    root: &mut Section<'_>,
    provider: Option<&'static Provider>,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    let providers = provider.as_ref().map_or(Provider::all(), std::slice::from_ref);
    for parameter in providers.iter().flat_map(|provider| provider.parameters) {
        if let Some(Spanned { value, .. }) = root.text(parameter.name, faults) {
            parameters.insert(parameter.name.to_owned(), value.to_owned());
        }
    }
    parameters
}

fn misfit(error: &ParameterError, root: &Section<'_>) -> Diagnostic {
    let id = match error {
        ParameterError::Unknown { .. } => "unknown_key",
        ParameterError::Missing { .. } => "missing_key",
        _ => "invalid_value",
    };
    Diagnostic::error(id, root.place(error.parameter()), error.to_string())
}

fn no_audience(provider: &Provider, root: &Section<'_>) -> Diagnostic {
    let message = "no audience is set, so no token could be accepted";
    let fault = Diagnostic::error("missing_key", root.place("kind"), message)
        .help("add `audiences = [\"…\"]` with the audience that jobs ask for");
    let template = provider.audience.default.unwrap_or_default();
    match provider.parameters.iter().find(|parameter| template.contains(&format!("{{{}}}", parameter.name))) {
        Some(parameter) => fault.help(format!(
            "or set `{}`, from which the default audience of kind `{}` follows",
            parameter.name, provider.kind
        )),
        None => fault,
    }
}
