//! An entry as titled sections, whatever they are printed as.

use stagedoor_identity::Provider;
use stagedoor_identity::provider::Presence;

use super::{exposed, form, mutability};

/// A section of an entry.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) body: Body,
}

/// What a section holds.
pub(super) enum Body {
    /// Sentences.
    List(Vec<String>),
    /// A head and rows.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// A text in some language.
    Code(&'static str, String),
}

/// All sections that are not empty.
pub(super) fn of(provider: &Provider) -> Vec<Section> {
    let list = |items: &[&str]| Body::List(items.iter().map(|item| (*item).to_owned()).collect());
    let mut sections = vec![
        Section { title: "Issuer", body: issuers(provider) },
        Section { title: "Configuration", body: parameters(provider) },
        Section { title: "Token", body: token(provider) },
        Section { title: "Subject", body: subjects(provider) },
        Section { title: "Claims", body: claims(provider) },
    ];
    if !provider.pins.is_empty() {
        let pins = provider.pins.iter().map(|pin| format!("`{pin}`")).collect::<Vec<_>>().join(", ");
        let text = format!("Test at least one of these, best first: {pins}");
        sections.push(Section { title: "What pins a customer", body: Body::List(vec![text]) });
    }
    sections.push(Section { title: "Forks and pull requests", body: list(&[provider.forks]) });
    sections.push(Section { title: "Notes", body: list(provider.notes) });
    let example = format!("{:#}", provider.example_claims());
    sections.push(Section { title: "Example", body: Body::Code("json", example) });
    let links = provider.documentation.iter().map(|link| format!("<{link}>")).collect();
    sections.push(Section { title: "Documentation", body: Body::List(links) });
    sections.retain(|section| match &section.body {
        Body::List(items) => items.iter().any(|item| !item.is_empty()),
        Body::Table(_, rows) => !rows.is_empty(),
        Body::Code(_, text) => text != "null",
    });
    sections
}

fn issuers(provider: &Provider) -> Body {
    let rows = provider.issuers.iter().map(|issuer| {
        let traits = match (issuer.shared, issuer.name_based) {
            (true, _) => "shared by all customers",
            (false, true) => "holds a name that others can take later",
            (false, false) => "",
        };
        vec![format!("`{}`", issuer.url), issuer.when.to_owned(), traits.to_owned()]
    });
    Body::Table(vec!["URL", "When", "Beware"], rows.collect())
}

fn parameters(provider: &Provider) -> Body {
    let rows = provider.parameters.iter().map(|parameter| {
        let required = if parameter.required { "yes" } else { "no" };
        vec![
            format!("`{}`", parameter.name),
            required.to_owned(),
            parameter.about.to_owned(),
            format!("`{}`", parameter.example),
        ]
    });
    Body::Table(vec!["Key", "Required", "What it is", "Example"], rows.collect())
}

fn token(provider: &Provider) -> Body {
    let algorithms: Vec<String> = provider.algorithms.iter().map(ToString::to_string).collect();
    let mut items =
        vec![format!("Algorithms: {}", algorithms.join(", ")), format!("Lifetime: {}", provider.lifetime)];
    if !provider.token_types.is_empty() {
        items.push(format!("`typ` in the header: `{}`", provider.token_types.join("`, `")));
    }
    items.push(match provider.audience.default {
        Some(default) => format!("Default audience: `{default}`"),
        None => "No default audience".to_owned(),
    });
    if let Some(chosen) = provider.audience.chosen_by {
        items.push(format!("The audience is chosen by {chosen}"));
    }
    if provider.audience.array {
        items.push("The audience can be a list; AWS refuses several without `azp`".to_owned());
    }
    Body::List(items)
}

fn subjects(provider: &Provider) -> Body {
    let rows = provider.subjects.iter().map(|subject| {
        let template = subject.template.replace("{{", "{").replace("}}", "}");
        vec![format!("`{template}`"), subject.when.to_owned()]
    });
    Body::Table(vec!["`sub`", "When"], rows.collect())
}

fn claims(provider: &Provider) -> Body {
    let rows = provider.claims.iter().map(|claim| {
        let presence = match claim.presence {
            Presence::Always => "always".to_owned(),
            Presence::When(when) => when.to_owned(),
            Presence::Uncertain(why) => format!("uncertain: {why}"),
        };
        vec![
            format!("`{}`", claim.name),
            form(claim.form).to_owned(),
            mutability(claim.mutability).to_owned(),
            if exposed(provider, claim.name) { "yes" } else { "" }.to_owned(),
            presence,
            claim.about.to_owned(),
        ]
    });
    Body::Table(vec!["Claim", "Type", "Decided by", "AWS key", "Present", "Meaning"], rows.collect())
}
