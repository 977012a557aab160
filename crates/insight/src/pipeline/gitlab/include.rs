//! `include`: one configuration out of several files.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use stagedoor_policy::Severity;

use super::resolve::merge;
use crate::finding::Finding;
use crate::language::{Language, file_glob};
use crate::pipeline::Files;
use crate::source::Place;
use crate::yaml::{Content, Node, Yaml};

/// How many files may be included; as GitLab.
const INCLUDE_LIMIT: usize = 150;
/// Top-level keys that are no jobs.
const RESERVED: &[&str] = &[
    "default",
    "include",
    "stages",
    "types",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
];

/// The configuration with all that was included.
pub(super) struct Config {
    pub(super) root: Node,
    /// What is included and not here, so that any key might come from there.
    pub(super) missing: Vec<(String, Place)>,
    /// Jobs with what they extend, as far as they were asked for.
    pub(super) extended: RefCell<HashMap<String, Node>>,
    /// How many entries were merged for that.
    pub(super) work: Cell<usize>,
}

impl Config {
    /// The names of all jobs that can run.
    pub(super) fn job_names(&self) -> Vec<String> {
        self.root
            .fields()
            .filter(|(name, _, job)| !name.starts_with('.') && !RESERVED.contains(name) && job.is_mapping())
            .map(|(name, ..)| name.to_owned())
            .collect()
    }

    /// Why a key that is not here may be there all the same.
    pub(super) fn doubt(&self) -> Option<String> {
        let (what, _) = self.missing.first()?;
        Some(format!("{what} may set it"))
    }
}

/// Reads a file and all that it includes.
pub(super) fn load(files: &mut Files<'_>, path: &str, findings: &mut Vec<Finding>) -> Option<Config> {
    let yaml = files.yaml(path)?;
    let mut loader = Loader { files, findings, missing: Vec::new(), open: vec![path.to_owned()], count: 0 };
    let root = loader.file(&yaml, &BTreeMap::new());
    let missing = loader.missing;
    findings.extend(missing.iter().map(|(what, place)| {
        Finding::new("preflight_unknown", Severity::Warning, format!("{what} is included and not here"))
            .at(place.clone(), "whatever it sets is not known")
            .property("verdict", "unknown")
            .help("GitLab's CI lint gives the merged configuration, which can be judged instead")
    }));
    Some(Config { root, missing, extended: RefCell::default(), work: Cell::default() })
}

struct Loader<'a, 'f> {
    files: &'a mut Files<'f>,
    findings: &'a mut Vec<Finding>,
    missing: Vec<(String, Place)>,
    /// The files on the way to the current one.
    open: Vec<String>,
    count: usize,
}

type Inputs = BTreeMap<String, String>;

impl Loader<'_, '_> {
    fn file(&mut self, yaml: &Yaml, inputs: &Inputs) -> Node {
        let root = match yaml.documents.as_slice() {
            [header, body, ..] if header.get("spec").is_some() => {
                filled(body, &with_defaults(header, inputs))
            }
            _ => yaml.root().clone(),
        };
        let mut base = root.with(Content::Mapping(Vec::new()));
        if let Some(include) = root.get("include") {
            let entries = if include.is_sequence() { include.items() } else { std::slice::from_ref(include) };
            for entry in entries {
                for part in self.entry(entry) {
                    base = merge(&base, &part);
                }
            }
        }
        merge(&base, &root)
    }

    fn entry(&mut self, entry: &Node) -> Vec<Node> {
        let place = entry.place().clone();
        if let Some(text) = entry.text() {
            return if text.starts_with("http://") || text.starts_with("https://") {
                self.lacking(format!("`{text}`"), place)
            } else {
                self.local(text, &place, &Inputs::new())
            };
        }
        let named = ["local", "remote", "template", "project", "component"];
        let Some((kind, value)) = named.iter().find_map(|kind| entry.get(kind).map(|value| (*kind, value)))
        else {
            return self.lacking("something that is not understood".to_owned(), place);
        };
        let text = value.text().unwrap_or_default();
        if kind != "local" {
            return self.lacking(format!("the {kind} `{text}`"), place);
        }
        if entry.get("rules").is_some() {
            return self.lacking(format!("`{text}`, by rules that depend on the pipeline,"), place);
        }
        let inputs = entry.get("inputs").into_iter().flat_map(Node::fields);
        let inputs = inputs.filter_map(|(name, _, value)| Some((name.to_owned(), value.text()?.to_owned())));
        self.local(text, &place, &inputs.collect())
    }

    fn local(&mut self, pattern: &str, place: &Place, inputs: &Inputs) -> Vec<Node> {
        let path = pattern.trim_start_matches('/');
        if path.contains('$') {
            return self.lacking(format!("`{pattern}`, named by a variable,"), place.clone());
        }
        let paths: Vec<String> = if path.contains('*') {
            let language = Language::of(file_glob(path));
            self.files.walk("").into_iter().filter(|path| language.contains(path)).collect()
        } else {
            vec![path.to_owned()]
        };
        let mut parts = Vec::new();
        for path in paths {
            if self.open.contains(&path) {
                let message = format!("`{path}` includes itself: {} → {path}", self.open.join(" → "));
                self.findings
                    .push(Finding::new("include_cycle", Severity::Error, message).at(place.clone(), ""));
                continue;
            }
            self.count += 1;
            if self.count > INCLUDE_LIMIT {
                let message = format!("more than {INCLUDE_LIMIT} files are included");
                self.findings
                    .push(Finding::new("include_limit", Severity::Error, message).at(place.clone(), ""));
                break;
            }
            match self.files.yaml(&path) {
                Some(yaml) => {
                    self.open.push(path);
                    parts.push(self.file(&yaml, inputs));
                    self.open.pop();
                }
                None => {
                    self.lacking(format!("`{path}`"), place.clone());
                }
            }
        }
        parts
    }

    fn lacking(&mut self, what: String, place: Place) -> Vec<Node> {
        self.missing.push((what, place));
        Vec::new()
    }
}

fn with_defaults(header: &Node, given: &Inputs) -> Inputs {
    let mut inputs = Inputs::new();
    for (name, _, input) in header.at(&["spec", "inputs"]).into_iter().flat_map(Node::fields) {
        if let Some(default) = input.get("default").and_then(Node::text) {
            inputs.insert(name.to_owned(), default.to_owned());
        }
    }
    inputs.extend(given.clone());
    inputs
}

/// A node with `$[[ inputs.name ]]` filled in; what has no value stays as it is.
fn filled(node: &Node, inputs: &Inputs) -> Node {
    match node.content() {
        Content::Scalar { text, plain } if text.contains("$[[") => {
            let mut text = text.clone();
            for (name, value) in inputs {
                text = text.replace(&format!("$[[ inputs.{name} ]]"), value);
                text = text.replace(&format!("$[[inputs.{name}]]"), value);
            }
            node.with(Content::Scalar { text, plain: *plain })
        }
        Content::Scalar { .. } => node.clone(),
        Content::Sequence(items) => {
            node.with_tag(Content::Sequence(items.iter().map(|item| filled(item, inputs)).collect()))
        }
        Content::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (filled(key, inputs), filled(value, inputs)));
            node.with_tag(Content::Mapping(entries.collect()))
        }
    }
}
