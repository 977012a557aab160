//! The files of the configuration directory, found and read within bounds.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use stagedoor_policy::{Diagnostic, Severity, Span};

use crate::{digest::Digest, name, report::Report, source::Source, suggest::nearest};

/// The largest policy or TOML file.
const MAX_FILE: u64 = 64 * 1024;
/// The largest certificate bundle.
const MAX_EXTRA: u64 = 1024 * 1024;
const SETTINGS: &str = "stagedoor.toml";
const FOLDERS: [&str; 6] = ["boundaries", "gates", "invariants", "issuers", "roles", "tests"];

/// A file that may be there.
#[derive(Debug, Default)]
pub(crate) enum Slot {
    /// It is not there.
    #[default]
    Absent,
    /// It is there and cannot be used; that is reported already.
    Unreadable,
    /// It was read.
    Read(Source),
}

/// A file whose stem names what it holds.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    /// `None` if it cannot be used; that is reported already.
    pub(crate) source: Option<Source>,
}

/// The files of one role.
#[derive(Debug)]
pub(crate) struct RoleFiles {
    pub(crate) name: String,
    pub(crate) role: Slot,
    pub(crate) trust: Slot,
    pub(crate) permissions: Vec<Named>,
}

/// Everything that was read.
#[derive(Debug)]
pub(crate) struct Tree {
    directory: PathBuf,
    root: PathBuf,
    pub(crate) digest: Digest,
    pub(crate) settings: Slot,
    pub(crate) issuers: Vec<Named>,
    pub(crate) roles: Vec<RoleFiles>,
    pub(crate) boundaries: Vec<Named>,
    pub(crate) gates: Vec<Named>,
    pub(crate) invariants: Vec<Named>,
}

/// A folder's entry with symbolic links followed.
struct Entry {
    name: String,
    path: String,
    target: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    File,
    Directory,
    /// It cannot be followed; that is reported already.
    Unusable,
}

impl Tree {
    /// Reads all files below `directory` that the contract names.
    pub(crate) fn read(directory: &Path, report: &mut Report) -> Option<Tree> {
        let mut tree = Tree::open(directory, report)?;
        let root = tree.root.clone();
        for entry in tree.entries(&root, "", report) {
            match (entry.name.as_str(), entry.form) {
                (SETTINGS, Form::Directory) => {
                    report_wrong_form(&entry, "a file", report);
                    tree.settings = Slot::Unreadable;
                }
                (SETTINGS, _) => tree.settings = tree.slot(&entry, report),
                ("issuers", Form::Directory) => tree.issuers = tree.folder(&entry, ".toml", report),
                ("gates", Form::Directory) => tree.gates = tree.folder(&entry, ".toml", report),
                ("boundaries", Form::Directory) => tree.boundaries = tree.folder(&entry, ".json", report),
                ("invariants", Form::Directory) => tree.invariants = tree.folder(&entry, ".json", report),
                ("roles", Form::Directory) => tree.roles = tree.role_folders(&entry, report),
                // The cases of `stagedoor test` decide nothing, so they are no part of the snapshot.
                ("tests", Form::Directory) | (_, Form::Unusable) => {}
                (name, Form::File) if FOLDERS.contains(&name) => {
                    report_wrong_form(&entry, "a folder", report);
                }
                _ => warn_of_slip(&entry, report),
            }
        }
        Some(tree)
    }

    /// Reads the files of `tests/` alone.
    pub(crate) fn read_tests(directory: &Path, report: &mut Report) -> Option<Vec<Named>> {
        let mut tree = Tree::open(directory, report)?;
        let entries = tree.entries(&tree.root, "", report);
        let folder = entries.into_iter().find(|entry| entry.name == "tests" && entry.form == Form::Directory);
        Some(folder.map(|folder| tree.folder(&folder, ".toml", report)).unwrap_or_default())
    }

    /// A tree of which nothing was read yet.
    fn open(directory: &Path, report: &mut Report) -> Option<Tree> {
        let root = std::path::absolute(directory)
            .and_then(|directory| Ok((fs::canonicalize(&directory)?, directory)))
            .and_then(|(root, directory)| fs::read_dir(&root).map(|_| (root, directory)));
        let (root, directory) = match root {
            Ok(found) => found,
            Err(error) => {
                let message =
                    format!("the configuration directory `{}` cannot be read: {error}", directory.display());
                report.add_without_source(".", at_nowhere(Severity::Error, "unreadable_file", message));
                return None;
            }
        };
        Some(Tree {
            directory,
            root,
            digest: Digest::default(),
            settings: Slot::Absent,
            issuers: Vec::new(),
            roles: Vec::new(),
            boundaries: Vec::new(),
            gates: Vec::new(),
            invariants: Vec::new(),
        })
    }

    /// The configuration directory, absolute, its symbolic links kept.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Reads a file that the configuration names, and makes it part of the digest. The error
    /// continues a sentence that begins with the file.
    pub(crate) fn read_extra(&mut self, path: &str) -> Result<Arc<str>, String> {
        let text = read_bounded(&self.directory.join(path), MAX_EXTRA).map_err(|problem| problem.1)?;
        self.digest.add(path, text.as_bytes());
        Ok(text)
    }

    fn role_folders(&mut self, folder: &Entry, report: &mut Report) -> Vec<RoleFiles> {
        let mut roles: Vec<RoleFiles> = Vec::new();
        for entry in self.entries(&folder.target, "roles/", report) {
            match entry.form {
                Form::Directory => {}
                Form::File => {
                    warn_unknown(&entry.path, "a role is a folder `roles/<name>/`", report);
                    continue;
                }
                Form::Unusable => continue,
            }
            if !name::is_role(&entry.name) {
                report_name(&entry.path, name::ROLE, report);
            }
            roles.push(self.role(&entry, report));
        }
        roles
    }

    fn role(&mut self, folder: &Entry, report: &mut Report) -> RoleFiles {
        let mut role = RoleFiles {
            name: folder.name.clone(),
            role: Slot::Absent,
            trust: Slot::Absent,
            permissions: Vec::new(),
        };
        for entry in self.entries(&folder.target, &format!("{}/", folder.path), report) {
            match (entry.name.as_str(), entry.form) {
                ("role.toml", Form::File | Form::Unusable) => role.role = self.slot(&entry, report),
                ("trust.json", Form::File | Form::Unusable) => role.trust = self.slot(&entry, report),
                ("permissions", Form::Directory) => role.permissions = self.folder(&entry, ".json", report),
                (_, Form::Unusable) => {}
                _ => warn_unknown(
                    &entry.path,
                    "a role's folder holds `role.toml`, `trust.json` and `permissions/`",
                    report,
                ),
            }
        }
        role
    }

    /// The files of a folder with the given ending.
    fn folder(&mut self, folder: &Entry, ending: &str, report: &mut Report) -> Vec<Named> {
        let mut files = Vec::new();
        for entry in self.entries(&folder.target, &format!("{}/", folder.path), report) {
            let stem = entry.name.strip_suffix(ending).map(str::to_owned);
            let Some(stem) = stem.filter(|_| entry.form != Form::Directory) else {
                let message = format!("`{}/` holds files that end in `{ending}`", folder.path);
                warn_unknown(&entry.path, &message, report);
                continue;
            };
            if !name::is_plain(&stem) {
                report_name(&entry.path, name::PLAIN, report);
            }
            let source = match self.slot(&entry, report) {
                Slot::Read(source) => Some(source),
                Slot::Absent | Slot::Unreadable => None,
            };
            files.push(Named { name: stem, source });
        }
        files
    }

    fn slot(&mut self, entry: &Entry, report: &mut Report) -> Slot {
        if entry.form == Form::Unusable {
            return Slot::Unreadable;
        }
        match read_bounded(&entry.target, MAX_FILE) {
            Ok(text) => {
                self.digest.add(&entry.path, text.as_bytes());
                Slot::Read(Source { path: entry.path.clone(), text })
            }
            Err((id, problem)) => {
                let message = format!("`{}` {problem}", entry.path);
                report.add_without_source(&entry.path, at_nowhere(Severity::Error, id, message));
                Slot::Unreadable
            }
        }
    }

    /// The entries of a folder by name, without hidden files and editors' left-overs. A symbolic link
    /// is followed if it stays within the configuration directory.
    fn entries(&self, folder: &Path, prefix: &str, report: &mut Report) -> Vec<Entry> {
        let listing = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let listing = match listing {
            Ok(listing) => listing,
            Err(error) => {
                let message = format!("the folder `{prefix}` cannot be read: {error}");
                report.add_without_source(prefix, at_nowhere(Severity::Error, "unreadable_file", message));
                return Vec::new();
            }
        };
        let mut entries = Vec::new();
        for item in listing {
            let name = item.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            if item.file_name().to_str().is_none() || name.contains(char::is_control) {
                // Beside the configuration anything may lie; within it, a name is shown and kept.
                if !prefix.is_empty() {
                    let shown = format!("{prefix}{}", name.escape_debug());
                    report_name(&shown, "text in UTF-8 without control characters", report);
                }
                continue;
            }
            let path = format!("{prefix}{name}");
            let (target, form) = self.resolve(&item).unwrap_or_else(|(id, problem)| {
                let message = format!("`{path}` {problem}");
                report.add_without_source(&path, at_nowhere(Severity::Error, id, message));
                (item.path(), Form::Unusable)
            });
            entries.push(Entry { name, path, target, form });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    fn resolve(&self, item: &fs::DirEntry) -> Result<(PathBuf, Form), (&'static str, String)> {
        let unreadable = |error: io::Error| ("unreadable_file", format!("cannot be read: {error}"));
        let kind = item.file_type().map_err(unreadable)?;
        let form = |directory| if directory { Form::Directory } else { Form::File };
        if !kind.is_symlink() {
            return Ok((item.path(), form(kind.is_dir())));
        }
        let target = fs::canonicalize(item.path()).map_err(unreadable)?;
        if !target.starts_with(&self.root) {
            let problem = "is a symbolic link that leaves the configuration directory";
            return Err(("symlink_escape", problem.to_owned()));
        }
        let directory = fs::metadata(&target).map_err(unreadable)?.is_dir();
        Ok((target, form(directory)))
    }
}

/// Reads a regular file of at most `limit` bytes as UTF-8. An error is an id and the end of a
/// sentence that begins with the file.
fn read_bounded(path: &Path, limit: u64) -> Result<Arc<str>, (&'static str, String)> {
    let unreadable = |error: io::Error| ("unreadable_file", format!("cannot be read: {error}"));
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(("unreadable_file", "is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(("file_too_large", format!("is larger than {} KiB", limit / 1024)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            Err(("not_utf8", format!("is not text in UTF-8: byte {offset} does not fit")))
        }
    }
}

fn at_nowhere(severity: Severity, id: &'static str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(id, severity, Span::new(0, 0), message)
}

fn warn_unknown(path: &str, help: &str, report: &mut Report) {
    let message = format!("`{path}` is not read");
    report.add_without_source(path, at_nowhere(Severity::Warning, "unknown_file", message).help(help));
}

fn report_name(path: &str, wanted: &str, report: &mut Report) {
    let message = format!("`{path}` does not have a name that can be used");
    let fault = at_nowhere(Severity::Error, "invalid_name", message);
    report.add_without_source(path, fault.help(format!("a name is {wanted}")));
}

fn report_wrong_form(entry: &Entry, wanted: &str, report: &mut Report) {
    let message = format!("`{}` must be {wanted}", entry.path);
    report.add_without_source(&entry.path, at_nowhere(Severity::Error, "unreadable_file", message));
}

/// Beside the configuration anything may lie; what looks like a slip of the pen is worth a warning,
/// since an invariant that is not read holds nothing.
fn warn_of_slip(entry: &Entry, report: &mut Report) {
    let known: &[&str] = if entry.form == Form::Directory { &FOLDERS } else { &[SETTINGS] };
    if let Some(near) = nearest(&entry.name, known.iter().copied()) {
        warn_unknown(&entry.path, &format!("did you mean `{near}`?"), report);
    }
}
