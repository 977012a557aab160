//! The files of a repository, each read and reported once.

use std::collections::BTreeMap;

use stagedoor_policy::{Severity, Span};

use crate::finding::Finding;
use crate::source::{Folder, Place, Source};
use crate::yaml::Yaml;

/// How many files are read for one repository.
const FILES_LIMIT: usize = 300;

/// The files of a repository.
pub(crate) struct Files<'a> {
    folder: &'a Folder,
    read: BTreeMap<String, Option<Yaml>>,
    findings: Vec<Finding>,
}

impl<'a> Files<'a> {
    pub(crate) fn of(folder: &'a Folder) -> Self {
        Self { folder, read: BTreeMap::new(), findings: Vec::new() }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.folder.has(path)
    }

    /// The files directly in a folder.
    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        self.folder.list(path)
    }

    /// Every file below the repository whose path a pattern might be about, within bounds.
    pub(crate) fn walk(&self, below: &str) -> Vec<String> {
        self.folder.walk(below)
    }

    /// A file as YAML; none if it cannot be read, which is then among the findings.
    pub(crate) fn yaml(&mut self, path: &str) -> Option<Yaml> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let yaml = self.parse(path);
        self.read.insert(path.to_owned(), yaml.clone());
        yaml
    }

    fn parse(&mut self, path: &str) -> Option<Yaml> {
        let nowhere = || Place::new(&Source::new(path, ""), Span::new(0, 0));
        if self.read.len() == FILES_LIMIT {
            let message = format!("the pipelines need more than {FILES_LIMIT} files; no more are read");
            self.findings.push(Finding::new("files_too_many", Severity::Error, message).at(nowhere(), ""));
            return None;
        }
        let source = match self.folder.read(path) {
            Ok(source) => source,
            Err(error) => {
                let finding = Finding::new("file_unreadable", Severity::Error, error.to_string());
                self.findings.push(finding.at(nowhere(), ""));
                return None;
            }
        };
        match Yaml::parse(&source) {
            Ok(yaml) => {
                self.findings.extend(yaml.duplicates.iter().map(|(later, earlier)| {
                    let message =
                        format!("the key `{}` is there twice; the later one is taken", later.text());
                    Finding::new("yaml_duplicate_key", Severity::Warning, message)
                        .at(later.clone(), "this one counts")
                        .also(earlier.clone(), "this one does not")
                }));
                Some(yaml)
            }
            Err(error) => {
                let finding = Finding::new("yaml_faulty", Severity::Error, error.message);
                self.findings.push(finding.at(error.place, ""));
                None
            }
        }
    }

    /// The paths that were read, and what was wrong with them.
    pub(crate) fn done(self) -> (Vec<String>, Vec<Finding>) {
        (self.read.into_keys().collect(), self.findings)
    }
}
