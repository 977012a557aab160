//! A trace as text: from the token through decision and credential to each use.

use jiff::tz::TimeZone;
use stagedoor_audit::{Decision, Details, Entry, Kind, Link, Printable, Record};

use crate::output::Style;
use crate::trail::call;

/// One chain, from the record at its root on.
pub(crate) fn chain(link: &Link) -> String {
    let record = &link.entry.record;
    let mut text = String::new();
    if record.stagedoor.kind == Kind::Assume {
        text += &row("token", &token(record));
        text += &row("decision", &decision(&link.entry));
        if let Some(session) = &record.stagedoor.session {
            text += &row("credential", &credential(record, session));
        }
    } else {
        text += &row("record", &step(&link.entry));
    }
    follow(&link.followed_by, "", &mut text);
    text
}

fn row(name: &str, text: &str) -> String {
    format!("{} {text}\n", Style::DIM.paint(format!("{name:<10}")))
}

/// Where the token is from.
fn token(record: &Record) -> String {
    let ours = &record.stagedoor;
    let mut parts =
        vec![shown(ours.issuer.as_ref().or(ours.provider.as_ref())).unwrap_or("an issuer".to_owned())];
    for (name, value) in [
        ("repository", &ours.repository),
        ("ref", &ours.reference),
        ("commit", &ours.commit),
        ("run", &ours.run),
        ("job", &ours.job),
        ("environment", &ours.environment),
        ("pull request", &ours.pull_request),
        ("actor", &ours.actor),
    ] {
        if let Some(value) = shown(value.as_ref()) {
            parts.push(format!("{name} {value}"));
        }
    }
    if let Some(hash) = &ours.token_sha256 {
        parts.push(format!("sha256 {}…", hash.get(..12).unwrap_or(hash)));
    }
    parts.join(", ")
}

fn decision(entry: &Entry) -> String {
    let ours = &entry.record.stagedoor;
    let mut text = format!("{} role {}", answer(ours), shown(ours.role.as_ref()).unwrap_or("-".to_owned()));
    if let Some(statement) = &ours.statement {
        let sid = shown(statement.sid.as_ref()).map(|sid| format!(" ({sid})")).unwrap_or_default();
        text += &format!(", by {} statement {}{sid}", Printable(&statement.policy), statement.index);
    }
    text += &because(ours);
    if let Some(snapshot) = &ours.snapshot {
        text += &format!(", configuration {}", snapshot.get(..12).unwrap_or(snapshot));
    }
    format!("{text}  {}", place(entry))
}

fn credential(record: &Record, session: &str) -> String {
    let ours = &record.stagedoor;
    let name = record.request_parameters.get("roleSessionName").and_then(|name| name.as_str());
    let name = name.map(|name| format!(", session {}", Printable(name))).unwrap_or_default();
    let parent =
        ours.parent.as_ref().map(|parent| format!(", from {}", Printable(parent))).unwrap_or_default();
    format!("{}{name}{parent}", Printable(session))
}

/// What followed, as branches.
fn follow(links: &[Link], indent: &str, text: &mut String) {
    for (position, link) in links.iter().enumerate() {
        let is_last = position + 1 == links.len();
        let (branch, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        *text += &format!("{indent}{branch}{}\n", step(&link.entry));
        follow(&link.followed_by, &format!("{indent}{below}"), text);
    }
}

fn step(entry: &Entry) -> String {
    let ours = &entry.record.stagedoor;
    let what = match (ours.kind, &ours.resource, &ours.session) {
        (Kind::Assume, _, Some(session)) => format!("{} as {}", role(ours), Printable(session)),
        (Kind::Assume, _, None) => role(ours),
        (_, Some(resource), _) => Printable(&call(resource)).to_string(),
        _ => Printable(&entry.record.event_name).to_string(),
    };
    let gate = shown(ours.gate.as_ref()).filter(|_| ours.kind == Kind::Use);
    let gate = gate.map(|gate| format!(" at {gate}")).unwrap_or_default();
    format!("{} {what}{gate}{}  {}", answer(ours), because(ours), place(entry))
}

fn role(ours: &Details) -> String {
    format!("role {}", shown(ours.role.as_ref()).unwrap_or("-".to_owned()))
}

fn answer(ours: &Details) -> String {
    match ours.decision {
        Decision::Allow => Style::GOOD.paint("allow"),
        Decision::Deny => Style::BAD.paint("deny"),
    }
}

fn because(ours: &Details) -> String {
    shown(ours.reason.as_ref()).map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// Index and time of a record.
fn place(entry: &Entry) -> String {
    let time = entry.record.event_time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S");
    Style::DIM.paint(format!("#{} {time}", entry.index))
}

/// A text that an outsider may have chosen; a role by its name.
fn shown(text: Option<&String>) -> Option<String> {
    let text = text.filter(|text| !text.is_empty())?;
    let name = text.rsplit_once(":role/").map_or(text.as_str(), |(_, name)| name);
    Some(Printable(name).to_string())
}

#[cfg(test)]
mod tests {
    use stagedoor_audit::Statement;

    use super::*;

    fn entry(index: u64, kind: Kind, change: impl FnOnce(&mut Details)) -> Entry {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let mut record = Record::new(kind, "Event", format!("id-{index}"), now).allow();
        change(&mut record.stagedoor);
        Entry { index, record, raw: Vec::new() }
    }

    #[test]
    fn a_chain_reads_from_the_token_to_the_last_call() {
        let role = || Some("arn:aws:iam::123456789012:role/deploy".to_owned());
        let root = entry(1, Kind::Assume, |ours| {
            ours.issuer = Some("bitbucket".to_owned());
            ours.reference = Some("main\u{202e}".to_owned());
            ours.role = role();
            ours.session = Some("ASIA1".to_owned());
            ours.token_sha256 = Some("0123456789abcdef".to_owned());
            ours.statement = Some(Statement { policy: "trust.json".to_owned(), index: 0, sid: None });
        });
        let chained = entry(2, Kind::Assume, |ours| {
            ours.role = role();
            ours.session = Some("ASIA2".to_owned());
            ours.parent = Some("ASIA1".to_owned());
        });
        let refused = entry(3, Kind::Use, |ours| {
            ours.decision = Decision::Deny;
            ours.reason = Some("permission_not_granted".to_owned());
            ours.gate = Some("shop".to_owned());
            ours.resource =
                Some("arn:aws:execute-api:us-east-1:123456789012:shop/live/DELETE/orders".to_owned());
        });
        let link = Link {
            entry: root,
            followed_by: vec![Link {
                entry: chained,
                followed_by: vec![Link { entry: refused, followed_by: Vec::new() }],
            }],
        };
        let plain = anstream::adapter::strip_str(&chain(&link)).to_string();
        assert_eq!(
            plain,
            "token      bitbucket, ref main\\u{202e}, sha256 0123456789ab…\n\
             decision   allow role deploy, by trust.json statement 0  #1 2026-11-20 10:00:00\n\
             credential ASIA1\n\
             └─ allow role deploy as ASIA2  #2 2026-11-20 10:00:00\n   \
             └─ deny DELETE /orders at shop: permission_not_granted  #3 2026-11-20 10:00:00\n"
        );
    }
}
