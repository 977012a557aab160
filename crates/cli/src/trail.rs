//! The audit trail as a table: one line an event, from the token to the last call.

use jiff::tz::TimeZone;
use stagedoor_audit::{Decision, Details, Entry, Kind, Printable, Record};

use crate::output::{Style, table};

/// The most characters of a cell that is not the last one.
const WIDEST: usize = 18;

/// The entries as a table with a heading.
pub(crate) fn trail(entries: &[Entry]) -> String {
    let heading =
        ["#", "time", "event", "answer", "role", "provider", "repository", "ref", "commit", "run", "what"];
    let mut rows = vec![heading.map(|name| Style::DIM.paint(name)).to_vec()];
    rows.extend(entries.iter().map(row));
    table(&rows)
}

fn row(entry: &Entry) -> Vec<String> {
    let record = &entry.record;
    let details = &record.stagedoor;
    let answer = match details.decision {
        Decision::Allow => Style::GOOD.paint("allow"),
        Decision::Deny => Style::BAD.paint("deny"),
    };
    vec![
        entry.index.to_string(),
        record.event_time.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string(),
        details.kind.as_str().to_owned(),
        answer,
        cell(details.role.as_deref().map(|role| role.rsplit('/').next().unwrap_or(role))),
        cell(details.provider.as_deref()),
        identifier(details.repository.as_deref()),
        cell(details.reference.as_deref()),
        commit(details.commit.as_deref()),
        identifier(details.run.as_deref()),
        what(record, details),
    ]
}

/// Which call it was, or why not.
fn what(record: &Record, details: &Details) -> String {
    let call = details.resource.as_deref().filter(|_| details.kind == Kind::Use).map(|resource| {
        // arn:aws:execute-api:<region>:<account>:<gate>/<stage>/<METHOD>/<path>
        resource.splitn(6, ':').last().unwrap_or(resource)
    });
    let mut words: Vec<String> = Vec::new();
    words.extend(call.map(|call| Printable(call).to_string()));
    words.extend(details.reason.clone());
    if words.is_empty() && !matches!(details.kind, Kind::Assume | Kind::Use) {
        words.push(record.event_name.clone());
    }
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

fn cell(text: Option<&str>) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return "-".to_owned() };
    let shown = Printable(text).to_string();
    if shown.chars().count() <= WIDEST {
        return shown;
    }
    let start: String = shown.chars().take(WIDEST - 1).collect();
    format!("{start}…")
}

/// A name as it is; a UUID by its first group.
fn identifier(text: Option<&str>) -> String {
    match text {
        Some(text) if is_uuid(text) => {
            let head: String = text.trim_start_matches('{').chars().take(8).collect();
            if text.starts_with('{') { format!("{{{head}…}}") } else { format!("{head}…") }
        }
        text => cell(text),
    }
}

fn is_uuid(text: &str) -> bool {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    bare.len() == 36 && bare.chars().all(|character| character.is_ascii_hexdigit() || character == '-')
}

fn commit(text: Option<&str>) -> String {
    match text {
        Some(text) if text.len() >= 7 && text.chars().all(|character| character.is_ascii_hexdigit()) => {
            text.chars().take(7).collect()
        }
        text => cell(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_names_token_run_and_call() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let mut record = Record::new(Kind::Use, "Invoke", "id", now).allow();
        let details = &mut record.stagedoor;
        details.role = Some("arn:aws:iam::123456789012:role/deploy-prod".to_owned());
        details.provider = Some("bitbucket".to_owned());
        details.repository = Some("{c7a1b3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d}".to_owned());
        details.reference = Some("main\u{1b}[2J".to_owned());
        details.commit = Some("714a629c0b401fdce83e847fc9589983fc6f46bc".to_owned());
        details.resource =
            Some("arn:aws:execute-api:us-east-1:123456789012:shop/live/GET/orders/42".to_owned());
        let text = trail(&[Entry { index: 7, record, json: Vec::new() }]);
        let plain = anstream::adapter::strip_str(&text).to_string();
        let line = plain.lines().nth(1).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            cells,
            [
                "7",
                "10:00:00",
                "use",
                "allow",
                "deploy-prod",
                "bitbucket",
                "{c7a1b3d4…}",
                "main\\u{1b}[2J",
                "714a629",
                "-",
                "shop/live/GET/orders/42"
            ]
        );
    }
}
