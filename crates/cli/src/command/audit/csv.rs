//! Records as comma-separated values (RFC 4180), for spreadsheets.

use stagedoor_audit::{Entry, Printable};

const COLUMNS: [&str; 27] = [
    "index",
    "time",
    "kind",
    "decision",
    "reason",
    "role",
    "provider",
    "issuer",
    "repository",
    "ref",
    "commit",
    "run",
    "job",
    "environment",
    "pull_request",
    "actor",
    "gate",
    "action",
    "resource",
    "session",
    "parent",
    "source_ip",
    "event",
    "event_id",
    "snapshot",
    "statement",
    "http_status",
];

/// The heading line.
pub(crate) fn heading() -> String {
    line(COLUMNS.iter().map(|name| (*name).to_owned()))
}

/// One record as a line.
pub(crate) fn row(entry: &Entry) -> String {
    let record = &entry.record;
    let ours = &record.stagedoor;
    let statement = ours.statement.as_ref().map(|statement| {
        let sid = statement.sid.as_ref().map(|sid| format!(" ({sid})")).unwrap_or_default();
        format!("{} {}{sid}", statement.policy, statement.index)
    });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    line([
        entry.index.to_string(),
        record.event_time.to_string(),
        ours.kind.to_string(),
        ours.decision.to_string(),
        text(&ours.reason),
        text(&ours.role),
        text(&ours.provider),
        text(&ours.issuer),
        text(&ours.repository),
        text(&ours.reference),
        text(&ours.commit),
        text(&ours.run),
        text(&ours.job),
        text(&ours.environment),
        text(&ours.pull_request),
        text(&ours.actor),
        text(&ours.gate),
        text(&ours.action),
        text(&ours.resource),
        text(&ours.session),
        text(&ours.parent),
        record.source_ip_address.clone(),
        record.event_name.clone(),
        record.event_id.clone(),
        text(&ours.snapshot),
        text(&statement),
        ours.http_status.map(|status| status.to_string()).unwrap_or_default(),
    ])
}

/// A line of cells.
pub(crate) fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| quoted(&cell)).collect();
    format!("{}\n", cells.join(","))
}

/// A cell. Outsiders choose some of the text, so it must not be a formula to a spreadsheet, nor
/// drive a terminal.
fn quoted(cell: &str) -> String {
    let shown = Printable(cell).to_string();
    let guard = if shown.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if guard.is_empty() && !shown.contains(['"', ',']) {
        return shown;
    }
    format!("\"{guard}{}\"", shown.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use stagedoor_audit::{Kind, Record};

    use super::*;

    #[test]
    fn what_an_outsider_chose_is_neither_a_formula_nor_a_new_line() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let mut record = Record::new(Kind::Use, "Invoke", "id-1", now).allow();
        record.stagedoor.reference = Some("=HYPERLINK(\"http://x\")".to_owned());
        record.stagedoor.actor = Some("a,b\nc".to_owned());
        let row = row(&Entry { index: 3, record, raw: Vec::new() });
        let cells = row.trim_end();
        assert!(cells.starts_with("3,2026-11-20T10:00:00Z,use,allow,"), "{row}");
        assert!(cells.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{row}");
        assert!(cells.contains("\"a,b\\u{a}c\""), "{row}");
        assert_eq!(row.lines().count(), 1);
        assert_eq!(heading().split(',').count(), COLUMNS.len());
    }
}
