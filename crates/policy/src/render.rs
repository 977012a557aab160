//! Diagnostics as text for people, in the manner of a compiler.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Diagnostic, Severity, Span};

const WIDTH: usize = 120;

/// Renders `diagnostics` about `source`, each with its lines underlined, in the given order.
///
/// `origin` names the file; `color` adds ANSI escapes. Works for any text format (JSON, TOML). Spans outside
/// `source` are moved to its end. Control characters never reach the terminal, wherever they come from.
pub fn render(origin: &str, source: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let source = &*printable(source);
    let renderer = renderer(color);
    let mut text = String::new();
    for diagnostic in diagnostics {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&renderer.render(&[group(origin, source, diagnostic)]));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Renders a message that is about no place, with next steps.
pub(crate) fn render_message(
    severity: Severity,
    id: &str,
    message: &str,
    help: &[String],
    color: bool,
) -> String {
    let renderer = renderer(color);
    let mut group = Group::with_title(level(severity).primary_title(escaped(message)).id(id));
    for help in help {
        group = group.element(Level::HELP.message(escaped(help)));
    }
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// The source without C1 control characters, which a terminal may obey; the renderer itself replaces the others. Each
/// gives way to a character of the same width, so that spans stay right.
fn printable(source: &str) -> Cow<'_, str> {
    let control = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if source.contains(control) {
        Cow::Owned(source.replace(control, "\u{bf}"))
    } else {
        Cow::Borrowed(source)
    }
}

/// A text of ours, in which something foreign may be quoted, with control characters escaped.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

/// Source lines longer than [`WIDTH`] columns are cut around what is underlined.
fn renderer(color: bool) -> Renderer {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn group<'a>(origin: &'a str, source: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let mut snippet = Snippet::source(source).path(escaped(origin)).fold(true).annotation(
        AnnotationKind::Primary
            .span(clamp(source, diagnostic.primary.span))
            .label(words(&diagnostic.primary.text)),
    );
    for label in &diagnostic.secondary {
        snippet = snippet
            .annotation(AnnotationKind::Context.span(clamp(source, label.span)).label(words(&label.text)));
    }
    let mut group = level(diagnostic.severity)
        .primary_title(escaped(&diagnostic.message))
        .id(diagnostic.id)
        .element(snippet);
    for note in &diagnostic.notes {
        let lines: Vec<_> = note.lines().map(escaped).collect();
        group = group.element(Level::NOTE.message(lines.join("\n")));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(escaped(help)));
    }
    group
}

fn words(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then(|| escaped(text))
}

/// The nearest range that can be sliced out of `source`.
fn clamp(source: &str, span: Span) -> std::ops::Range<usize> {
    let fit = |offset: u32| {
        let mut offset = (offset as usize).min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    fit(span.start)..fit(span.end.max(span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_underlined() {
        let source = "[listen]\napi = \"x\"\n";
        let finding = Diagnostic::error("bad_address", Span::new(15, 18), "`x` is not an address")
            .label("wanted host:port")
            .also(Span::new(0, 8), "in this table")
            .help("write `127.0.0.1:8010`");
        let wanted = "\
error[bad_address]: `x` is not an address
 --> stagedoor.toml:2:7
  |
1 | [listen]
  | -------- in this table
2 | api = \"x\"
  |       ^^^ wanted host:port
  |
  = help: write `127.0.0.1:8010`
";
        assert_eq!(render("stagedoor.toml", source, &[finding], false), wanted);
    }

    #[test]
    fn a_terminal_is_never_told_what_to_do() {
        let source = "{\"a\": \"\u{1b}[2J\u{9b}2J\u{202e}\", \"b\": 1}";
        let at = source.find("\"b\"").unwrap();
        let finding =
            Diagnostic::error("x", Span::new(at, at + 3), "\u{1b}[1m").label("\u{9b}1m").help("\r\u{7}");
        let text = render("\u{1b}]0;x\u{7}", source, &[finding], false);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        assert!(text.contains("^^^ \\u{9b}1m"), "{text}");
    }

    #[test]
    fn spans_outside_the_source_are_moved_inside() {
        let finding = |start, end| Diagnostic::error("x", Span { start, end }, "x");
        for (start, end) in [(100, 200), (1, 2), (5, 3), (0, u32::MAX)] {
            assert!(render("f", "é", &[finding(start, end)], false).contains("f:1:"), "{start} {end}");
        }
        assert!(render("f", "", &[finding(0, 0)], false).contains("error[x]"));
    }
}
