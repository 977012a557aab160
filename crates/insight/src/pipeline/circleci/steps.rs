//! The roles that a job names: in orbs' steps, in scripts, in its images.

use super::scope::Scope;
use crate::pipeline::RoleUse;
use crate::pipeline::script::Shell;
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Prediction};
use crate::yaml::Node;

/// How deep commands may use each other.
const DEPTH_LIMIT: usize = 10;
/// How many steps of a job are read, each use of a command counted.
const STEP_LIMIT: usize = 5_000;
/// Parameters by which orbs take a role.
const ROLE_PARAMETERS: &[&str] = &["role_arn", "role-arn", "aws_role_arn", "aws-role-arn"];

/// Which of a job's tokens is used: told by `via`, for `claims` to act on.
pub(super) const SECOND: &str = "`role_arn`";
pub(super) const FIRST: &str = "`CIRCLE_OIDC_TOKEN`";
pub(super) const SECOND_SCRIPT: &str = "`CIRCLE_OIDC_TOKEN_V2`";

/// A walk over a job's steps.
pub(super) struct Walk<'a> {
    root: &'a Node,
    lock: &'a Lock,
    shell: Shell,
    roles: Vec<RoleUse>,
    /// What all scripts of the job say, to tell which token is used.
    scripts: String,
    budget: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Node, lock: &'a Lock) -> Self {
        let (shell, roles) = (Shell::default(), Vec::new());
        Self { root, lock, shell, roles, scripts: String::new(), budget: STEP_LIMIT }
    }

    /// The roles of a job that a workflow lists.
    pub(super) fn job(
        mut self,
        name: &str,
        listed: Option<&Node>,
        point: &[(String, Node)],
        scope: &Scope<'_>,
    ) -> Vec<RoleUse> {
        let mut given: Vec<(String, Node)> = listed.map(|node| scope.given(node)).unwrap_or_default();
        given.extend(point.iter().cloned());
        let hook = |key: &str| listed.and_then(|node| node.get(key));
        let local = self.root.at(&["jobs", name]).cloned();
        let inline = self.inline(name, "jobs");
        match local.or(inline) {
            Some(job) => {
                let scope = scope.inside(job.get("parameters"), &given);
                let executor = self.executor(&job, &scope);
                let scope =
                    scope.with_environment(executor.as_ref().and_then(|node| node.get("environment")));
                let scope = scope.with_environment(job.get("environment"));
                for image in [Some(&job), executor.as_ref()]
                    .into_iter()
                    .flatten()
                    .filter_map(|node| node.get("docker"))
                {
                    self.images(image, &scope);
                }
                self.steps(hook("pre-steps"), &scope, None, 0);
                self.steps(job.get("steps"), &scope, None, 0);
                self.steps(hook("post-steps"), &scope, None, 0);
            }
            None => {
                self.steps(hook("pre-steps"), scope, None, 0);
                if let Some(listed) = listed {
                    self.orb(name, listed, scope, None, 0);
                }
                self.steps(hook("post-steps"), scope, None, 0);
            }
        }
        self.of_environment(scope);
        let scripts = std::mem::take(&mut self.scripts);
        for role in &mut self.roles {
            if role.via.starts_with("`--role-arn`") || role.via.starts_with("`AWS_ROLE_ARN`") {
                by_script(role, &scripts, self.lock);
            }
        }
        self.roles
    }

    /// A job whose scripts use the SDKs' token file and whose role is a variable from outside.
    fn of_environment(&mut self, scope: &Scope<'_>) {
        if self.roles.is_empty() && self.scripts.contains("AWS_WEB_IDENTITY_TOKEN_FILE") {
            let role = self.lock.variable("AWS_ROLE_ARN", None).map(str::to_owned);
            let role = role.or_else(|| scope.variable("AWS_ROLE_ARN"));
            let role = role.ok_or_else(|| "`$AWS_ROLE_ARN` is set outside of the file".to_owned());
            self.roles.push(RoleUse::new(
                role,
                self.root.place().find("AWS_WEB_IDENTITY_TOKEN_FILE"),
                "`AWS_ROLE_ARN`",
            ));
        }
    }

    fn executor(&self, job: &Node, scope: &Scope<'_>) -> Option<Node> {
        let executor = job.get("executor")?;
        let name = executor.get("name").unwrap_or(executor).text()?;
        self.root.at(&["executors", &scope.fill(name).ok()?]).cloned()
    }

    fn images(&mut self, images: &Node, scope: &Scope<'_>) {
        for image in images.items() {
            let Some(node) = image.at(&["aws_auth", "oidc_role_arn"]) else { continue };
            let role = scope.substitute(node.text().unwrap_or_default());
            self.roles.push(RoleUse::new(role, node.place().clone(), "`oidc_role_arn`"));
        }
    }

    fn steps(&mut self, steps: Option<&Node>, scope: &Scope<'_>, guard: Option<&str>, depth: usize) {
        for item in steps.into_iter().flat_map(Node::items) {
            let Some(left) = self.budget.checked_sub(1) else { return };
            self.budget = left;
            if let Some(text) = item.text() {
                match scope.parameter(text).cloned() {
                    Some(steps) if depth < DEPTH_LIMIT => self.steps(Some(&steps), scope, guard, depth + 1),
                    Some(_) => {}
                    None => self.command(text, item, scope, guard, depth),
                }
                continue;
            }
            for (name, _, value) in item.fields() {
                match name {
                    "run" => self.run(value, scope, guard),
                    "when" | "unless" => {
                        let condition = value.get("condition").map(|node| node.place().text().to_owned());
                        let text = format!("{name}: {}", condition.unwrap_or_default());
                        if depth < DEPTH_LIMIT {
                            self.steps(value.get("steps"), scope, Some(guard.unwrap_or(&text)), depth + 1);
                        }
                    }
                    _ => self.command(name, value, scope, guard, depth),
                }
            }
        }
    }

    fn run(&mut self, run: &Node, scope: &Scope<'_>, guard: Option<&str>) {
        let script = run.get("command").unwrap_or(run);
        let Some(text) = script.text() else { return };
        let scope = scope.with_environment(run.get("environment"));
        let filled = scope.fill(text).unwrap_or_else(|_| text.to_owned());
        self.scripts += &filled;
        self.scripts.push('\n');
        let filled = script.with(crate::yaml::Content::Scalar { text: filled, plain: false });
        for found in self.shell.roles(&filled, &|name| scope.variable(name)) {
            let role = match found.role {
                Ok(role) if role.contains("<<") => {
                    Err(format!("`{role}` is known only when the pipeline runs"))
                }
                other => other,
            };
            let mut role = RoleUse::new(role, found.place, found.via);
            role.guard = guard.map(str::to_owned);
            self.roles.push(role);
        }
    }

    /// A command of the file, of an inline orb, or of an orb elsewhere.
    fn command(&mut self, name: &str, given: &Node, scope: &Scope<'_>, guard: Option<&str>, depth: usize) {
        if depth == DEPTH_LIMIT {
            return;
        }
        let local = self.root.at(&["commands", name]).cloned().or_else(|| self.inline(name, "commands"));
        match local {
            Some(command) => {
                let scope = scope.inside(command.get("parameters"), &scope.given(given));
                self.steps(command.get("steps"), &scope, guard, depth + 1);
            }
            None => self.orb(name, given, scope, guard, depth),
        }
    }

    /// A job or command of an orb that the file holds.
    fn inline(&self, name: &str, kind: &str) -> Option<Node> {
        let (alias, name) = name.split_once('/')?;
        self.root.at(&["orbs", alias, kind, name]).cloned()
    }

    /// What an orb elsewhere does is not here; that it takes a role, its parameters tell.
    fn orb(&mut self, name: &str, given: &Node, scope: &Scope<'_>, guard: Option<&str>, depth: usize) {
        let Some((alias, command)) = name.split_once('/') else { return };
        let source = self.root.at(&["orbs", alias]).and_then(Node::text).unwrap_or_default();
        if let Some(auth) = given.get("auth").filter(|_| depth < DEPTH_LIMIT) {
            self.steps(Some(auth), scope, guard, depth + 1);
        }
        let Some((_, node)) = ROLE_PARAMETERS.iter().find_map(|parameter| given.entry(parameter)) else {
            return;
        };
        let Some(text) = node.text().filter(|text| !text.is_empty()) else { return };
        let known = source.strip_prefix("circleci/aws-cli@5").is_some() && command == "setup";
        let via = if known { SECOND } else { "an orb's parameter" };
        let mut role = RoleUse::new(scope.substitute(text), node.place().clone(), via);
        let session = given.get("role_session_name");
        role.session_name = session.and_then(Node::text).map(|text| match scope.substitute(text) {
            Ok(text) => Claim::new(Prediction::exact(text)),
            Err(why) => Claim::new(Prediction::Unknown(why)),
        });
        role.guard = guard.map(str::to_owned);
        self.roles.push(role);
    }
}

/// Which token a script uses, and for which audience.
fn by_script(role: &mut RoleUse, scripts: &str, lock: &Lock) {
    let second = scripts.contains("CIRCLE_OIDC_TOKEN_V2");
    let first = scripts.replace("CIRCLE_OIDC_TOKEN_V2", "").contains("CIRCLE_OIDC_TOKEN");
    let minted = scripts.contains("circleci run oidc get");
    if scripts.contains("--root-issuer") {
        role.role = Err("its token comes from the root issuer, which all organizations share".to_owned());
    }
    role.via = match (first, second, minted) {
        (true, false, false) => FIRST.to_owned(),
        (false, true, false) => SECOND_SCRIPT.to_owned(),
        _ => role.via.clone(),
    };
    if minted && let Some((_, rest)) = scripts.split_once("\"aud\"") {
        let value = rest.split('"').nth(1).unwrap_or_default();
        let prediction = match value.contains('$') {
            true if value.contains("CIRCLE_ORGANIZATION_ID") && lock.circleci.organization.is_some() => {
                Prediction::exact(lock.circleci.organization.as_deref().unwrap_or_default())
            }
            true => Prediction::Unknown(format!("the audience `{value}` is known only when the script runs")),
            false => Prediction::exact(value),
        };
        role.claims.set("aud", Claim::new(prediction).at(&role.place, "the script asks for this audience"));
    }
}
