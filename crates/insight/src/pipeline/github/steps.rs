//! The roles that a job's steps name, also in the composite actions of the repository.

use super::scope::{Scope, inputs_of_call};
use crate::pipeline::script::Shell;
use crate::pipeline::{Files, RoleUse};
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Claims, Prediction};
use crate::source::Place;
use crate::yaml::Node;

/// How deep composite actions may use each other.
const DEPTH_LIMIT: usize = 8;
/// Inputs by which other actions take a role.
const ROLE_INPUTS: &[&str] =
    &["role-to-assume", "role-arn", "role_arn", "aws-role-arn", "aws_role_arn", "aws-role-to-assume"];

/// The roles that a job names.
pub(super) fn roles(files: &mut Files<'_>, job: &Node, scope: &Scope, lock: &Lock) -> Vec<RoleUse> {
    let mut walk = Walk { files, lock, shell: Shell::default(), roles: Vec::new() };
    walk.steps(job.get("steps"), scope, None, 0);
    walk.roles
}

struct Walk<'a, 'f> {
    files: &'a mut Files<'f>,
    lock: &'a Lock,
    shell: Shell,
    roles: Vec<RoleUse>,
}

impl Walk<'_, '_> {
    fn steps(&mut self, steps: Option<&Node>, scope: &Scope, guard: Option<&str>, depth: usize) {
        for step in steps.into_iter().flat_map(Node::items) {
            let scope = scope.with_env(step.get("env"));
            let own =
                step.get("if").and_then(Node::text).filter(|text| !matches!(*text, "always()" | "success()"));
            let own = own.map(|text| format!("if: {text}"));
            let guard = own.as_deref().or(guard);
            if let Some(uses) = step.get("uses").and_then(Node::text) {
                self.action(uses, step, &scope, guard, depth);
            } else if let Some(script) = step.get("run") {
                self.script(script, &scope, guard);
            }
        }
    }

    fn action(&mut self, uses: &str, step: &Node, scope: &Scope, guard: Option<&str>, depth: usize) {
        let with = step.get("with");
        if let Some(path) = uses.strip_prefix("./") {
            let path = path.trim_end_matches('/');
            let named = ["action.yml", "action.yaml"].map(|name| match path {
                "" => name.to_owned(),
                _ => format!("{path}/{name}"),
            });
            let Some(file) = named.iter().find(|file| self.files.has(file)) else { return };
            if depth == DEPTH_LIMIT {
                return;
            }
            let Some(yaml) = self.files.yaml(file) else { return };
            let inputs = inputs_of_call(yaml.root(), with, scope);
            self.steps(yaml.root().at(&["runs", "steps"]), &scope.with_inputs(inputs), guard, depth + 1);
            return;
        }
        let Some(with) = with else { return };
        let Some((input, node)) = ROLE_INPUTS.iter().find_map(|name| with.entry(name)) else { return };
        let Some(text) = node.text() else { return };
        let name = uses.split('@').next().unwrap_or(uses);
        if name == "aws-actions/configure-aws-credentials" {
            if !uses_oidc(with, scope) {
                return;
            }
            self.configure(with, text, node.place(), scope, guard);
        } else {
            let via = format!("`{}`", input.text().unwrap_or_default());
            let mut role = RoleUse::new(scope.fill(text), node.place().clone(), &via);
            let why = format!("`{name}` decides which audience it asks for");
            role.claims.put("aud", Prediction::Unknown(why));
            role.guard = guard.map(str::to_owned);
            self.roles.push(role);
        }
    }

    fn configure(&mut self, with: &Node, role: &str, place: &Place, scope: &Scope, guard: Option<&str>) {
        let mut role = RoleUse::new(scope.fill(role), place.clone(), "`role-to-assume`");
        let input = |name: &str, default: &str| match with.entry(name) {
            Some((_, node)) => {
                let value = scope.fill(node.text().unwrap_or_default());
                Claim::new(super::predicted(&value)).at(node.place(), format!("`{name}`"))
            }
            None => Claim::new(Prediction::exact(default))
                .at(place, format!("`{name}` is `{default}` by default")),
        };
        role.claims = Claims::default();
        role.claims.set("aud", input("audience", "sts.amazonaws.com"));
        role.session_name = Some(input("role-session-name", "GitHubActions"));
        role.guard = guard.map(str::to_owned);
        self.roles.push(role);
    }

    fn script(&mut self, script: &Node, scope: &Scope, guard: Option<&str>) {
        let text = script.text().unwrap_or_default();
        // Expressions are filled in before the shell runs.
        let filled = match scope.fill(text) {
            Ok(filled) => script.with(crate::yaml::Content::Scalar { text: filled, plain: false }),
            Err(_) => script.clone(),
        };
        let outside = |name: &str| scope.variable(name).and_then(|value| value.clone().ok());
        let audience = audience(text, self.lock);
        for found in self.shell.roles(&filled, &outside) {
            let role = match found.role {
                Ok(role) if role.contains("${{") => {
                    Err(format!("`{role}` is known only when the workflow runs"))
                }
                other => other,
            };
            let mut role = RoleUse::new(role, found.place, found.via);
            role.claims.put("aud", audience.clone());
            role.guard = guard.map(str::to_owned);
            self.roles.push(role);
        }
    }
}

/// Whether `configure-aws-credentials` takes the OIDC way.
fn uses_oidc(with: &Node, scope: &Scope) -> bool {
    let given = |name: &str| {
        let value = with.get(name).and_then(Node::text).map(|text| scope.fill(text));
        value.is_some_and(|value| value.map_or(true, |text| !matches!(text.as_str(), "" | "false")))
    };
    !["aws-access-key-id", "web-identity-token-file", "role-chaining", "force-skip-oidc"]
        .iter()
        .any(|name| given(name))
}

/// The audience that a script asks for.
fn audience(script: &str, lock: &Lock) -> Prediction {
    if let Some((_, rest)) = script.split_once("audience=") {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '&' | '`'));
        let value = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        return if value.contains('$') {
            Prediction::Unknown(format!("the audience `{value}` is known only when the script runs"))
        } else {
            Prediction::exact(value.replace("%3A", ":").replace("%2F", "/"))
        };
    }
    match (&lock.github.owner, script.contains("ACTIONS_ID_TOKEN_REQUEST_URL")) {
        (Some(owner), true) => Prediction::exact(format!("https://github.com/{owner}")),
        _ => Prediction::Unknown("the script does not tell the audience".to_owned()),
    }
}
