//! AWS's own messages of a denial: what each means, and what it does not say.

use serde_json::Value;
use stagedoor_identity::Profile;
use stagedoor_policy::{Context, PrincipalType, Request};

use super::asked;
use super::report::{Answer, Refusal, Report};
use crate::assumption::{Subject, Verdict};
use crate::simulation;

/// A message that AWS STS has, by words of it, and what it means.
struct Known {
    words: &'static str,
    code: &'static str,
    means: &'static [&'static str],
}

const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

const KNOWN: &[Known] = &[
    Known {
        words: NOT_AUTHORIZED,
        code: "AccessDenied",
        means: &[
            "AWS says this for every mismatch of a trust policy, and for a role that does not exist: it names neither \
             the statement nor the condition",
            "give the token (`--token-file`), its claims (`--claims`) or the CloudTrail event (`--cloudtrail`) to see \
             which it is",
        ],
    },
    Known {
        words: "No OpenIDConnect provider found in your account",
        code: "InvalidIdentityToken",
        means: &[
            "the token's `iss` must equal the URL of an IAM OIDC provider of the role's account byte for byte: \
                  look for a trailing slash, a missing path, another account",
        ],
    },
    Known {
        words: "Incorrect token audience",
        code: "InvalidIdentityToken",
        means: &[
            "the token's audience is not among the client ids of the IAM OIDC provider; no policy was asked. Add \
                  it there, or ask for another audience where the token is fetched",
        ],
    },
    Known {
        words: "more than one audience",
        code: "InvalidIdentityToken",
        means: &[
            "AWS takes one audience, or several with an `azp` claim; no policy was asked. Ask for one audience",
        ],
    },
    Known {
        words: "retrieve verification key",
        code: "InvalidIdentityToken",
        means: &[
            "AWS could not fetch the issuer's keys in time: its discovery document and key set must be public, \
                  over HTTPS with a complete chain. No policy was asked",
        ],
    },
    Known {
        words: "not present in the roles claim",
        code: "InvalidIdentityToken",
        means: &[
            "the token names the roles that it is good for (`https://aws.amazon.com/roles`), and this is none of \
                  them; no policy was asked",
        ],
    },
    Known {
        words: "Missing a required claim",
        code: "InvalidIdentityToken",
        means: &["AWS needs `iss`, `sub`, `aud`, `iat` and `exp` in every token; no policy was asked"],
    },
    Known {
        words: "oken expired",
        code: "ExpiredTokenException",
        means: &[
            "the token was fetched too early or kept too long; no policy was asked. Fetch one right before use",
        ],
    },
    Known {
        words: "MaxSessionDuration",
        code: "ValidationError",
        means: &["the policy allowed it; ask for a shorter session or raise the role's maximum"],
    },
    Known {
        words: "sts:TagSession",
        code: "AccessDenied",
        means: &[
            "the token brings session tags: the trust policy must allow `sts:TagSession` to the same principal",
        ],
    },
    Known {
        words: "sts:SetSourceIdentity",
        code: "AccessDenied",
        means: &[
            "the token brings a source identity: the trust policy must allow `sts:SetSourceIdentity` to the same \
                  principal",
        ],
    },
];

/// What AWS means by an error, in sentences.
pub(super) fn meaning(code: &str, message: &str) -> Vec<String> {
    let found = KNOWN.iter().find(|known| message.contains(known.words));
    let by_code = || KNOWN.iter().find(|known| known.code == code && code == "ExpiredTokenException");
    found.or_else(by_code).into_iter().flat_map(|known| known.means).map(|text| (*text).to_owned()).collect()
}

/// Explains a message against a policy.
pub(super) fn explain(subject: &Subject, text: &str, profile: Profile, extra: &Context) -> Report {
    let mut report = Report::new(subject.name(), profile, "AWS's message".to_owned());
    if let Some(denied) = Denied::read(text) {
        return denied.explain(subject, report, extra);
    }
    let (code, message) = split(text);
    report.notes = meaning(code, message);
    if message.contains(NOT_AUTHORIZED) {
        report.notes.extend(asked::by(subject, profile));
        return report;
    }
    match KNOWN.iter().find(|known| message.contains(known.words)) {
        Some(known) => {
            report = report.answer(Answer::Denied);
            let code = if code.is_empty() { known.code } else { code };
            report.refusal = Some(Refusal { code: code.to_owned(), message: message.to_owned() });
            report.notes.extend(registered(subject, message));
        }
        None => report.notes.push("this is no message of AWS STS that is known here".to_owned()),
    }
    report
}

/// `An error occurred (CODE) when calling the … operation: MESSAGE`.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let code = text.split_once("An error occurred (").and_then(|(_, rest)| rest.split_once(')'));
    match code {
        Some((code, rest)) => (code, rest.split_once("operation: ").map_or(rest, |(_, message)| message)),
        None => ("", text),
    }
}

/// Which issuer the message names and which the policy has.
fn registered(subject: &Subject, message: &str) -> Option<String> {
    let (_, url) = message.split_once("https://")?;
    let url = url.split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | ')')).next()?;
    let issuers: Vec<String> = subject
        .document()
        .statements()
        .iter()
        .filter_map(|statement| statement.principals.as_ref())
        .flat_map(|principals| &principals.names)
        .filter(|(kind, _)| *kind == PrincipalType::Federated)
        .filter_map(|(_, name)| name.value.split_once(":oidc-provider/"))
        .map(|(_, prefix)| format!("`https://{prefix}`"))
        .collect();
    if issuers.contains(&format!("`https://{url}`")) {
        return Some(format!("the policy names `https://{url}` exactly so: the provider itself is missing"));
    }
    Some(format!("the token is of `https://{url}`, the policy trusts {}", issuers.join(", ")))
}

/// `User: ARN is not authorized to perform: ACTION on resource: ARN because …`.
struct Denied<'t> {
    principal: &'t str,
    action: &'t str,
    resource: Option<&'t str>,
    because: Option<&'t str>,
}

impl<'t> Denied<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (before, after) = text.split_once(" is not authorized to perform: ")?;
        let principal = before.rsplit_once("User: ").map_or(before, |(_, principal)| principal);
        let word = |text: &'t str| text.split(char::is_whitespace).next().filter(|word| !word.is_empty());
        let (_, resource) = after.split_once("on resource: ").unwrap_or_default();
        let because = after
            .split_once(" because ")
            .map(|(_, because)| because)
            .or_else(|| after.find("with an explicit deny").and_then(|at| after.get(at..)));
        let plain = |word: &'t str| word.trim_matches(['"', '.', ',']);
        Some(Self {
            principal: word(principal).map(plain)?,
            action: word(after).map(plain)?,
            resource: word(resource).map(plain),
            because: because.map(|because| because.trim().trim_end_matches('.')),
        })
    }

    /// What the policy says to just that principal, without any condition key.
    fn explain(&self, subject: &Subject, mut report: Report, extra: &Context) -> Report {
        if let Some(because) = self.because {
            report.notes.push(format!("AWS's own reason: {because}"));
        }
        let principal = match simulation::principal(&Value::String(self.principal.to_owned())) {
            Ok(principal) => principal,
            Err(problem) => {
                report.notes.push(format!("the message's principal cannot be judged: {problem}"));
                return report;
            }
        };
        let request = Request {
            principal,
            action: self.action.to_owned(),
            resource: self.resource.map(str::to_owned),
            resource_account: None,
            context: extra.clone(),
        };
        let explanation = subject.trust().explain(&request);
        report.notes.push(
            "only this trust policy was asked: the principal's identity policies, boundaries, and the organization's \
             policies are not known here, nor the condition keys of the request (`--context` gives some)"
                .to_owned(),
        );
        report.verdict(Verdict::Decided(Box::new(explanation)))
    }
}
