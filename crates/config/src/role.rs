//! `roles/<name>/`.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use stagedoor_policy::{Diagnostic, Document, Kind, PolicySet, Span, Spanned};

use crate::{
    identity_token, policies,
    report::Report,
    source::Source,
    suggest::nearest,
    table::{Section, excerpt, invalid, read_toml},
    tree::{RoleFiles, Slot},
    value,
};

const DEFAULT_SESSION: Duration = Duration::from_secs(3600);
const SHORTEST_SESSION: Duration = Duration::from_secs(900);
const LONGEST_SESSION: Duration = Duration::from_secs(12 * 3600);
/// IAM's limits on tags: number, key and value in characters.
const MAX_TAGS: usize = 50;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;
const MAX_DESCRIPTION: usize = 1000;

/// A role: who may assume it and what it may do.
#[derive(Debug, Clone)]
pub struct Role {
    /// The folder's name.
    pub name: String,
    /// `arn:aws:iam::<account>:role/<name>`.
    pub arn: String,
    /// `description`; empty unless set.
    pub description: String,
    /// `max_session`: how long a session may last, 15 minutes to 12 hours, default 1 hour.
    pub max_session: Duration,
    /// `[tags]`.
    pub tags: BTreeMap<String, String>,
    /// `[tag_claims]`: session tags by key, each with the token's claim that gives its value. Nested claims are
    /// named as in condition keys, with `/`.
    pub tag_claims: BTreeMap<String, String>,
    /// `[identity_token] roles`: the ARNs of the only AWS roles that tokens of our own issuer for this role's sessions
    /// are good for (`https://aws.amazon.com/roles`); the tokens don't say unless set.
    pub identity_token_roles: Vec<String>,
    /// The trust policy, compiled under the name `trust.json`.
    pub trust: PolicySet,
    /// The trust policy as written.
    pub trust_document: Document,
    /// The permissions, compiled under names such as `permissions/orders.json`, and the boundary
    /// under `boundaries/<name>.json` if the role has one.
    pub permissions: PolicySet,
    /// The permissions as written, by the names used in [`Role::permissions`].
    pub permission_documents: Vec<(String, Document)>,
    /// `boundary`: the name of the role's permissions boundary, and the boundary as written.
    pub boundary: Option<(String, Document)>,
}

/// All roles, with look-up by name and by ARN in constant time.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    all: Vec<Arc<Role>>,
    by_name: HashMap<String, Arc<Role>>,
    by_arn: HashMap<String, Arc<Role>>,
}

impl Roles {
    /// Roles in the order of their names.
    pub(crate) fn new(mut all: Vec<Arc<Role>>) -> Self {
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let by_name = all.iter().map(|role| (role.name.clone(), Arc::clone(role))).collect();
        let by_arn = all.iter().map(|role| (role.arn.clone(), Arc::clone(role))).collect();
        Roles { all, by_name, by_arn }
    }

    /// The role with exactly this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Role>> {
        self.by_name.get(name)
    }

    /// The role with exactly this ARN.
    #[must_use]
    pub fn by_arn(&self, arn: &str) -> Option<&Arc<Role>> {
        self.by_arn.get(arn)
    }

    /// All roles in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Role>> {
        self.all.iter()
    }

    /// How many roles there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// What `role.toml` says.
struct Header {
    description: String,
    max_session: Duration,
    boundary: Option<Spanned<String>>,
    tags: BTreeMap<String, String>,
    tag_claims: BTreeMap<String, String>,
    identity_token_roles: Vec<String>,
}

/// The boundaries by name; `None` for one that is there but not sound, which is reported already.
pub(crate) type Boundaries = BTreeMap<String, Option<Document>>;

/// Reads a role. Without an account, for lack of sound settings, faults are still reported.
pub(crate) fn read(
    files: &RoleFiles,
    account: Option<&str>,
    boundaries: &Boundaries,
    report: &mut Report,
) -> Option<Role> {
    let header = match &files.role {
        Slot::Absent => Some(Header {
            description: String::new(),
            max_session: DEFAULT_SESSION,
            boundary: None,
            tags: BTreeMap::new(),
            tag_claims: BTreeMap::new(),
            identity_token_roles: Vec::new(),
        }),
        Slot::Unreadable => None,
        Slot::Read(source) => header(source, boundaries, report),
    };
    let trust_document = match &files.trust {
        Slot::Absent => {
            let path = format!("roles/{}/trust.json", files.name);
            let message = format!("role `{}` has no trust policy, so nobody could assume it", files.name);
            report.add_without_source(
                &path,
                Diagnostic::error("missing_file", Span::new(0, 0), message)
                    .help("write one, or let `stagedoor trust new PROVIDER` write a safe one"),
            );
            None
        }
        Slot::Unreadable => None,
        Slot::Read(source) => policies::parse(Kind::Trust, source, report),
    };
    let mut sound = true;
    let mut permission_documents = Vec::new();
    for file in &files.permissions {
        let source = file.source.as_ref();
        match source.and_then(|source| policies::parse(Kind::Identity, source, report)) {
            Some(document) => {
                permission_documents.push((format!("permissions/{}.json", file.name), document));
            }
            None => sound = false,
        }
    }
    let (header, trust_document, account) = (header?, trust_document?, account.filter(|_| sound)?);

    let boundary = match header.boundary {
        None => None,
        Some(Spanned { value: name, .. }) => {
            let document = boundaries.get(&name)?.clone()?;
            Some((name, document))
        }
    };
    let mut permissions = PolicySet::new();
    for (name, document) in &permission_documents {
        permissions = permissions.identity(policies::compile(name, document));
    }
    if let Some((name, document)) = &boundary {
        permissions = permissions.boundary(policies::compile(&format!("boundaries/{name}.json"), document));
    }
    Some(Role {
        name: files.name.clone(),
        arn: format!("arn:aws:iam::{account}:role/{}", files.name),
        description: header.description,
        max_session: header.max_session,
        tags: header.tags,
        identity_token_roles: header.identity_token_roles,
        tag_claims: header.tag_claims,
        trust: PolicySet::new().trust(policies::compile("trust.json", &trust_document)),
        trust_document,
        permissions,
        permission_documents,
        boundary,
    })
}

fn header(source: &Source, boundaries: &Boundaries, report: &mut Report) -> Option<Header> {
    read_toml(source, "`role.toml`", report, |root, faults| {
        let description = root.text("description", faults);
        if let Some(text) = description.as_ref().filter(|d| d.value.chars().count() > MAX_DESCRIPTION) {
            let wanted = format!("at most {MAX_DESCRIPTION} characters");
            faults.push(invalid("description", &wanted, text.span));
        }
        let wanted = "a duration from `15m` to `12h`";
        let max_session = root.parsed("max_session", wanted, faults, |text| {
            value::duration(text).filter(|d| (SHORTEST_SESSION..=LONGEST_SESSION).contains(d))
        });
        let boundary = boundary(root, boundaries, faults);
        let tags = tags(root, "tags", faults);
        let tag_claims = tags_of_claims(root, &tags, faults);
        let identity_token_roles = identity_token::roles(root, faults);
        root.finish(faults);
        Some(Header {
            description: description.map_or_else(String::new, |d| d.value.to_owned()),
            max_session: max_session.map_or(DEFAULT_SESSION, |d| d.value),
            boundary,
            tags,
            tag_claims,
            identity_token_roles,
        })
    })
}

fn boundary(
    root: &mut Section<'_>,
    boundaries: &Boundaries,
    faults: &mut Vec<Diagnostic>,
) -> Option<Spanned<String>> {
    let name = root.text("boundary", faults)?;
    if !boundaries.contains_key(name.value) {
        let message = format!("no boundary is named `{}`", excerpt(name.value));
        let fault = Diagnostic::error("unknown_boundary", name.span, message);
        let bare = name.value.trim_end_matches(".json").trim_start_matches("boundaries/");
        faults.push(match nearest(bare, boundaries.keys().map(String::as_str)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("it would be the file `boundaries/{}.json`", excerpt(bare))),
        });
    }
    Some(Spanned::new(name.value.to_owned(), name.span))
}

/// Session tags that take their values from claims. A tag has one source: the role's own value would else step in
/// for a claim that is absent.
fn tags_of_claims(
    root: &mut Section<'_>,
    own: &BTreeMap<String, String>,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let claims = tags(root, "tag_claims", faults);
    for (tag, claim) in &claims {
        if claim.is_empty() {
            faults.push(invalid(tag, "the name of a claim", root.place("tag_claims")));
        }
        if own.keys().any(|key| key.eq_ignore_ascii_case(tag)) {
            let message = format!("the tag `{}` is in both `[tags]` and `[tag_claims]`", excerpt(tag));
            let fault = Diagnostic::error("invalid_tag", root.place("tag_claims"), message);
            faults.push(
                fault.help("keep one: a tag is either the same for all sessions or taken from the token"),
            );
        }
    }
    claims
}

fn tags(
    root: &mut Section<'_>,
    table: &'static str,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in root.map(table, faults) {
        let wrong = if key.value.is_empty() || key.value.chars().count() > MAX_TAG_KEY {
            Some((key.span, format!("a tag's key has 1 to {MAX_TAG_KEY} characters")))
        } else if key.value.to_lowercase().starts_with("aws:") {
            Some((key.span, "a tag's key does not begin with `aws:`, which AWS reserves".to_owned()))
        } else if value.value.chars().count() > MAX_TAG_VALUE {
            Some((value.span, format!("a tag's value has at most {MAX_TAG_VALUE} characters")))
        } else if tags.keys().any(|known| known.eq_ignore_ascii_case(key.value)) {
            Some((
                key.span,
                format!("the tag `{}` is there twice: keys ignore letter case", excerpt(key.value)),
            ))
        } else {
            None
        };
        if let Some((span, message)) = wrong {
            faults.push(Diagnostic::error("invalid_tag", span, message));
        }
        tags.insert(key.value.to_owned(), value.value.to_owned());
    }
    if tags.len() > MAX_TAGS {
        let message = format!("a role has at most {MAX_TAGS} tags, found {}", tags.len());
        faults.push(Diagnostic::error("invalid_tag", root.place(table), message));
    }
    tags
}
