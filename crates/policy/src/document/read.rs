//! From JSON to a document: structure, and what each kind of document may hold.

use super::ast::{Effect, Statement, Version};
use super::rules::Rules;
use super::{Kind, Limits};
use crate::json::{Json, Member, Node};
use crate::near;
use crate::{Diagnostic, Span, Spanned};

/// More errors than this are not reported.
const MOST_ERRORS: usize = 100;

/// A document on its way through the checks.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) kind: Kind,
    pub(super) rules: Rules,
    pub(super) version: Version,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    /// Elements of the object at hand that are there, but misspelt: to report them missing as well would be noise.
    pub(super) misspelt: Vec<&'static str>,
}

/// What was read.
pub(super) struct Parsed {
    pub(super) version: Option<Spanned<Version>>,
    pub(super) id: Option<Spanned<Box<str>>>,
    pub(super) statements: Vec<Statement>,
}

/// The first character of something, to point at what lacks a part without underlining all of it.
pub(super) fn head(span: Span) -> Span {
    Span { start: span.start, end: span.end.min(span.start + 1) }
}

impl<'a> Reader<'a> {
    pub(super) fn new(kind: Kind, source: &'a str) -> Self {
        let rules = kind.rules();
        Self {
            source,
            kind,
            rules,
            version: Version::V2008,
            errors: Vec::new(),
            warnings: Vec::new(),
            misspelt: Vec::new(),
        }
    }

    /// Reports an error. The first hundred are kept: nobody reads more, and a hostile document could have thousands.
    pub(super) fn error(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(diagnostic);
        }
    }

    /// Reports characters that AWS refuses in a policy: all but U+0009, U+000A, U+000D and U+0020–U+00FF.
    pub(super) fn characters(&mut self) {
        let refused = |(_, c): &(usize, char)| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        for (at, character) in self.source.char_indices().filter(refused).take(5) {
            let span = Span::new(at, at + character.len_utf8());
            let message = format!("the character U+{:04X} is not allowed in a policy", u32::from(character));
            self.error(
                Diagnostic::error("invalid_character", span, message)
                    .help("policies may hold tab, line feed, carriage return, and U+0020 to U+00FF"),
            );
        }
    }

    pub(super) fn size(&mut self, limits: Limits) {
        let count = self.source.chars().filter(|c| !c.is_whitespace()).count();
        let whole = Span::new(0, self.source.len().min(1));
        let described = self.kind.describe();
        if let Some(most) = limits.characters.filter(|most| count > *most) {
            let message =
                format!("the {described} has {count} characters, white space not counted; AWS takes {most}");
            self.error(
                Diagnostic::error("policy_too_large", whole, message)
                    .help("split it, or merge statements that share effect, actions and conditions"),
            );
        } else if let Some((most, whose)) = Limits::soft(self.kind).filter(|(most, _)| count > *most)
            && limits.characters.is_some()
        {
            let message = format!(
                "the {described} has {count} characters, white space not counted, more than {most}, {whose}"
            );
            self.warnings.push(Diagnostic::warning("policy_large", whole, message));
        }
    }

    pub(super) fn document(&mut self, node: &'a Node) -> Parsed {
        let mut parsed = Parsed { version: None, id: None, statements: Vec::new() };
        let Json::Object(members) = &node.json else {
            let message = format!("a policy document is an object, not {}", node.json.describe());
            self.error(Diagnostic::error("document_not_object", node.span, message));
            return parsed;
        };
        let found = self.members(members, &["Version", "Id", "Statement"], "a policy document");
        for (name, member) in &found {
            match *name {
                "Version" => parsed.version = self.version(member),
                "Id" => parsed.id = self.id(member),
                _ => {}
            }
        }
        self.check_version(node, parsed.version.as_ref());
        match found.iter().find(|(name, _)| *name == "Statement") {
            Some((_, member)) => parsed.statements = self.statements(&member.value),
            None if self.misspelt.contains(&"Statement") => {}
            None => self.error(
                Diagnostic::error("missing_statement", head(node.span), "the document has no `Statement`")
                    .help("add `\"Statement\": [ … ]`"),
            ),
        }
        self.unique_sids(&parsed.statements);
        parsed
    }

    fn version(&mut self, member: &Member) -> Option<Spanned<Version>> {
        let text = self.string(&member.value, "`Version`")?;
        let version = match &*text.value {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => Version::V2008,
            other => {
                let message = format!("unknown language version `{}`", near::short(other));
                self.error(Diagnostic::error("invalid_version", text.span, message).help(
                    "write `2012-10-17`: it names the policy language, not your edition of the policy",
                ));
                // What follows is checked as the author surely meant it.
                Version::V2012
            }
        };
        self.version = version;
        Some(Spanned::new(version, text.span))
    }

    fn check_version(&mut self, node: &Node, version: Option<&Spanned<Version>>) {
        let described = self.kind.describe();
        match version {
            Some(version) if self.rules.current_version && version.value == Version::V2008 => self.error(
                Diagnostic::error("invalid_version", version.span, format!("a {described} needs version 2012-10-17")),
            ),
            None if self.rules.current_version => {
                let message = format!("a {described} needs `\"Version\": \"2012-10-17\"`");
                self.error(Diagnostic::error("missing_version", head(node.span), message));
            }
            None => self.warnings.push(
                Diagnostic::warning("missing_version", head(node.span), "the document names no `Version`")
                    .help("add `\"Version\": \"2012-10-17\"`; without it the language is 2008-10-17, without variables"),
            ),
            Some(_) => {}
        }
    }

    fn id(&mut self, member: &Member) -> Option<Spanned<Box<str>>> {
        if !self.rules.id {
            let message = format!("a {} has no `Id`", self.kind.describe());
            self.error(
                Diagnostic::error("element_not_supported", member.name.span, message).help("remove it"),
            );
        }
        self.string(&member.value, "`Id`")
    }

    fn statements(&mut self, node: &'a Node) -> Vec<Statement> {
        match &node.json {
            Json::Object(_) => self.statement(node).into_iter().collect(),
            Json::Array(nodes) if nodes.is_empty() => {
                self.error(Diagnostic::error("missing_statement", node.span, "`Statement` is empty"));
                Vec::new()
            }
            Json::Array(nodes) => nodes.iter().filter_map(|node| self.statement(node)).collect(),
            other => {
                let message =
                    format!("`Statement` is an object or an array of objects, not {}", other.describe());
                self.error(Diagnostic::error("wrong_type", node.span, message));
                Vec::new()
            }
        }
    }

    fn statement(&mut self, node: &'a Node) -> Option<Statement> {
        const KNOWN: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        let Json::Object(members) = &node.json else {
            let message = format!("a statement is an object, not {}", node.json.describe());
            self.error(Diagnostic::error("wrong_type", node.span, message));
            return None;
        };
        let found = self.members(members, &KNOWN, "a statement");
        let get = |wanted: &str| found.iter().find(|(name, _)| *name == wanted).map(|(_, member)| *member);
        let sid = get("Sid").and_then(|member| self.sid(member));
        let effect = match get("Effect") {
            Some(member) => self.effect(member),
            None => {
                self.missing(node, "missing_effect", "Effect", "add `\"Effect\": \"Allow\"` or `\"Deny\"`");
                None
            }
        };
        let principals = self.principal_element(node, get("Principal"), get("NotPrincipal"), effect.as_ref());
        let actions = self.action_element(node, get("Action"), get("NotAction"));
        let resources = self.resource_element(node, get("Resource"), get("NotResource"));
        let conditions = get("Condition").map(|member| self.conditions(&member.value)).unwrap_or_default();
        let statement = Statement {
            span: node.span,
            sid,
            effect: effect?,
            principals,
            actions: actions?,
            resources,
            conditions,
        };
        self.resource_control_effect(&statement);
        Some(statement)
    }

    fn sid(&mut self, member: &Member) -> Option<Spanned<Box<str>>> {
        let sid = self.string(&member.value, "`Sid`")?;
        if !self.rules.free_sid && !sid.value.chars().all(|c| c.is_ascii_alphanumeric()) {
            let message =
                format!("the `Sid` `{}` holds more than letters and digits", near::short(&sid.value));
            self.error(
                Diagnostic::error("invalid_sid", sid.span, message)
                    .help("use only `A` to `Z`, `a` to `z`, `0` to `9`"),
            );
        }
        Some(sid)
    }

    fn unique_sids(&mut self, statements: &[Statement]) {
        let mut seen: std::collections::HashMap<&str, Span> = std::collections::HashMap::new();
        for sid in
            statements.iter().filter_map(|statement| statement.sid.as_ref()).filter(|s| !s.value.is_empty())
        {
            if let Some(first) = seen.get(&*sid.value) {
                self.error(
                    Diagnostic::error(
                        "duplicate_sid",
                        sid.span,
                        format!("two statements have the `Sid` `{}`", sid.value),
                    )
                    .also(*first, "first here"),
                );
            } else {
                seen.insert(&sid.value, sid.span);
            }
        }
    }

    fn effect(&mut self, member: &Member) -> Option<Spanned<Effect>> {
        let text = self.string(&member.value, "`Effect`")?;
        let effect = match &*text.value {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => {
                let mut diagnostic = Diagnostic::error(
                    "invalid_effect",
                    text.span,
                    format!("`Effect` is `Allow` or `Deny`, not `{}`", near::short(other)),
                );
                if let Some(meant) = near::closest(other, ["Allow", "Deny"]) {
                    diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
                }
                self.error(diagnostic);
                return None;
            }
        };
        Some(Spanned::new(effect, text.span))
    }
}

/// The element with its name.
pub(super) fn whole(member: &Member) -> Span {
    member.name.span.to(member.value.span)
}
