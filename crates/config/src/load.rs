//! From a directory to a snapshot, or to everything that is wrong with it.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use stagedoor_identity::Issuers;
use stagedoor_policy::{Diagnostic, Kind, Policy, Span};

use crate::{
    Invariant, Report, Roles, Snapshot, check, gate, issuer, policies, role,
    role::Role,
    settings,
    settings::RawSettings,
    source::Source,
    tree::{Slot, Tree},
};

/// Reads, parses, checks and compiles the configuration below `directory`.
///
/// # Errors
/// The report of every fault of every file, with the warnings, if there is any error at all.
pub fn load(directory: &Path) -> Result<Snapshot, Report> {
    let mut report = Report::default();
    let snapshot = Tree::read(directory, &mut report).and_then(|tree| build(tree, &mut report));
    report.sort();
    match snapshot {
        Some(snapshot) if report.error_count() == 0 => Ok(Snapshot { warnings: report, ..snapshot }),
        _ => Err(report),
    }
}

fn build(mut tree: Tree, report: &mut Report) -> Option<Snapshot> {
    let settings = read_settings(&tree, report);
    let settings = settings.as_ref();
    let account = settings.map(|(raw, _)| raw.settings.account.as_str());
    let issuers = read_issuers(&mut tree, report);
    let roles = read_roles(&tree, account, report);
    let gates = read_gates(&tree, settings, report);
    let invariants = read_invariants(&tree, report);

    let (settings, source) = settings?;
    if let Some(issuers) = &issuers {
        for role in &roles.readable {
            let path = format!("roles/{}/trust.json", role.name);
            check::federated_principals(role, &path, &settings.settings.account, issuers, report);
        }
    }
    if roles.sound {
        check::isolation(settings, source, &roles.readable, report);
    }
    let files = std::mem::take(&mut tree.digest);
    Some(Snapshot {
        directory: tree.directory().to_owned(),
        digest: files.hex(),
        settings: settings.settings.clone(),
        issuers: Arc::new(issuers?),
        roles: Roles::new(roles.readable),
        gates: gates?,
        boundaries: roles.boundaries,
        invariants: invariants?,
        warnings: Report::default(),
        files,
    })
}

fn read_settings(tree: &Tree, report: &mut Report) -> Option<(RawSettings, Source)> {
    match &tree.settings {
        Slot::Absent => {
            let message = "the configuration directory has no `stagedoor.toml`";
            report.add_without_source(
                "stagedoor.toml",
                Diagnostic::error("missing_file", Span::new(0, 0), message)
                    .help("`stagedoor init DIR` writes a first configuration"),
            );
            None
        }
        Slot::Unreadable => None,
        Slot::Read(source) => {
            let raw = settings::read(source, tree.directory(), report)?;
            Some((raw, source.clone()))
        }
    }
}

/// The issuers, or nothing if one of them is not sound.
fn read_issuers(tree: &mut Tree, report: &mut Report) -> Option<Issuers> {
    let files = std::mem::take(&mut tree.issuers);
    let raw: Vec<_> = files
        .iter()
        .filter_map(|file| issuer::read(&file.name, file.source.as_ref()?, tree, report))
        .collect();
    let sound = check::issuer_urls(&raw, report) && raw.len() == files.len();
    let issuers = Issuers::new(raw.into_iter().map(|raw| raw.issuer).collect());
    issuers.ok().filter(|_| sound)
}

struct ReadRoles {
    readable: Vec<Arc<Role>>,
    /// Whether those are all.
    sound: bool,
    boundaries: BTreeMap<String, Policy>,
}

fn read_roles(tree: &Tree, account: Option<&str>, report: &mut Report) -> ReadRoles {
    let mut boundaries = BTreeMap::new();
    for file in &tree.boundaries {
        let source = file.source.as_ref();
        let document = source.and_then(|source| policies::parse(Kind::Boundary, source, report));
        boundaries.insert(file.name.clone(), document);
    }
    let mut readable = Vec::new();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for files in &tree.roles {
        if let Some(first) = names.insert(files.name.to_lowercase(), &files.name) {
            let message = format!("roles `{first}` and `{}` differ only in letter case", files.name);
            let fault = Diagnostic::error("duplicate_role", Span::new(0, 0), message);
            report.add_without_source(&format!("roles/{}", files.name), fault.help("rename one of them"));
        }
        readable.extend(role::read(files, account, &boundaries, report).map(Arc::new));
    }
    let sound = readable.len() == tree.roles.len();
    let boundaries = boundaries
        .into_iter()
        .filter_map(|(name, document)| {
            let policy = policies::compile(&format!("boundaries/{name}.json"), &document?);
            Some((name, policy))
        })
        .collect();
    ReadRoles { readable, sound, boundaries }
}

fn read_gates(
    tree: &Tree,
    settings: Option<&(RawSettings, Source)>,
    report: &mut Report,
) -> Option<Vec<crate::Gate>> {
    let raw: Vec<_> = tree
        .gates
        .iter()
        .filter_map(|file| gate::read(&file.name, file.source.as_ref()?, tree.directory(), report))
        .collect();
    let sound = check::addresses(settings, &raw, report) && raw.len() == tree.gates.len();
    sound.then(|| raw.into_iter().map(|raw| raw.gate).collect())
}

fn read_invariants(tree: &Tree, report: &mut Report) -> Option<Vec<Invariant>> {
    let invariants: Vec<_> =
        tree.invariants.iter().filter_map(|file| policies::invariant(file, report)).collect();
    (invariants.len() == tree.invariants.len()).then_some(invariants)
}
