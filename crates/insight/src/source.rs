//! Text files that findings point into, read within bounds.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use stagedoor_policy::Span;

/// The largest file that is read: 1 MiB.
pub const FILE_LIMIT: usize = 1024 * 1024;

/// A text file by the name under which people know it.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as shown, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A span of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
}

/// A place in a text as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Source {
    /// A text with a name.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Where the byte `offset` lies; offsets after the end lie at the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

impl Place {
    /// A span of `source`.
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// The text that it covers.
    #[must_use]
    pub fn text(&self) -> &str {
        self.span.text(&self.source.text)
    }

    /// The first occurrence of `needle` inside, or the whole place if there is none.
    #[must_use]
    pub fn find(&self, needle: &str) -> Self {
        let Some(at) = self.text().find(needle).filter(|_| !needle.is_empty()) else { return self.clone() };
        let start = self.span.start as usize + at;
        Self { source: Arc::clone(&self.source), span: Span::new(start, start + needle.len()) }
    }
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The file is larger than [`FILE_LIMIT`].
    #[error("`{path}` has {found} bytes; at most {FILE_LIMIT} are read")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size in bytes.
        found: u64,
    },
    /// The file is not UTF-8.
    #[error("`{path}` is not UTF-8 text: the first wrong byte is in line {line}")]
    NotText {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// The path leads out of the folder.
    #[error("`{path}` leads out of the repository")]
    Outside {
        /// The path.
        path: String,
    },
    /// The file cannot be read.
    #[error("cannot read `{path}`: {error}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
}

/// A folder whose files are read by relative paths that cannot lead out of it.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is a file at this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.resolve(path).is_ok_and(|path| path.is_file())
    }

    /// Reads a file; `path` is relative, with `/` between its parts.
    ///
    /// # Errors
    /// Too large, not text, outside of the folder, or not readable.
    pub fn read(&self, path: &str) -> Result<Arc<Source>, Unreadable> {
        read(&self.resolve(path)?, path)
    }

    /// The files directly in a folder, by name; empty if there is no such folder.
    #[must_use]
    pub fn list(&self, path: &str) -> Vec<String> {
        let Ok(entries) = self.resolve(path).and_then(|folder| {
            std::fs::read_dir(folder).map_err(|error| Unreadable::Io { path: path.to_owned(), error })
        }) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// The files below a folder, by path from the root of this one: at most 10,000, at most 12 folders deep, without
    /// hidden folders and links.
    #[must_use]
    pub fn walk(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![(below.trim_matches('/').to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let Ok(path) = self.resolve(if folder.is_empty() { "." } else { &folder }) else { continue };
            let Ok(entries) = std::fs::read_dir(path) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else {
                    continue;
                };
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if kind.is_dir() && depth < 12 && (!name.starts_with('.') || name == ".gitlab") {
                    folders.push((path, depth + 1));
                } else if kind.is_file() && found.len() < 10_000 {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    fn resolve(&self, path: &str) -> Result<PathBuf, Unreadable> {
        let outside = || Unreadable::Outside { path: path.to_owned() };
        let relative = Path::new(path);
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !relative.components().all(plain) {
            return Err(outside());
        }
        let full = self.root.join(relative);
        // A link may lead anywhere; what does not exist is reported when it is read.
        match (full.canonicalize(), self.root.canonicalize()) {
            (Ok(target), Ok(root)) if !target.starts_with(&root) => Err(outside()),
            _ => Ok(full),
        }
    }
}

/// Reads the file at `path`, to be shown as `shown`.
pub(crate) fn read(path: &Path, shown: &str) -> Result<Arc<Source>, Unreadable> {
    let io = |error| Unreadable::Io { path: shown.to_owned(), error };
    let file = File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let too_large = |found| Unreadable::TooLarge { path: shown.to_owned(), found };
    if size > FILE_LIMIT as u64 {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > FILE_LIMIT {
        return Err(too_large(bytes.len() as u64));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Unreadable::NotText { path: shown.to_owned(), line }
    })?;
    Ok(Source::new(shown, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("repository")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::fs::write(folder.path().join("repository/a.yml"), "y").unwrap();
        let repository = Folder::new(folder.path().join("repository"));
        assert_eq!(repository.read("a.yml").unwrap().text, "y");
        assert_eq!(repository.read("./a.yml").unwrap().text, "y");
        for path in ["../secret", "/etc/hosts", "a/../../secret"] {
            assert!(matches!(repository.read(path), Err(Unreadable::Outside { .. })), "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("secret"), folder.path().join("repository/link"))
                .unwrap();
            assert!(matches!(repository.read("link"), Err(Unreadable::Outside { .. })));
        }
    }

    #[test]
    fn large_and_binary_files_are_refused_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("large.yml"), vec![b'#'; 10 * FILE_LIMIT]).unwrap();
        std::fs::write(folder.path().join("binary.yml"), b"a: 1\nb: \xff").unwrap();
        let folder = Folder::new(folder.path());
        let message = |path| folder.read(path).unwrap_err().to_string();
        assert_eq!(message("large.yml"), "`large.yml` has 10485760 bytes; at most 1048576 are read");
        assert_eq!(
            message("binary.yml"),
            "`binary.yml` is not UTF-8 text: the first wrong byte is in line 2"
        );
    }
}
