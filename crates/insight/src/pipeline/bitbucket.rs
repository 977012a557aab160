//! `bitbucket-pipelines.yml`.

use stagedoor_identity::Provider;
use stagedoor_policy::{Severity, Value};

use super::script::{Shell, expand};
use super::{Asks, Files, Job, Pipeline, RoleUse, Run};
use crate::finding::Finding;
use crate::language::{Form, Language, bitbucket as glob};
use crate::preflight::lock::Lock;
use crate::preflight::prediction::{Claim, Claims, Composed, Doubt, Prediction};
use crate::source::Place;
use crate::yaml::Node;

const STEP: &str = "5d0c6e7f-1a2b-4c3d-9e8f-7a6b5c4d3e2f";

const FILE: &str = "bitbucket-pipelines.yml";

/// Reads the repository's pipeline, if it has one.
pub(super) fn read(files: &mut Files<'_>, lock: &Lock, provider: &'static Provider) -> Option<Pipeline> {
    if !files.has(FILE) {
        return None;
    }
    let yaml = files.yaml(FILE)?;
    let mut reader = Reader { root: yaml.root(), lock, jobs: Vec::new(), findings: Vec::new() };
    reader.pipelines();
    let issuer = match &lock.bitbucket.workspace {
        Some(workspace) => {
            Ok(format!("https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc"))
        }
        None => Err("the workspace is not known (`bitbucket.workspace` in stagedoor.lock)".to_owned()),
    };
    let (jobs, findings) = (reader.jobs, reader.findings);
    Some(Pipeline { provider, issuer, jobs, findings, assumptions: Vec::new() })
}

struct Reader<'a> {
    root: &'a Node,
    lock: &'a Lock,
    jobs: Vec<Job>,
    findings: Vec<Finding>,
}

/// What starts a pipeline.
struct Trigger {
    /// The path of the pipeline, such as `branches › main`.
    name: String,
    words: String,
    place: Place,
    branch: Claim,
    /// Variables with a default that a person may change.
    variables: Vec<(String, Option<String>)>,
}

impl Reader<'_> {
    fn pipelines(&mut self) {
        let Some(pipelines) = self.root.get("pipelines") else { return };
        let branches = pipelines.get("branches");
        for (kind, key, section) in pipelines.fields() {
            match kind {
                "default" => {
                    let mut language = Language::anything();
                    for (pattern, _, _) in branches.into_iter().flat_map(Node::fields) {
                        language = language.but(glob(pattern));
                    }
                    let words = "a push to a branch that has no pipeline of its own";
                    self.started(kind, key, section, words, branch(language, key.place(), "pushed branch"));
                }
                "branches" | "tags" | "bookmarks" | "pull-requests" | "custom" => {
                    for (name, key, pipeline) in section.fields() {
                        let (words, claim) = self.trigger(kind, name, key.place());
                        self.started(&format!("{kind} › {name}"), key, pipeline, &words, claim);
                    }
                }
                _ => {}
            }
        }
    }

    fn trigger(&self, kind: &str, name: &str, place: &Place) -> (String, Claim) {
        let undocumented = |why: &str| Claim::new(Prediction::Unknown(why.to_owned())).at(place, "");
        match kind {
            "branches" => {
                let claim = branch(Language::of(glob(name)), place, "pushed branch");
                (format!("a push to `{name}`"), claim)
            }
            "pull-requests" => (
                format!("a pull request from `{name}`"),
                undocumented("what `branchName` holds in a pull-request pipeline is not documented"),
            ),
            "custom" => {
                let with = "branch on which someone starts it";
                ("a person, a schedule or the API".to_owned(), branch(Language::anything(), place, with))
            }
            _ => (
                format!("a push of the {} `{name}`", kind.trim_end_matches('s')),
                undocumented("whether a tag pipeline's token has a `branchName` is not documented"),
            ),
        }
    }

    fn started(&mut self, name: &str, key: &Node, pipeline: &Node, words: &str, branch: Claim) {
        let mut trigger = Trigger {
            name: name.to_owned(),
            words: words.to_owned(),
            place: key.place().clone(),
            branch,
            variables: Vec::new(),
        };
        if let Some(import) = pipeline.get("import") {
            let from = import.text().unwrap_or_default();
            let message = format!("the pipeline `{name}` is imported from `{from}`, which is not here");
            self.unknown(message, import.place());
            return;
        }
        self.items(pipeline, None, &mut trigger);
    }

    fn items(&mut self, items: &Node, deployment: Option<&Node>, trigger: &mut Trigger) {
        for item in items.items() {
            for (kind, _, value) in item.fields() {
                match kind {
                    "variables" => {
                        let named = value.items().iter().filter_map(|variable| {
                            let default = variable.get("default").and_then(Node::text).map(str::to_owned);
                            Some((variable.get("name")?.text()?.to_owned(), default))
                        });
                        trigger.variables.extend(named);
                    }
                    "step" => self.step(value, deployment, trigger),
                    "parallel" if value.is_sequence() => self.items(value, deployment, trigger),
                    "parallel" => {
                        if let Some(steps) = value.get("steps") {
                            self.items(steps, deployment, trigger);
                        }
                    }
                    "stage" => {
                        let of_stage = value.get("deployment").or(deployment);
                        if let Some(steps) = value.get("steps") {
                            self.items(steps, of_stage, trigger);
                        }
                    }
                    "import" => {
                        let from = value.text().unwrap_or_default();
                        let message = format!("`{}` imports `{from}`, which is not here", trigger.name);
                        self.unknown(message, value.place());
                    }
                    _ => {
                        let message =
                            format!("`{kind}` in the pipeline `{}` is not understood", trigger.name);
                        self.unknown(message, value.place());
                    }
                }
            }
        }
    }

    fn unknown(&mut self, message: String, place: &Place) {
        let finding = Finding::new("preflight_unknown", Severity::Warning, message)
            .at(place.clone(), "jobs from here are not judged")
            .property("verdict", "unknown");
        self.findings.push(finding);
    }

    fn step(&mut self, step: &Node, of_stage: Option<&Node>, trigger: &Trigger) {
        let deployment = step.get("deployment").or(of_stage).filter(|node| node.text().is_some());
        let environment = deployment.and_then(Node::text);
        let roles = self.roles(step, environment, trigger);
        let oidc = step.get("oidc");
        let global = self.root.at(&["options", "oidc"]);
        let asking = match oidc {
            Some(node) if node.boolean() == Some(false) => None,
            Some(node) => Some(node),
            None => global.filter(|node| node.boolean() != Some(false)),
        };
        let name = step.get("name").and_then(Node::text);
        let label = step.get("name").map_or_else(|| step.place(), Node::place);
        let asks = match asking {
            Some(node) => Asks::Yes(node.place().clone()),
            None if wants_token(step) => {
                Asks::No { place: label.clone(), missing: "`oidc: true`".to_owned() }
            }
            None => return,
        };
        let mut claims = self.claims(deployment, label);
        claims.set("branchName", trigger.branch.clone());
        claims.set("aud", self.audience(asking, global));
        let run = Run { trigger: trigger.words.clone(), place: trigger.place.clone(), claims, guard: None };
        self.jobs.push(Job {
            name: format!("{} › {}", trigger.name, name.unwrap_or("step")),
            place: label.clone(),
            asks,
            roles,
            runs: vec![run],
        });
    }

    fn claims(&self, deployment: Option<&Node>, step: &Place) -> Claims {
        let mut claims = Claims::default();
        let workspace = self.lock.bitbucket.workspace_uuid.as_deref();
        claims.put("workspaceUuid", uuid(workspace, "the workspace's UUID", "bitbucket.workspace_uuid"));
        let repository = self.lock.bitbucket.repository_uuid.as_deref();
        let repository = uuid(repository, "the repository's UUID", "bitbucket.repository_uuid");
        claims.put("repositoryUuid", repository.clone());
        let step_uuid = Form::Sequence(vec![Form::lit("{"), Form::uuid(STEP), Form::lit("}")]);
        let step_uuid = Prediction::varies(step_uuid, "the step's UUID, which is new in each run");
        claims.put("stepUuid", step_uuid.clone());
        let sub = match deployment {
            None => {
                claims.set(
                    "deploymentEnvironmentUuid",
                    Claim::new(Prediction::Absent).at(step, "no `deployment`"),
                );
                let sub = Composed::new().part(&repository).text(":").part(&step_uuid).done();
                Claim::new(sub).at(step, "no `deployment`, so no environment in `sub`")
            }
            Some(node) => {
                let name = node.text().unwrap_or_default();
                let environments = &self.lock.bitbucket.environments;
                let known = environments.get(name).or_else(|| {
                    environments
                        .iter()
                        .find(|(known, _)| known.eq_ignore_ascii_case(name))
                        .map(|(_, uuid)| uuid)
                });
                let what = format!("the UUID of the environment `{name}`");
                let entry = format!("bitbucket.environments.{name}");
                let environment = uuid(known.map(String::as_str), &what, &entry);
                let because = format!("the UUID of `{name}` is in the token");
                let claim = Claim::new(environment.clone()).at(node.place(), because);
                claims.set("deploymentEnvironmentUuid", claim);
                let sub = Composed::new().part(&repository).text(":").part(&environment).text(":");
                Claim::new(sub.part(&step_uuid).done())
                    .at(node.place(), format!("the UUID of `{name}` is in `sub`"))
            }
        };
        claims.set("sub", sub);
        claims
    }

    /// With chosen audiences it is not documented whether the default one stays.
    fn audience(&self, asking: Option<&Node>, global: Option<&Node>) -> Claim {
        let default = match self.lock.bitbucket.workspace_uuid.as_deref() {
            Some(uuid) => {
                Prediction::exact(format!("ari:cloud:bitbucket::workspace/{}", uuid.trim_matches(['{', '}'])))
            }
            None => {
                let form =
                    Form::Sequence(vec![Form::lit("ari:cloud:bitbucket::workspace/"), Form::uuid(STEP)]);
                Prediction::of(
                    Language::of(form),
                    missing("the workspace's UUID", "bitbucket.workspace_uuid"),
                )
            }
        };
        let lists = |node: &&Node| node.get("audiences").is_some();
        let Some(node) = asking.filter(lists).or_else(|| global.filter(lists)) else {
            return Claim::new(default).maybe_at(asking.map(Node::place), "the default audience");
        };
        let chosen: Vec<String> = node
            .get("audiences")
            .map(|list| list.texts().into_iter().map(|(text, _)| text.to_owned()).collect())
            .unwrap_or_default();
        let alone = Prediction::Exact(Value::Many(chosen.clone()));
        let both = match default {
            Prediction::Exact(Value::One(default)) => {
                Prediction::Exact(Value::Many([vec![default], chosen].concat()))
            }
            _ => Prediction::Unknown("the workspace's UUID is not known".to_owned()),
        };
        let doubt =
            Doubt::hidden("sources conflict on whether chosen audiences replace the default one or join it");
        Claim::new(Prediction::Choice(vec![alone, both], doubt))
            .at(node.place(), "always a list in the token")
    }

    fn roles(&self, step: &Node, environment: Option<&str>, trigger: &Trigger) -> Vec<RoleUse> {
        let outside = |name: &str| {
            let chosen = trigger.variables.iter().find(|(known, _)| known == name);
            match chosen {
                Some(_) => None,
                None => self.lock.variable(name, environment).map(str::to_owned),
            }
        };
        let mut shell = Shell::default();
        let mut roles = Vec::new();
        let lines = ["script", "after-script"].into_iter().filter_map(|key| step.get(key));
        for line in lines.flat_map(Node::items) {
            if let Some(variables) = line.get("variables") {
                let named = variables.get("AWS_OIDC_ROLE_ARN").or_else(|| variables.get("AWS_ROLE_ARN"));
                if let Some(node) = named {
                    let role = expand(node.text().unwrap_or_default(), &outside);
                    roles.push(RoleUse::new(role, node.place().clone(), "`AWS_OIDC_ROLE_ARN`"));
                }
                continue;
            }
            let found = shell.roles(line, &outside);
            roles.extend(found.into_iter().map(|found| RoleUse::new(found.role, found.place, found.via)));
        }
        let implied = self.lock.variable("AWS_ROLE_ARN", environment);
        if let (true, Some(role), Some(oidc)) = (roles.is_empty(), implied, step.get("oidc")) {
            let via = "`AWS_ROLE_ARN` in stagedoor.lock";
            roles.push(RoleUse::new(Ok(role.to_owned()), oidc.place().clone(), via));
        }
        roles
    }
}

fn branch(language: Language, place: &Place, with: &str) -> Claim {
    Claim::new(Prediction::of(language, Doubt::varies(format!("the {with}")))).at(place, "decides the branch")
}

fn missing(what: &str, entry: &str) -> Doubt {
    Doubt::hidden(format!("{what} is not known (`{entry}` in stagedoor.lock)"))
}

/// A UUID in braces, or any if it is not known.
fn uuid(known: Option<&str>, what: &str, entry: &str) -> Prediction {
    match known {
        Some(uuid) => Prediction::exact(format!("{{{}}}", uuid.trim_matches(['{', '}']))),
        None => {
            let form = Form::Sequence(vec![Form::lit("{"), Form::uuid(STEP), Form::lit("}")]);
            Prediction::of(Language::of(form), missing(what, entry))
        }
    }
}

/// Whether a step without `oidc` does what only a token makes work.
fn wants_token(step: &Node) -> bool {
    let marks = ["BITBUCKET_STEP_OIDC_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "assume-role-with-web-identity"];
    let lines = ["script", "after-script"].into_iter().filter_map(|key| step.get(key));
    lines.flat_map(Node::items).any(|line| {
        let text = line.text().unwrap_or_default();
        marks.iter().any(|mark| text.contains(mark)) || line.at(&["variables", "AWS_OIDC_ROLE_ARN"]).is_some()
    })
}
