//! A token to be in front of a trust policy: its condition keys, as far as they can be predicted.

use stagedoor_identity::provider::{Mutability, Presence};
use stagedoor_identity::{Profile, Provider};
use stagedoor_policy::{Context, Document, PrincipalType, Value};

use super::prediction::{Claim, Claims, Doubt, Prediction};
use crate::language::Language;

/// A token to be and who would evaluate it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Who issues the token.
    pub(crate) provider: &'static Provider,
    /// The exact `iss`.
    pub(crate) issuer: String,
    /// What its claims can be.
    pub(crate) claims: Claims,
    /// The name of the session, if the pipeline says.
    pub(crate) session_name: Option<Claim>,
    /// Whose condition keys there are.
    pub(crate) profile: Profile,
    /// The audiences that the issuer is configured with, if there is a configuration.
    pub(crate) audiences: Option<Vec<String>>,
}

impl Case {
    /// The issuer without its scheme: the prefix of its condition keys.
    pub(crate) fn prefix(&self) -> &str {
        self.issuer.split_once("://").map_or(self.issuer.as_str(), |(_, rest)| rest)
    }

    /// The ARN under which `document` knows the issuer: in the account that the document names for it.
    pub(crate) fn provider_arn(&self, document: &Document, role: Option<&str>) -> String {
        let end = format!(":oidc-provider/{}", self.prefix());
        let names = document.statements().iter().flat_map(|statement| statement.principals.iter());
        let named = names
            .flat_map(|principals| &principals.names)
            .filter(|(kind, _)| *kind == PrincipalType::Federated)
            .find(|(_, name)| name.value.ends_with(&end));
        if let Some((_, name)) = named {
            return name.value.to_string();
        }
        let account = role.and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        format!("arn:aws:iam::{}{end}", account.unwrap_or("123456789012"))
    }

    /// The case once for each audience that the token might have, with the doubt between them. What is refused before
    /// any policy is asked is an error in words.
    pub(crate) fn by_audience(&self) -> (Vec<Result<Case, String>>, Option<Doubt>) {
        let Some(aud) = self.claims.get("aud") else { return (vec![Ok(self.clone())], None) };
        let (options, doubt) = match &aud.prediction {
            Prediction::Choice(options, doubt) => (options.clone(), Some(doubt.clone())),
            other => (vec![other.clone()], None),
        };
        let cases = options.into_iter().map(|option| self.with_audience(aud, option)).collect();
        (cases, doubt)
    }

    fn with_audience(&self, claim: &Claim, option: Prediction) -> Result<Case, String> {
        let mut case = self.clone();
        case.claims.set("oaud", Claim { prediction: single(&option), ..claim.clone() });
        let aud = match (&option, self.profile, &self.audiences) {
            (Prediction::Exact(value), Profile::Aws, _) if value.values().len() > 1 => {
                return Err(format!(
                    "AWS refuses a token with {} audiences and no `azp`: {}",
                    value.values().len(),
                    option.shown()
                ));
            }
            (Prediction::Exact(value), _, Some(configured)) => {
                let accepted: Vec<String> =
                    value.values().iter().filter(|audience| configured.contains(audience)).cloned().collect();
                if accepted.is_empty() {
                    let wanted: Vec<String> = configured.iter().map(|one| format!("`{one}`")).collect();
                    return Err(format!(
                        "the token's audience is {}, and the issuer accepts {}",
                        option.shown(),
                        wanted.join(", ")
                    ));
                }
                match self.profile {
                    Profile::Aws => single(&option),
                    Profile::Stagedoor => single(&Prediction::Exact(Value::Many(accepted))),
                }
            }
            _ => single(&option),
        };
        case.claims.set("aud", Claim { prediction: aud, ..claim.clone() });
        Ok(case)
    }

    /// What a condition key can be.
    pub(crate) fn key(&self, key: &str) -> Claim {
        if let Some(claim) = own_key(key, self.prefix()) {
            return self.claim(claim);
        }
        let unknown = |why: &str| Claim::new(Prediction::Unknown(why.to_owned()));
        match key.to_ascii_lowercase().as_str() {
            "sts:rolesessionname" => self
                .session_name
                .clone()
                .unwrap_or_else(|| unknown("the name of the session is chosen when the job runs")),
            "aws:sourceip" | "aws:vpcsourceip" | "aws:sourcevpc" | "aws:sourcevpce" => {
                unknown("the address of the runner is not known before it runs")
            }
            "sts:roleauthorizedbyidp" => {
                unknown("what AWS sets this key to without a roles claim is not documented")
            }
            "aws:securetransport" => Claim::new(Prediction::exact("true")),
            lower if lower.starts_with("aws:") || lower.starts_with("sts:") => {
                if matches!(
                    lower,
                    "aws:currenttime" | "aws:epochtime" | "aws:useragent" | "aws:requestedregion"
                ) {
                    unknown("it depends on when and how the job runs")
                } else {
                    Claim::new(Prediction::Absent)
                }
            }
            _ => Claim::new(Prediction::Absent),
        }
    }

    fn claim(&self, name: &str) -> Claim {
        if self.profile == Profile::Aws && !self.exposed(name) {
            return Claim::new(Prediction::Absent);
        }
        let listed = self.claims.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, claim)) = listed {
            return claim.clone();
        }
        let entry = self.provider.claims.iter().find(|claim| claim.name.eq_ignore_ascii_case(name));
        Claim::new(match entry.map(|entry| (entry.presence, entry.mutability)) {
            None => Prediction::Absent,
            Some((Presence::Always, Mutability::Run)) => {
                let doubt = Doubt::varies(format!("`{name}`, which is new in each run"));
                Prediction::Language(Language::anything(), doubt)
            }
            Some((Presence::Always, _)) => {
                let doubt = Doubt::hidden(format!("the pipeline file does not tell `{name}`"));
                Prediction::Language(Language::anything(), doubt)
            }
            Some((Presence::When(when), _)) => {
                Prediction::Unknown(format!("`{name}` is in the token only when {when}"))
            }
            Some((Presence::Uncertain(why), _)) => {
                Prediction::Unknown(format!("`{name}` is uncertain: {why}"))
            }
        })
    }

    /// Whether AWS has a key for this claim of this issuer.
    pub(crate) fn exposed(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("aud")
            || name.eq_ignore_ascii_case("oaud")
            || Provider::aws_keys(&self.issuer).any(|key| key.eq_ignore_ascii_case(name))
    }

    /// Why a key is not there, in words.
    pub(crate) fn why_absent(&self, key: &str) -> String {
        match own_key(key, self.prefix()) {
            Some(claim) if self.profile == Profile::Aws && !self.exposed(claim) => {
                format!("AWS has no condition key `{claim}` for tokens of {}", self.provider.title)
            }
            Some(claim) if self.provider.claim(claim).is_none() && self.claims.get(claim).is_none() => {
                format!("tokens of {} have no claim `{claim}`", self.provider.title)
            }
            Some(claim) => format!("this token has no `{claim}`"),
            None if key.contains(':') && !key.starts_with("aws:") && !key.starts_with("sts:") => {
                format!("the key belongs to another issuer than `{}`", self.prefix())
            }
            None => "such a request does not carry it".to_owned(),
        }
    }

    /// The keys of one concrete token, as far as there are examples.
    pub(crate) fn sample(&self) -> Context {
        let mut context = Context::new();
        for (name, claim) in self.claims.iter() {
            if self.profile == Profile::Aws && !self.exposed(name) {
                continue;
            }
            if let Some(value) = claim.prediction.sample() {
                context.insert(format!("{}:{name}", self.prefix()), value);
            }
        }
        if let Some(Value::One(name)) = self.session_name.as_ref().and_then(|name| name.prediction.sample()) {
            context.insert("sts:RoleSessionName", name);
        }
        context
    }
}

/// The claim that a key of this issuer names.
fn own_key<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = (key.get(..prefix.len())?, key.get(prefix.len()..)?);
    if start.eq_ignore_ascii_case(prefix) { rest.strip_prefix(':') } else { None }
}

/// A list of one is that one, as the keys of a token have it.
fn single(prediction: &Prediction) -> Prediction {
    match prediction {
        Prediction::Exact(Value::Many(values)) => match values.as_slice() {
            [only] => Prediction::exact(only.as_str()),
            _ => prediction.clone(),
        },
        _ => prediction.clone(),
    }
}
