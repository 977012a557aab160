//! Principals, actions and resources.

use super::Kind;
use super::ast::{Effect, Names, PrincipalType, Principals, Statement};
use super::read::{Reader, whole};
use super::rules::Presence;
use crate::condition::split_arn_pattern;
use crate::json::{Json, Member, Node};
use crate::near;
use crate::principal::BUILT_IN_PROVIDERS;
use crate::variable::{Syntax, tokens};
use crate::{Diagnostic, Span, Spanned, Version, arn};

const PRINCIPAL_TYPES: [PrincipalType; 4] =
    [PrincipalType::Aws, PrincipalType::Federated, PrincipalType::Service, PrincipalType::CanonicalUser];

impl<'a> Reader<'a> {
    pub(super) fn principal_element(
        &mut self,
        node: &Node,
        positive: Option<&'a Member>,
        negative: Option<&'a Member>,
        effect: Option<&Spanned<Effect>>,
    ) -> Option<Principals> {
        let (negated, member) = self.one_of(node, self.rules.principal, "Principal", positive, negative)?;
        if negated && !self.rules.not_principal {
            let message = format!("a {} has no `NotPrincipal`", self.kind.describe());
            self.error(
                Diagnostic::error("element_not_supported", member.name.span, message)
                    .help("name the principals in `Principal`, or test `aws:PrincipalArn` in a `Condition`"),
            );
        } else if negated && effect.is_some_and(|effect| effect.value == Effect::Allow) {
            self.warnings.push(
                Diagnostic::warning(
                    "allow_with_not_principal",
                    member.name.span,
                    "`NotPrincipal` with `Allow`",
                )
                .label("allows everybody else, anonymous callers included")
                .help("name the principals in `Principal`"),
            );
        }
        let names = match &member.value.json {
            Json::String(text) if &**text == "*" => {
                vec![(PrincipalType::Any, Spanned::new("*".into(), member.value.span))]
            }
            Json::Object(members) => self.principal_map(members, member.value.span),
            other => {
                let found = match other {
                    Json::String(text) => format!("`{}`", near::short(text)),
                    other => other.describe().to_owned(),
                };
                let message = format!("`{}` is `\"*\"` or an object, not {found}", member.name.value);
                self.error(
                    Diagnostic::error("invalid_principal", member.value.span, message)
                        .help("write for example `{\"AWS\": \"arn:aws:iam::123456789012:role/name\"}`"),
                );
                Vec::new()
            }
        };
        if self.kind == Kind::ResourceControl && names.iter().any(|(_, name)| &*name.value != "*") {
            let message = "a resource control policy takes only `\"Principal\": \"*\"`";
            self.error(
                Diagnostic::error("invalid_principal", member.value.span, message)
                    .help("narrow it with `aws:PrincipalArn` or `aws:PrincipalOrgID` in a `Condition`"),
            );
        }
        Some(Principals { negated, span: whole(member), names })
    }

    fn principal_map(
        &mut self,
        members: &'a [Member],
        span: Span,
    ) -> Vec<(PrincipalType, Spanned<Box<str>>)> {
        const NAMES: [&str; 4] = ["AWS", "Federated", "Service", "CanonicalUser"];
        if members.is_empty() {
            self.error(Diagnostic::error("empty_list", span, "the principal object is empty"));
        }
        let mut all = Vec::new();
        let misspelt = std::mem::take(&mut self.misspelt);
        let found = self.members(members, &NAMES, "a principal");
        self.misspelt = misspelt;
        for (name, member) in found {
            let Some(kind) = PRINCIPAL_TYPES.into_iter().find(|kind| kind.as_str() == name) else { continue };
            for text in self.strings(member).unwrap_or_default() {
                self.principal_name(kind, &text);
                all.push((kind, text));
            }
        }
        all
    }

    fn principal_name(&mut self, kind: PrincipalType, name: &Spanned<Box<str>>) {
        let text = &*name.value;
        let shown = near::short(text);
        if text.contains(['*', '?']) && !(kind == PrincipalType::Aws && text == "*") {
            let message = format!("the principal `{shown}` has a wildcard");
            let help = match kind {
                PrincipalType::Aws => "name it exactly, or use `*` with `aws:PrincipalArn` in a `Condition`",
                _ => "name it exactly",
            };
            self.error(Diagnostic::error("principal_wildcard", name.span, message).help(help));
            return;
        }
        let (good, help) = match kind {
            PrincipalType::Any | PrincipalType::CanonicalUser => (!text.is_empty(), String::new()),
            PrincipalType::Aws => (
                aws_principal(text),
                "write an account number or the ARN of an account, user, role, role session or federated user".into(),
            ),
            PrincipalType::Service => (
                text.contains('.') && !text.contains([':', '/', ' ']),
                "write a service principal such as `ec2.amazonaws.com`".into(),
            ),
            PrincipalType::Federated => {
                (federated_principal(text), format!("write `{}`", provider_arn_for(text)))
            }
        };
        if !good {
            let message = format!("`{shown}` is not a principal of type `{}`", kind.as_str());
            self.error(Diagnostic::error("invalid_principal", name.span, message).help(help));
        } else if kind == PrincipalType::CanonicalUser {
            self.warnings.push(Diagnostic::warning(
                "principal_never_matches",
                name.span,
                "canonical user ids are not resolved here: this principal matches nobody",
            ));
        } else if unique_id(text) {
            self.warnings.push(
                Diagnostic::warning(
                    "principal_never_matches",
                    name.span,
                    format!("`{shown}` is the id of a deleted user or role: this principal matches nobody"),
                )
                .help("replace it by the ARN of the user or role that is meant"),
            );
        }
    }

    pub(super) fn action_element(
        &mut self,
        node: &Node,
        positive: Option<&'a Member>,
        negative: Option<&'a Member>,
    ) -> Option<Names> {
        let (negated, member) = self.one_of(node, Presence::Required, "Action", positive, negative)?;
        if negated && !self.rules.not_action {
            let message = format!("a {} has no `NotAction`", self.kind.describe());
            self.error(
                Diagnostic::error("element_not_supported", member.name.span, message).help("use `Action`"),
            );
        }
        let names = self.strings(member)?;
        for name in &names {
            self.action_name(name);
        }
        Some(Names { negated, span: whole(member), names })
    }

    fn action_name(&mut self, name: &Spanned<Box<str>>) {
        let text = &*name.value;
        let shown = near::short(text);
        if matches!(text, "*" | "*:*") {
            return;
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | '?');
        let problem = match text.split_once(':') {
            None => Some((
                "has no service prefix",
                "write `service:Action`, such as `sts:AssumeRole`, or `*`".to_owned(),
            )),
            Some((service, _)) if service.contains(['*', '?']) => Some((
                "has a wildcard in its service prefix",
                "name the service, or write `*` alone".to_owned(),
            )),
            Some((service, action)) if service.is_empty() || action.is_empty() => {
                Some(("is incomplete", "write `service:Action`, such as `sts:AssumeRole`".to_owned()))
            }
            Some((service, action)) if !service.chars().chain(action.chars()).all(allowed) => Some((
                "holds a character that no action has",
                "letters, digits, `-`, `_`, `.` and the wildcards `*` and `?` are allowed".to_owned(),
            )),
            Some((service, _)) => match self.rules.service {
                Some(only) if !service.eq_ignore_ascii_case(only) => Some((
                    "cannot stand in a trust policy",
                    format!(
                        "a trust policy names only actions of `{only}`, such as `sts:AssumeRoleWithWebIdentity`"
                    ),
                )),
                _ => None,
            },
        };
        if let Some((problem, help)) = problem {
            let message = format!("the action `{shown}` {problem}");
            self.error(Diagnostic::error("invalid_action", name.span, message).help(help));
        }
    }

    pub(super) fn resource_element(
        &mut self,
        node: &Node,
        positive: Option<&'a Member>,
        negative: Option<&'a Member>,
    ) -> Option<Names> {
        let (negated, member) = self.one_of(node, self.rules.resource, "Resource", positive, negative)?;
        let names = self.strings(member)?;
        for name in &names {
            self.resource_name(name);
        }
        Some(Names { negated, span: whole(member), names })
    }

    fn resource_name(&mut self, name: &Spanned<Box<str>>) {
        let text = &*name.value;
        if text == "*" {
            return;
        }
        let shown = near::short(text);
        let parts = split_arn_pattern(text);
        let open_ended = text.ends_with('*');
        if !text.starts_with("arn:") || parts.is_none() && !open_ended {
            let message = format!("the resource `{shown}` is not an ARN");
            self.error(
                Diagnostic::error("invalid_resource", name.span, message)
                    .help("write `arn:partition:service:region:account:resource`, or `*`"),
            );
            return;
        }
        if text.split(':').nth(2).is_none_or(|service| service.is_empty() || service.contains(['*', '?'])) {
            let message = format!("the resource `{shown}` does not name its service");
            self.error(Diagnostic::error("invalid_resource", name.span, message).help(
                "AWS takes no wildcard in the service of an ARN: name the service, or write `*` alone",
            ));
            return;
        }
        if !self.variables(name) {
            return;
        }
        let early = parts.is_some_and(|[.., _]| {
            let before = parts.map_or(0, |parts| parts.iter().take(5).map(|part| part.len() + 1).sum());
            text.get(..before).is_some_and(|head| head.contains("${"))
        });
        if early && self.version == Version::V2012 {
            let message = format!("the resource `{shown}` has a variable before its fifth colon");
            self.error(Diagnostic::error("variable_not_allowed", name.span, message).help(
                "variables may stand only in the last part of an ARN; use `*` and a `Condition` instead",
            ));
        }
    }

    /// Checks the variables in a value that may have some; `false` when one is malformed.
    pub(super) fn variables(&mut self, value: &Spanned<Box<str>>) -> bool {
        if !value.value.contains("${") {
            return true;
        }
        if self.version == Version::V2008 {
            self.warnings.push(
                Diagnostic::warning(
                    "variable_not_supported",
                    value.span,
                    "`${…}` is plain text in version 2008-10-17",
                )
                .help("write `\"Version\": \"2012-10-17\"` to have policy variables"),
            );
            return true;
        }
        match tokens(&value.value, Syntax { wildcards: true, variables: true }) {
            Ok(_) => true,
            Err(bad) => {
                let variable = value.value.get(bad.range).unwrap_or_default();
                let message = format!("the variable `{}` {}", near::short(variable), bad.problem);
                self.error(
                    Diagnostic::error("invalid_variable", value.span, message)
                        .help("write `${key}` or `${key, 'default'}`; a plain `$` before a brace is `${$}`"),
                );
                false
            }
        }
    }

    /// In a resource control policy, only AWS's own RCPFullAWSAccess may allow, and `*` is not a list of actions.
    pub(super) fn resource_control_effect(&mut self, statement: &Statement) {
        if self.kind != Kind::ResourceControl {
            return;
        }
        let all = |names: &Names| !names.negated && names.names.iter().any(|name| &*name.value == "*");
        let full_access = all(&statement.actions)
            && statement.resources.as_ref().is_some_and(all)
            && statement.conditions.is_empty();
        match statement.effect.value {
            Effect::Allow if !full_access => self.error(
                Diagnostic::error(
                    "invalid_effect",
                    statement.effect.span,
                    "a resource control policy only denies",
                )
                .help("turn the statement into a `Deny` of what must not be"),
            ),
            Effect::Deny if all(&statement.actions) => self.error(
                Diagnostic::error(
                    "invalid_action",
                    statement.actions.span,
                    "a resource control policy cannot deny `*`",
                )
                .help("name services, such as `s3:*`"),
            ),
            _ => {}
        }
    }
}

/// An account, or an ARN of an account's root, user, role or session, or a unique id.
fn aws_principal(text: &str) -> bool {
    if text == "*" || arn::is_account(text) || unique_id(text) {
        return true;
    }
    let Some(["arn", partition, service, "", account, resource]) = arn::split(text) else { return false };
    let named = |prefix: &str| resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    !partition.is_empty()
        && arn::is_account(account)
        && match service {
            "iam" => resource == "root" || named("user/") || named("role/"),
            "sts" => {
                named("federated-user/")
                    || resource
                        .strip_prefix("assumed-role/")
                        .and_then(|rest| rest.rsplit_once('/'))
                        .is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
            }
            _ => false,
        }
}

/// The id that IAM shows in place of the ARN of a deleted user or role.
fn unique_id(text: &str) -> bool {
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn federated_principal(text: &str) -> bool {
    if BUILT_IN_PROVIDERS.contains(&text) {
        return true;
    }
    let Some(["arn", partition, "iam", "", account, resource]) = arn::split(text) else { return false };
    !partition.is_empty()
        && arn::is_account(account)
        && ["oidc-provider/", "saml-provider/"]
            .iter()
            .any(|prefix| resource.strip_prefix(prefix).is_some_and(|name| !name.is_empty()))
}

/// The ARN that somebody who wrote a URL or a host name surely meant.
fn provider_arn_for(text: &str) -> String {
    let host = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
    let host = if host.starts_with("arn:") || host.is_empty() { "HOST/PATH" } else { host };
    format!("arn:aws:iam::ACCOUNT:oidc-provider/{}", near::short(host))
}
