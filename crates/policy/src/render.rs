//! Diagnostics as text for people, in the manner of a compiler.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Diagnostic, Severity, Span};

/// Renders `diagnostics` about `source`, each with its lines underlined, in the given order.
///
/// `origin` names the file; `color` adds ANSI escapes. Works for any text format (JSON, TOML). Spans outside
/// `source` are moved to its end. Control characters of the source are shown escaped.
pub fn render(origin: &str, source: &str, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
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
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut group = Group::with_title(level(severity).primary_title(message).id(id));
    for help in help {
        group = group.element(Level::HELP.message(help));
    }
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn group<'a>(origin: &'a str, source: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let mut snippet = Snippet::source(source).path(origin).fold(true).annotation(
        AnnotationKind::Primary
            .span(clamp(source, diagnostic.primary.span))
            .label(words(&diagnostic.primary.text)),
    );
    for label in &diagnostic.secondary {
        snippet = snippet
            .annotation(AnnotationKind::Context.span(clamp(source, label.span)).label(words(&label.text)));
    }
    let mut group =
        level(diagnostic.severity).primary_title(&diagnostic.message).id(diagnostic.id).element(snippet);
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

fn words(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
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
