//! From an issuer's configuration to its URL and default audience.

use std::collections::BTreeMap;

use url::{Host, Url};

use super::Provider;
use crate::refusal::excerpt;

/// What an issuer of a kind can be configured with, besides the keys that every kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The configuration key.
    pub name: &'static str,
    /// Whether it must be given, unless the issuer's URL is.
    pub required: bool,
    /// What its value looks like.
    pub shape: Shape,
    /// What it is and where to find it.
    pub about: &'static str,
    /// An invented value.
    pub example: &'static str,
}

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One path segment of letters, digits, `-`, `_` and `.`.
    Segment,
    /// A UUID; braces around it are dropped where it goes into a URL or an audience.
    Uuid,
    /// A host name, with a port if it needs one.
    Host,
    /// A URL.
    Url,
}

/// What a kind and its parameters imply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The issuer's URL: the exact `iss`.
    pub url: String,
    /// The default audience; none where the kind has none, so that `audiences` must be configured.
    pub audience: Option<String>,
}

/// A parameter of an issuer's configuration that does not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The kind has no such parameter.
    #[error("`{name}` is not a key of kind `{kind}`{}", nearest.map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// The key.
        name: String,
        /// The kind.
        kind: &'static str,
        /// The most similar key that it has.
        nearest: Option<&'static str>,
    },
    /// A parameter that the kind needs is absent.
    #[error("kind `{kind}` needs `{name}`: {about}, such as `{example}`")]
    Missing {
        /// The key.
        name: &'static str,
        /// The kind.
        kind: &'static str,
        /// What it is.
        about: &'static str,
        /// An invented value.
        example: &'static str,
    },
    /// The parameter has no effect beside the others.
    #[error("`{name}` has no effect on the issuer `{url}` that the other keys give; leave it or them out")]
    Unused {
        /// The key.
        name: &'static str,
        /// The issuer's URL without it.
        url: String,
    },
    /// The value does not have the parameter's shape.
    #[error("`{name}` is `{found}`, which is not {wanted}; it should look like `{example}`")]
    Invalid {
        /// The key.
        name: String,
        /// The value.
        found: String,
        /// What it should be.
        wanted: &'static str,
        /// A value that would do.
        example: &'static str,
    },
}

impl ParameterError {
    /// The configuration key that the error is about.
    #[must_use]
    pub fn parameter(&self) -> &str {
        match self {
            ParameterError::Unknown { name, .. } | ParameterError::Invalid { name, .. } => name,
            ParameterError::Missing { name, .. } | ParameterError::Unused { name, .. } => name,
        }
    }
}

impl Provider {
    /// The issuer URL and default audience of this kind with these parameters; `url` is the configured
    /// `issuer`, which goes before what the parameters imply.
    ///
    /// # Errors
    /// Every unknown, missing or misshapen parameter, all at once.
    pub fn derive(
        &self,
        parameters: &BTreeMap<String, String>,
        url: Option<&str>,
    ) -> Result<Derived, Vec<ParameterError>> {
        let mut errors = Vec::new();
        let mut values = BTreeMap::new();
        for (name, value) in parameters {
            match self.parameters.iter().find(|parameter| parameter.name == name) {
                None => errors.push(self.unknown(name)),
                Some(parameter) => match parameter.shape.normalise(value) {
                    Some(normal) => {
                        values.insert(parameter.name, normal);
                    }
                    None => errors.push(ParameterError::Invalid {
                        name: name.clone(),
                        found: excerpt(value),
                        wanted: parameter.shape.wanted(),
                        example: parameter.example,
                    }),
                },
            }
        }
        let absent = |parameter: &&Parameter| !parameters.contains_key(parameter.name);
        if url.is_none() {
            for parameter in self.parameters.iter().filter(|parameter| parameter.required).filter(absent) {
                errors.push(ParameterError::Missing {
                    name: parameter.name,
                    kind: self.kind,
                    about: parameter.about,
                    example: parameter.example,
                });
            }
        }
        let derived = match url {
            Some(url) => Some(url.to_owned()),
            None => self.issuers.iter().find_map(|form| {
                let filled = fill(form.url, &values)?;
                errors.extend(self.unused(form.url, &filled, &values));
                Some(filled)
            }),
        };
        if derived.is_none() && errors.is_empty() {
            errors.push(ParameterError::Missing {
                name: "issuer",
                kind: self.kind,
                about: "the exact `iss` of its tokens",
                example: "https://issuer.example.com",
            });
        }
        if let Some(problem) = derived.as_deref().and_then(|url| url_problem(url, self.issuer_example())) {
            errors.push(problem);
        }
        match derived {
            Some(url) if errors.is_empty() => {
                let audience = self.audience.default.and_then(|template| fill(template, &values));
                Ok(Derived { url, audience })
            }
            _ => Err(errors),
        }
    }

    /// The given parameters that neither the issuer's URL nor the audience holds.
    fn unused(
        &self,
        template: &'static str,
        url: &str,
        values: &BTreeMap<&'static str, String>,
    ) -> impl Iterator<Item = ParameterError> {
        let holds = |text: &str, name: &str| text.contains(&format!("{{{name}}}"));
        let audience = self.audience.default.unwrap_or_default();
        values
            .keys()
            .filter(move |name| !holds(template, name) && !holds(audience, name))
            .map(|name| ParameterError::Unused { name, url: url.to_owned() })
    }

    fn unknown(&self, name: &str) -> ParameterError {
        let nearest = self
            .parameters
            .iter()
            .map(|parameter| (distance(name, parameter.name), parameter.name))
            .filter(|(distance, _)| *distance <= 3)
            .min()
            .map(|(_, name)| name);
        ParameterError::Unknown { name: excerpt(name), kind: self.kind, nearest }
    }

    fn issuer_example(&self) -> &'static str {
        self.issuers.first().map_or("https://issuer.example.com", |form| form.url)
    }
}

impl Shape {
    /// The value as it goes into a template, or nothing if it does not have the shape.
    fn normalise(self, value: &str) -> Option<String> {
        let valid = match self {
            Shape::Segment => {
                !value.is_empty()
                    && value.len() <= 128
                    && value != "."
                    && value != ".."
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            }
            Shape::Uuid => return uuid(value),
            Shape::Host => {
                let unchanged = |url: Url| url.as_str() == format!("https://{value}/");
                Url::parse(&format!("https://{value}/")).is_ok_and(unchanged)
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte))
                    && value.split('.').all(|label| !label.is_empty())
            }
            Shape::Url => return Url::parse(value).is_ok().then(|| value.trim_end_matches('/').to_owned()),
        };
        valid.then(|| value.to_owned())
    }

    const fn wanted(self) -> &'static str {
        match self {
            Shape::Segment => "a name of letters, digits, `-`, `_` and `.`",
            Shape::Uuid => "a UUID",
            Shape::Host => "a host name in lower case without scheme or path",
            Shape::Url => "a URL",
        }
    }
}

fn uuid(value: &str) -> Option<String> {
    let bare = value.strip_prefix('{').map_or(Some(value), |rest| rest.strip_suffix('}'))?;
    let mut groups = bare.split('-');
    let fits = [8, 4, 4, 4, 12].into_iter().all(|length| {
        groups.next().is_some_and(|group| {
            group.len() == length && group.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    });
    (fits && groups.next().is_none()).then(|| bare.to_owned())
}

/// The template with its parameters filled in, or nothing if one of them is not given.
fn fill(template: &str, values: &BTreeMap<&str, String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(values.get(name)?);
        rest = tail;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Whether `text` is the template with something without a slash in place of each parameter.
pub(crate) fn fits(template: &str, text: &str) -> bool {
    match template.split_once('{') {
        None => template == text,
        Some((before, after)) => {
            let (Some(rest), Some((name, tail))) = (text.strip_prefix(before), after.split_once('}')) else {
                return false;
            };
            let whole = matches!(name, "issuer" | "base_url");
            let longest = if whole { rest.len() } else { rest.find('/').unwrap_or(rest.len()) };
            (1..=longest).any(|end| rest.get(end..).is_some_and(|rest| fits(tail, rest)))
        }
    }
}

/// Whether a template's own text holds (part of) a host name, so that a URL like it is the provider's.
pub(super) fn names_host(template: &str) -> bool {
    let literal: String = template.split('{').map(|part| part.rsplit('}').next().unwrap_or(part)).collect();
    crate::context::key_prefix(&literal).contains('.')
}

/// What keeps a URL from being an issuer's: RFC 8414 §2, and our own rule for plain http.
fn url_problem(text: &str, example: &'static str) -> Option<ParameterError> {
    let wrong = |wanted| {
        Some(ParameterError::Invalid { name: "issuer".to_owned(), found: excerpt(text), wanted, example })
    };
    let Ok(url) = Url::parse(text) else { return wrong("a URL") };
    let Some(host) = url.host() else { return wrong("a URL with a host") };
    let named = match &host {
        Host::Domain(name) => name.contains('.') || *name == "localhost" || url.port().is_some(),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&host)) {
        return wrong("an https URL (http is allowed to loopback only)");
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return wrong("a URL without user, query and fragment");
    }
    if !named || text.len() > 255 {
        return wrong("a URL of at most 255 characters with a full host name");
    }
    None
}

/// Whether the host is the machine itself.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// The number of single-character edits between two short names.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        for (slot, b) in row.iter_mut().skip(1).zip(&right) {
            let above = *slot;
            last = (diagonal + usize::from(a != *b)).min(above + 1).min(last + 1);
            diagonal = above;
            *slot = last;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
