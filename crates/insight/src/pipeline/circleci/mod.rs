//! `.circleci/config.yml`.

mod claims;
mod filters;
mod scope;
mod steps;

use stagedoor_identity::Provider;
use stagedoor_policy::Severity;

use self::filters::{Limits, Start};
use self::scope::Scope;
use super::{Asks, Files, Job, Pipeline, Run};
use crate::finding::Finding;
use crate::preflight::Lock;
use crate::source::Place;
use crate::yaml::Node;

const FILE: &str = ".circleci/config.yml";

/// Reads the repository's pipeline, if it has one.
pub(super) fn read(files: &mut Files<'_>, lock: &Lock, provider: &'static Provider) -> Option<Pipeline> {
    if !files.has(FILE) {
        return None;
    }
    let yaml = files.yaml(FILE)?;
    let mut reader = Reader { root: yaml.root(), lock, jobs: Vec::new(), findings: Vec::new() };
    if let Some((key, setup)) = reader.root.entry("setup")
        && setup.boolean() == Some(true)
    {
        let message = "the configuration is made at run time (`setup: true`), and its jobs are not known";
        let finding = Finding::new("preflight_unknown", Severity::Warning, message)
            .at(key.place().clone(), "only the jobs of this file are judged")
            .property("verdict", "unknown");
        reader.findings.push(finding);
    }
    for (name, _, workflow) in reader.root.get("workflows").into_iter().flat_map(Node::fields) {
        if workflow.is_mapping() {
            reader.workflow(name, workflow);
        }
    }
    let issuer = match &lock.circleci.organization {
        Some(organization) => Ok(format!("https://oidc.circleci.com/org/{organization}")),
        None => Err("the organization is not known (`circleci.organization` in stagedoor.lock)".to_owned()),
    };
    let assumptions = match reader.jobs.is_empty() {
        true => Vec::new(),
        false => vec!["jobs without a context get tokens, too; CircleCI does not say".to_owned()],
    };
    Some(Pipeline { provider, issuer, jobs: reader.jobs, findings: reader.findings, assumptions })
}

struct Reader<'a> {
    root: &'a Node,
    lock: &'a Lock,
    jobs: Vec<Job>,
    findings: Vec<Finding>,
}

/// A job as a workflow lists it.
struct Listed<'a> {
    /// The job that it runs.
    runs: &'a str,
    /// What it is called in the workflow.
    name: &'a str,
    place: &'a Place,
    parameters: Option<&'a Node>,
}

impl Reader<'_> {
    fn workflow(&mut self, workflow: &str, node: &Node) {
        let listed: Vec<Listed<'_>> =
            node.get("jobs").into_iter().flat_map(Node::items).filter_map(listed).collect();
        let starts = filters::starts(node);
        for job in &listed {
            let filters = job.parameters.and_then(|parameters| parameters.get("filters"));
            let mut limits = Limits::of(filters);
            for above in upstream(job, &listed) {
                let filters = above.parameters.and_then(|parameters| parameters.get("filters"));
                limits.tags_run &= Limits::of(filters).tags_run;
            }
            self.job(workflow, job, &starts, &limits);
        }
    }

    fn job(&mut self, workflow: &str, listed: &Listed<'_>, starts: &[Start], limits: &Limits) {
        let is_approval =
            listed.parameters.and_then(|node| node.get("type")).and_then(Node::text) == Some("approval");
        if is_approval {
            return;
        }
        let matrix = listed.parameters.and_then(|parameters| parameters.get("matrix"));
        let points = match scope::matrix(matrix) {
            Ok(points) => points,
            Err(why) => return self.unknown(workflow, listed, &why),
        };
        for point in points {
            let shown: Vec<&str> = point.iter().filter_map(|(_, value)| value.text()).collect();
            let name = match (shown.is_empty(), listed.name == listed.runs) {
                (false, true) => format!("{workflow} › {}-{}", listed.name, shown.join("-")),
                _ => format!("{workflow} › {}", listed.name),
            };
            let contexts = listed.parameters.and_then(|parameters| parameters.get("context"));
            let scope = Scope::of(self.root, self.lock);
            let mut roles =
                steps::Walk::new(self.root, self.lock).job(listed.runs, listed.parameters, &point, &scope);
            if roles.is_empty() {
                continue;
            }
            for role in &mut roles {
                claims::subject_of_role(role, self.lock);
            }
            let runs: Vec<Run> = starts
                .iter()
                .flat_map(|start| limits.within(start))
                .map(|started| Run {
                    trigger: started.words(),
                    claims: claims::claims(&started, contexts, self.lock),
                    place: started.place,
                    guard: started.guard,
                })
                .collect();
            let place = listed.place.clone();
            self.jobs.push(Job { name, place: place.clone(), asks: Asks::Yes(place), roles, runs });
        }
    }

    fn unknown(&mut self, workflow: &str, listed: &Listed<'_>, why: &str) {
        let message = format!("`{workflow} › {}` cannot be judged: {why}", listed.name);
        let finding = Finding::new("preflight_unknown", Severity::Warning, message)
            .at(listed.place.clone(), "")
            .property("verdict", "unknown");
        self.findings.push(finding);
    }
}

fn listed(item: &Node) -> Option<Listed<'_>> {
    if let Some(name) = item.text() {
        return Some(Listed { runs: name, name, place: item.place(), parameters: None });
    }
    let (runs, key, parameters) = item.fields().next()?;
    let name = parameters.get("name").and_then(Node::text).unwrap_or(runs);
    Some(Listed { runs, name, place: key.place(), parameters: Some(parameters) })
}

/// Every job that must be done before, directly or not.
fn upstream<'a, 'b>(job: &Listed<'a>, all: &'b [Listed<'a>]) -> Vec<&'b Listed<'a>> {
    let requires = |job: &Listed<'_>| -> Vec<String> {
        let requires = job.parameters.and_then(|parameters| parameters.get("requires"));
        let names = requires.into_iter().flat_map(Node::items).filter_map(|item| match item.text() {
            Some(name) => Some(name.to_owned()),
            None => item.fields().next().map(|(name, ..)| name.to_owned()),
        });
        names.collect()
    };
    let mut open = requires(job);
    let mut seen: Vec<&'b Listed<'a>> = Vec::new();
    while let Some(name) = open.pop() {
        let Some(found) = all.iter().find(|other| other.name == name) else { continue };
        if !seen.iter().any(|known| std::ptr::eq(*known, found)) {
            seen.push(found);
            open.extend(requires(found));
        }
    }
    seen
}
