//! The audit trail as a table: one line an event, from the token to the last call.

use jiff::tz::TimeZone;
use stagedoor_audit::{Decision, Details, Entry, Kind, Printable, Record};

use crate::output::{Style, table, width};

/// The most characters of a cell that is not the last one.
const WIDEST: usize = 14;

/// What of the time is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Day and time in UTC.
    Shown,
    /// Nothing: all is of the same moment.
    Hidden,
}

const HEADING: [&str; 10] =
    ["#", "time", "answer", "role", "provider", "repository", "ref", "commit", "run", "event"];

/// The entries as a table with a heading.
pub(crate) fn trail(entries: &[Entry], times: Times) -> String {
    let mut rows = vec![HEADING.map(|name| Style::DIM.paint(name)).to_vec()];
    rows.extend(entries.iter().map(row));
    if times == Times::Hidden {
        for row in &mut rows {
            row.remove(1);
        }
    }
    table(&rows)
}

/// Lines of a table whose end is not known: every column has its width beforehand.
pub(crate) struct Steady;

impl Steady {
    const WIDTHS: [usize; 9] = [7, 14, 6, WIDEST, 10, WIDEST, WIDEST, 7, WIDEST];

    /// The heading.
    pub(crate) fn heading() -> String {
        Self::line(HEADING.map(|name| Style::DIM.paint(name)).to_vec())
    }

    /// One entry.
    pub(crate) fn row(entry: &Entry) -> String {
        Self::line(row(entry))
    }

    fn line(cells: Vec<String>) -> String {
        let mut line = String::new();
        for (cell, wide) in cells.iter().zip(Self::WIDTHS.into_iter().chain([0])) {
            line += cell;
            line += &" ".repeat(wide.saturating_sub(width(cell)) + 2);
        }
        format!("{}\n", line.trim_end())
    }
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
        record.event_time.to_zoned(TimeZone::UTC).strftime("%m-%d %H:%M:%S").to_string(),
        answer,
        cell(details.role.as_deref().map(|role| role.rsplit('/').next().unwrap_or(role))),
        cell(details.provider.as_deref()),
        repository(details.repository.as_deref()),
        cell(details.reference.as_deref().map(|name| name.strip_prefix("refs/heads/").unwrap_or(name))),
        commit(details.commit.as_deref()),
        identifier(details.run.as_deref()),
        event(record, details),
    ]
}

/// What was asked for, and why not.
fn event(record: &Record, details: &Details) -> String {
    let what = match (details.kind, details.resource.as_deref()) {
        (Kind::Assume, _) => "assume".to_owned(),
        (Kind::Use, Some(resource)) => call(resource),
        _ => record.event_name.clone(),
    };
    let reason = details.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}{reason}", Printable(&what))
}

/// `METHOD /path` of `arn:aws:execute-api:<region>:<account>:<gate>/<stage>/<METHOD>/<path>`; any other
/// resource without the start that all ARNs share.
pub(crate) fn call(resource: &str) -> String {
    let own = resource.splitn(6, ':').last().unwrap_or(resource);
    let parts: Vec<&str> = own.splitn(4, '/').collect();
    match parts.as_slice() {
        [_, _, method, path] if resource.contains(":execute-api:") => format!("{method} /{path}"),
        _ => own.to_owned(),
    }
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

/// A path without its host; a UUID by its start.
fn repository(text: Option<&str>) -> String {
    let path = text.and_then(|text| text.split_once('/')).filter(|(host, _)| host.contains('.'));
    identifier(path.map(|(_, path)| path).or(text))
}

/// A name as it is; a UUID by its first group.
fn identifier(text: Option<&str>) -> String {
    match text {
        Some(text) if is_uuid(text) => text.trim_start_matches('{').chars().take(8).collect(),
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
        let text = trail(&[Entry { index: 7, record, raw: Vec::new() }], Times::Shown);
        let plain = anstream::adapter::strip_str(&text).to_string();
        let line = plain.lines().nth(1).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            cells,
            [
                "7",
                "11-20",
                "10:00:00",
                "allow",
                "deploy-prod",
                "bitbucket",
                "c7a1b3d4",
                "main\\u{1b}[2J",
                "714a629",
                "-",
                "GET",
                "/orders/42"
            ]
        );
    }
}
