//! One job: its tokens, its roles, its pipelines.

use stagedoor_policy::{Severity, Value};

use super::claims::{Claimant, environment};
use super::include::Config;
use super::rules::{Inclusion, inclusions};
use super::variables::{Known, Variables, pieces};
use super::{matrix, resolve};
use crate::finding::Finding;
use crate::pipeline::script::Shell;
use crate::pipeline::{Asks, Job, RoleUse, Run};
use crate::preflight::Lock;
use crate::preflight::prediction::{Claim, Doubt, Prediction};
use crate::yaml::Node;

const SCRIPTS: &[&str] = &["before_script", "script", "after_script"];

/// Reads a job into `jobs`, if it has to do with tokens.
pub(super) fn read(
    config: &Config,
    name: &str,
    lock: &Lock,
    jobs: &mut Vec<Job>,
    findings: &mut Vec<Finding>,
    assumptions: &mut Vec<String>,
) {
    let Some((key, own)) = config.root.entry(name) else { return };
    let unknown = |why: String| {
        Finding::new("preflight_unknown", Severity::Warning, format!("`{name}` cannot be judged: {why}"))
            .at(key.place().clone(), "")
            .property("verdict", "unknown")
            .property("job", name)
    };
    if own.get("trigger").is_some() {
        let child = own.at(&["trigger", "include"]);
        if let Some(child) = child {
            let message = "it starts a child pipeline, which is not followed".to_owned();
            findings.push(unknown(message).at(child.place().clone(), "its jobs may ask for tokens"));
        }
        return;
    }
    let job = match resolve::job(config, name) {
        Ok(job) => with_defaults(config, &job),
        Err(why) => return findings.push(unknown(why)),
    };
    let points = match matrix::expand(&job) {
        Ok(points) => points,
        Err(why) => return findings.push(unknown(why)),
    };
    let mut overridden = false;
    for point in points {
        let shown: Vec<&str> = point.iter().map(|(_, value)| value.as_str()).collect();
        let title =
            if shown.is_empty() { name.to_owned() } else { format!("{name}: [{}]", shown.join(", ")) };
        let reader = Reader { config, key, job: &job, lock, title, point: &point };
        overridden |= reader.read(jobs);
    }
    if overridden {
        assumptions.push(
            "no variable of the project or its groups overrides the `AWS_ROLE_ARN` of the file \
             (`variables.AWS_ROLE_ARN` in stagedoor.lock tells otherwise)"
                .to_owned(),
        );
    }
}

/// The job with what `default` and the old global keywords give it.
fn with_defaults(config: &Config, job: &Node) -> Node {
    let inherits = |keyword: &str| match job.at(&["inherit", "default"]) {
        None => true,
        Some(node) if node.is_sequence() => node.texts().iter().any(|(text, _)| *text == keyword),
        Some(node) => node.boolean() != Some(false),
    };
    let mut entries = job.entries().to_vec();
    for keyword in ["id_tokens", "before_script", "after_script", "identity"] {
        let default = config.root.at(&["default"]).and_then(|default| default.entry(keyword));
        let default = default.or_else(|| match keyword {
            "before_script" | "after_script" => config.root.entry(keyword),
            _ => None,
        });
        if let (None, true, Some((key, value))) = (job.get(keyword), inherits(keyword), default) {
            entries.push((key.clone(), value.clone()));
        }
    }
    job.with(crate::yaml::Content::Mapping(entries))
}

struct Reader<'a> {
    config: &'a Config,
    key: &'a Node,
    job: &'a Node,
    lock: &'a Lock,
    title: String,
    point: &'a [(String, String)],
}

impl Reader<'_> {
    /// Adds the job, once for each set of variables that its rules set. Tells whether a role comes from a variable of
    /// the file, which the project's settings would override.
    fn read(&self, jobs: &mut Vec<Job>) -> bool {
        let variables = self.variables(None);
        let workflow = self.config.root.get("workflow");
        let included = inclusions(workflow, self.job, self.key.place(), &variables);
        let mut groups: Vec<(Option<Node>, Vec<Inclusion>)> = Vec::new();
        for inclusion in included {
            let same = |known: &Option<Node>| {
                known.as_ref().map(|node| node.place())
                    == inclusion.variables.as_ref().map(|node| node.place())
            };
            match groups.iter_mut().find(|(known, _)| same(known)) {
                Some((_, group)) => group.push(inclusion),
                None => groups.push((inclusion.variables.clone(), vec![inclusion])),
            }
        }
        if groups.is_empty() {
            groups.push((None, Vec::new()));
        }
        let mut overridden = false;
        for (block, inclusions) in groups {
            let variables = self.variables(block.as_ref());
            overridden |= self.group(variables, block.as_ref(), &inclusions, jobs);
        }
        overridden
    }

    fn variables(&self, of_rule: Option<&Node>) -> Variables<'_> {
        let mut variables = Variables::of(self.lock);
        let global = self.config.root.get("variables");
        match self.job.at(&["inherit", "variables"]) {
            None => variables.add(global),
            Some(node) if node.is_sequence() => {
                let listed: Vec<&str> = node.texts().iter().map(|(text, _)| *text).collect();
                for (name, _, value) in global.into_iter().flat_map(Node::fields) {
                    if let (true, Some(text)) =
                        (listed.contains(&name), value.get("value").unwrap_or(value).text())
                    {
                        variables.set(name, text);
                    }
                }
            }
            Some(node) if node.boolean() == Some(false) => {}
            Some(_) => variables.add(global),
        }
        variables.add(self.job.get("variables"));
        for (name, value) in self.point {
            variables.set(name, value);
        }
        variables.add(of_rule);
        variables
    }

    fn group(
        &self,
        mut variables: Variables<'_>,
        of_rule: Option<&Node>,
        inclusions: &[Inclusion],
        jobs: &mut Vec<Job>,
    ) -> bool {
        let named = environment(self.job).and_then(|(node, _)| variables.expand(node.text()?).ok());
        variables.in_environment(named);
        let Some(asks) = self.asks(&variables) else { return false };
        let roles = self.roles(&variables, of_rule);
        let from_file = roles.iter().any(|role| role.via == "`AWS_ROLE_ARN` of `variables`");
        let runs = inclusions.iter().map(|inclusion| {
            let claimant =
                Claimant { lock: self.lock, job: self.job, name: self.key.place(), variables: &variables };
            let doubt = self.config.doubt();
            Run {
                trigger: inclusion.region.words(),
                place: inclusion.place.clone(),
                claims: claimant.claims(&inclusion.region, &inclusion.place, doubt.as_deref()),
                guard: match inclusion.region.guards.as_slice() {
                    [] => None,
                    guards => Some(guards.join(" and ")),
                },
            }
        });
        let runs = runs.collect();
        let place = self.key.place().clone();
        jobs.push(Job { name: self.title.clone(), place, asks, roles, runs });
        from_file && !variables.is_locked("AWS_ROLE_ARN")
    }

    /// Whether the job asks for a token; none if it has nothing to do with tokens.
    fn asks(&self, variables: &Variables<'_>) -> Option<Asks> {
        if let Some((key, tokens)) = self.job.entry("id_tokens")
            && !tokens.entries().is_empty()
        {
            return Some(Asks::Yes(key.place().clone()));
        }
        let marks = ["assume-role-with-web-identity", "CI_JOB_JWT", "AWS_WEB_IDENTITY_TOKEN_FILE"];
        let marked = self.lines().any(|line| {
            let text = line.text().unwrap_or_default();
            marks.iter().any(|mark| text.contains(mark))
        });
        if !marked && variables.own("AWS_WEB_IDENTITY_TOKEN_FILE").is_none() {
            return None;
        }
        let place = self.key.place().clone();
        Some(match self.config.doubt() {
            Some(why) => Asks::Unknown { place, why: format!("it has no `id_tokens`, but {why}") },
            None => Asks::No { place, missing: "`id_tokens`".to_owned() },
        })
    }

    fn lines(&self) -> impl Iterator<Item = &Node> {
        SCRIPTS.iter().filter_map(|key| self.job.get(key)).flat_map(|script| match script.is_sequence() {
            true => script.items(),
            false => std::slice::from_ref(script),
        })
    }

    fn roles(&self, variables: &Variables<'_>, of_rule: Option<&Node>) -> Vec<RoleUse> {
        let outside = |name: &str| match variables.get(name) {
            Known::Text(text) => Some(text),
            Known::Unset | Known::Unknown(_) => None,
        };
        let mut shell = Shell::default();
        let mut roles: Vec<RoleUse> = Vec::new();
        for line in self.lines() {
            let found = shell.roles(line, &outside);
            roles.extend(found.into_iter().map(|found| RoleUse::new(found.role, found.place, found.via)));
        }
        if roles.is_empty() {
            roles.extend(self.of_variables(variables, of_rule));
        }
        let audience = self.audience(variables);
        for role in &mut roles {
            role.claims.set("aud", audience.clone());
        }
        roles
    }

    /// The role that the variable for AWS SDKs names.
    fn of_variables(&self, variables: &Variables<'_>, of_rule: Option<&Node>) -> Option<RoleUse> {
        let written = |block: Option<&Node>| block.and_then(|block| block.get("AWS_ROLE_ARN")).cloned();
        let node = [of_rule, self.job.get("variables"), self.config.root.get("variables")];
        let node = node.into_iter().find_map(written);
        let (role, via) = match variables.get("AWS_ROLE_ARN") {
            Known::Text(text) if node.is_some() => (Ok(text), "`AWS_ROLE_ARN` of `variables`"),
            Known::Text(text) => (Ok(text), "`AWS_ROLE_ARN` in stagedoor.lock"),
            Known::Unknown(why) => (Err(why), "`AWS_ROLE_ARN` of `variables`"),
            Known::Unset => return None,
        };
        let place = node.map_or_else(|| self.key.place().clone(), |node| node.place().clone());
        Some(RoleUse::new(role, place, via))
    }

    /// The audience of the token that the job uses: its only one, or the only one that its scripts mention.
    fn audience(&self, variables: &Variables<'_>) -> Claim {
        let tokens: Vec<(&str, &Node)> = self
            .job
            .get("id_tokens")
            .into_iter()
            .flat_map(Node::fields)
            .map(|(name, _, token)| (name, token.get("aud").unwrap_or(token)))
            .collect();
        let mentioned = |name: &str| {
            self.lines().any(|line| {
                pieces(line.text().unwrap_or_default())
                    .iter()
                    .any(|piece| matches!(piece, super::variables::Piece::Variable(known) if *known == name))
            })
        };
        let used: Vec<&(&str, &Node)> = match tokens.as_slice() {
            [only] => vec![only],
            several => several.iter().filter(|(name, _)| mentioned(name)).collect(),
        };
        let predicted = |node: &Node| {
            let texts: Result<Vec<String>, String> =
                node.texts().iter().map(|(text, _)| variables.expand(text)).collect();
            match texts {
                Ok(texts) if node.is_sequence() => Prediction::Exact(Value::Many(texts)),
                Ok(texts) => texts.into_iter().next().map_or(Prediction::Absent, Prediction::exact),
                Err(why) => Prediction::Unknown(why),
            }
        };
        match used.as_slice() {
            [(_, node)] => Claim::new(predicted(node)).at(node.place(), "`aud`"),
            _ => {
                let doubt =
                    Doubt::hidden("the job has several tokens, and it cannot be told which one it uses");
                let options = tokens.iter().map(|(_, node)| predicted(node)).collect();
                let place = self.job.entry("id_tokens").map(|(key, _)| key.place());
                Claim::new(Prediction::Choice(options, doubt)).maybe_at(place, "several tokens")
            }
        }
    }
}
