//! What all elements have in common: members, strings and lists of strings.

use super::Kind;
use super::read::{Reader, head};
use super::rules::Presence;
use crate::json::{Json, Member, Node};
use crate::near;
use crate::{Diagnostic, Span, Spanned};

impl<'a> Reader<'a> {
    /// The members under known names, first come first. Unknown names and duplicates are errors, also duplicates
    /// that differ only in case.
    pub(super) fn members(
        &mut self,
        members: &'a [Member],
        known: &[&'static str],
        place: &str,
    ) -> Vec<(&'static str, &'a Member)> {
        self.duplicates(members);
        self.misspelt.clear();
        let mut found: Vec<(&'static str, &'a Member)> = Vec::new();
        for member in members {
            let name = &member.name;
            match known.iter().find(|known| **known == &*name.value) {
                Some(known) if found.iter().any(|(earlier, _)| earlier == known) => {}
                Some(known) => found.push((known, member)),
                None => {
                    let message = format!("unknown element `{}` in {place}", near::short(&name.value));
                    let mut diagnostic = Diagnostic::error("unknown_element", name.span, message);
                    let meant = near::closest(&name.value, known.iter().copied());
                    diagnostic = match known.iter().find(|known| Some(**known) == meant) {
                        Some(meant) => {
                            self.misspelt.push(meant);
                            diagnostic.help(format!("did you mean `{meant}`?"))
                        }
                        None => diagnostic.help(format!("{place} may hold {}", list(known))),
                    };
                    self.error(diagnostic);
                }
            }
        }
        found
    }

    /// Reports members whose names are equal without regard to case.
    pub(super) fn duplicates(&mut self, members: &[Member]) {
        let mut seen: std::collections::HashMap<String, &Spanned<Box<str>>> =
            std::collections::HashMap::new();
        for Member { name, .. } in members {
            if let Some(first) = seen.get(&name.value.to_lowercase()) {
                let message = if first.value == name.value {
                    format!("duplicate `{}`", near::short(&name.value))
                } else {
                    format!(
                        "`{}` and `{}` differ only in case",
                        near::short(&first.value),
                        near::short(&name.value)
                    )
                };
                self.error(
                    Diagnostic::error("duplicate_key", name.span, message)
                        .label("again here")
                        .also(first.span, "first here")
                        .help("merge the two; which one counted would be anybody's guess"),
                );
            } else {
                seen.insert(name.value.to_lowercase(), name);
            }
        }
    }

    pub(super) fn missing(&mut self, node: &Node, id: &'static str, name: &str, help: &str) {
        if self.misspelt.iter().any(|meant| meant.strip_prefix("Not").unwrap_or(meant) == name) {
            return;
        }
        self.error(
            Diagnostic::error(id, head(node.span), format!("the statement has no `{name}`"))
                .label("this statement")
                .help(help),
        );
    }

    /// A text value; anything else is an error.
    pub(super) fn string(&mut self, node: &Node, what: &str) -> Option<Spanned<Box<str>>> {
        match &node.json {
            Json::String(text) => {
                self.decoded_characters(text, node.span);
                Some(Spanned::new(text.clone(), node.span))
            }
            other => {
                let message = format!("{what} is a string, not {}", other.describe());
                self.error(Diagnostic::error("wrong_type", node.span, message));
                None
            }
        }
    }

    /// Reports refused characters that came in through JSON escapes; the others are reported for the whole source.
    pub(super) fn decoded_characters(&mut self, text: &str, span: Span) {
        let refused = |c: &char| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        let escaped =
            span.text(self.source).contains("\\u") || span.text(self.source).contains(['\u{8}', '\u{c}']);
        if let Some(character) = text.chars().find(refused).filter(|c| escaped || u32::from(*c) < 32) {
            let message = format!("the character U+{:04X} is not allowed in a policy", u32::from(character));
            self.error(Diagnostic::error("invalid_character", span, message));
        }
    }

    /// A string, or an array of strings with at least one element.
    pub(super) fn strings(&mut self, member: &Member) -> Option<Vec<Spanned<Box<str>>>> {
        let what = format!("each value of `{}`", near::short(&member.name.value));
        match &member.value.json {
            Json::Array(nodes) if nodes.is_empty() => {
                let message = format!("`{}` is empty", near::short(&member.name.value));
                self.error(
                    Diagnostic::error("empty_list", member.value.span, message).help("name at least one"),
                );
                None
            }
            Json::Array(nodes) => {
                let texts: Vec<_> = nodes.iter().filter_map(|node| self.string(node, &what)).collect();
                (texts.len() == nodes.len()).then_some(texts)
            }
            _ => self.string(&member.value, &what).map(|text| vec![text]),
        }
    }

    /// Of an element and its negation, the one that is there, as rules demand.
    pub(super) fn one_of(
        &mut self,
        node: &Node,
        presence: Presence,
        name: &str,
        positive: Option<&'a Member>,
        negative: Option<&'a Member>,
    ) -> Option<(bool, &'a Member)> {
        let described = self.kind.describe();
        if presence == Presence::Forbidden {
            for member in positive.into_iter().chain(negative) {
                let message = format!("a {described} has no `{}`", member.name.value);
                let help = match (self.kind, name) {
                    (Kind::Trust, _) => "remove it: the role itself is the resource",
                    (_, "Principal") => "remove it: the principal is whoever the policy is attached to",
                    _ => "remove it",
                };
                self.error(Diagnostic::error("element_not_supported", member.name.span, message).help(help));
            }
            return None;
        }
        match (positive, negative) {
            (Some(positive), Some(negative)) => {
                let message = format!("a statement has `{name}` or `Not{name}`, not both");
                self.error(
                    Diagnostic::error("conflicting_elements", negative.name.span, message)
                        .also(positive.name.span, "the other one"),
                );
                None
            }
            (Some(member), None) => Some((false, member)),
            (None, Some(member)) => Some((true, member)),
            (None, None) => {
                if presence == Presence::Required {
                    let id = match name {
                        "Principal" => "missing_principal",
                        "Action" => "missing_action",
                        _ => "missing_resource",
                    };
                    let help = format!("a {described} says in each statement to which `{name}` it applies");
                    self.missing(node, id, name, &help);
                }
                None
            }
        }
    }
}

/// `a`, `b` and `c`, in backticks.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
