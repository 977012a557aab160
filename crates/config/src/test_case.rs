//! The cases of `stagedoor test`: `tests/*.toml`.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value};
use stagedoor_identity::Profile;
use stagedoor_policy::{Diagnostic, Span, Spanned};

use crate::{
    Report,
    source::Source,
    table::{Section, invalid, read_toml},
    tree::Tree,
};

/// One file of `tests/`.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// Relative to the configuration directory, `/` between parts.
    pub path: String,
    /// The text that the spans point into.
    pub source: Arc<str>,
    /// Its cases, in the order of the file.
    pub cases: Vec<TestCase>,
}

/// One case: who asks for what, and what must come of it.
#[derive(Debug, Clone)]
pub struct TestCase {
    /// What it is about; unique in its file.
    pub name: Spanned<String>,
    /// The role that is asked for, or whose session asks.
    pub role: Spanned<String>,
    /// Whose token asks for the role. A case without one is about a session of the role.
    pub token: Option<Token>,
    /// What a session of the role asks for. A case without it ends with the role.
    pub access: Option<Access>,
    /// What must come of it.
    pub expect: Spanned<Expected>,
    /// What the explanation, or the code of a refusal, must hold.
    pub reason: Option<Spanned<String>>,
    /// The `Sid` of the statement that must decide, or for a denial be the nearest one.
    pub statement: Option<Spanned<String>>,
    /// Whose condition keys the token has.
    pub profile: Profile,
    /// Further condition keys: strings, numbers, booleans and lists of them.
    pub context: Map<String, Value>,
}

/// A token as a case describes it.
#[derive(Debug, Clone)]
pub struct Token {
    /// The provider, or the configured issuer, whose example is taken.
    pub example: Option<Spanned<String>>,
    /// Claims, in place of the example's.
    pub claims: Map<String, Value>,
    /// Claims that the example has and the token has not.
    pub without: Vec<Spanned<String>>,
}

/// What is asked for with a session.
#[derive(Debug, Clone)]
pub struct Access {
    /// `service:Action`.
    pub action: Spanned<String>,
    /// The resource's ARN.
    pub resource: Option<String>,
}

/// What must come of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Allowed.
    Allow,
    /// Denied, in whichever way.
    Deny,
    /// Denied because nothing allows it.
    ImplicitDeny,
    /// Denied by a statement.
    ExplicitDeny,
}

impl Expected {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::ImplicitDeny => "implicit_deny",
            Self::ExplicitDeny => "explicit_deny",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny, Self::ImplicitDeny, Self::ExplicitDeny]
            .into_iter()
            .find(|expected| expected.as_str() == text)
    }
}

/// Reads the cases below `directory`, files by name. Without a folder `tests/` there are none.
///
/// # Errors
/// The report of every fault of every file.
pub fn load_tests(directory: &Path) -> Result<Vec<TestFile>, Report> {
    let mut report = Report::default();
    let mut files = Vec::new();
    for file in Tree::read_tests(directory, &mut report).unwrap_or_default() {
        let Some(source) = file.source else { continue };
        let cases =
            read_toml(&source, "a file of tests", &mut report, |root, faults| Some(read_file(root, faults)));
        let Source { path, text } = source;
        files.extend(cases.map(|cases| TestFile { path, source: text, cases }));
    }
    report.sort();
    if report.error_count() == 0 { Ok(files) } else { Err(report) }
}

fn read_file(root: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Vec<TestCase> {
    root.require("case", "…", faults);
    let mut cases: Vec<TestCase> = Vec::new();
    for mut section in root.sections("case", "a case", faults) {
        let Some(case) = read_case(&mut section, faults) else { continue };
        if let Some(first) = cases.iter().find(|other| other.name.value == case.name.value) {
            let message = format!("two cases are named `{}`", case.name.value);
            faults.push(
                Diagnostic::error("duplicate_case", case.name.span, message)
                    .also(first.name.span, "the first"),
            );
        }
        cases.push(case);
    }
    root.finish(faults);
    cases
}

fn read_case(section: &mut Section<'_>, faults: &mut Vec<Diagnostic>) -> Option<TestCase> {
    section.require("name", "\"a step of main may deploy\"", faults);
    section.require("role", "\"deploy\"", faults);
    section.require("expect", "\"allow\"", faults);
    let text = |section: &mut Section<'_>, key, faults: &mut Vec<Diagnostic>| {
        let filled = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        section.parsed(key, "a text that is not empty", faults, filled)
    };
    let name = text(section, "name", faults);
    let role = text(section, "role", faults);
    let example = text(section, "example", faults);
    let claims = section.values("claims", faults);
    let without = section.texts("without", faults);
    let action = text(section, "action", faults);
    let resource = text(section, "resource", faults);
    let wanted = "`allow`, `deny`, `implicit_deny` or `explicit_deny`";
    let expect = section.parsed("expect", wanted, faults, Expected::read);
    let reason = text(section, "reason", faults);
    let statement = text(section, "statement", faults);
    let profile = section.parsed("profile", "`stagedoor` or `aws`", faults, |text| match text {
        "stagedoor" => Some(Profile::Stagedoor),
        "aws" => Some(Profile::Aws),
        _ => None,
    });
    let context = section.values("context", faults).unwrap_or_default();
    section.finish(faults);

    if let (Some(_), None) = (&resource, &action) {
        faults.push(invalid("resource", "accompanied by `action`", section.place("resource")));
    }
    if let (Some(_), None) = (&without, &example) {
        let wanted = "accompanied by `example`, whose claims it takes away";
        faults.push(invalid("without", wanted, section.place("without")));
    }
    if !section.has("example") && !section.has("claims") && !section.has("action") {
        faults.push(nothing_asked(section.span()));
    }
    let token = (example.is_some() || claims.is_some()).then(|| Token {
        example,
        claims: claims.unwrap_or_default(),
        without: without
            .unwrap_or_default()
            .into_iter()
            .map(|name| Spanned::new(name.value.to_owned(), name.span))
            .collect(),
    });
    Some(TestCase {
        name: name?,
        role: role?,
        token,
        access: action.map(|action| Access { action, resource: resource.map(|resource| resource.value) }),
        expect: expect?,
        reason,
        statement,
        profile: profile.map_or(Profile::Stagedoor, |profile| profile.value),
        context,
    })
}

fn nothing_asked(span: Span) -> Diagnostic {
    Diagnostic::error("missing_key", span, "a case needs a token that asks for the role, or an action")
        .help("add `example = \"bitbucket\"` (a kind of issuer) or `[case.claims]` for a token")
        .help("add `action = \"execute-api:Invoke\"` and `resource` for a session of the role")
}
