//! An entry as a page of the documentation, and as plain text.

use std::fmt::Write as _;

use stagedoor_identity::Provider;

use super::sections::{self, Body};

/// The documentation page of a provider, in Markdown.
#[must_use]
pub fn page(provider: &Provider) -> String {
    let mut text = format!(
        "# {}\n\nKind `{}` of an issuer. This page is made from the catalogue, and a test fails when it is not up to \
         date. AWS keys as of {}.\n",
        provider.title,
        provider.kind,
        Provider::aws_keys_as_of()
    );
    for section in sections::of(provider) {
        let _ = write!(text, "\n## {}\n\n", section.title);
        match section.body {
            Body::List(items) => {
                for item in items.iter().filter(|item| !item.is_empty()) {
                    let _ = writeln!(text, "- {item}");
                }
            }
            Body::Table(head, rows) => {
                let _ = writeln!(text, "| {} |", head.join(" | "));
                let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                    let _ = writeln!(text, "| {} |", cells.join(" | "));
                }
            }
            Body::Code(language, code) => {
                let _ = writeln!(text, "```{language}\n{code}\n```");
            }
        }
    }
    text
}

/// The page that lists all providers, in Markdown.
#[must_use]
pub fn index() -> String {
    let mut text = "# Token providers\n\nMade from the catalogue, as `stagedoor providers` prints it.\n\n\
                    | Kind | Provider | Issuer |\n|---|---|---|\n"
        .to_owned();
    for row in super::overview() {
        let [kind, title, shared, url] = row.as_slice() else { continue };
        let shared = if shared.is_empty() { "" } else { " (shared by all customers)" };
        let _ = writeln!(text, "| [`{kind}`]({kind}.md) | {title} | `{url}`{shared} |");
    }
    text
}

/// An entry for a terminal.
#[must_use]
pub fn text(provider: &Provider) -> String {
    let mut text = format!("{} ({})\n", provider.title, provider.kind);
    for section in sections::of(provider) {
        let _ = write!(text, "\n{}\n", section.title);
        match section.body {
            Body::List(items) => {
                for item in items.iter().filter(|item| !item.is_empty()) {
                    let _ = writeln!(text, "  {}", plain(item));
                }
            }
            Body::Table(_, rows) => {
                let rows: Vec<Vec<String>> =
                    rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
                let width = |column: usize| {
                    rows.iter()
                        .filter_map(|row| row.get(column))
                        .map(|cell| cell.chars().count())
                        .max()
                        .unwrap_or(0)
                };
                for row in &rows {
                    let mut line = String::from("  ");
                    for (column, cell) in row.iter().enumerate() {
                        let pad = width(column).saturating_sub(cell.chars().count()) + 2;
                        line += cell;
                        line += &" ".repeat(pad);
                    }
                    let _ = writeln!(text, "{}", line.trim_end());
                }
            }
            Body::Code(_, code) => {
                for line in code.lines() {
                    let _ = writeln!(text, "  {line}");
                }
            }
        }
    }
    text
}

fn plain(text: &str) -> String {
    text.replace('`', "").trim_matches(['<', '>']).to_owned()
}
