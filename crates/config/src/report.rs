//! Every finding of a configuration, file by file.

use std::{fmt, sync::Arc};

use serde_json::{Value, json};
use stagedoor_policy::{Diagnostic, Severity, Span, render};

/// Everything found in a configuration directory, ordered by file and by place in it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    files: Vec<FileReport>,
}

/// What was found in one file.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The path relative to the configuration directory, with `/` between its parts.
    pub path: String,
    /// The text that the spans point into; empty for a file that is missing or could not be read.
    pub source: Arc<str>,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

/// A place in a text as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl FileReport {
    /// Where the byte `offset` lies; offsets after the end lie at the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.source.len());
        while !self.source.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.source.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    fn place(&self, span: Span) -> Value {
        let (start, end) = (self.position(span.start), self.position(span.end));
        json!({
            "start": { "line": start.line, "column": start.column, "offset": span.start },
            "end": { "line": end.line, "column": end.column, "offset": span.end },
        })
    }
}

impl Report {
    /// Adds what was found in a file; does nothing if that is nothing.
    pub(crate) fn add(&mut self, path: &str, source: &Arc<str>, diagnostics: Vec<Diagnostic>) {
        if !diagnostics.is_empty() {
            let source = Arc::clone(source);
            self.files.push(FileReport { path: path.to_owned(), source, diagnostics });
        }
    }

    /// Adds a finding about a file of which there is no text to show.
    pub(crate) fn add_without_source(&mut self, path: &str, diagnostic: Diagnostic) {
        self.add(path, &Arc::from(""), vec![diagnostic]);
    }

    /// Orders files by path and findings by place, with one entry for each text.
    pub(crate) fn sort(&mut self) {
        self.files.sort_by(|a, b| (&a.path, &a.source).cmp(&(&b.path, &b.source)));
        self.files.dedup_by(|next, kept| {
            let same = next.path == kept.path && next.source == kept.source;
            if same {
                kept.diagnostics.append(&mut next.diagnostics);
            }
            same
        });
        for file in &mut self.files {
            file.diagnostics.sort_by_key(|d| (d.primary.span.start, d.severity));
        }
    }

    /// The files in which something was found, by path.
    #[must_use]
    pub fn files(&self) -> &[FileReport] {
        &self.files
    }

    /// Every finding with its file.
    pub fn findings(&self) -> impl Iterator<Item = (&FileReport, &Diagnostic)> {
        self.files.iter().flat_map(|file| file.diagnostics.iter().map(move |d| (file, d)))
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|(_, d)| d.severity == severity).count()
    }

    /// How many findings are errors.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many findings are warnings.
    #[must_use]
    pub fn warning_count(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The report as text for people: each finding with its lines underlined. `color` adds ANSI escapes.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let texts = self.files.iter().map(|f| render(&f.path, &f.source, &f.diagnostics, color));
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The report as JSON: `{"errors": n, "warnings": n, "findings": […]}`, each finding with its file,
    /// id, severity, message, label, span (lines and columns from 1, in characters; offsets in bytes),
    /// secondary labels and help.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings = self.findings().map(|(file, d)| {
            let secondary = d.secondary.iter();
            let secondary = secondary.map(|l| json!({ "label": l.text, "span": file.place(l.span) }));
            json!({
                "file": file.path,
                "id": d.id,
                "severity": d.severity,
                "message": d.message,
                "label": d.primary.text,
                "span": file.place(d.primary.span),
                "secondary": secondary.collect::<Vec<_>>(),
                "help": d.help,
            })
        });
        json!({
            "errors": self.error_count(),
            "warnings": self.warning_count(),
            "findings": findings.collect::<Vec<_>>(),
        })
    }
}

/// The uncoloured text of [`Report::render`].
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let file = FileReport { path: "a".into(), source: "ab\r\nü=1\n".into(), diagnostics: Vec::new() };
        let at = |offset| {
            let Position { line, column } = file.position(offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(5), (2, 1), "inside the two bytes of ü");
        assert_eq!(at(6), (2, 2));
        assert_eq!(at(9), (3, 1));
        assert_eq!(at(u32::MAX), (3, 1));
    }
}
