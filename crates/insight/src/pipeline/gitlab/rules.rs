//! `workflow:rules`, `rules`, `only` and `except`: in which pipelines a job is.

use super::region::{KINDS, Kind, Region, Split};
use super::variables::Variables;
use crate::language::{Form, Language, part_match};
use crate::source::Place;
use crate::yaml::Node;

/// Pipelines that a job is in, by the same rule.
pub(super) struct Inclusion {
    pub(super) region: Region,
    pub(super) place: Place,
    /// The variables that the rule sets.
    pub(super) variables: Option<Node>,
}

/// Where a job is. `workflow` decides which pipelines there are at all.
pub(super) fn inclusions(
    workflow: Option<&Node>,
    job: &Node,
    name: &Place,
    variables: &Variables<'_>,
) -> Vec<Inclusion> {
    let mut included = Vec::new();
    for kind in KINDS {
        let mut whole = vec![Region::whole(*kind)];
        if let Some(rules) = workflow.and_then(|workflow| workflow.get("rules")) {
            let pipelines = by_rules(whole, rules, variables);
            whole = pipelines.into_iter().map(|inclusion| inclusion.region).collect();
        }
        match job.get("rules") {
            Some(rules) => included.extend(by_rules(whole, rules, variables)),
            None => included.extend(by_refs(whole, job, name, variables)),
        }
    }
    included
}

/// The first rule that fits decides.
fn by_rules(regions: Vec<Region>, rules: &Node, variables: &Variables<'_>) -> Vec<Inclusion> {
    let mut included = Vec::new();
    let mut left = regions;
    for rule in rules.items() {
        let never = rule.get("when").and_then(Node::text) == Some("never");
        let mut next = Vec::new();
        for region in left {
            let split = of_rule(&region, rule, variables);
            next.extend(split.no);
            if !never {
                included.extend(split.yes.into_iter().map(|region| Inclusion {
                    region,
                    place: rule.place().clone(),
                    variables: rule.get("variables").cloned(),
                }));
            }
        }
        left = next;
    }
    included
}

fn of_rule(region: &Region, rule: &Node, variables: &Variables<'_>) -> Split {
    let mut split = match rule.get("if").and_then(Node::text) {
        Some(text) => region.split(text, variables),
        None => Split { yes: vec![region.clone()], no: Vec::new() },
    };
    for key in ["changes", "exists"] {
        if rule.get(key).is_some() {
            let fitting = std::mem::take(&mut split.yes);
            for region in fitting {
                let undecided = region.undecided(&format!("rules:{key}"));
                split.yes.extend(undecided.yes);
                split.no.extend(undecided.no);
            }
        }
    }
    split
}

/// `only` and `except`; without them a job is in branch and tag pipelines.
fn by_refs(regions: Vec<Region>, job: &Node, name: &Place, variables: &Variables<'_>) -> Vec<Inclusion> {
    let (only, except) = (job.entry("only"), job.entry("except"));
    let place = only.or(except).map_or(name, |(key, _)| key.place());
    let mut left = Vec::new();
    for region in regions {
        let fitting = match only {
            Some((_, node)) => matching(&region, node, variables, true).yes,
            None if region.kind.merge_request => Vec::new(),
            None => vec![region],
        };
        for region in fitting {
            match except {
                Some((_, node)) => left.extend(matching(&region, node, variables, false).no),
                None => left.push(region),
            }
        }
    }
    left.into_iter().map(|region| Inclusion { region, place: place.clone(), variables: None }).collect()
}

/// Cuts by a list of refs and keywords, or by an object of such lists.
fn matching(region: &Region, node: &Node, variables: &Variables<'_>, only: bool) -> Split {
    if !node.is_mapping() {
        return of_refs(region, node, variables);
    }
    let mut split = match node.get("refs") {
        Some(refs) => of_refs(region, refs, variables),
        // Other conditions alone are about branches and tags.
        None if only && region.kind.merge_request => Split { yes: Vec::new(), no: vec![region.clone()] },
        None => Split { yes: vec![region.clone()], no: Vec::new() },
    };
    for (key, _, conditions) in node.fields().filter(|(key, ..)| *key != "refs") {
        let fitting = std::mem::take(&mut split.yes);
        for region in fitting {
            let cut = match key {
                "variables" => {
                    any(&region, conditions.texts().iter().map(|(text, _)| *text), |region, text| {
                        region.split(text, variables)
                    })
                }
                other => region.undecided(&format!("{}:{other}", if only { "only" } else { "except" })),
            };
            split.yes.extend(cut.yes);
            split.no.extend(cut.no);
        }
    }
    split
}

fn of_refs(region: &Region, refs: &Node, variables: &Variables<'_>) -> Split {
    any(region, refs.texts().iter().map(|(text, _)| *text), |region, text| {
        of_ref(region, text, variables.protected(false))
    })
}

/// One of several.
fn any<'a>(
    region: &Region,
    texts: impl Iterator<Item = &'a str>,
    cut: impl Fn(&Region, &str) -> Split,
) -> Split {
    let mut split = Split { yes: Vec::new(), no: vec![region.clone()] };
    for text in texts {
        let left = std::mem::take(&mut split.no);
        for region in left {
            let next = cut(&region, text);
            split.yes.extend(next.yes);
            split.no.extend(next.no);
        }
    }
    split
}

fn of_ref(region: &Region, text: &str, protected: Option<Form>) -> Split {
    let Kind { source, tag, merge_request, .. } = region.kind;
    let keyword = match text {
        "branches" => Some(!tag && !merge_request),
        "tags" => Some(tag),
        "merge_requests" => Some(merge_request),
        "pushes" => Some(source == "push"),
        "web" => Some(source == "web"),
        "schedules" => Some(source == "schedule"),
        "api" => Some(source == "api"),
        "triggers" => Some(source == "trigger"),
        "pipelines" => Some(source == "pipeline"),
        "external" | "external_pull_requests" | "chat" => Some(false),
        _ => None,
    };
    let sided = |yes: bool| {
        let region = vec![region.clone()];
        if yes { Split { yes: region, no: Vec::new() } } else { Split { yes: Vec::new(), no: region } }
    };
    if let Some(yes) = keyword {
        return sided(yes);
    }
    if merge_request {
        return sided(false);
    }
    let name = text.split_once('@').map_or(text, |(name, _)| name);
    match name.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((source, flags)) => match part_match(source, flags.contains('i')) {
            Some(form) => region.cut(form.named(format!("/{source}/"), source.trim_matches(['^', '$']))),
            None => region.undecided(text),
        },
        // A tag may have the name of a branch; where the branch is protected, only its keepers could make such a tag.
        None if tag && protected.is_some_and(|form| Language::of(form).contains(name)) => sided(false),
        None => region.cut(Form::Text(name.to_owned())),
    }
}
