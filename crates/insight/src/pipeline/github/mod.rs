//! `.github/workflows/*.yml`.

mod claims;
mod condition;
mod matrix;
mod permission;
mod scope;
mod steps;
mod trigger;

use stagedoor_identity::Provider;
use stagedoor_policy::Severity;

use self::claims::Claimant;
use self::permission::Permission;
use self::scope::Scope;
use self::trigger::Trigger;
use super::{Asks, Files, Job, Pipeline, Run};
use crate::finding::Finding;
use crate::preflight::Lock;
use crate::preflight::prediction::Prediction;
use crate::source::Place;
use crate::yaml::{Node, Yaml};

const FOLDER: &str = ".github/workflows";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// How deep reusable workflows may call each other.
const CALL_LIMIT: usize = 10;

/// Reads the repository's workflows, if it has some.
pub(super) fn read(files: &mut Files<'_>, lock: &Lock, provider: &'static Provider) -> Option<Pipeline> {
    let names = files.list(FOLDER);
    let paths: Vec<String> = names
        .iter()
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
        .map(|name| format!("{FOLDER}/{name}"))
        .collect();
    if paths.is_empty() {
        return None;
    }
    let mut reader = Reader { files, lock, jobs: Vec::new(), findings: Vec::new(), called: Vec::new() };
    let mut callable = Vec::new();
    for path in &paths {
        let Some(yaml) = reader.files.yaml(path) else { continue };
        reader.workflow(path, &yaml);
        if trigger::is_callable(yaml.root()) {
            callable.push((path.clone(), yaml));
        }
    }
    reader.uncalled(&callable);
    let mut assumptions = Vec::new();
    if lock.github.subject.is_none() {
        assumptions.push(
            "the repository does not customise `sub` (`github.subject` in stagedoor.lock tells otherwise)"
                .to_owned(),
        );
    }
    let issuer = Ok(lock.github.issuer.clone().unwrap_or_else(|| ISSUER.to_owned()));
    Some(Pipeline { provider, issuer, jobs: reader.jobs, findings: reader.findings, assumptions })
}

struct Reader<'a, 'f> {
    files: &'a mut Files<'f>,
    lock: &'a Lock,
    jobs: Vec<Job>,
    findings: Vec<Finding>,
    /// Workflows of this repository that some job calls.
    called: Vec<String>,
}

/// The workflow that a job stands in, and how it came to run.
struct Frame<'a> {
    /// The workflow that was started.
    top: &'a str,
    /// The name of that workflow.
    title: String,
    /// The file that holds the job.
    path: &'a str,
    root: &'a Node,
    triggers: &'a [Trigger],
    scope: Scope,
    /// What the calling jobs leave.
    granted: Permission,
    /// The calling jobs, outermost first.
    callers: Vec<String>,
}

impl Reader<'_, '_> {
    fn workflow(&mut self, path: &str, yaml: &Yaml) {
        let root = yaml.root();
        let triggers = trigger::all(root, self.lock);
        if triggers.is_empty() {
            return;
        }
        let title = root.get("name").and_then(Node::text).unwrap_or(path).to_owned();
        let scope =
            Scope::of(self.lock).with_inputs(trigger::dispatch_inputs(root)).with_env(root.get("env"));
        let callers = Vec::new();
        let granted = Permission::Unset;
        self.jobs_of(&Frame { top: path, title, path, root, triggers: &triggers, scope, granted, callers });
    }

    fn jobs_of(&mut self, frame: &Frame<'_>) {
        let Some(jobs) = frame.root.get("jobs") else { return };
        for (id, key, job) in jobs.fields() {
            match matrix::expand(job.at(&["strategy", "matrix"])) {
                Ok(points) => {
                    for point in points {
                        self.job(frame, id, key, job, &frame.scope.with_matrix(&point), point.shown());
                    }
                }
                Err(why) => {
                    self.job(frame, id, key, job, &frame.scope.with_unknown_matrix(&why), String::new());
                }
            }
        }
    }

    fn job(&mut self, frame: &Frame<'_>, id: &str, key: &Node, job: &Node, scope: &Scope, shown: String) {
        let scope = scope.with_env(job.get("env"));
        let mut names = vec![frame.top.rsplit('/').next().unwrap_or(frame.top).to_owned()];
        names.extend(frame.callers.iter().cloned());
        names.push(format!("{id}{shown}"));
        let permission = Permission::of(frame.root, job, key).within(&frame.granted);
        if let Some(uses) = job.get("uses") {
            self.call(frame, &names, uses, job, &scope, permission);
            return;
        }
        let environment = environment(job, &scope);
        let scope = scope.in_environment(environment.as_ref().and_then(|(_, name)| name.clone().ok()));
        let roles = steps::roles(self.files, job, &scope, self.lock);
        let asks = match permission {
            Permission::Write(place) => Asks::Yes(place),
            Permission::Unset if !roles.is_empty() => Asks::No {
                place: key.place().clone(),
                missing: "`permissions: { id-token: write }`".to_owned(),
            },
            Permission::None { place, missing } if !roles.is_empty() => Asks::No { place, missing },
            Permission::Unset | Permission::None { .. } => return,
        };
        let condition = job.get("if").and_then(Node::text).map(condition::read);
        let mut runs = Vec::new();
        for trigger in frame.triggers {
            let Some(narrowed) = condition.as_ref().map_or(Some(trigger.clone()), |it| it.narrow(trigger))
            else {
                continue;
            };
            let claimant = Claimant { lock: self.lock, trigger: &narrowed, top: frame.top, path: frame.path };
            let claims = claimant.claims(&frame.title, environment.as_ref(), key.place(), job.get("runs-on"));
            let guard = condition.as_ref().and_then(|it| it.guard.clone());
            runs.push(Run { trigger: narrowed.words, place: narrowed.place, claims, guard });
        }
        self.jobs.push(Job { name: names.join(" › "), place: key.place().clone(), asks, roles, runs });
    }

    fn call(
        &mut self,
        frame: &Frame<'_>,
        names: &[String],
        uses: &Node,
        job: &Node,
        scope: &Scope,
        granted: Permission,
    ) {
        let target = uses.text().unwrap_or_default();
        let name = names.join(" › ");
        let may_ask = matches!(granted, Permission::Write(_));
        let Some(path) = target.strip_prefix("./") else {
            if may_ask {
                let message = format!("`{name}` calls `{target}`, which is not here");
                self.unknown(message, uses.place(), "its jobs may ask for a token");
            }
            return;
        };
        self.called.push(path.to_owned());
        if frame.callers.len() >= CALL_LIMIT {
            let message =
                format!("`{name}` calls workflows more than {CALL_LIMIT} deep, perhaps in a circle");
            self.unknown(message, uses.place(), "not followed any further");
            return;
        }
        let Some(yaml) = self.files.yaml(path) else { return };
        let inputs = scope::inputs_of_call(yaml.root(), job.get("with"), scope);
        let mut callers = frame.callers.clone();
        callers.extend(names.last().cloned());
        // A job without permissions passes on those of its workflow, which are the default then.
        let granted = match granted {
            Permission::Unset => Permission::None {
                place: uses.place().clone(),
                missing: "`permissions: { id-token: write }` of the calling job".to_owned(),
            },
            other => other,
        };
        self.jobs_of(&Frame {
            top: frame.top,
            title: frame.title.clone(),
            path,
            root: yaml.root(),
            triggers: frame.triggers,
            scope: Scope::of(self.lock).with_inputs(inputs).with_env(yaml.root().get("env")),
            granted,
            callers,
        });
    }

    /// Workflows that only others can call, which nothing here calls.
    fn uncalled(&mut self, callable: &[(String, Yaml)]) {
        for (path, yaml) in callable {
            let root = yaml.root();
            if self.called.contains(path) || !trigger::all(root, self.lock).is_empty() {
                continue;
            }
            let asks = |job: &Node| {
                matches!(Permission::of(root, job, job), Permission::Write(_) | Permission::Unset)
            };
            let names_role = |files: &mut Files<'_>, job: &Node| {
                !steps::roles(files, job, &Scope::of(self.lock), self.lock).is_empty()
            };
            for (id, key, job) in root.get("jobs").into_iter().flat_map(Node::fields) {
                if asks(job) && names_role(self.files, job) {
                    let file = path.rsplit('/').next().unwrap_or(path);
                    let message =
                        format!("`{file} › {id}` runs only for workflows that call it, and none is here");
                    let finding =
                        unknown_finding(message, key.place(), "its tokens are those of its callers");
                    self.findings.push(finding);
                }
            }
        }
    }

    fn unknown(&mut self, message: String, place: &Place, label: &str) {
        self.findings.push(unknown_finding(message, place, label));
    }
}

fn unknown_finding(message: String, place: &Place, label: &str) -> Finding {
    Finding::new("preflight_unknown", Severity::Warning, message)
        .at(place.clone(), label)
        .property("verdict", "unknown")
}

/// The job's environment: where it is named, and its name.
fn environment(job: &Node, scope: &Scope) -> Option<(Place, Result<String, String>)> {
    let node = job.get("environment")?;
    let name = if node.is_mapping() { node.get("name")? } else { node };
    let text = name.text().filter(|text| !text.is_empty())?;
    Some((name.place().clone(), scope.fill(text)))
}

/// A value that may not be known, as a prediction.
fn predicted(value: &Result<String, String>) -> Prediction {
    match value {
        Ok(text) => Prediction::exact(text.as_str()),
        Err(why) => Prediction::Unknown(why.clone()),
    }
}
